/*
 * A request's head, read in four steps: the bytes are scanned (headscan),
 * http-parser cuts them into tokens, one pass over these decides what they
 * mean, and what could mean two things is refused.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "body.h"
#include "buffer.h"
#include "httpserve.h"
#include "network.h"
#include "pending.h"

#define REQUEST_MAX_FIELDS 100
/* A user's name, with its NUL. */
#define REQUEST_USER_SIZE 256

struct mux_pattern;

struct request_field {
	char		*name;
	char		*value;
	uint32_t	 name_len;
	uint32_t	 value_len;
};

/*
 * Strings point into the bytes the head was read from, which get their NULs
 * there, or into text.  One is reused for request after request.  What few
 * requests need, and the long table, are at its end: of a short request the
 * processor's cache holds a few lines.
 */
struct http_request {
	char		*method;
	char		*target;
	const char	*path;
	const char	*query;
	const char	*host;
	const char	*remote_addr;	/* the connection's, or client */
	size_t		 target_len;
	int		 minor;
	unsigned int	 log;		/* the number of its access log */
	const char	*line;		/* as it came, until it is parsed, */
	size_t		 line_len;	/* and what follows it */

	bool		 keepalive;	/* the client would keep it */
	bool		 expects_continue;
	bool		 is_head;
	enum body_framing framing;
	uint64_t	 content_length;
	unsigned int	 hosts;		/* Host fields seen */

	uint32_t	 initials;	/* of names: request_initial() */
	size_t		 nfields;

	struct buffer	 text;		/* decoded path, the host, the room */

	const struct mux_pattern *pattern;	/* a mux's that matched */
	char		*room;		/* for a path of the same length */

	void		*context;	/* the handlers' */
	http_handler_fn	*then;		/* who awaits the body, or the work */
	void		*then_arg;
	struct pending	 work;		/* all NULL where there is none */
	bool		 awaited;
	struct buffer	 body;

	char		 user[REQUEST_USER_SIZE];	/* "": nobody known */
	char		 client[ADDRESS_SIZE];	/* whom a proxy speaks for */
	struct request_field fields[REQUEST_MAX_FIELDS];
};

/*
 * Reads a head that headscan() found complete, from its request line to its
 * empty line, and writes NULs into it: 0, or the status to refuse it with.
 */
enum http_status request_parse(struct http_request *req, char *head,
    size_t len);

/*
 * Forgets the last request, but not the memory, and keeps the bytes that the
 * next begins with, for a log of what could not be read.
 */
void request_reset(struct http_request *req, const char *line, size_t len);
void request_free(struct http_request *req);

/* One of 32 bits for a name's first letter, in either case. */
static inline uint32_t
request_initial(const char *name)
{
	return UINT32_C(1) << (*name & 0x1f);
}

#endif
