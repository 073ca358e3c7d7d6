/*
 * Acceptors: the threads of a child that block in accept(2), one a listener,
 * and never in epoll or poll as long as there is room for a connection: so the
 * kernel wakes one of them for each, first in, first out.
 */
#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <pthread.h>
#include <stdbool.h>

struct child;
struct networks;

struct acceptor {
	struct child	*child;
	pthread_t	 thread;
	int		 fd;		/* the listener, */
	bool		 blocks;	/* which did at the start */
	const struct networks *proxies;	/* its peers; NULL: the clients */
	unsigned int	 pause_ms;	/* after the last error, or 0 */
	unsigned int	 left_times;	/* to siblings who took nobody */
	bool		 has_turn;	/* a connection has made way */
};

/* Starts its thread: 0, or an errno. */
int acceptor_start(struct acceptor *a, struct child *child, int fd,
    const struct networks *proxies);

/*
 * Makes it leave accept(2) for good.  What waits in the queue of a listener
 * that has become non-blocking, as at its end, is served first; in that of
 * another, it is for the siblings; so it is, if leaves_queue, in one that never
 * blocked.  Called without the lock, when child->stopping is set.
 */
void acceptor_stop(struct acceptor *a, bool leaves_queue);

/* Waits until its thread has ended, and closes the child's listener. */
void acceptor_join(struct acceptor *a);

#endif
