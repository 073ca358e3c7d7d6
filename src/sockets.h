/*
 * The sockets that the daemon serves: its own, a service manager's, and those
 * of the server that it succeeds.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>

struct http_server;
struct inheritance;
struct upgrade_listener;

/* The server's listeners in their order, as a successor gets them. */
struct sockets {
	struct upgrade_listener	*listeners;
	size_t			 n;
};

/*
 * Has the server listen at addresses.  For one where a service manager has
 * sockets already these are taken; without any address, all of its socket
 * units', or where it has none, ":http".  It keeps what is opened here, if
 * $FDSTORE says that it does: then who connects between this daemon and the
 * next is not refused, but waits.
 *
 * Call it once, after notify_open() and while the process is the one that the
 * manager has started.  0, or -1 with errno and a sentence in why: EINVAL also
 * for a socket of a socket unit that no address takes.  The addresses stay the
 * caller's, and must live as long as sockets.
 */
int sockets_listen(struct sockets *sockets, struct http_server *srv,
    const char *const *addresses, size_t naddresses, char *why,
    size_t why_size);

/*
 * The same for a successor, which goes on with the listeners of these addresses
 * that it was given, and opens what is not among them.
 */
int sockets_succeed(struct sockets *sockets, struct http_server *srv,
    struct inheritance *inheritance, const char *const *addresses,
    size_t naddresses, char *why, size_t why_size);

#endif
