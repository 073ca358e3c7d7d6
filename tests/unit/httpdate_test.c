/* httpdate: the three forms of RFC 9110, 5.6.7, and the log's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "httpdate.h"

#define YEAR_0 (-62167219200LL)
#define YEAR_9999_END 253402300799LL

/* The RFC's own example, as seconds. */
#define EXAMPLE 784111777LL

static const char *const example_forms[] = {
	"Sun, 06 Nov 1994 08:49:37 GMT",	/* IMF-fixdate */
	"Sunday, 06-Nov-94 08:49:37 GMT",	/* rfc850-date */
	"Sun Nov  6 08:49:37 1994"		/* asctime-date */
};

static void
formats_imf_fixdate(void **state)
{
	static const struct {
		long long	 t;
		const char	*want;
	} rows[] = {
		{ EXAMPLE, "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ -1, "Wed, 31 Dec 1969 23:59:59 GMT" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 4107542399, "Sun, 28 Feb 2100 23:59:59 GMT" },
		{ 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
		{ 2147483647, "Tue, 19 Jan 2038 03:14:07 GMT" },
		{ 2147483648, "Tue, 19 Jan 2038 03:14:08 GMT" },
		{ YEAR_9999_END, "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ YEAR_9999_END + 1, "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ YEAR_0, "Sat, 01 Jan 0000 00:00:00 GMT" },
		{ YEAR_0 - 1, "Sat, 01 Jan 0000 00:00:00 GMT" },
		{ INT64_MIN, "Sat, 01 Jan 0000 00:00:00 GMT" },
	};
	char *dst;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		dst = malloc(HTTPDATE_SIZE);
		assert_non_null(dst);
		httpdate_format(dst, (time_t)rows[i].t);
		assert_string_equal(dst, rows[i].want);
		free(dst);
	}
}

/* strftime(3) in the C locale is the reference. */
static void
formats_as_strftime_does_and_parses_back(void **state)
{
	char got[HTTPDATE_SIZE], want[64];
	struct tm tm;
	time_t back, t;

	(void)state;
	/* A prime of about five days meets all hours, days and months. */
	for (t = (time_t)YEAR_0; t <= (time_t)YEAR_9999_END; t += 432001) {
		gmtime_r(&t, &tm);
		snprintf(want, sizeof(want), "%04d", tm.tm_year + 1900);
		assert_int_not_equal(strftime(want, sizeof(want),
		    "%a, %d %b ____ %H:%M:%S GMT", &tm), 0);
		snprintf(got, sizeof(got), "%04d", tm.tm_year + 1900);
		memcpy(want + 12, got, 4);
		httpdate_format(got, t);
		if (strcmp(got, want) != 0)
			fail_msg("\"%s\" is not \"%s\"", got, want);
		if (httpdate_parse(&back, got) == -1 || back != t)
			fail_msg("\"%s\" does not come back", got);
	}
}

static void
parses(void **state)
{
	static const struct {
		const char	*date;
		long long	 want;
	} rows[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE },
		{ "Sun Nov  6 08:49:37 1994", EXAMPLE },
		{ "Sun Nov 06 08:49:37 1994", EXAMPLE },
		{ "Wed Nov 16 08:49:37 1994", EXAMPLE + 10 * 86400 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Wed, 31 Dec 1969 23:59:59 GMT", -1 },
		{ "Wed Dec 31 23:59:59 1969", -1 },
		{ "Fri, 31 Dec 9999 23:59:59 GMT", YEAR_9999_END },
		{ "Sat, 01 Jan 0000 00:00:00 GMT", YEAR_0 },
		/* Leap years: by 4, not by 100, by 400. */
		{ "Thu, 29 Feb 1996 00:00:00 GMT", 825552000 },
		{ "Tue, 29 Feb 2000 00:00:00 GMT", 951782400 },
		/* A leap second is that before the next minute. */
		{ "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800 },
		/* The weekday is not the date's. */
		{ "Mon, 06 Nov 1994 08:49:37 GMT", EXAMPLE },
		{ "Monday, 06-Nov-94 08:49:37 GMT", EXAMPLE },
	};
	char *copy;
	size_t i;
	time_t t;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		copy = strdup(rows[i].date);
		assert_non_null(copy);
		if (httpdate_parse(&t, copy) == -1)
			fail_msg("\"%s\" is refused", copy);
		if (t != (time_t)rows[i].want)
			fail_msg("\"%s\" is %lld", copy, (long long)t);
		free(copy);
	}
}

static void
refuses(void **state)
{
	static const char *const rows[] = {
		"", " ", "0", "now", "Sun", "Sun,", "Sunday",
		/* Case counts. */
		"sun, 06 Nov 1994 08:49:37 GMT",
		"SUN, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 gmt",
		/* Names that are none. */
		"Xyz, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Xyz 1994 08:49:37 GMT",
		"Sund, 06-Nov-94 08:49:37 GMT",
		/* Parts of one form in another. */
		"Sun, 06-Nov-94 08:49:37 GMT",
		"Sun, 06-Nov-1994 08:49:37 GMT",
		"Sunday, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994 GMT",
		"Sun Nov 6 08:49:37 1994",
		"Sun Nov   6 08:49:37 1994",
		"Sun Nov  6 08:49:37 94",
		/* Zones other than GMT: RFC 9110, 5.6.7. */
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 +0000",
		"Sun, 06 Nov 1994 08:49:37 EST",
		"Sun, 06 Nov 1994 08:49:37",
		/* Digits too few, too many, or none. */
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun,  6 Nov 1994 08:49:37 GMT",
		"Sun, 006 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 Nov 01994 08:49:37 GMT",
		"Sun, 06 Nov 19994 08:49:37 GMT",
		"Sun, 06 Nov 1994 8:49:37 GMT",
		"Sun, 06 Nov 1994 08:49 GMT",
		"Sun, 06 Nov 1994 08:49:3a GMT",
		"Sun, 06 Nov 1994 08:49:+7 GMT",
		"Sun, 06 Nov 1994 08:49:-7 GMT",
		"Sun, 06 Nov -994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37.0 GMT",
		/* White space around and within. */
		" Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun,  06 Nov 1994 08:49:37 GMT",
		"Sun,06 Nov 1994 08:49:37 GMT",
		"Sun,\t06 Nov 1994 08:49:37 GMT",
		/* Lists, parameters, more. */
		"Sun, 06 Nov 1994 08:49:37 GMT; length=1",
		"Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
		/* No such time. */
		"Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT",
		"Sun, 06 Nov 1994 08:49:61 GMT",
		"Sun, 06 Nov 1994 99:99:99 GMT",
		/* No such day. */
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun Nov  0 08:49:37 1994",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 32 Dec 1994 08:49:37 GMT",
		"Sun, 99 Dec 1994 08:49:37 GMT",
		"Wed, 29 Feb 1995 00:00:00 GMT",
		"Mon, 29 Feb 2100 00:00:00 GMT",
		"Mon, 29 Feb 1900 00:00:00 GMT",
		"Wed, 30 Feb 2000 00:00:00 GMT",
		"Monday, 30-Feb-00 00:00:00 GMT",
		/* Bytes that are not ASCII. */
		"S\xfcn, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT\xff",
		"Sun, \xb2\xb3 Nov 1994 08:49:37 GMT",
	};
	char *copy;
	size_t i;
	time_t t;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		copy = strdup(rows[i]);
		assert_non_null(copy);
		if (httpdate_parse(&t, copy) == 0)
			fail_msg("\"%s\" is %lld", copy, (long long)t);
		free(copy);
	}
}

/* In exactly sized memory, so that a read beyond the end shows. */
static void
refuses_all_that_is_cut_short_or_has_a_wrong_byte(void **state)
{
	char *copy;
	size_t i, len, n;
	time_t t;

	(void)state;
	for (i = 0; i < 3; i++) {
		len = strlen(example_forms[i]);
		for (n = 0; n < len; n++) {
			copy = strndup(example_forms[i], n);
			assert_non_null(copy);
			assert_int_equal(httpdate_parse(&t, copy), -1);
			free(copy);

			copy = strdup(example_forms[i]);
			assert_non_null(copy);
			copy[n] = '\x01';
			if (httpdate_parse(&t, copy) == 0)
				fail_msg("form %zu, byte %zu", i, n);
			free(copy);
		}
	}
}

static void
knows_all_days_and_months(void **state)
{
	static const char *const days[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday"
	};
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
		"Oct", "Nov", "Dec"
	};
	char date[64];
	size_t i;
	struct tm tm;
	time_t t;

	(void)state;
	for (i = 0; i < 7 * 12; i++) {
		snprintf(date, sizeof(date), "%s, 02-%s-95 03:04:05 GMT",
		    days[i % 7], months[i % 12]);
		assert_int_equal(httpdate_parse(&t, date), 0);
		gmtime_r(&t, &tm);
		assert_int_equal(tm.tm_mon, i % 12);
		assert_int_equal(tm.tm_mday, 2);
		snprintf(date, sizeof(date), "%.3s, 02 %s 1995 03:04:05 GMT",
		    days[i % 7], months[i % 12]);
		assert_int_equal(httpdate_parse(&t, date), 0);
		gmtime_r(&t, &tm);
		assert_int_equal(tm.tm_mon, i % 12);
		assert_int_equal(tm.tm_year, 95);
	}
}

/* RFC 9110, 5.6.7: what is more than 50 years ahead is the past. */
static void
short_years_are_at_most_50_ahead(void **state)
{
	static const struct {
		int	ahead;
		int	want;
	} rows[] = {
		{ 0, 0 }, { -1, -1 }, { 1, 1 }, { 49, 49 }, { 50, 50 },
		{ 51, -49 }, { 99, -1 }, { -49, -49 }
	};
	char date[64];
	struct tm now, tm;
	time_t t;
	size_t i;
	int year;

	(void)state;
	t = time(NULL);
	gmtime_r(&t, &now);
	year = now.tm_year + 1900;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(date, sizeof(date), "Sunday, 06-Nov-%02d 08:49:37 GMT",
		    (year + rows[i].ahead) % 100);
		assert_int_equal(httpdate_parse(&t, date), 0);
		gmtime_r(&t, &tm);
		assert_int_equal(tm.tm_year + 1900, year + rows[i].want);
	}
}

static void
formats_the_logs_date_in_local_time(void **state)
{
	static const struct {
		const char	*zone;
		long long	 t;
		const char	*want;
	} rows[] = {
		{ "UTC0", EXAMPLE, "06/Nov/1994:08:49:37 +0000" },
		{ "CET-1", EXAMPLE, "06/Nov/1994:09:49:37 +0100" },
		{ "EST5", EXAMPLE, "06/Nov/1994:03:49:37 -0500" },
		{ "NST3:30", EXAMPLE, "06/Nov/1994:05:19:37 -0330" },
		{ "IST-5:30", EXAMPLE, "06/Nov/1994:14:19:37 +0530" },
		{ "NPT-5:45", EXAMPLE, "06/Nov/1994:14:34:37 +0545" },
		{ "LINT-14", EXAMPLE, "06/Nov/1994:22:49:37 +1400" },
		{ "BIT12", EXAMPLE, "05/Nov/1994:20:49:37 -1200" },
		{ "XXX0:30", EXAMPLE, "06/Nov/1994:08:19:37 -0030" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 1719835200,
		    "01/Jul/2024:14:00:00 +0200" },
		{ "UTC0", 0, "01/Jan/1970:00:00:00 +0000" },
		{ "UTC0", INT64_MAX, "30/Dec/9999:23:59:59 +0000" },
		{ "LINT-14", INT64_MAX, "31/Dec/9999:13:59:59 +1400" },
		{ "LINT-14", YEAR_9999_END, "31/Dec/9999:13:59:59 +1400" },
		{ "BIT12", YEAR_0, "01/Jan/0000:12:00:00 -1200" },
		{ "UTC0", INT64_MIN, "02/Jan/0000:00:00:00 +0000" },
		{ "BIT12", INT64_MIN, "01/Jan/0000:12:00:00 -1200" },
	};
	char *dst;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(setenv("TZ", rows[i].zone, 1), 0);
		tzset();
		dst = malloc(HTTPDATE_LOG_SIZE);
		assert_non_null(dst);
		httpdate_format_log(dst, (time_t)rows[i].t);
		assert_string_equal(dst, rows[i].want);
		free(dst);
	}
}

/* Dates on the wire are UTC, wherever the server stands. */
static void
the_zone_does_not_reach_the_wire(void **state)
{
	char dst[HTTPDATE_SIZE];
	size_t i;
	time_t t;

	(void)state;
	assert_int_equal(setenv("TZ", "EST5EDT", 1), 0);
	tzset();
	httpdate_format(dst, (time_t)EXAMPLE);
	assert_string_equal(dst, example_forms[0]);
	for (i = 0; i < 3; i++) {
		assert_int_equal(httpdate_parse(&t, example_forms[i]), 0);
		assert_int_equal(t, EXAMPLE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_imf_fixdate),
		cmocka_unit_test(formats_as_strftime_does_and_parses_back),
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(
		    refuses_all_that_is_cut_short_or_has_a_wrong_byte),
		cmocka_unit_test(knows_all_days_and_months),
		cmocka_unit_test(short_years_are_at_most_50_ahead),
		cmocka_unit_test(formats_the_logs_date_in_local_time),
		cmocka_unit_test(the_zone_does_not_reach_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
