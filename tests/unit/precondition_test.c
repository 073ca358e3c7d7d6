/* precondition: RFC 9110, 13.1 by field, and 13.2.2 for all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "precondition.h"
#include "request.h"

#define ETAG	"\"v,1\""	/* a comma is as good a byte as any */
#define EARLIER	"Sun, 06 Nov 1994 08:49:36 GMT"
#define THEN	"Sun, 06 Nov 1994 08:49:37 GMT"
#define LATER	"Sun, 06 Nov 1994 08:49:38 GMT"
#define THEN_S	784111777

#define MATCH		"If-Match: "
#define NONE_MATCH	"If-None-Match: "
#define MODIFIED	"If-Modified-Since: "
#define UNMODIFIED	"If-Unmodified-Since: "
#define IF_RANGE	"Range: bytes=0-1\r\nIf-Range: "
#define AND		"\r\n"

static const struct validators strong = {
	ETAG, THEN_S, THEN_S + 1000, THEN
};

struct row {
	const char	*fields;
	const char	*want;		/* status, and the range to follow */
};

/* Evaluates a request that has these fields. */
static void
assert_row(const char *method, const struct row *row,
    const struct validators *current)
{
	struct http_request *req = calloc(1, sizeof(*req));
	const char *range = "unset";
	char head[2048], have[128], *copy;
	enum http_status status;
	int len;

	assert_non_null(req);
	len = snprintf(head, sizeof(head), "%s / HTTP/1.1\r\nHost: h\r\n%s%s"
	    "\r\n", method, row->fields, row->fields[0] == '\0' ? "" : "\r\n");
	assert_in_range(len, 1, sizeof(head) - 1);
	copy = exactly(head, (size_t)len);
	assert_int_equal(request_parse(req, copy, (size_t)len), 0);
	status = precondition_evaluate(req, current, &range);
	(void)snprintf(have, sizeof(have), "%d%s%s", (int)status,
	    range == NULL ? "" : " ", range == NULL ? "" : range);
	if (strcmp(have, row->want) != 0)
		fail_msg("%s with \"%s\": %s, not %s", method, row->fields,
		    have, row->want);
	request_free(req);
	free(req);
	free(copy);
}

static void
assert_rows(const char *method, const struct row *rows, size_t n,
    const struct validators *current)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_row(method, &rows[i], current);
}

#define ASSERT_ROWS(method, rows, current) assert_rows((method), (rows), \
	sizeof(rows) / sizeof((rows)[0]), (current))

static void
nothing_is_asked(void **state)
{
	static const struct row rows[] = {
		{ "", "200" },
		{ "Accept: */*" AND "I: x" AND "If: x" AND "R: x", "200" },
		/* Names that begin as ours do. */
		{ "If-: *" AND "If-Mat: *" AND "If-Matches: *" AND
		    "If-None-Matc: *" AND "Ranges: bytes=0-1" AND
		    "Rang: bytes=0-1" AND "If-Ranges: \"x\"", "200" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &strong);
}

/* RFC 9110, 13.1.2 and 8.8.3. */
static void
if_none_match(void **state)
{
	static const struct row rows[] = {
		{ NONE_MATCH ETAG, "304" },
		{ NONE_MATCH "\"v\"", "200" },
		{ NONE_MATCH "\"\"", "200" },
		{ NONE_MATCH "\"v,12\"", "200" },
		{ NONE_MATCH "\"V,1\"", "200" },
		{ "if-none-match: " ETAG, "304" },
		{ "IF-NONE-MATCH: " ETAG, "304" },
		/* Compared weakly, 8.8.3.2. */
		{ NONE_MATCH "W/" ETAG, "304" },
		{ NONE_MATCH "W/\"x\"", "200" },
		{ NONE_MATCH "*", "304" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &strong);
	ASSERT_ROWS("HEAD", rows, &strong);
}

/* RFC 9110, 5.6.1.2, and 5.3 for more than one line. */
static void
lists_of_tags(void **state)
{
	static const struct row rows[] = {
		{ NONE_MATCH "\"a\", \"b\"", "200" },
		{ NONE_MATCH "\"a\", " ETAG, "304" },
		{ NONE_MATCH ETAG ", \"a\"", "304" },
		{ NONE_MATCH "\"a\"," ETAG ",\"b\"", "304" },
		{ NONE_MATCH "\"a\"\t ,\t " ETAG "\t,\"b\"", "304" },
		{ NONE_MATCH "\"a\", W/" ETAG, "304" },
		{ NONE_MATCH "\"a,b\", \"," ETAG, "200" },
		/* Half of a tag beside a comma is no tag. */
		{ NONE_MATCH "\"v, 1\"", "200" },
		{ NONE_MATCH "\"a," ETAG "\"", "200" },
		/* Empty elements. */
		{ NONE_MATCH "," ETAG, "304" },
		{ NONE_MATCH ETAG ",", "304" },
		{ NONE_MATCH ", ,\t," ETAG " ,, \"a\" ,", "304" },
		{ NONE_MATCH ",", "200" },
		{ NONE_MATCH ", *", "304" },
		/* Several lines are one list. */
		{ NONE_MATCH "\"a\"" AND NONE_MATCH ETAG, "304" },
		{ NONE_MATCH ETAG AND NONE_MATCH "\"a\"", "304" },
		{ NONE_MATCH "\"a\"" AND "X: y" AND NONE_MATCH "\"b\"",
		    "200" },
		{ NONE_MATCH AND NONE_MATCH ETAG, "304" },
		{ NONE_MATCH "\"v" AND NONE_MATCH "1\"", "200" },
		/* Bytes beyond ASCII are a tag's, too. */
		{ NONE_MATCH "\"\xff\xc3\xa4\", " ETAG, "304" },
		{ NONE_MATCH "\"!#$%&'()*+-./:;<=>?@[\\]^_`{|}~\"," ETAG,
		    "304" },
		/* There are no escapes. */
		{ NONE_MATCH "\"\\\"\", " ETAG, "200" },
		{ NONE_MATCH "\"\\\", " ETAG, "304" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &strong);
}

/* What is no list of tags matches nothing, whatever else is in it. */
static void
malformed_lists(void **state)
{
	static const char *const lists[] = {
		"v,1", "\"", "\"v,1", "v,1\"", "'v,1'",
		"W", "W/", "W/v", "W/*", "w/" ETAG, "W /" ETAG,
		ETAG ", W", ETAG ", W/", ETAG ", \"", ETAG ", a", "a, " ETAG,
		ETAG " \"a\"", ETAG "\"a\"", ETAG ";q=1",
		/* No blanks in a tag. */
		ETAG ", \"a b\"", ETAG ", \"a\tb\"",
		/* A star is not one of many. */
		"*, " ETAG, ETAG ", *", "*, *", "**", "* *", "*" ETAG,
	};
	char fields[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		(void)snprintf(fields, sizeof(fields), MATCH "%s", lists[i]);
		assert_row("GET", &(struct row){ fields, "412" }, &strong);
		(void)snprintf(fields, sizeof(fields), NONE_MATCH "%s",
		    lists[i]);
		assert_row("GET", &(struct row){ fields, "200" }, &strong);
	}
}

/* ... nor do lines that are none together. */
static void
malformed_lines(void **state)
{
	static const struct row rows[] = {
		{ MATCH "*" AND MATCH "*", "412" },
		{ MATCH ETAG AND MATCH "*", "412" },
		{ MATCH ETAG AND MATCH "a", "412" },
		{ MATCH "a" AND MATCH ETAG, "412" },
		{ NONE_MATCH "*" AND NONE_MATCH "*", "200" },
		{ NONE_MATCH "*" AND NONE_MATCH ETAG, "200" },
		{ NONE_MATCH ETAG AND NONE_MATCH "a", "200" },
		{ NONE_MATCH "a" AND NONE_MATCH ETAG, "200" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &strong);
}

/* RFC 9110, 13.1.1. */
static void
if_match(void **state)
{
	static const struct row rows[] = {
		{ MATCH ETAG, "200" },
		{ MATCH "\"a\"", "412" },
		{ MATCH "\"a\", " ETAG, "200" },
		{ MATCH "\"a\"" AND MATCH ETAG, "200" },
		{ MATCH "*", "200" },
		{ MATCH, "412" },
		{ MATCH ",", "412" },
		/* Compared strongly. */
		{ MATCH "W/" ETAG, "412" },
		{ MATCH "W/" ETAG ", " ETAG, "200" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &strong);
	ASSERT_ROWS("HEAD", rows, &strong);
	ASSERT_ROWS("PUT", rows, &strong);
}

/* RFC 9110, 8.8.3.2: its table, for a weak tag of ours. */
static void
weak_tags_of_ours(void **state)
{
	static const struct validators weak = {
		"W/\"1\"", THEN_S, THEN_S + 1000, NULL
	};
	static const struct row rows[] = {
		{ NONE_MATCH "W/\"1\"", "304" },
		{ NONE_MATCH "\"1\"", "304" },
		{ NONE_MATCH "W/\"2\"", "200" },
		{ MATCH "W/\"1\"", "412" },
		{ MATCH "\"1\"", "412" },
		{ MATCH "*", "200" },
		{ IF_RANGE "W/\"1\"", "200" },
		{ IF_RANGE "\"1\"", "200" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &weak);
}

/* RFC 9110, 13.1.3 and 5.6.7. */
static void
if_modified_since(void **state)
{
	static const struct row rows[] = {
		{ MODIFIED EARLIER, "200" },
		{ MODIFIED THEN, "304" },
		{ MODIFIED LATER, "304" },
		{ MODIFIED "Fri, 31 Dec 9999 23:59:59 GMT", "304" },
		{ MODIFIED "Thu, 01 Jan 1970 00:00:00 GMT", "200" },
		/* The obsolete forms. */
		{ MODIFIED "Sunday, 06-Nov-94 08:49:36 GMT", "200" },
		{ MODIFIED "Sunday, 06-Nov-94 08:49:37 GMT", "304" },
		{ MODIFIED "Sun Nov  6 08:49:36 1994", "200" },
		{ MODIFIED "Sun Nov  6 08:49:37 1994", "304" },
		/* "MUST ignore ... if the received field value is not a valid
		 * HTTP-date, the field value has more than one member". */
		{ MODIFIED, "200" },
		{ MODIFIED "tomorrow", "200" },
		{ MODIFIED "784111777", "200" },
		{ MODIFIED "Sun, 06 Nov 1994 08:49:37", "200" },
		{ MODIFIED "Sun, 31 Feb 2094 08:49:37 GMT", "200" },
		{ MODIFIED THEN "; length=5", "200" },
		{ MODIFIED LATER ", " LATER, "200" },
		{ MODIFIED LATER AND MODIFIED LATER, "200" },
		{ MODIFIED THEN AND MODIFIED THEN, "200" },
	};
	static const struct validators without_words = {
		ETAG, THEN_S, THEN_S + 1000, NULL
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &without_words);
	ASSERT_ROWS("GET", rows, &strong);
	ASSERT_ROWS("HEAD", rows, &strong);
}

/* RFC 9110, 13.1.4. */
static void
if_unmodified_since(void **state)
{
	static const struct row rows[] = {
		{ UNMODIFIED EARLIER, "412" },
		{ UNMODIFIED THEN, "200" },
		{ UNMODIFIED LATER, "200" },
		{ UNMODIFIED "Sunday, 06-Nov-94 08:49:36 GMT", "412" },
		{ UNMODIFIED "Sun Nov  6 08:49:36 1994", "412" },
		{ UNMODIFIED, "200" },
		{ UNMODIFIED "yesterday", "200" },
		{ UNMODIFIED EARLIER ", " EARLIER, "200" },
		{ UNMODIFIED EARLIER AND UNMODIFIED EARLIER, "200" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &strong);
	ASSERT_ROWS("HEAD", rows, &strong);
	ASSERT_ROWS("DELETE", rows, &strong);
}

/* RFC 9110, 13.2.2: what decides where several would. */
static void
precedence(void **state)
{
	static const struct row rows[] = {
		/* If-Match is present: no If-Unmodified-Since. */
		{ UNMODIFIED EARLIER AND MATCH ETAG, "200" },
		{ MATCH "\"a\"" AND UNMODIFIED LATER, "412" },
		{ MATCH "a" AND UNMODIFIED LATER, "412" },
		/* If-None-Match is present: no If-Modified-Since. */
		{ MODIFIED LATER AND NONE_MATCH "\"a\"", "200" },
		{ NONE_MATCH ETAG AND MODIFIED EARLIER, "304" },
		{ NONE_MATCH "a" AND MODIFIED LATER, "200" },
		/* 412 before 304, in any order of lines. */
		{ NONE_MATCH ETAG AND MATCH "\"a\"", "412" },
		{ NONE_MATCH ETAG AND UNMODIFIED EARLIER, "412" },
		{ MODIFIED LATER AND MATCH "\"a\"", "412" },
		{ MODIFIED LATER AND UNMODIFIED EARLIER, "412" },
		/* Both hold: the second decides. */
		{ MATCH ETAG AND NONE_MATCH ETAG, "304" },
		{ MATCH ETAG AND MODIFIED THEN, "304" },
		{ UNMODIFIED THEN AND MODIFIED THEN, "304" },
		{ MATCH ETAG AND MODIFIED EARLIER, "200" },
		/* A range comes last. */
		{ "Range: bytes=0-1" AND NONE_MATCH ETAG, "304" },
		{ "Range: bytes=0-1" AND MODIFIED THEN, "304" },
		{ "Range: bytes=0-1" AND MATCH "\"a\"", "412" },
		{ "Range: bytes=0-1" AND NONE_MATCH "\"a\"",
		    "200 bytes=0-1" },
		{ "Range: bytes=0-1" AND MATCH ETAG, "200 bytes=0-1" },
		{ "Range: bytes=0-1" AND UNMODIFIED THEN, "200 bytes=0-1" },
		{ IF_RANGE ETAG AND NONE_MATCH ETAG, "304" },
		{ IF_RANGE "\"a\"" AND NONE_MATCH "\"a\"", "200" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &strong);
}

/* Methods that write: no 304, no dates of reading, no ranges. */
static void
other_methods(void **state)
{
	static const struct row rows[] = {
		{ NONE_MATCH ETAG, "412" },
		{ NONE_MATCH "*", "412" },
		{ NONE_MATCH "\"a\"", "200" },
		{ MODIFIED LATER, "200" },
		{ "Range: bytes=0-1", "200" },
	};
	/* Ranges are GET's alone: 14.2. */
	static const struct row head[] = {
		{ "Range: bytes=0-1", "200" },
		{ IF_RANGE ETAG, "200" },
		{ NONE_MATCH ETAG AND "Range: bytes=0-1", "304" },
	};

	(void)state;
	ASSERT_ROWS("PUT", rows, &strong);
	ASSERT_ROWS("HEAD", head, &strong);
}

/* RFC 9110, 13.1.5 and 14.2. */
static void
ranges(void **state)
{
	static const struct row rows[] = {
		{ "Range: bytes=0-1", "200 bytes=0-1" },
		{ "RANGE: bytes=0-1", "200 bytes=0-1" },
		{ "range: anything", "200 anything" },
		{ "Range: bytes=0-1" AND "Range: bytes=0-1", "200" },
		{ IF_RANGE ETAG, "200 bytes=0-1" },
		{ IF_RANGE THEN, "200 bytes=0-1" },
		{ IF_RANGE "Sunday, 06-Nov-94 08:49:37 GMT", "200 bytes=0-1" },
		{ IF_RANGE "Sun Nov  6 08:49:37 1994", "200 bytes=0-1" },
		{ IF_RANGE "\"a\"", "200" },
		/* Strongly compared, and a date by being the same. */
		{ IF_RANGE "W/" ETAG, "200" },
		{ IF_RANGE EARLIER, "200" },
		{ IF_RANGE LATER, "200" },
		/* One validator, no list and no star. */
		{ IF_RANGE, "200" },
		{ IF_RANGE "*", "200" },
		{ IF_RANGE ETAG ", " ETAG, "200" },
		{ IF_RANGE ETAG ",", "200" },
		{ IF_RANGE "\"v,1", "200" },
		{ IF_RANGE "v,1", "200" },
		{ IF_RANGE "soon", "200" },
		{ IF_RANGE ETAG AND "If-Range: " ETAG, "200" },
		{ IF_RANGE THEN AND "If-Range: " THEN, "200" },
		{ "If-Range: " ETAG, "200" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &strong);
}

/* RFC 9110, 8.8.2.2: more may happen within the second of a date. */
static void
dates_within_their_second(void **state)
{
	static const struct validators fresh = { ETAG, THEN_S, THEN_S, THEN };
	static const struct row rows[] = {
		{ IF_RANGE THEN, "200" },
		{ IF_RANGE ETAG, "200 bytes=0-1" },
		{ MODIFIED THEN, "304" },
		{ UNMODIFIED THEN, "200" },
	};
	static const struct validators second_later = {
		ETAG, THEN_S, THEN_S + 1, THEN
	};
	static const struct row later[] = {
		{ IF_RANGE THEN, "200 bytes=0-1" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &fresh);
	ASSERT_ROWS("GET", later, &second_later);
}

/* Dates before 1970: -1 is a second as good as any other. */
static void
dates_before_1970(void **state)
{
	static const struct validators old = { ETAG, -1, THEN_S, NULL };
	static const struct row rows[] = {
		{ MODIFIED "Wed, 31 Dec 1969 23:59:58 GMT", "200" },
		{ MODIFIED "Wed, 31 Dec 1969 23:59:59 GMT", "304" },
		{ UNMODIFIED "Wed, 31 Dec 1969 23:59:58 GMT", "412" },
		{ IF_RANGE "Wed, 31 Dec 1969 23:59:59 GMT", "200 bytes=0-1" },
	};

	(void)state;
	ASSERT_ROWS("GET", rows, &old);
}

/* RFC 9110, 13.1.1 to 13.1.4, of what has no validators; and 13.2.1. */
static void
assert_bare(const char *method, const char *fields, int want)
{
	struct http_request *req = calloc(1, sizeof(*req));
	char head[2048], *copy;
	int len;

	assert_non_null(req);
	len = snprintf(head, sizeof(head), "%s / HTTP/1.1\r\nHost: h\r\n%s"
	    "\r\n\r\n", method, fields);
	assert_in_range(len, 1, sizeof(head) - 1);
	copy = exactly(head, (size_t)len);
	assert_int_equal(request_parse(req, copy, (size_t)len), 0);
	if ((int)precondition_evaluate_bare(req) != want)
		fail_msg("%s with \"%s\": not %d", method, fields, want);
	request_free(req);
	free(req);
	free(copy);
}

static void
without_validators(void **state)
{
	(void)state;
	assert_bare("GET", "A: b", 200);
	assert_bare("GET", MATCH "*", 200);
	assert_bare("GET", MATCH ETAG, 412);
	assert_bare("GET", MATCH "\"\"", 412);
	assert_bare("GET", NONE_MATCH "*", 304);
	assert_bare("HEAD", NONE_MATCH "*", 304);
	assert_bare("POST", NONE_MATCH "*", 412);
	assert_bare("GET", NONE_MATCH ETAG, 200);
	assert_bare("GET", NONE_MATCH "\"\", W/\"\"", 200);
	assert_bare("GET", MODIFIED LATER, 200);
	assert_bare("GET", UNMODIFIED EARLIER, 200);
	assert_bare("GET", MATCH "*" AND NONE_MATCH "*", 304);
	assert_bare("GET", IF_RANGE ETAG, 200);
	assert_bare("OPTIONS", MATCH ETAG, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_asked),
		cmocka_unit_test(if_none_match),
		cmocka_unit_test(lists_of_tags),
		cmocka_unit_test(malformed_lists),
		cmocka_unit_test(malformed_lines),
		cmocka_unit_test(if_match),
		cmocka_unit_test(weak_tags_of_ours),
		cmocka_unit_test(if_modified_since),
		cmocka_unit_test(if_unmodified_since),
		cmocka_unit_test(precedence),
		cmocka_unit_test(other_methods),
		cmocka_unit_test(ranges),
		cmocka_unit_test(dates_within_their_second),
		cmocka_unit_test(dates_before_1970),
		cmocka_unit_test(without_validators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
