/* range: RFC 9110, 14.1.2 and 14.2, up to the largest lengths there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "range.h"

#define MANY 10000

/* Fails unless the value asks for these ranges: as "offset+length" each. */
static void
assert_ranges(const char *value, int64_t length, const char *want)
{
	struct range ranges[RANGE_MAX];
	char have[1024] = "";
	size_t len = 0;
	int i, n;

	n = range_parse(ranges, value, length);
	if (n == RANGE_IGNORED)
		(void)strcpy(have, "ignored");
	else if (n == RANGE_UNSATISFIABLE)
		(void)strcpy(have, "unsatisfiable");
	for (i = 0; i < n; i++)
		len += (size_t)snprintf(have + len, sizeof(have) - len,
		    "%s%jd+%jd", i > 0 ? " " : "",
		    (intmax_t)ranges[i].offset, (intmax_t)ranges[i].length);
	if (strcmp(have, want) != 0)
		fail_msg("\"%s\" of %jd: %s, not %s", value,
		    (intmax_t)length, have, want);
}

struct row {
	const char	*value;
	int64_t		 length;
	const char	*want;
};

static void
assert_rows(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_ranges(rows[i].value, rows[i].length, rows[i].want);
}

#define ASSERT_ROWS(rows) assert_rows((rows), sizeof(rows) / sizeof((rows)[0]))

static void
specs(void **state)
{
	static const struct row rows[] = {
		/* RFC 9110, 14.1.2: its own examples. */
		{ "bytes=0-499", 10000, "0+500" },
		{ "bytes=500-999", 10000, "500+500" },
		{ "bytes=-500", 10000, "9500+500" },
		{ "bytes=9500-", 10000, "9500+500" },
		{ "bytes=0-0,-1", 10000, "0+1 9999+1" },
		{ "bytes= 0-999, 4500-5499, -1000", 10000,
		    "0+1000 4500+1000 9000+1000" },
		{ "bytes=500-600,601-999", 10000, "500+101 601+399" },
		{ "bytes=500-700,601-999", 10000, "500+500" },

		/* first-pos and last-pos are inclusive, from 0. */
		{ "bytes=0-", 10, "0+10" },
		{ "bytes=0-9", 10, "0+10" },
		{ "bytes=9-9", 10, "9+1" },
		{ "bytes=9-", 10, "9+1" },
		/* "greater than or equal to the current length": its end. */
		{ "bytes=0-10", 10, "0+10" },
		{ "bytes=3-99", 10, "3+7" },
		/* A suffix longer than the representation is all of it. */
		{ "bytes=-10", 10, "0+10" },
		{ "bytes=-11", 10, "0+10" },
		{ "bytes=-1", 1, "0+1" },
		/* Leading zeros: 1*DIGIT. */
		{ "bytes=0003-00000000000000000000005", 10, "3+3" },
		{ "bytes=-000000000000000000000000001", 10, "9+1" },
		/* As asked for, in that order. */
		{ "bytes=5-5,1-1", 10, "5+1 1+1" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
units(void **state)
{
	static const struct row rows[] = {
		/* RFC 9110, 14.1: "range unit names are case-insensitive". */
		{ "BYTES=0-0", 10, "0+1" },
		{ "bYtEs=0-0", 10, "0+1" },
		/* 14.2: "MUST ignore" a unit that it does not understand. */
		{ "octets=0-0", 10, "ignored" },
		{ "byte=0-0", 10, "ignored" },
		{ "bytess=0-0", 10, "ignored" },
		{ "none", 10, "ignored" },
		{ "", 10, "ignored" },
		{ "=", 10, "ignored" },
		{ "=0-0", 10, "ignored" },
		{ "bytes", 10, "ignored" },
		{ "bytes 0-0", 10, "ignored" },
		{ "bytes:0-0", 10, "ignored" },
		{ "bytes =0-0", 10, "ignored" },
		{ " bytes=0-0", 10, "ignored" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
malformed(void **state)
{
	static const struct row rows[] = {
		{ "bytes=", 10, "ignored" },
		{ "bytes=-", 10, "ignored" },
		{ "bytes=0", 10, "ignored" },
		{ "bytes=a-b", 10, "ignored" },
		{ "bytes=0-b", 10, "ignored" },
		{ "bytes=a-0", 10, "ignored" },
		{ "bytes=0--1", 10, "ignored" },
		{ "bytes=--1", 10, "ignored" },
		{ "bytes=-1-", 10, "ignored" },
		{ "bytes=-1-2", 10, "ignored" },
		{ "bytes=0-1-2", 10, "ignored" },
		{ "bytes=+0-1", 10, "ignored" },
		{ "bytes=0-+1", 10, "ignored" },
		{ "bytes=0x0-1", 10, "ignored" },
		{ "bytes=0.-1", 10, "ignored" },
		{ "bytes=0-1/10", 10, "ignored" },
		{ "bytes=0-1;2-3", 10, "ignored" },
		{ "bytes==0-1", 10, "ignored" },
		{ "bytes=bytes=0-1", 10, "ignored" },
		{ "bytes=\xd9\xa1-\xd9\xa2", 10, "ignored" },
		/* No whitespace inside. */
		{ "bytes=0 -1", 10, "ignored" },
		{ "bytes=0- 1", 10, "ignored" },
		{ "bytes=- 1", 10, "ignored" },
		{ "bytes=1 1-12", 10, "ignored" },
		{ "bytes=\v0-1", 10, "ignored" },
		{ "bytes=0-1\n", 10, "ignored" },
		/* 14.1.1: "invalid if the last-pos value is present and
		 * less than first-pos"; so is the set that has one. */
		{ "bytes=1-0", 10, "ignored" },
		{ "bytes=10-5", 10, "ignored" },
		{ "bytes=99-98", 10, "ignored" },
		{ "bytes=0-0,1-0", 10, "ignored" },
		{ "bytes=1-0,0-0", 10, "ignored" },
		{ "bytes=0-0,x", 10, "ignored" },
		{ "bytes=99-,x", 10, "ignored" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
lists(void **state)
{
	static const struct row rows[] = {
		/* RFC 9110, 5.6.1.2: empty elements, and OWS at commas. */
		{ "bytes=0-0 ,1-1", 10, "0+1 1+1" },
		{ "bytes=0-0, \t 1-1", 10, "0+1 1+1" },
		{ "bytes=0-0\t,\t1-1", 10, "0+1 1+1" },
		{ "bytes=,0-0", 10, "0+1" },
		{ "bytes= ,0-0", 10, "0+1" },
		{ "bytes=\t0-0", 10, "0+1" },
		{ "bytes=,,, ,\t,0-0", 10, "0+1" },
		{ "bytes=0-0,", 10, "0+1" },
		{ "bytes=0-0, ", 10, "0+1" },
		{ "bytes=0-0 , ,, 1-1,,", 10, "0+1 1+1" },
		/* "at least one non-empty element is required". */
		{ "bytes=,", 10, "ignored" },
		{ "bytes= ", 10, "ignored" },
		{ "bytes=, ,\t,", 10, "ignored" },
		/* Whitespace alone does not separate. */
		{ "bytes=0-0 1-1", 10, "ignored" },
		{ "bytes=0-0\t1-1", 10, "ignored" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
unsatisfiable(void **state)
{
	static const struct row rows[] = {
		/* 14.1.2: an int-range needs first-pos below the length. */
		{ "bytes=10-", 10, "unsatisfiable" },
		{ "bytes=10-10", 10, "unsatisfiable" },
		{ "bytes=10-20,30-", 10, "unsatisfiable" },
		/* ... and a suffix a length that is not zero. */
		{ "bytes=-0", 10, "unsatisfiable" },
		{ "bytes=-000,10-", 10, "unsatisfiable" },
		/* One of a set is enough; the others are left out. */
		{ "bytes=10-,9-", 10, "9+1" },
		{ "bytes=-0,2-3,99-100", 10, "2+2" },
		/* Of nothing, only a suffix could be had, and can't be said. */
		{ "bytes=0-", 0, "unsatisfiable" },
		{ "bytes=0-0", 0, "unsatisfiable" },
		{ "bytes=-0", 0, "unsatisfiable" },
		{ "bytes=-1", 0, "ignored" },
		{ "bytes=0-,-1", 0, "ignored" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

#define MAX "9223372036854775807"		/* 2^63-1 */
#define BEFORE_MAX "9223372036854775806"
#define BEYOND_MAX "9223372036854775808"
#define BEYOND_U64 "18446744073709551616"	/* 2^64: not 0 */

/* RFC 9110, 14.1.2: "MUST anticipate potentially large decimal numerals". */
static void
large_numbers(void **state)
{
	static const struct row rows[] = {
		{ "bytes=0-" MAX, 10, "0+10" },
		{ "bytes=0-" BEYOND_MAX, 10, "0+10" },
		{ "bytes=0-" BEYOND_U64, 10, "0+10" },
		{ "bytes=0-" BEYOND_U64 BEYOND_U64 BEYOND_U64, 10, "0+10" },
		{ "bytes=-" MAX, 10, "0+10" },
		{ "bytes=-" BEYOND_MAX, 10, "0+10" },
		{ "bytes=-" BEYOND_U64, 10, "0+10" },
		{ "bytes=" MAX "-", 10, "unsatisfiable" },
		{ "bytes=" BEYOND_MAX "-", 10, "unsatisfiable" },
		{ "bytes=" BEYOND_U64 "-", 10, "unsatisfiable" },
		{ "bytes=" BEYOND_U64 "-" BEYOND_U64, 10, "unsatisfiable" },
		{ "bytes=" BEYOND_U64 "-1", 10, "ignored" },

		{ "bytes=0-", INT64_MAX, "0+" MAX },
		{ "bytes=0-" MAX, INT64_MAX, "0+" MAX },
		{ "bytes=-" MAX, INT64_MAX, "0+" MAX },
		{ "bytes=" BEFORE_MAX "-", INT64_MAX, BEFORE_MAX "+1" },
		{ "bytes=" BEFORE_MAX "-" BEYOND_U64, INT64_MAX,
		    BEFORE_MAX "+1" },
		{ "bytes=" MAX "-", INT64_MAX, "unsatisfiable" },
		{ "bytes=-1", INT64_MAX, BEFORE_MAX "+1" },
		{ "bytes=0-,0-", INT64_MAX, "0+" MAX },
		{ "bytes=1-,0-0,-1", INT64_MAX, "1+" BEFORE_MAX " 0+1" },
		{ "bytes=0-,0-,0-0", INT64_MAX, "ignored" },
		{ "bytes=0-,0-,0-,0-", INT64_MAX, "ignored" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

/*
 * RFC 9110, 15.3.7.2: "MAY coalesce any of the ranges that overlap", and then
 * "in the same order", but for those that were "coalesced".
 */
static void
merges(void **state)
{
	static const struct row rows[] = {
		{ "bytes=0-9,5-14", 100, "0+15" },
		{ "bytes=5-14,0-9", 100, "0+15" },
		{ "bytes=0-9,9-9", 100, "0+10" },
		{ "bytes=1-1,1-1", 100, "1+1" },
		{ "bytes=3-4,0-9", 100, "0+10" },
		{ "bytes=-10,95-", 100, "90+10" },
		/* In place of the first, and the others stay where they are. */
		{ "bytes=50-59,0-9,55-64", 100, "50+15 0+10" },
		{ "bytes=0-9,50-59,5-14", 100, "0+15 50+10" },
		{ "bytes=90-,20-29,0-9,25-34,5-9", 100, "90+10 20+15 0+10" },
		/* One that joins others. */
		{ "bytes=20-29,0-9,50-,5-24", 100, "0+30 50+50" },
		{ "bytes=0-1,4-5,8-9,20-,1-8", 100, "0+10 20+80" },
		/* What only touches was asked for apart. */
		{ "bytes=0-9,10-19", 100, "0+10 10+10" },
		{ "bytes=10-19,0-9", 100, "10+10 0+10" },

		/* More than there is, so some of it twice. */
		{ "bytes=0-,0-", 10, "0+10" },
		{ "bytes=0-6,4-", 10, "0+10" },
		{ "bytes=4-,0-6", 10, "0+10" },
		{ "bytes=0-7,2-3,9-", 10, "0+8 9+1" },
		{ "bytes=9-,2-3,0-7", 10, "9+1 0+8" },
		{ "bytes=0-3,4-7,0-3", 10, "0+4 4+4" },
		{ "bytes=5-9,5-8,1-2", 10, "5+5 1+2" },
		{ "bytes=5-,0-4", 10, "5+5 0+5" },
		/* Twice is the most. */
		{ "bytes=0-,0-,0-0", 10, "ignored" },
		{ "bytes=0-0,0-,0-", 10, "ignored" },
		{ "bytes=0-,0-8,0-0", 10, "0+10" },
		{ "bytes=0-,0-8,0-0,10-", 10, "0+10" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

/* Writes "bytes=" and so many times this spec. */
static char *
repeat(const char *spec, int times)
{
	char *s = malloc(7 + (strlen(spec) + 1) * (size_t)times), *at;

	if (s == NULL)
		abort();
	at = stpcpy(s, "bytes=");
	while (times-- > 0) {
		at = stpcpy(at, spec);
		at = stpcpy(at, ",");
	}
	return s;
}

/* RFC 9110, 17.15: "many small ranges in a single set". */
static void
bounds_their_count(void **state)
{
	static const struct {
		const char	*spec;
		int		 times;
		int		 want;
	} rows[] = {
		{ "0-0", RANGE_MAX, 1 },
		{ "0-0", RANGE_MAX + 1, RANGE_IGNORED },
		{ "0-0", MANY, RANGE_IGNORED },
		{ "", MANY, RANGE_IGNORED },
		/* Those that nobody gets do not count. */
		{ "99999-", MANY, RANGE_UNSATISFIABLE },
	};
	struct range ranges[RANGE_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *value = repeat(rows[i].spec, rows[i].times);

		assert_int_equal(range_parse(ranges, value, 1000),
		    rows[i].want);
		free(value);
	}
}

/* Every set of two ranges of a small one, against its bytes, each once. */
static void
agrees_with_bytes(void **state)
{
	struct range r[RANGE_MAX];
	int a, b, c, d, i, n, at, in;
	char value[64];

	(void)state;
	for (in = 0; in < 6 * 6 * 6 * 6; in++) {
		a = in % 6, b = in / 6 % 6, c = in / 36 % 6, d = in / 216;
		(void)snprintf(value, sizeof(value), "bytes=%d-%d,%d-%d",
		    a, b, c, d);
		n = range_parse(r, value, 4);
		if (b < a || d < c) {
			assert_int_equal(n, RANGE_IGNORED);
			continue;
		}
		for (at = 0; at < 6; at++) {
			int want = at < 4 && ((a <= at && at <= b) ||
			    (c <= at && at <= d)), have = 0;

			for (i = 0; i < n; i++)
				have += r[i].offset <= at &&
				    at < r[i].offset + r[i].length;
			if (have != want)
				fail_msg("%s: byte %d", value, at);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specs),
		cmocka_unit_test(units),
		cmocka_unit_test(malformed),
		cmocka_unit_test(lists),
		cmocka_unit_test(unsatisfiable),
		cmocka_unit_test(large_numbers),
		cmocka_unit_test(merges),
		cmocka_unit_test(bounds_their_count),
		cmocka_unit_test(agrees_with_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
