/* The sockets that the daemon serves: its own, and a service manager's. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>

struct http_server;

/*
 * Has the server listen at addresses.  For one where a service manager has
 * sockets already these are taken; without any address, all of its socket
 * units', or where it has none, ":http".  It keeps what is opened here, if
 * $FDSTORE says that it does: then who connects between this daemon and the
 * next is not refused, but waits.
 *
 * Call it once, after notify_open() and while the process is the one that the
 * manager has started.  0, or -1 with errno and a sentence in why: EINVAL also
 * for a socket of a socket unit that no address takes.
 */
int sockets_listen(struct http_server *srv, const char *const *addresses,
    size_t naddresses, char *why, size_t why_size);

#endif
