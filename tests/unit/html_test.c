#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "../../src/buffer.h"
#include "../../src/html.h"

/* What U+FFFD is in UTF-8. */
#define BAD "\xef\xbf\xbd"

static const struct {
	const char	*what;
	const char	*text;
	const char	*html;
} rows[] = {
	{ "nothing", "", "" },
	{ "plain", "index of /a b/", "index of /a b/" },
	{ "markup", "<a href=\"x\">'&'</a>",
	    "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;" },
	{ "an entity is no entity", "&lt;", "&amp;lt;" },
	{ "two bytes", "\xc3\xbc", "\xc3\xbc" },
	{ "three bytes", "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "four bytes", "\xf0\x9f\x90\xa1", "\xf0\x9f\x90\xa1" },
	{ "first and last of each length",
	    "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80"
	    "\xf4\x8f\xbf\xbf",
	    "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80"
	    "\xf4\x8f\xbf\xbf" },
	{ "both sides of the surrogates", "\xed\x9f\xbf\xee\x80\x80",
	    "\xed\x9f\xbf\xee\x80\x80" },
	{ "latin 1", "f\xfcr", "f" BAD "r" },
	{ "continuation alone", "a\x80" "b", "a" BAD "b" },
	{ "cut short at the end", "a\xe2\x82", "a" BAD BAD },
	{ "cut short before markup", "\xf0\x9f<", BAD BAD "&lt;" },
	{ "overlong slash", "\xc0\xaf", BAD BAD },
	{ "overlong of three", "\xe0\x9f\xbf", BAD BAD BAD },
	{ "overlong of four", "\xf0\x8f\xbf\xbf", BAD BAD BAD BAD },
	{ "surrogate", "\xed\xa0\x80", BAD BAD BAD },
	{ "beyond U+10FFFF", "\xf4\x90\x80\x80", BAD BAD BAD BAD },
	{ "no lead bytes", "\xf5\xff\xfe", BAD BAD BAD },
	{ "newline and tab", "a\nb\t", "a\xe2\x90\x8a" "b\xe2\x90\x89" },
	{ "escape and delete", "\x1b[m\x7f",
	    "\xe2\x90\x9b[m\xe2\x90\xa1" },
	{ "first and last control", "\x01\x1f", "\xe2\x90\x81\xe2\x90\x9f" },
	{ "controls of two bytes", "\xc2\x80\xc2\x9f", BAD BAD },
	{ "U+202A to U+202E",
	    "\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
	    "\xe2\x80\xa9" BAD BAD "\xe2\x80\xaf" },
	{ "U+2066 to U+2069",
	    "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
	    "\xe2\x81\xa5" BAD BAD "\xe2\x81\xaa" },
};

static void
test_append(void **state)
{
	struct buffer page = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buffer_reset(&page, 0);
		assert_int_equal(html_append(&page, rows[i].text), 0);
		assert_int_equal(buffer_append(&page, "", 1), 0);
		if (strcmp(page.data, rows[i].html) != 0)
			fail_msg("%s: \"%s\" is not \"%s\"", rows[i].what,
			    page.data, rows[i].html);
	}
	buffer_free(&page);
}

static void
test_append_keeps_what_was_there(void **state)
{
	struct buffer page = { 0 };

	(void)state;
	assert_int_equal(buffer_append_string(&page, "<b>"), 0);
	assert_int_equal(html_append(&page, "<"), 0);
	assert_int_equal(html_append(&page, "x"), 0);
	assert_int_equal(page.len, 8);
	assert_memory_equal(page.data, "<b>&lt;x", 8);
	buffer_free(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_append_keeps_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
