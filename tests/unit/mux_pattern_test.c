/* mux_pattern: what Go 1.22 takes for a pattern, and how two of them lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "buffer.h"
#include "mux_pattern.h"

/* In memory that ends where the text does, so that overreads show. */
static struct mux_pattern *
parse(const char *text, struct mux_fault *fault)
{
	char *copy = strdup(text);
	struct mux_pattern *p;

	if (copy == NULL)
		abort();
	errno = 0;
	p = mux_pattern_parse(copy, fault);
	free(copy);
	return p;
}

static struct mux_pattern *
must_parse(const char *text)
{
	struct mux_fault fault = { "", 0 };
	struct mux_pattern *p = parse(text, &fault);

	if (p == NULL)
		fail_msg("%s: byte %zu: %s", text, fault.at, fault.why);
	return p;
}

/* "METHOD host /literal /{wild} /{multi...} /{$}", in one spelling. */
static void
show(struct buffer *out, const struct mux_pattern *p)
{
	static const char *const forms[] = {
		[MUX_LITERAL] = " /%s", [MUX_WILD] = " /{%s}",
		[MUX_DOLLAR] = " /{$%s}", [MUX_MULTI] = " /{%s...}",
	};
	size_t i;

	buffer_printf(out, "%s %s", p->method, p->host);
	for (i = 0; i < p->nsegments; i++) {
		const struct mux_segment *seg = &p->segments[i];

		assert_int_equal(strlen(seg->text), seg->len);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buffer_printf(out, forms[seg->kind], seg->text);
#pragma GCC diagnostic pop
	}
}

static void
parses(void **state)
{
	static const struct {
		const char	*text;
		const char	*want;
		size_t		 nwild;
	} rows[] = {
		{ "/", "  /{...}", 0 },
		{ "/a", "  /a", 0 },
		{ "/a/", "  /a /{...}", 0 },
		{ "/a/b/c", "  /a /b /c", 0 },
		{ "/{$}", "  /{$}", 0 },
		{ "/a/{$}", "  /a /{$}", 0 },
		{ "/{x}", "  /{x}", 1 },
		{ "/{x}/b/{y}", "  /{x} /b /{y}", 2 },
		{ "/{x}/b/", "  /{x} /b /{...}", 1 },
		{ "/{x...}", "  /{x...}", 1 },
		{ "/a/{x}/{y...}", "  /a /{x} /{y...}", 2 },
		{ "/{_a1}/{A_9...}", "  /{_a1} /{A_9...}", 2 },
		{ "GET /", "GET  /{...}", 0 },
		{ "get /", "get  /{...}", 0 },
		{ "X-!#$%&'*+.^_`|~ /", "X-!#$%&'*+.^_`|~  /{...}", 0 },
		{ "GET  \t /a", "GET  /a", 0 },
		{ "GET\t/a", "GET  /a", 0 },
		{ "h/", " h /{...}", 0 },
		{ "Example.COM/a", " example.com /a", 0 },
		{ "[::1]/", " [::1] /{...}", 0 },
		{ "[FE80::A]/", " [fe80::a] /{...}", 0 },
		{ "POST a.b/{x}/{$}", "POST a.b /{x} /{$}", 1 },
		{ "CONNECT /", "CONNECT  /{...}", 0 },
		/* Decoded as paths are: every spelling is one. */
		{ "/%61%2e/%7Bb%7d", "  /a. /{b}", 0 },
		{ "/a%2fb", "  /a%2Fb", 0 },
		{ "/a%2Fb", "  /a%2Fb", 0 },
		{ "/%20%09%0a%3F", "  / \t\n?", 0 },
		{ "/\xc3\xa9/%c3%a9", "  /\xc3\xa9 /\xc3\xa9", 0 },
		{ "/a}/$/...", "  /a} /$ /...", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_pattern *p = must_parse(rows[i].text);
		struct buffer out = { 0 };

		show(&out, p);
		if (strcmp(out.data, rows[i].want) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", rows[i].text,
			    out.data, rows[i].want);
		assert_string_equal(p->text, rows[i].text);
		assert_int_equal(p->nwild, rows[i].nwild);
		buffer_free(&out);
		free(p);
	}
}

static void
refuses(void **state)
{
	static const struct {
		const char	*text;
		size_t		 at;
		const char	*why;
	} rows[] = {
		{ "", 0, "no path" },
		{ "h", 1, "no path" },
		{ "GET", 3, "no path" },
		{ "GET ", 4, "no path" },
		{ "GET h", 5, "no path" },
		{ " ", 0, "no method" },
		{ " /", 0, "no method" },
		{ "A=B /", 0, "no method" },
		{ "G\xc3\xa9T /", 0, "no method" },
		{ "/a /b", 0, "no method" },
		{ "{a}/b", 0, "no wildcards" },
		{ "GET a.{b}/", 4, "no wildcards" },
		{ "h:80/", 1, "without its port" },
		{ "[::1]:80/", 5, "without its port" },
		{ "h:/", 1, "without its port" },
		{ "a@b/", 0, "no host" },
		{ "GET [::1/", 4, "no host" },
		{ ":80/", 0, "no host" },
		{ "GET h h/", 4, "no host" },
		{ "/{w}x", 5, "ends in a brace" },
		{ "/x{w}", 2, "follows a slash" },
		{ "/{wx", 4, "ends in a brace" },
		{ "/{", 2, "ends in a brace" },
		{ "/{/}", 2, "ends in a brace" },
		{ "/{}", 2, "name" },
		{ "/{...}", 2, "name" },
		{ "/{..}", 2, "name" },
		{ "/{a$}", 2, "name" },
		{ "/{$...}", 2, "name" },
		{ "/{$$}", 2, "name" },
		{ "/{1a}", 2, "name" },
		{ "/{a-b}", 2, "name" },
		{ "/{a}}", 2, "name" },
		{ "/{{a}", 2, "name" },
		{ "/{\xc3\xa9}", 2, "name" },
		{ "/{a....}", 2, "name" },
		{ "/{$}/", 1, "at the end" },
		{ "/{$}/x", 1, "at the end" },
		{ "/a/{b...}/", 3, "at the end" },
		{ "/{a...}/x", 1, "at the end" },
		{ "/{a}/b/{a}", 8, "already" },
		{ "/{a}/{a...}", 6, "already" },
		/* What no path can have when it is matched. */
		{ "//", 1, "empty segments" },
		{ "/a//b", 3, "empty segments" },
		{ "GET h/a//", 8, "empty segments" },
		{ "/.", 1, "dot segments" },
		{ "/a/../b", 3, "dot segments" },
		{ "/a/%2E%2e", 3, "dot segments" },
		{ "/a/./b", 3, "dot segments" },
		{ "/%00", 1, "no escape" },
		{ "/%4", 1, "no escape" },
		{ "/a%", 2, "no escape" },
		{ "/%zz", 1, "no escape" },
		{ "/%4/1", 1, "no escape" },
		{ "/a?b", 2, "query" },
		{ "/a#b", 2, "fragment" },
		{ "GET /a b", 6, "blanks" },
		{ "/a\n", 2, "control" },
		{ "/a\x7f", 2, "control" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_fault fault = { "", 0 };
		struct mux_pattern *p = parse(rows[i].text, &fault);

		if (p != NULL)
			fail_msg("%s: taken", rows[i].text);
		assert_int_equal(errno, EINVAL);
		if (fault.at != rows[i].at ||
		    strstr(fault.why, rows[i].why) == NULL)
			fail_msg("%s: byte %zu: %s", rows[i].text, fault.at,
			    fault.why);
	}
}

static void
bounds_segments_and_hosts(void **state)
{
	struct mux_fault fault = { "", 0 };
	char text[MUX_HOST_SIZE + 2 * MUX_MAX_SEGMENTS + 3] = "";
	struct mux_pattern *p;
	size_t i;

	(void)state;
	for (i = 0; i < MUX_MAX_SEGMENTS; i++)
		memcpy(text + 2 * i, "/a", 3);
	p = must_parse(text);
	assert_int_equal(p->nsegments, MUX_MAX_SEGMENTS);
	free(p);
	text[2 * i] = '/';
	assert_null(parse(text, &fault));
	assert_int_equal(fault.at, 2 * i + 1);
	assert_non_null(strstr(fault.why, "too many"));

	memset(text, 'h', MUX_HOST_SIZE - 1);
	memcpy(text + MUX_HOST_SIZE - 1, "/", 2);
	free(must_parse(text));
	memcpy(text + MUX_HOST_SIZE - 1, "h/", 3);
	assert_null(parse(text, &fault));
	assert_non_null(strstr(fault.why, "no host"));
}

static int
inverse(int relation)
{
	if (relation == MUX_MORE || relation == MUX_LESS)
		return MUX_OVERLAP ^ relation;
	return relation;
}

static void
compares_methods(void **state)
{
	static const struct {
		const char	*a;
		const char	*b;
		int		 want;
	} rows[] = {
		{ "", "", MUX_EQUAL },
		{ "GET", "GET", MUX_EQUAL },
		{ "HEAD", "HEAD", MUX_EQUAL },
		{ "POST", "POST", MUX_EQUAL },
		{ "GET", "POST", MUX_DISJOINT },
		{ "GET", "get", MUX_DISJOINT },
		{ "HEAD", "POST", MUX_DISJOINT },
		{ "", "GET", MUX_MORE },
		{ "", "HEAD", MUX_MORE },
		{ "", "POST", MUX_MORE },
		{ "GET", "HEAD", MUX_MORE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(mux_compare_methods(rows[i].a, rows[i].b),
		    rows[i].want);
		assert_int_equal(mux_compare_methods(rows[i].b, rows[i].a),
		    inverse(rows[i].want));
	}
}

static void
compares_paths(void **state)
{
	static const struct {
		const char	*a;
		const char	*b;
		int		 want;
	} rows[] = {
		/* Every kind of end with every other. */
		{ "/a", "/a", MUX_EQUAL },
		{ "/a", "/b", MUX_DISJOINT },
		{ "/a", "/ab", MUX_DISJOINT },
		{ "/a", "/{$}", MUX_DISJOINT },
		{ "/a", "/{x}", MUX_LESS },
		{ "/a", "/{x...}", MUX_LESS },
		{ "/a", "/", MUX_LESS },
		{ "/{x}", "/{y}", MUX_EQUAL },
		{ "/{x}", "/{$}", MUX_DISJOINT },
		{ "/{x}", "/", MUX_LESS },
		{ "/{x}", "/{y...}", MUX_LESS },
		{ "/{$}", "/{$}", MUX_EQUAL },
		{ "/{$}", "/", MUX_LESS },
		{ "/{$}", "/{x...}", MUX_LESS },
		{ "/", "/", MUX_EQUAL },
		{ "/", "/{x...}", MUX_EQUAL },
		{ "/{x...}", "/{y...}", MUX_EQUAL },
		/* Ends at different places. */
		{ "/a", "/a/b", MUX_DISJOINT },
		{ "/a", "/a/", MUX_DISJOINT },
		{ "/a", "/a/{$}", MUX_DISJOINT },
		{ "/a", "/a/{x...}", MUX_DISJOINT },
		{ "/{x}", "/a/b", MUX_DISJOINT },
		{ "/{x}", "/{x}/{$}", MUX_DISJOINT },
		{ "/", "/a/b", MUX_MORE },
		{ "/", "/a/", MUX_MORE },
		{ "/", "/a/{$}", MUX_MORE },
		{ "/a/", "/a/b/{c}", MUX_MORE },
		{ "/a/", "/b/c", MUX_DISJOINT },
		{ "/a/{x...}", "/a/{y}/{z...}", MUX_MORE },
		{ "/{x}/", "/a/b/c", MUX_MORE },
		/* Narrower here and wider there. */
		{ "/a/{x}", "/{y}/b", MUX_OVERLAP },
		{ "/a/{x}", "/{y}/", MUX_LESS },
		{ "/{x}/{y}", "/a/", MUX_OVERLAP },
		{ "/{x}/{$}", "/a/", MUX_OVERLAP },
		{ "/{x}/b/{$}", "/a/{y}/{z}", MUX_DISJOINT },
		{ "/a/{x}/", "/{y}/b/", MUX_OVERLAP },
		{ "/a/{x}/c/", "/{y}/b/{z...}", MUX_OVERLAP },
		{ "/a/{x}/c/{r...}", "/{y}/b", MUX_DISJOINT },
		{ "/a/{x}/{$}", "/{y}/b/", MUX_OVERLAP },
		{ "/{x}/b/c", "/a/", MUX_OVERLAP },
		/* A disjoint place decides, whatever the others say. */
		{ "/a/{x}/c", "/{y}/b/d", MUX_DISJOINT },
		{ "/a/c/", "/{y}/b/", MUX_DISJOINT },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_pattern *a = must_parse(rows[i].a);
		struct mux_pattern *b = must_parse(rows[i].b);
		int ab = mux_compare_paths(a, b), ba = mux_compare_paths(b, a);

		if (ab != rows[i].want || ba != inverse(rows[i].want))
			fail_msg("%s, %s: %d and %d", a->text, b->text, ab,
			    ba);
		assert_int_equal(mux_compare_paths(a, a), MUX_EQUAL);
		assert_int_equal(mux_compare_paths(b, b), MUX_EQUAL);
		free(a);
		free(b);
	}
}

static void
assert_example(const struct mux_pattern *a, const struct mux_pattern *b,
    int (*write)(struct buffer *, const struct mux_pattern *,
    const struct mux_pattern *), const char *want)
{
	struct buffer path = { 0 };

	assert_int_equal(write(&path, a, b), 0);
	assert_int_equal(path.len, strlen(path.data));
	if (strcmp(path.data, want) != 0)
		fail_msg("%s, %s: %s, not %s", a->text, b->text, path.data,
		    want);
	buffer_free(&path);
}

static void
gives_examples(void **state)
{
	static const struct {
		const char	*a;
		const char	*b;
		const char	*common;
		const char	*only_a;
		const char	*only_b;
	} rows[] = {
		{ "/a/{x}", "/{y}/b", "/a/b", "/a/x", "/y/b" },
		/* A name that is the literal will not do. */
		{ "/a/{b}", "/{a}/b", "/a/b", "/a/bx", "/ax/b" },
		{ "/a/{x}/", "/{y}/b/", "/a/b/", "/a/x/", "/y/b/" },
		{ "/a/{x}/c/", "/{y}/b/{z...}", "/a/b/c/", "/a/x/c/",
		    "/y/b/" },
		{ "/{x}/{$}", "/a/", "/a/", "/x/", "/a/x" },
		{ "/{x}/{$}", "/a/{r...}", "/a/", "/x/", "/a/r" },
		{ "/{x}/{y}", "/a/", "/a/y", "/x/y", "/a/" },
		{ "/{x}/b/c", "/a/", "/a/b/c", "/x/b/c", "/a/" },
		{ "/%3F/{x}", "/{y}/%25%0a", "/%3F/%25%0A", "/%3F/x",
		    "/y/%25%0A" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_pattern *a = must_parse(rows[i].a);
		struct mux_pattern *b = must_parse(rows[i].b);

		assert_int_equal(mux_compare_paths(a, b), MUX_OVERLAP);
		assert_example(a, b, mux_common_path, rows[i].common);
		assert_example(b, a, mux_common_path, rows[i].common);
		assert_example(a, b, mux_difference_path, rows[i].only_a);
		assert_example(b, a, mux_difference_path, rows[i].only_b);
		free(a);
		free(b);
	}
}

static void
explains_conflicts(void **state)
{
	static const struct {
		const char	*a;
		const char	*b;
		const char	*want;
	} rows[] = {
		{ "GET /a/{x}", "GET /a/{y}", "\"GET /a/{x}\" conflicts with "
		    "\"GET /a/{y}\": both match /a/x, "
		    "and all the same requests" },
		{ "/a/{x}", "/{y}/b", "\"/a/{x}\" conflicts with \"/{y}/b\": "
		    "both match /a/b, but only \"/a/{x}\" /a/x, "
		    "and only \"/{y}/b\" /y/b" },
		{ "/a", "GET /{x}", "\"/a\" conflicts with \"GET /{x}\": "
		    "both match /a: \"/a\" matches more methods, "
		    "\"GET /{x}\" more paths" },
		{ "HEAD /", "GET /a", "\"HEAD /\" conflicts with \"GET /a\": "
		    "both match /a: \"GET /a\" matches more methods, "
		    "\"HEAD /\" more paths" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_pattern *a = must_parse(rows[i].a);
		struct mux_pattern *b = must_parse(rows[i].b);
		struct buffer out = { 0 };

		assert_int_equal(mux_describe_conflict(&out, a, b), 0);
		assert_string_equal(out.data, rows[i].want);
		buffer_free(&out);
		free(a);
		free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(bounds_segments_and_hosts),
		cmocka_unit_test(compares_methods),
		cmocka_unit_test(compares_paths),
		cmocka_unit_test(gives_examples),
		cmocka_unit_test(explains_conflicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
