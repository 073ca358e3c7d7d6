/* Dates of HTTP, by RFC 9110, 5.6.7, and of the Common Log Format. */
#ifndef HTTPDATE_H
#define HTTPDATE_H

#include <stddef.h>
#include <time.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT" and its NUL. */
#define HTTPDATE_SIZE 30

/*
 * Writes IMF-fixdate, without locale.  What is before the year 0 or after 9999
 * is shown as the first or the last second of these.
 */
void httpdate_format(char dst[HTTPDATE_SIZE], time_t t);

/*
 * Reads any of the three forms that a recipient accepts: IMF-fixdate,
 * rfc850-date (a year more than 50 years ahead is the past) and asctime-date.
 * Case counts; the second may be 60; that the weekday is the date's is not
 * checked.  0, or -1 when it is none of them or no such day exists.
 */
int httpdate_parse(time_t *t, const char *s);

/* "06/Nov/1994:08:49:37 +0000" and its NUL. */
#define HTTPDATE_LOG_SIZE 27

/* Writes the Common Log Format's date, in local time, without locale. */
void httpdate_format_log(char dst[HTTPDATE_LOG_SIZE], time_t t);

#endif
