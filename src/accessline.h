/*
 * A request as a line of the access log, in Combined Log Format or as an
 * object of JSON.  Either is printable ASCII, whatever a peer sends.
 */
#ifndef ACCESSLINE_H
#define ACCESSLINE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* With its newline a line fits one write to a pipe, which is then atomic. */
#define ACCESSLINE_SIZE PIPE_BUF

/* What stands in a line; bytes of the peer are as they came, or NULL. */
struct accesslog_entry {
	time_t		 time;
	unsigned int	 time_ms;	/* and so many, to 999 */
	uint64_t	 duration_ms;
	const char	*remote_addr;
	const char	*user;		/* who that is; "" if not known */
	const char	*method;	/* NULL: line has all that is known */
	const char	*target;
	int		 minor;
	const char	*line;		/* of a request that can't be read */
	size_t		 line_len;
	int		 status;
	uint64_t	 bytes;		/* of the body */
	const char	*host;
	const char	*referer;
	const char	*user_agent;
};

/* "2026-11-23T22:15:35.", in UTC, or a longer date in local time. */
#define ACCESSLINE_STAMP_SIZE 32

/* The date of a line as its format has it, the same for a whole second. */
void accessline_stamp_combined(char dst[ACCESSLINE_STAMP_SIZE], time_t t);
void accessline_stamp_json(char dst[ACCESSLINE_STAMP_SIZE], time_t t);

/*
 * Write one line, without NUL, and return its length.
 *
 * In Combined Log Format a byte that is not printable ASCII, a quote and a
 * backslash are \xHH.
 *
 * In JSON text is what it was, in escapes where it has to be.  What is no UTF-8
 * or controls a terminal becomes the four characters \xHH, byte by byte, and so
 * does a backslash in front of an x or at the end: whoever puts these bytes
 * back has what the peer sent.  Where method is null the request could not be
 * read, and target is its first line, or null if there was none.
 */
size_t accessline_combined(char dst[ACCESSLINE_SIZE], const char *stamp,
    const struct accesslog_entry *e);
size_t accessline_json(char dst[ACCESSLINE_SIZE], const char *stamp,
    const struct accesslog_entry *e);

#endif
