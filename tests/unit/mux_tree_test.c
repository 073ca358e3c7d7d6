/*
 * mux_tree: what it costs to look up and to register does not grow with the
 * number of patterns.  Counted in steps, which no load of the machine changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mux_pattern.h"
#include "mux_tree.h"

#define MOST_PATTERNS 10000

/* A tree, and what it points to. */
struct grove {
	struct mux_tree		 tree;
	struct mux_pattern	*patterns[MOST_PATTERNS];
	size_t			 count;
	unsigned int		 most_steps;	/* to register one */
};

static struct grove grove;

static void
plant(const char *text)
{
	struct mux_fault fault = { "", 0 };
	struct mux_pattern *p = mux_pattern_parse(text, &fault);
	unsigned int steps = 0;

	if (p == NULL)
		fail_msg("%s: %s", text, fault.why);
	if (mux_tree_conflict(&grove.tree, p, &steps) != NULL)
		fail_msg("%s: a conflict", text);
	assert_int_equal(mux_tree_add(&grove.tree, p), 0);
	if (steps > grove.most_steps)
		grove.most_steps = steps;
	grove.patterns[grove.count++] = p;
}

static int
fell(void **state)
{
	(void)state;
	while (grove.count > 0)
		free(grove.patterns[--grove.count]);
	mux_tree_free(&grove.tree);
	grove.most_steps = 0;
	return 0;
}

/* What a set of patterns looks like, by their number, and its requests. */
struct shape {
	const char	*name;
	const char	*pattern;
	const char	*path;
	const char	*method;
	const char	*host;
	unsigned int	 steps;		/* the most that may be needed */
};

static const struct shape shapes[] = {
	{ "paths", "/page%zu", "/page%zu", "GET", "", 16 },
	{ "an interface", "GET /api/v1/things%zu/{id}/parts/{part}",
	    "/api/v1/things%zu/17/parts/4", "GET", "", 22 },
	{ "directories", "/site%zu/", "/site%zu/a/b/c/d", "GET", "", 22 },
	{ "hosts", "www%zu.example/", "/a/b", "GET", "www%zu.example", 18 },
	{ "tenants", "/{tenant}/things%zu/{id}", "/acme/things%zu/17", "GET",
	    "", 16 },
	{ "chains", "/%zu/a/{x}/b/{$}", "/%zu/a/1/b/", "PUT", "", 18 },
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
plant_shape(const struct shape *shape, size_t count)
{
	char text[64];
	size_t i;

	for (i = 0; i < count; i++) {
		(void)snprintf(text, sizeof(text), shape->pattern, i);
		plant(text);
	}
}

/* Finds every pattern.  Returns the most steps it took, and their sum. */
static unsigned int
visit_shape(const struct shape *shape, size_t count, unsigned long *sum)
{
	unsigned int most = 0;
	char path[64], host[64];
	size_t i;

	*sum = 0;
	for (i = 0; i < count; i++) {
		struct mux_lookup lookup = {
			.host = host, .method = shape->method, .path = path
		};

		(void)snprintf(path, sizeof(path), shape->path, i);
		(void)snprintf(host, sizeof(host), shape->host, i);
		assert_ptr_equal(mux_tree_match(&grove.tree, &lookup),
		    grove.patterns[i]);
		*sum += lookup.steps;
		if (lookup.steps > most)
			most = lookup.steps;
	}
	return most;
}
#pragma GCC diagnostic pop

static void
assert_shape(const struct shape *shape)
{
	static const size_t counts[] = { 10, 1000, MOST_PATTERNS };
	unsigned long sum;
	unsigned int most, average, i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		plant_shape(shape, counts[i]);
		most = visit_shape(shape, counts[i], &sum);
		average = (unsigned int)(sum / counts[i]);
		print_message("%s, %zu: steps to match %u, at the most %u; "
		    "to register, at the most %u\n", shape->name, counts[i],
		    average, most, grove.most_steps);
		/* A bad place in the hash table costs some more. */
		assert_in_range(average, 1, shape->steps);
		assert_in_range(most, 1, 4 * shape->steps);
		assert_in_range(grove.most_steps, 0, 4 * shape->steps);
		(void)fell(NULL);
	}
}

static void
costs_the_same_for_many(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		assert_shape(&shapes[i]);
}

/* What no pattern matches is no dearer than what one does. */
static void
misses_as_fast(void **state)
{
	static const char *const paths[] = {
		"/", "/x", "/api/v1/things", "/api/v1/things10000/17/parts/4",
		"/api/v1/things7/17/parts/4/5/6/7/8/9", "/api/v1/things7/17/x",
		"/api//v1/", "/api/v1/things7/17/parts/"
	};
	size_t i;

	(void)state;
	plant_shape(&shapes[1], MOST_PATTERNS);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct mux_lookup lookup = {
			.host = "h", .method = "HEAD", .path = paths[i]
		};

		assert_null(mux_tree_match(&grove.tree, &lookup));
		assert_in_range(lookup.steps, 1, 2 * shapes[1].steps);
	}
}

/* Wide patterns behind many narrow ones, and the other way round. */
static void
registers_wide_and_narrow(void **state)
{
	static const char *const wide[] = {
		"/", "PUT /page1", "GET /{x}", "/{x}/", "GET /{$}",
		"GET /{x}/{y...}"
	};
	static const size_t nwide = sizeof(wide) / sizeof(wide[0]);
	static const struct shape pages = {
		"pages", "GET /page%zu", "/page%zu", "GET", "", 16
	};
	unsigned long sum;
	size_t i;

	(void)state;
	plant_shape(&pages, MOST_PATTERNS - nwide);
	grove.most_steps = 0;
	for (i = 0; i < nwide; i++)
		plant(wide[i]);
	assert_in_range(grove.most_steps, 1, 64);
	(void)visit_shape(&pages, MOST_PATTERNS - nwide, &sum);
	(void)fell(NULL);

	for (i = 0; i < nwide; i++)
		plant(wide[i]);
	grove.most_steps = 0;
	plant_shape(&pages, MOST_PATTERNS - nwide);
	assert_in_range(grove.most_steps, 1, 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(costs_the_same_for_many, fell),
		cmocka_unit_test_teardown(misses_as_fast, fell),
		cmocka_unit_test_teardown(registers_wide_and_narrow, fell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
