/*
 * The strict pass over a request's head, byte by byte, before anything reads
 * meaning into it: CRLF line ends only, one space each side of the target,
 * token names without space before the colon, no folding, no control bytes,
 * and the sizes bounded: that of a name to 256 bytes.  RFC 9112, 2.2, 3, 5.
 */
#ifndef HEADSCAN_H
#define HEADSCAN_H

#include <stddef.h>

#include "httpserve.h"

/* All in bytes with CRLF, but fields. */
struct headscan_limits {
	size_t		request_line;	/* beyond: 414, or 501 */
	size_t		field_line;	/* beyond: 431 */
	size_t		head;		/* beyond: 431 */
	unsigned int	fields;		/* beyond: 431 */
};

/* How far a head was scanned.  Zero it for each. */
struct headscan {
	size_t		start;		/* of the request line */
	size_t		line;		/* of the first line not yet scanned */
	unsigned int	blanks;		/* empty lines before the head */
	unsigned int	fields;
};

/*
 * Scans what has arrived of a head, and goes on where it left off when called
 * again with more: HTTP_CONTINUE when bytes are missing, HTTP_OK when the head
 * is complete and right (hs->line is then where it ends), or the status to
 * refuse it with, as early as that is certain.
 */
enum http_status headscan(struct headscan *hs,
    const struct headscan_limits *limits, const char *data, size_t len);

/* 1 for bytes of a token (RFC 9110, 5.6.2) and of a field value (5.5). */
int headscan_is_token(const char *s, size_t len);
int headscan_is_value(const char *s, size_t len);

#endif
