#include "listing_format.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../uri.h"

/* The first second of the year 0, and the last of 9999. */
#define LISTING_TIME_MIN INT64_C(-62167219200)
#define LISTING_TIME_MAX INT64_C(253402300799)

void
listing_url(char dst[LISTING_URL_SIZE], const struct listing_entry *entry)
{
	size_t len = uri_encode_name(dst, entry->name);

	if (listing_is_directory(entry))
		memcpy(dst + len, "/", sizeof("/"));
}

void
listing_time(char dst[LISTING_TIME_SIZE], int64_t t)
{
	time_t seconds;
	struct tm tm = { 0 };

	if (t < LISTING_TIME_MIN)
		t = LISTING_TIME_MIN;
	else if (t > LISTING_TIME_MAX)
		t = LISTING_TIME_MAX;
	seconds = (time_t)t;
	(void)gmtime_r(&seconds, &tm);
	/* Unsigned, so that the compiler sees that it fits. */
	(void)snprintf(dst, LISTING_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ",
	    (unsigned int)(tm.tm_year + 1900) % 10000,
	    (unsigned int)(tm.tm_mon + 1) % 100,
	    (unsigned int)tm.tm_mday % 100, (unsigned int)tm.tm_hour % 100,
	    (unsigned int)tm.tm_min % 100, (unsigned int)tm.tm_sec % 100);
}
