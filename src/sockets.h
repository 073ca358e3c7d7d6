/*
 * The sockets that the daemon serves: its own, a service manager's, and those
 * of the server that it succeeds.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

struct http_server;
struct inheritance;
struct options;
struct upgrade_listener;

/*
 * The server's listeners in their order, as a successor gets them; zero it.
 * It has the addresses.
 */
struct sockets {
	struct upgrade_listener	*listeners;
	size_t			 n;
	bool			 stores;	/* the manager keeps new ones */
};

/*
 * Has the server listen at the addresses of the options, and expect the PROXY
 * protocol where they say so.  For one where a service manager has sockets
 * already these are taken; without any address, all of its socket units', or
 * where it has none, ":http".  It keeps what is opened here, if $FDSTORE says
 * that it does: then who connects between this daemon and the next is not
 * refused, but waits.
 *
 * Call it once, after notify_open() and while the process is the one that the
 * manager has started.  0, or -1 with errno and a sentence in why: EINVAL also
 * for a socket of a socket unit that no address takes.
 */
int sockets_listen(struct sockets *sockets, struct http_server *srv,
    const struct options *options, char *why, size_t why_size);

/*
 * The same for a successor, which goes on with the listeners of these addresses
 * that it was given, and opens what is not among them.
 */
int sockets_succeed(struct sockets *sockets, struct http_server *srv,
    struct inheritance *inheritance, const struct options *options,
    char *why, size_t why_size);

/*
 * In a reload: has the server listen at what is new, and leave what is not
 * wanted.  next has what there is then: 0, or -1 with a sentence in why.
 */
int sockets_reload(struct sockets *next, const struct sockets *now,
    struct http_server *srv, const struct options *options, char *why,
    size_t why_size);
/* The reload took over. */
void sockets_commit(struct sockets *sockets, struct sockets *next);
void sockets_free(struct sockets *sockets);

#endif
