/*
 * A response: a status, fields as they will stand on the wire, and a body that
 * is bytes in memory, its own or lent, a range of a file, or a source that is
 * asked for more.
 */
#ifndef RESPONSE_H
#define RESPONSE_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "buffer.h"
#include "httpserve.h"
#include "version.h"

enum response_body {
	RESPONSE_MEMORY,
	RESPONSE_LENT,
	RESPONSE_FILE,
	RESPONSE_SOURCE
};

/* The last bytes of a file's part, as they were when it was promised. */
#define RESPONSE_SAMPLE 32

/* One is reused for response after response. */
struct http_response {
	const struct http_request *req;	/* what it answers, or NULL */
	int			 status;
	bool			 has_type;
	bool			 has_upgrade;
	bool			 is_modified_now; /* Last-Modified is Date */
	struct buffer		 fields;	/* "Name: value\r\n"... */

	enum response_body	 kind;
	struct buffer		 memory;
	const char		*lent;
	int			 fd;		/* of a file, else -1 */
	struct version		 version;	/* of the file, as promised, */
	char			 sample[RESPONSE_SAMPLE]; /* and its end, */
	bool			 is_sampled;	/* if that was taken */
	off_t			 offset;
	off_t			 left;		/* of what is no memory; -1 */
	struct http_source	 source;	/* release is of any kind's */

	bool			 is_page;	/* of http_response_error() */
	bool			 is_negotiated;	/* the body, by Accept */
	size_t			 given;		/* fields' bytes: files.c */
	http_handler_fn		*finish;	/* NULL: none */
	void			*finish_arg;

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
/* The same as a reset for all but the first bytes of fields, and finish. */
void response_restart(struct http_response *res, size_t fields_len);

/* Calls finish, which is set; and not again. */
void response_finish(struct http_response *res, struct http_request *req);

/*
 * Copies the media type, cut to size; "" where there is none.
 */
void response_copy_type(const struct http_response *res, char *dst,
    size_t size);

/*
 * Make bytes, or a part of a version of a file, the body that belong to
 * somebody else, who is told by release(arg) when they are needed no longer:
 * at once when the call fails.
 */
int response_lend_bytes(struct http_response *res, const char *data,
    size_t len, void (*release)(void *), void *arg);
int response_lend_file(struct http_response *res, int fd,
    const struct stat *st, off_t offset, off_t length,
    void (*release)(void *), void *arg);

/* Adds lines of fields, Content-Type among them, that are known to be good. */
int response_add_lines(struct http_response *res, const char *lines,
    size_t len);

/*
 * Whether the connection has to end for the body's end to be seen: a source
 * of unknown length, to a client that knows no chunks, unless it asked by HEAD.
 */
bool response_needs_close(const struct http_response *res, bool is_head,
    int minor);

#endif
