/* fieldrules: which answers get a field, and which of several. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "handlers/fieldrules.h"
#include "response.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#define HTML "text/html; charset=utf-8"

struct rule {
	const char	*pattern;
	const char	*name;
	const char	*value;
};

static void
add_rules(struct fieldrules *rules, const struct rule *rule, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(fieldrules_add(rules, rule[i].pattern,
		    rule[i].name, rule[i].value), 0);
}

/* Fails unless an answer gets these lines, behind what it has. */
static void
assert_fields_of(int status, const struct fieldrules *rules,
    const char *before, const char *path, const char *type, const char *want)
{
	struct http_response res;

	response_init(&res);
	res.status = status;
	if (*before != '\0')
		assert_int_equal(response_add_lines(&res, before,
		    strlen(before)), 0);
	assert_int_equal(fieldrules_apply(rules, &res, path, type), 0);
	if (res.fields.len != strlen(want) || (res.fields.len > 0 &&
	    memcmp(res.fields.data, want, res.fields.len) != 0))
		fail_msg("%s, %s: has \"%.*s\", not \"%s\"", path,
		    type == NULL ? "(own)" : type, (int)res.fields.len,
		    res.fields.data, want);
	response_free(&res);
}

static void
assert_fields(const struct fieldrules *rules, const char *before,
    const char *path, const char *type, const char *want)
{
	assert_fields_of(200, rules, before, path, type, want);
}

static void
no_rules_add_nothing(void **state)
{
	struct fieldrules rules = { 0 };

	(void)state;
	assert_fields(&rules, "", "/a", HTML, "");
	assert_fields(&rules, "A: b\r\n", "/a", NULL, "A: b\r\n");
	fieldrules_free(&rules);
}

static void
patterns_match_paths_or_types(void **state)
{
	static const struct {
		const char	*pattern;
		const char	*path;
		const char	*type;
		int		 matches;
	} rows[] = {
		{ "*", "/a", HTML, 1 }, { "*", "/a", NULL, 1 },
		{ "*", "*", NULL, 1 }, { "/*", "*", NULL, 0 },
		{ "/a", "/a", HTML, 1 }, { "/a", "/a", NULL, 1 },
		{ "/a", "/A", HTML, 0 }, { "/a", "/a/", HTML, 0 },
		{ "/a", "/ab", HTML, 0 }, { "/a", "/b/a", HTML, 0 },
		{ "*.css", "/a.css", HTML, 1 },
		{ "*.css", "/a/b.css", HTML, 1 },
		{ "*.css", "/a.css.gz", HTML, 0 },
		{ "/a/*", "/a/b/c", HTML, 1 }, { "/a/*", "/a/", HTML, 1 },
		{ "/a/*", "/a", HTML, 0 }, { "/a/*.b", "/a/x/y.b", HTML, 1 },
		{ "/?", "/a", HTML, 1 }, { "/?", "/ab", HTML, 0 },
		{ "/[ab]", "/b", HTML, 1 }, { "/[ab]", "/c", HTML, 0 },
		{ "/\\*", "/*", HTML, 1 }, { "/\\*", "/a", HTML, 0 },
		{ "*/.*", "/a/.b", HTML, 1 },
		/* Any other one is for the type, without its parameters. */
		{ "text/html", "/a", HTML, 1 },
		{ "text/html", "/a", "text/html", 1 },
		{ "text/html", "/a", "text/html;charset=x", 1 },
		{ "Text/HTML", "/a", HTML, 1 },
		{ "text/html", "/a", "TEXT/html", 1 },
		{ "text/html", "/a", NULL, 0 },
		{ "text/html", "/a", "text/htmlx", 0 },
		{ "text/*", "/a", HTML, 1 }, { "text/*", "/a", "image/x", 0 },
		{ "image/*", "/a", "image/png", 1 },
		{ "text/html; charset=utf-8", "/a", HTML, 0 },
		{ "a", "a", HTML, 0 }, { "[*]", "/a", HTML, 0 },
		{ "?*", "/a", HTML, 1 }, { "?*", "/a", NULL, 0 },
		/* That of an answer without one is "". */
		{ "*", "/a", "", 1 }, { "/a", "/a", "", 1 },
		{ "?*", "/a", "", 0 }, { "text/*", "/a", "", 0 },
	};
	struct fieldrules rules;
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < LEN(rows); i++) {
		rules = (struct fieldrules){ 0 };
		/* A failure then says the pattern. */
		assert_int_equal(fieldrules_add(&rules, rows[i].pattern, "X",
		    rows[i].pattern), 0);
		(void)snprintf(line, sizeof(line), "X: %s\r\n",
		    rows[i].pattern);
		assert_fields(&rules, "", rows[i].path, rows[i].type,
		    rows[i].matches ? line : "");
		fieldrules_free(&rules);
	}
}

/* Fails unless a rule that adds X is for an answer with this type, or not. */
static void
assert_own_type(const struct fieldrules *rules, const char *type, int matches)
{
	char before[2000], want[2048];

	(void)snprintf(before, sizeof(before), "Content-Type: %s\r\n", type);
	(void)snprintf(want, sizeof(want), "%s%s", before,
	    matches ? "X: 1\r\n" : "");
	assert_fields(rules, before, "/", NULL, want);
}

static void
long_types_match_no_pattern(void **state)
{
	static const struct rule rule[] = { { "a*", "X", "1" } };
	struct fieldrules rules = { 0 };
	char type[1000];
	size_t len;

	(void)state;
	add_rules(&rules, rule, LEN(rule));
	for (len = 1; len < sizeof(type); len++) {
		memset(type, 'a', len);
		type[len] = '\0';
		assert_fields(&rules, "", "/", type,
		    len < 128 ? "X: 1\r\n" : "");
		assert_own_type(&rules, type, len < 128);
	}
	fieldrules_free(&rules);
}

static void
without_a_type_the_answer_s_own_counts(void **state)
{
	static const struct rule rule[] = {
		{ "text/html", "Content-Type", "text/plain" },
		{ "text/plain", "X", "0" }, { "text/html", "X", "1" },
	};
	struct fieldrules rules = { 0 };

	(void)state;
	add_rules(&rules, rule, LEN(rule));
	assert_fields_of(404, &rules, "A: b\r\ncontent-type: " HTML "\r\n",
	    "/a", NULL, "A: b\r\nContent-Type: text/plain\r\nX: 1\r\n");
	assert_fields_of(404, &rules, "", "/a", NULL, "");
	fieldrules_free(&rules);
}

static void
the_last_that_matches_counts(void **state)
{
	static const struct rule rule[] = {
		{ "*", "X", "1" }, { "/b", "X", "2" }, { "*", "Y", "1" },
		{ "text/html", "x", "3" }, { "/b", "Y", "2" },
		{ "/c", "Y", "3" },
	};
	struct fieldrules rules = { 0 };

	(void)state;
	add_rules(&rules, rule, LEN(rule));
	assert_fields(&rules, "", "/a", NULL, "X: 1\r\nY: 1\r\n");
	assert_fields(&rules, "", "/b", NULL, "X: 2\r\nY: 2\r\n");
	assert_fields(&rules, "", "/b", HTML, "x: 3\r\nY: 2\r\n");
	assert_fields(&rules, "", "/c", "a/b", "X: 1\r\nY: 3\r\n");
	assert_fields(&rules, "Y: 0\r\nZ: 0\r\n", "/a", NULL,
	    "Z: 0\r\nX: 1\r\nY: 1\r\n");
	fieldrules_free(&rules);
}

static void
vary_is_added_to(void **state)
{
	static const struct rule rule[] = {
		{ "*", "vary", "Origin" }, { "*", "Vary", "Cookie" },
	};
	struct fieldrules rules = { 0 };

	(void)state;
	add_rules(&rules, rule, LEN(rule));
	assert_fields(&rules, "Vary: Accept\r\n", "/a", HTML,
	    "Vary: Accept\r\nvary: Origin\r\nVary: Cookie\r\n");
	fieldrules_free(&rules);
}

static void
fields_for_caches_stay_away_from_errors(void **state)
{
	static const struct rule rule[] = {
		{ "*", "Cache-Control", "1" }, { "*", "expires", "2" },
		{ "*", "CACHE-CONTROL", "3" }, { "*", "Cache-Controls", "4" },
	};
	struct fieldrules rules = { 0 };

	(void)state;
	add_rules(&rules, rule, LEN(rule));
	assert_fields(&rules, "", "/a", HTML,
	    "expires: 2\r\nCACHE-CONTROL: 3\r\nCache-Controls: 4\r\n");
	assert_fields_of(399, &rules, "", "/a", "",
	    "expires: 2\r\nCACHE-CONTROL: 3\r\nCache-Controls: 4\r\n");
	assert_fields_of(400, &rules, "", "/a", HTML,
	    "Cache-Controls: 4\r\n");
	assert_fields_of(599, &rules, "", "/a", NULL, "Cache-Controls: 4\r\n");
	fieldrules_free(&rules);
}

static void
what_can_be_no_field_is_refused(void **state)
{
	static const struct rule rows[] = {
		{ "", "X", "1" }, { "*", "", "1" }, { "*", "X Y", "1" },
		{ "*", "X:", "1" }, { "*", "X\r\nY", "1" },
		{ "*", "X", "1\r\nY: 2" }, { "*", "X", "\n" },
		{ "*", "X", "\001" }, { "*", "X", "\177" },
		{ "*", "Date", "1" }, { "*", "date", "1" },
		{ "*", "Connection", "close" }, { "*", "Content-Length", "1" },
		{ "*", "Transfer-Encoding", "chunked" },
	};
	struct fieldrules rules = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < LEN(rows); i++) {
		errno = 0;
		if (fieldrules_add(&rules, rows[i].pattern, rows[i].name,
		    rows[i].value) != -1)
			fail_msg("row %zu is taken", i);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(rules.len, 0);
	fieldrules_free(&rules);
}

/* The strings are copied; what is freed is empty, and can be used again. */
static void
many_rules_are_kept(void **state)
{
	struct fieldrules rules = { 0 };
	char path[16], want[64], value[16];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof(path), "/%d", i);
		(void)snprintf(value, sizeof(value), "%d", i);
		assert_int_equal(fieldrules_add(&rules, path, "X", value), 0);
	}
	for (i = 0; i < 1000; i++) {
		(void)snprintf(path, sizeof(path), "/%d", i);
		(void)snprintf(want, sizeof(want), "X: %d\r\n", i);
		assert_fields(&rules, "", path, HTML, want);
	}
	fieldrules_free(&rules);
	assert_fields(&rules, "", "/1", HTML, "");
	assert_int_equal(fieldrules_add(&rules, "*", "X", "1"), 0);
	assert_fields(&rules, "", "/1", HTML, "X: 1\r\n");
	fieldrules_free(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_rules_add_nothing),
		cmocka_unit_test(patterns_match_paths_or_types),
		cmocka_unit_test(long_types_match_no_pattern),
		cmocka_unit_test(without_a_type_the_answer_s_own_counts),
		cmocka_unit_test(the_last_that_matches_counts),
		cmocka_unit_test(vary_is_added_to),
		cmocka_unit_test(fields_for_caches_stay_away_from_errors),
		cmocka_unit_test(what_can_be_no_field_is_refused),
		cmocka_unit_test(many_rules_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
