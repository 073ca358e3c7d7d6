#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "handlers/listing_order.h"

static const struct {
	const char	*query;
	const char	*shortest;	/* that means the same */
} queries[] = {
	{ NULL, "" }, { "", "" }, { "x", "" }, { "sort", "" },
	{ "sort=", "" }, { "sort=name", "" }, { "order=asc", "" },
	{ "sort=name&order=asc", "" },
	{ "order=desc", "?sort=name&order=desc" },
	{ "sort=name&order=desc", "?sort=name&order=desc" },
	{ "sort=size", "?sort=size" },
	{ "sort=size&order=desc", "?sort=size" },
	{ "order=asc&sort=size", "?sort=size&order=asc" },
	{ "sort=date", "?sort=date" },
	{ "sort=date&order=asc", "?sort=date&order=asc" },
	/* The last counts, and what is unknown does not. */
	{ "sort=size&sort=date", "?sort=date" },
	{ "sort=size&sort=x", "?sort=size" },
	{ "sort=size&order=asc&order=", "?sort=size&order=asc" },
	{ "a=b&&sort=size&c", "?sort=size" },
	{ "sort=sizes", "" }, { "sort=siz", "" }, { "Sort=size", "" },
	{ "xsort=size", "" }, { "sort=size;order=asc", "" },
	{ "sort%3Dsize", "" }, { "sort==size", "" },
	{ "sort=size\"><script>", "" },
};

static void
test_parse(void **state)
{
	struct listing_order order;
	const char *shortest;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		order = listing_order_parse(queries[i].query);
		shortest = listing_order_query(&order);
		if (strcmp(shortest, queries[i].shortest) != 0)
			fail_msg("\"%s\": \"%s\", not \"%s\"",
			    queries[i].query, shortest, queries[i].shortest);
	}
}

static void
test_next(void **state)
{
	struct listing_order order = { LISTING_BY_NAME, false };

	(void)state;
	order = listing_order_next(&order, LISTING_BY_NAME);
	assert_string_equal(listing_order_query(&order),
	    "?sort=name&order=desc");
	order = listing_order_next(&order, LISTING_BY_NAME);
	assert_string_equal(listing_order_query(&order), "");
	order = listing_order_next(&order, LISTING_BY_SIZE);
	assert_string_equal(listing_order_query(&order), "?sort=size");
	order = listing_order_next(&order, LISTING_BY_DATE);
	assert_string_equal(listing_order_query(&order), "?sort=date");
	order = listing_order_next(&order, LISTING_BY_DATE);
	assert_string_equal(listing_order_query(&order),
	    "?sort=date&order=asc");
}

/* In ascending order. */
static const char *const names[] = {
	" a", "!", "-n", "0", "00", "000", "0x", "01", "1", "1a", "1B", "1c",
	"2", "9", "010", "10", "11", "18446744073709551615",
	"18446744073709551616", "184467440737095516160", "?", "A", "a",
	"a.txt", "a0", "a00", "a00b", "a0b", "a0c", "a1", "A1b", "a01b", "a2",
	"a10", "A10b", "B", "b", "b-1", "b-2", "ba", "Z", "z", "~",
	"\xc3\xa4", "\xff"
};

#define NNAMES (sizeof(names) / sizeof(names[0]))

static int
compare_by_place(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return listing_compare_names(*x, *y);
}

static void
test_names(void **state)
{
	const char *sorted[NNAMES];
	size_t i;

	(void)state;
	for (i = 0; i < NNAMES; i++)
		sorted[i] = names[NNAMES - 1 - i];
	qsort(sorted, NNAMES, sizeof(sorted[0]), compare_by_place);
	for (i = 0; i < NNAMES; i++)
		assert_string_equal(sorted[i], names[i]);
}

/* Each pair agrees with the whole, both ways: it is a total order. */
static void
test_names_pair_by_pair(void **state)
{
	size_t i, j;
	int result;

	(void)state;
	for (i = 0; i < NNAMES; i++)
		for (j = 0; j < NNAMES; j++) {
			result = listing_compare_names(names[i], names[j]);
			if ((result > 0) - (result < 0) != (i > j) - (i < j))
				fail_msg("\"%s\" and \"%s\": %d", names[i],
				    names[j], result);
		}
}

static struct listing_entry *
entry(const char *name, int64_t size, int64_t mtime)
{
	struct listing_entry *e = malloc(sizeof(*e) + strlen(name) + 1);

	assert_non_null(e);
	e->size = size;
	e->mtime = mtime;
	memcpy(e->name, name, strlen(name) + 1);
	return e;
}

/* The names of entries in an order, one letter each. */
static const char *
sorted_by(const char *query)
{
	static char text[8];
	struct listing_order order = listing_order_parse(query);
	struct listing_entry *e, *entries[] = {
		entry("d", -1, 5), entry("e", -1, 6),
		entry("a", 3, INT64_MIN), entry("b", 0, INT64_MAX),
		entry("c", 3, 0), entry("f", INT64_MAX, 0)
	};
	size_t i, j, n = sizeof(entries) / sizeof(entries[0]);

	for (i = 1; i < n; i++)
		for (j = i; j > 0 && listing_compare(entries[j],
		    entries[j - 1], &order) < 0; j--) {
			e = entries[j];
			entries[j] = entries[j - 1];
			entries[j - 1] = e;
		}
	for (i = 0; i < n; i++) {
		text[i] = entries[i]->name[0];
		free(entries[i]);
	}
	return text;
}

static void
test_compare(void **state)
{
	(void)state;
	assert_string_equal(sorted_by(""), "deabcf");
	assert_string_equal(sorted_by("order=desc"), "edfcba");
	assert_string_equal(sorted_by("sort=size"), "defacb");
	assert_string_equal(sorted_by("sort=size&order=asc"), "debacf");
	assert_string_equal(sorted_by("sort=date"), "edbcfa");
	assert_string_equal(sorted_by("sort=date&order=asc"), "deacfb");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_pair_by_pair),
		cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
