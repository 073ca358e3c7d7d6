/* One run of a server: its listeners, its master and children. */
#ifndef SERVING_H
#define SERVING_H

struct http_server;

/*
 * Serves the server's listeners, and fd unless it is -1, until it is shut down:
 * 0; or -1 and errno, with the reason in srv's error.
 */
int serving_run(struct http_server *srv, int fd);

/* Notes why a call on the server failed; errno stays: -1. */
int serving_fail(struct http_server *srv, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
