#include <stdint.h>
#include <string.h>
#include <time.h>

#include "httpdate.h"

/* The seconds of 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
#define HTTPDATE_FIRST (-62167219200LL)
#define HTTPDATE_LAST 253402300799LL

/* RFC 9110, 5.6.7: case-sensitive; the short form is the first three. */
static const char *const httpdate_days[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday"
};
static const char httpdate_months[][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

/* Holds t to what has a year of four digits, and margin seconds within. */
static time_t
httpdate_clamp(time_t t, long long margin)
{
	if (t < HTTPDATE_FIRST + margin)
		return (time_t)(HTTPDATE_FIRST + margin);
	if (t > HTTPDATE_LAST - margin)
		return (time_t)(HTTPDATE_LAST - margin);
	return t;
}

/* Writes n, from 0 to 99, as two digits. */
static void
httpdate_put2(char *dst, int n)
{
	dst[0] = (char)('0' + n / 10);
	dst[1] = (char)('0' + n % 10);
}

/* Writes a year of struct tm as four digits. */
static void
httpdate_put_year(char *dst, int tm_year)
{
	int year = tm_year + 1900;

	httpdate_put2(dst, year / 100);
	httpdate_put2(dst + 2, year % 100);
}

/* Writes HH:MM:SS without its colons. */
static void
httpdate_put_time(char *dst, const struct tm *tm)
{
	httpdate_put2(dst, tm->tm_hour);
	httpdate_put2(dst + 3, tm->tm_min);
	httpdate_put2(dst + 6, tm->tm_sec);
}

void
httpdate_format(char dst[HTTPDATE_SIZE], time_t t)
{
	struct tm tm;

	t = httpdate_clamp(t, 0);
	gmtime_r(&t, &tm);
	memcpy(dst, "Sun, 06 Nov 1994 08:49:37 GMT", HTTPDATE_SIZE);
	memcpy(dst, httpdate_days[tm.tm_wday], 3);
	httpdate_put2(dst + 5, tm.tm_mday);
	memcpy(dst + 8, httpdate_months[tm.tm_mon], 3);
	httpdate_put_year(dst + 12, tm.tm_year);
	httpdate_put_time(dst + 17, &tm);
}

void
httpdate_format_log(char dst[HTTPDATE_LOG_SIZE], time_t t)
{
	struct tm tm;
	int minutes;

	/* No zone is a day or more from UTC. */
	t = httpdate_clamp(t, 24 * 60 * 60);
	localtime_r(&t, &tm);
	memcpy(dst, "06/Nov/1994:08:49:37 +0000", HTTPDATE_LOG_SIZE);
	httpdate_put2(dst, tm.tm_mday);
	memcpy(dst + 3, httpdate_months[tm.tm_mon], 3);
	httpdate_put_year(dst + 7, tm.tm_year);
	httpdate_put_time(dst + 12, &tm);
	minutes = (int)(tm.tm_gmtoff / 60);
	if (minutes < 0) {
		dst[21] = '-';
		minutes = -minutes;
	}
	httpdate_put2(dst + 22, minutes / 60);
	httpdate_put2(dst + 24, minutes % 60);
}

/* Reads exactly so many digits of *s into *n: 0 or -1. */
static int
httpdate_scan_number(int *n, const char **s, int digits)
{
	const char *p = *s;

	for (*n = 0; digits > 0; digits--, p++) {
		if (*p < '0' || *p > '9')
			return -1;
		*n = *n * 10 + (*p - '0');
	}
	*s = p;
	return 0;
}

/* Reads the name of a day, the short one or the long one: 0 or -1. */
static int
httpdate_scan_day(const char **s, int whole)
{
	size_t i, len;

	for (i = 0; i < 7; i++) {
		len = whole ? strlen(httpdate_days[i]) : 3;
		if (strncmp(*s, httpdate_days[i], len) == 0) {
			*s += len;
			return 0;
		}
	}
	return -1;
}

/* Reads the name of a month into *month, from 0: 0 or -1. */
static int
httpdate_scan_month(int *month, const char **s)
{
	for (*month = 0; *month < 12; (*month)++) {
		if (strncmp(*s, httpdate_months[*month], 3) == 0) {
			*s += 3;
			return 0;
		}
	}
	return -1;
}

/* Reads a year of four digits: 0 or -1. */
static int
httpdate_scan_year(struct tm *tm, const char **s)
{
	if (httpdate_scan_number(&tm->tm_year, s, 4) == -1)
		return -1;
	tm->tm_year -= 1900;
	return 0;
}

/*
 * Reads a year of two digits: 0 or -1.  It is the last one with these digits
 * that is not more than 50 years ahead.
 */
static int
httpdate_scan_short_year(struct tm *tm, const char **s)
{
	struct tm now;
	time_t t;
	int last, n;

	if (httpdate_scan_number(&n, s, 2) == -1)
		return -1;
	t = httpdate_clamp(time(NULL), 0);
	gmtime_r(&t, &now);
	last = now.tm_year + 1900 + 50;
	tm->tm_year = last - (last - n) % 100 - 1900;
	return 0;
}

/* Reads what one letter of a form stands for, as in strptime(3): 0 or -1. */
static int
httpdate_scan_field(struct tm *tm, const char **s, char field)
{
	switch (field) {
	case 'a':
	case 'A':
		return httpdate_scan_day(s, field == 'A');
	case 'b':
		return httpdate_scan_month(&tm->tm_mon, s);
	case 'd':
		return httpdate_scan_number(&tm->tm_mday, s, 2);
	case 'e':
		if (**s != ' ')
			return httpdate_scan_number(&tm->tm_mday, s, 2);
		(*s)++;
		return httpdate_scan_number(&tm->tm_mday, s, 1);
	case 'H':
		return httpdate_scan_number(&tm->tm_hour, s, 2);
	case 'M':
		return httpdate_scan_number(&tm->tm_min, s, 2);
	case 'S':
		return httpdate_scan_number(&tm->tm_sec, s, 2);
	case 'Y':
		return httpdate_scan_year(tm, s);
	case 'y':
		return httpdate_scan_short_year(tm, s);
	default:
		return -1;
	}
}

/* Reads all of s by a form.  strptime(3) would read by the locale: 0 or -1. */
static int
httpdate_scan(struct tm *tm, const char *s, const char *form)
{
	memset(tm, 0, sizeof(*tm));
	for (; *form != '\0'; form++) {
		if (*form == '%') {
			form++;
			if (httpdate_scan_field(tm, &s, *form) == -1)
				return -1;
		} else if (*s++ != *form)
			return -1;
	}
	return *s == '\0' ? 0 : -1;
}

/* Returns how many days a month has; month is from 0. */
static int
httpdate_month_days(int year, int month)
{
	static const char days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	if (month == 1 &&
	    ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
		return 29;
	return days[month];
}

/* Whether there is such a day and time: 1 or 0. */
static int
httpdate_exists(const struct tm *tm)
{
	/* RFC 9110, 5.6.7: a leap second is 60. */
	return tm->tm_hour <= 23 && tm->tm_min <= 59 && tm->tm_sec <= 60 &&
	    tm->tm_mday >= 1 &&
	    tm->tm_mday <= httpdate_month_days(tm->tm_year + 1900, tm->tm_mon);
}

/*
 * Seconds since the epoch of a date that exists, in UTC, which timegm(3) would
 * look for by trying.  Years begin with March, so that the leap day is their
 * last; 400 of them are 146,097 days.
 */
static int64_t
httpdate_seconds(const struct tm *tm)
{
	int64_t year = tm->tm_year + 1900 + 400 - (tm->tm_mon < 2);
	int64_t month = (tm->tm_mon + 10) % 12;
	int64_t days = year * 365 + year / 4 - year / 100 + year / 400 +
	    (month * 153 + 2) / 5 + tm->tm_mday - 1 - 719468 - 146097;

	return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 +
	    tm->tm_sec;
}

int
httpdate_parse(time_t *t, const char *s)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT",	/* IMF-fixdate */
		"%A, %d-%b-%y %H:%M:%S GMT",	/* rfc850-date */
		"%a %b %e %H:%M:%S %Y"		/* asctime-date */
	};
	struct tm tm;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (httpdate_scan(&tm, s, forms[i]) == 0)
			break;
	}
	if (i == sizeof(forms) / sizeof(forms[0]) || !httpdate_exists(&tm))
		return -1;
	*t = (time_t)httpdate_seconds(&tm);
	return *t == httpdate_seconds(&tm) ? 0 : -1;
}
