/* Answers as they come back from a server, read strictly: RFC 9112, 4 to 7. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>
#include <stddef.h>

/* A connection to a server, and what was read from it and not yet taken. */
struct peer {
	int	 fd;
	char	*in;
	size_t	 len;
	size_t	 size;
	bool	 broken;		/* sending has failed */
};

/* One answer; head and body are the peer's, until the next is read. */
struct answer {
	int		 status;
	const char	*head;
	size_t		 head_len;
	const char	*body;
	size_t		 body_len;
	size_t		 taken;		/* bytes of in, with both */
	const char	*wrong;		/* NULL, or what is wrong with it */
};

enum answer_end {
	ANSWER_IS,			/* there is one, right or wrong */
	ANSWER_EOF,			/* the server has closed */
	ANSWER_RESET,			/* and lost what was on its way */
	ANSWER_NONE			/* nothing in time, or a part */
};

/* Connects to 127.0.0.1: 0 or -1.  seconds: how long to wait for anything. */
int peer_connect(struct peer *p, int port, int seconds);
void peer_close(struct peer *p);

/* Sends bytes in pieces of that size, as far as the server takes them. */
void peer_send(struct peer *p, const char *data, size_t len, size_t piece);

/* Reads the next answer; one to HEAD has no body. */
enum answer_end answer_read(struct peer *p, struct answer *a, bool is_head);

/*
 * Whether there is a field such as "Name" or "Name: value", which may go on;
 * its value's first byte, or NULL.
 */
const char *answer_field(const struct answer *a, const char *field);

#endif
