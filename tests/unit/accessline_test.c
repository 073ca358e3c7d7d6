/* accessline: JSON that says what a peer sent, whatever that was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "accessline.h"
#include "bytes.h"

#define WHEN 784111777
#define BEFORE "{\"time\":\"1994-11-06T08:49:37.042Z\"," \
    "\"remote_addr\":\"192.0.2.1\",\"user\":null,"
#define AFTER "\"status\":200,\"bytes\":42,\"duration\":1.005,\"host\":\"h\","

static struct accesslog_entry
entry(void)
{
	return (struct accesslog_entry){
		.time = WHEN,
		.time_ms = 42,
		.duration_ms = 1005,
		.remote_addr = "192.0.2.1",
		.user = "",
		.method = "GET",
		.target = "/",
		.minor = 1,
		.status = 200,
		.bytes = 42,
		.host = "h",
	};
}

/* The line in memory of exactly the size that it may have. */
static void
assert_json(const struct accesslog_entry *e, const char *want)
{
	char *line = malloc(ACCESSLINE_SIZE), stamp[ACCESSLINE_STAMP_SIZE];
	size_t len;

	assert_non_null(line);
	accessline_stamp_json(stamp, e->time);
	len = accessline_json(line, stamp, e);
	assert_in_range(len, 1, ACCESSLINE_SIZE - 1);
	line[len] = '\0';
	assert_string_equal(line, want);
	free(line);
}

static void
is_one_object(void **state)
{
	struct accesslog_entry e = entry();

	(void)state;
	assert_json(&e, BEFORE "\"method\":\"GET\",\"target\":\"/\","
	    "\"protocol\":\"HTTP/1.1\"," AFTER
	    "\"referer\":null,\"user_agent\":null}\n");
	e.minor = 0;
	e.target = "/a?b=c";
	e.referer = "";
	e.user_agent = "curl/8 (x; y)";
	e.duration_ms = UINT64_MAX;
	e.bytes = UINT64_MAX;
	assert_json(&e, BEFORE "\"method\":\"GET\",\"target\":\"/a?b=c\","
	    "\"protocol\":\"HTTP/1.0\",\"status\":200,"
	    "\"bytes\":18446744073709551615,"
	    "\"duration\":18446744073709551.615,\"host\":\"h\","
	    "\"referer\":\"\",\"user_agent\":\"curl/8 (x; y)\"}\n");
}

static void
escapes_text(void **state)
{
	static const struct {
		const char	*text;
		const char	*want;
	} rows[] = {
		{ " !#[]^~", " !#[]^~" },
		{ "a\"b", "a\\\"b" },
		{ "a\\b", "a\\\\b" },
		/* What could be taken for a byte below, or for an escape. */
		{ "a\\xff", "a\\\\x5cxff" },
		{ "a\\\\x", "a\\\\\\\\x5cx" },
		{ "a\\", "a\\\\x5c" },
		{ "\x01\x1f\x7f\t", "\\\\x01\\\\x1f\\\\x7f\\\\x09" },
		{ "\xc2\x80\xc3\xa9\xdf\xbf", "\\\\xc2\\\\x80\\u00e9\\u07ff" },
		{ "\xe0\xa0\x80\xe2\x80\xa8\xef\xbf\xbd",
		    "\\u0800\\u2028\\ufffd" },
		{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
		    "\\ud800\\udc00\\udbff\\udfff" },
		{ "\x80\xff", "\\\\x80\\\\xff" },
		{ "\xc3", "\\\\xc3" },
		{ "\xe2\x80", "\\\\xe2\\\\x80" },
		{ "\xf0\x9f\x98x", "\\\\xf0\\\\x9f\\\\x98x" },
		{ "\xc0\xaf", "\\\\xc0\\\\xaf" },
		{ "\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80" },
		{ "\xf4\x90\x80\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80" },
	};
	struct accesslog_entry e = entry();
	char want[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		e.user_agent = rows[i].text;
		(void)snprintf(want, sizeof(want), BEFORE "\"method\":\"GET\","
		    "\"target\":\"/\",\"protocol\":\"HTTP/1.1\"," AFTER
		    "\"referer\":null,\"user_agent\":\"%s\"}\n",
		    rows[i].want);
		assert_json(&e, want);
	}
}

/* In Combined Log Format no quotes are around it. */
static void
names_the_user(void **state)
{
	static const struct {
		const char	*user;
		const char	*combined;
		const char	*json;
	} rows[] = {
		{ "", "-", "null" },
		{ "bea", "bea", "\"bea\"" },
		{ "-", "\\x2d", "\"-\"" },
		{ "a b", "a\\x20b", "\"a b\"" },
		{ "a\"b\\c", "a\\x22b\\x5cc", "\"a\\\"b\\\\c\"" },
		{ "uw\xc3\xa9\n", "uw\\xc3\\xa9\\x0a",
		    "\"uw\\u00e9\\\\x0a\"" },
	};
	struct accesslog_entry e = entry();
	char line[ACCESSLINE_SIZE], want[256];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		e.user = rows[i].user;
		len = accessline_combined(line, "T", &e);
		line[len] = '\0';
		(void)snprintf(want, sizeof(want), "192.0.2.1 - %s [T] \"GET / "
		    "HTTP/1.1\" 200 42 \"-\" \"-\"\n", rows[i].combined);
		assert_string_equal(line, want);
		(void)snprintf(want, sizeof(want), "{\"time\":"
		    "\"1994-11-06T08:49:37.042Z\",\"remote_addr\":"
		    "\"192.0.2.1\",\"user\":%s,\"method\":\"GET\","
		    "\"target\":\"/\",\"protocol\":\"HTTP/1.1\"," AFTER
		    "\"referer\":null,\"user_agent\":null}\n", rows[i].json);
		assert_json(&e, want);
	}
}

/* From memory of just its size: a character may be cut short at its end. */
static void
has_the_line_that_can_not_be_read(void **state)
{
	static const struct {
		struct bytes	 line;
		const char	*want;
	} rows[] = {
		{ B("GET  / HTTP/1.1\r\nHost: h\r\n"), "\"GET  / HTTP/1.1\"" },
		{ B("\x16\x03\0\"\n"), "\"\\\\x16\\\\x03\\\\x00\\\"\\\\x0a\"" },
		{ B("a\\"), "\"a\\\\x5c\"" },
		{ B("\xf0\x9f\x98"), "\"\\\\xf0\\\\x9f\\\\x98\"" },
		{ B("\xf0\x9f\x98\x80"), "\"\\ud83d\\ude00\"" },
		{ B(""), "null" },
		{ B("\r\n"), "null" },
	};
	struct accesslog_entry e = entry();
	char *copy, want[512];
	size_t i;

	(void)state;
	e.method = e.target = NULL;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		copy = exactly(rows[i].line.data, rows[i].line.len);
		e.line = copy;
		e.line_len = rows[i].line.len;
		(void)snprintf(want, sizeof(want), BEFORE "\"method\":null,"
		    "\"target\":%s,\"protocol\":null," AFTER
		    "\"referer\":null,\"user_agent\":null}\n", rows[i].want);
		assert_json(&e, want);
		free(copy);
	}
}

/* However long its texts are, in either format. */
static void
fits_a_pipe(void **state)
{
	static const char *const units[] = {
		"a", "\"", "\x80", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80"
	};
	size_t (*const formats[])(char *, const char *,
	    const struct accesslog_entry *) = {
		accessline_combined, accessline_json
	};
	const char *stamp = "06/Nov/1994:08:49:37 +0000";
	char text[20001], line[ACCESSLINE_SIZE];
	struct accesslog_entry e = entry();
	size_t f, i, len;

	(void)state;
	e.remote_addr = "2001:db8:1111:2222:3333:4444:5555:6666";
	e.bytes = e.duration_ms = UINT64_MAX;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		len = strlen(units[i]);
		for (f = 0; f < 20000; f += len)
			memcpy(text + f, units[i], len + 1);
		for (f = 0; f < 2; f++) {
			e.user = e.method = e.target = e.host =
			    e.referer = e.user_agent = text;
			len = formats[f](line, stamp, &e);
			assert_in_range(len, 3000, ACCESSLINE_SIZE);
			assert_ptr_equal(memchr(line, '\n', len),
			    line + len - 1);
			e.method = e.target = NULL;
			e.line = text;
			e.line_len = strlen(text);
			len = formats[f](line, stamp, &e);
			assert_in_range(len, 3000, ACCESSLINE_SIZE);
		}
	}
}

static void
stamps_have_four_digits_of_a_year(void **state)
{
	static const struct {
		time_t		 t;
		const char	*want;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00" },
		{ WHEN, "1994-11-06T08:49:37" },
		{ -1, "1970-01-01T00:00:00" },
		{ 253402300799, "9999-12-31T23:59:59" },
		{ 253402300800, "9999-12-31T23:59:59" },
	};
	char stamp[ACCESSLINE_STAMP_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		accessline_stamp_json(stamp, rows[i].t);
		assert_string_equal(stamp, rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_one_object),
		cmocka_unit_test(escapes_text),
		cmocka_unit_test(names_the_user),
		cmocka_unit_test(has_the_line_that_can_not_be_read),
		cmocka_unit_test(fits_a_pipe),
		cmocka_unit_test(stamps_have_four_digits_of_a_year),
	};

	return cmocka_run_group_tests_name("accessline", tests, NULL, NULL);
}
