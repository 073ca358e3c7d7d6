#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "buffer.h"
#include "json.h"

/* What U+FFFD is in UTF-8. */
#define BAD "\xef\xbf\xbd"

static const struct {
	const char	*what;
	const char	*text;
	const char	*json;
} rows[] = {
	{ "nothing", "", "\"\"" },
	{ "plain", "a b/", "\"a b/\"" },
	{ "quotes and backslashes", "\"\\\\\"", "\"\\\"\\\\\\\\\\\"\"" },
	{ "markup stands for itself", "<a href='&'>", "\"<a href='&'>\"" },
	{ "first and last control", "\x01\x1f", "\"\\u0001\\u001f\"" },
	{ "newline, tab and delete", "\n\t\x7f",
	    "\"\\u000a\\u0009\\u007f\"" },
	{ "UTF-8 of each length", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\xa1",
	    "\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\xa1\"" },
	{ "latin 1", "f\xfcr", "\"f" BAD "r\"" },
	{ "cut short before a quote", "\xe2\x82\"", "\"" BAD BAD "\\\"\"" },
	{ "cut short at the end", "a\xf0\x9f\x90", "\"a" BAD BAD BAD "\"" },
	{ "surrogate", "\xed\xa0\x80", "\"" BAD BAD BAD "\"" },
};

static void
test_append_string(void **state)
{
	struct buffer out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_reset(&out, 0);
		assert_int_equal(json_append_string(&out, rows[i].text), 0);
		assert_int_equal(buffer_append(&out, "", 1), 0);
		if (strcmp(out.data, rows[i].json) != 0)
			fail_msg("%s: %s is not %s", rows[i].what, out.data,
			    rows[i].json);
	}
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
