/* One run of a server: its listeners, its master and children. */
#ifndef SERVING_H
#define SERVING_H

#include <stdbool.h>

struct http_server;
struct networks;

/* A listener of the server's own. */
struct http_listener {
	int	fd;
	bool	is_kept;	/* by somebody else, who goes on with it, */
	bool	is_taken;	/* until this server is ready */
	struct networks *proxies; /* whose PROXY header counts, or NULL */
};

/*
 * Serves the server's listeners, and fd unless it is -1, until it is shut down:
 * 0; or -1 and errno, with the reason in srv's error.
 */
int serving_run(struct http_server *srv, int fd);

/* Notes why a call on the server failed; errno stays: -1. */
int serving_fail(struct http_server *srv, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
