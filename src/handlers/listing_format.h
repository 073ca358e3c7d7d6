/* How a listing is written: begin, each entry in order, end. */
#ifndef LISTING_FORMAT_H
#define LISTING_FORMAT_H

#include <limits.h>
#include <stdint.h>

#include "../buffer.h"
#include "listing_order.h"

/* A listing as it is written; the counts are of what was written so far. */
struct listing_output {
	struct buffer		 out;
	struct listing_order	 order;
	uintmax_t		 directories;
	uintmax_t		 files;
};

/* All return 0, or -1 and ENOMEM. */
struct listing_format {
	const char	*type;		/* media type */
	const char	*policy;	/* for Content-Security-Policy */
	/* path is the request's, and ends in a slash. */
	int		(*begin)(struct listing_output *output,
			    const char *path);
	int		(*entry)(struct listing_output *output,
			    const struct listing_entry *entry);
	int		(*end)(struct listing_output *output);
};

/* For people: needs no script and nothing from elsewhere. */
extern const struct listing_format listing_page;

/*
 * For programs: an array with an object for each entry, of these members.
 *
 *	name	as text: bytes that are no UTF-8 are U+FFFD
 *	url	relative to the directory: percent-encoded, so no byte is
 *		lost; a directory's ends in a slash
 *	type	"file" or "directory"
 *	size	in bytes, of a file
 *	mtime	RFC 3339, in UTC
 */
extern const struct listing_format listing_json;

/* Every byte of a name escaped, a slash, and a NUL. */
#define LISTING_URL_SIZE (3 * NAME_MAX + 1 + 1)

/*
 * Writes the URL of an entry, relative to its directory; a directory's ends
 * in a slash.  Nothing in it has to be escaped in JSON.
 */
void listing_url(char dst[LISTING_URL_SIZE],
    const struct listing_entry *entry);

/* "2026-11-23T21:28:48Z" and its NUL. */
#define LISTING_TIME_SIZE 21

/*
 * Writes a time as RFC 3339 has it.  What is before the year 0 or after 9999
 * is shown as the first or the last second of these.
 */
void listing_time(char dst[LISTING_TIME_SIZE], int64_t t);

#endif
