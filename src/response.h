/*
 * A response: a status, fields as they will stand on the wire, and a body that
 * is bytes in memory, a range of a file, or a source that is asked for more.
 */
#ifndef RESPONSE_H
#define RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "buffer.h"
#include "httpserve.h"

enum response_body {
	RESPONSE_MEMORY,
	RESPONSE_FILE,
	RESPONSE_SOURCE
};

/* One is reused for response after response. */
struct http_response {
	const struct http_request *req;	/* what it answers, or NULL */
	int			 status;
	bool			 has_type;
	struct buffer		 fields;	/* "Name: value\r\n"... */

	enum response_body	 kind;
	struct buffer		 memory;
	int			 fd;		/* of a file, else -1 */
	off_t			 offset;
	off_t			 left;		/* of file or source; -1 */
	struct http_source	 source;

	bool			 chunked;	/* set when the head is made */
	bool			 failed;	/* memory was short for it */
	bool			 done;		/* no body is left to send */
	uint64_t		 sent;		/* bytes of the body */
};

void response_init(struct http_response *res);
/* Gives up the body, whatever it is and has become of it. */
void response_drop_body(struct http_response *res);
/* Forgets the response and gives up what it holds, but not its memory. */
void response_reset(struct http_response *res);
void response_free(struct http_response *res);

/* What the head depends on beside the response. */
struct response_context {
	const char	*date;		/* IMF-fixdate */
	bool		 is_head;
	bool		 keepalive;
	int		 minor;
};

/*
 * Whether the connection has to end for the body's end to be seen: a source
 * of unknown length, to a client that knows no chunks.
 */
bool response_needs_close(const struct http_response *res, int minor);

/*
 * Appends the head to out, and as much of the body as is in memory: 0, or -1
 * and errno when memory is short.  What then remains of a file or a source is
 * for the connection to send, unless res->done.
 */
int response_begin(struct http_response *res,
    const struct response_context *context, struct buffer *out);

/* Notes that n bytes of the file have gone out. */
void response_sent(struct http_response *res, ssize_t n);

/*
 * Asks the source for up to max bytes and appends them to out, framed: 0, or
 * -1 when it failed or broke its promise.  Sets res->done at the end.
 */
int response_pump(struct http_response *res, struct buffer *out, size_t max);

#endif
