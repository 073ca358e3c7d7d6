/*
 * A response on its way out: its head, and its body as far as it can be made
 * without the socket.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "buffer.h"
#include "response.h"

/* What the head depends on beside the response. */
struct answer_context {
	const char	*date;		/* IMF-fixdate */
	bool		 is_head;
	bool		 keepalive;
	int		 minor;
};

/*
 * Appends the head to out, and as much of the body as is in memory: 0, or -1
 * and errno when memory is short.  What then remains of a file or a source is
 * for the connection to send, unless res->done.
 */
int answer_begin(struct http_response *res,
    const struct answer_context *context, struct buffer *out);

/*
 * The status to answer with in place of an answer that could not be made for
 * this reason: 503 where something has run out, which is said, or 500.
 */
enum http_status answer_failed(int error);

/* Notes that n bytes of the file have gone out. */
void answer_sent(struct http_response *res, ssize_t n);

/* The last bytes of a file, by which it is known that all were sent. */
#define ANSWER_TAIL_BYTES 4096

/*
 * Appends what is left of a file, if that is still the version that was
 * promised: 0, or -1 and errno, ESTALE where it was lent and has changed.  One
 * that only grew is a log.
 */
int answer_append_tail(struct http_response *res, struct buffer *out);

/*
 * Asks the source for up to max bytes and appends them to out, framed: 0, or
 * -1 when it failed, broke its promise, or has nothing for now (EAGAIN).
 * Sets res->done at the end.
 */
int answer_pump(struct http_response *res, struct buffer *out, size_t max);

#endif
