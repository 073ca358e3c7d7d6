/*
 * A child: acceptor threads, one a listener, that block in accept(2) and serve
 * each connection's first request themselves, and an event loop for the
 * connections that live on.  One lock lets one of them run at a time.
 */
#ifndef CHILD_H
#define CHILD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "childsignals.h"
#include "conn.h"

struct acceptor;
struct http_server;
struct logids;
struct networks;
struct peers;
struct scoreboard;
struct scoreboard_slot;

struct child_config {
	const struct http_server *srv;	/* with the defaults */
	struct scoreboard	*board;
	struct scoreboard_slot	*slot;		/* its own there */
	struct peers		*peers;		/* NULL: not counted */
	const int		*listeners;
	const struct networks *const *proxies;	/* of each, or NULL */
	size_t			 nlisteners;
	unsigned int		 number;	/* from 1 */
	pid_t			 master;
	int			 ready_fd;	/* eventfd: it accepts */
	int			 channel;	/* logs come by it: */
	const struct logids	*logs;		/* these */
};

/*
 * What a child's threads share.  lock guards conns and all that follows it;
 * room is signalled when a connection has ended or become idle.
 */
struct child {
	struct child_config	 config;
	struct acceptor		*acceptors;
	size_t			 nacceptors;	/* whose threads run */
	int			 epoll_fd;
	int			 stop_fd;	/* eventfd: set at the end */
	int			 flush_fd;	/* timerfd: a turn is due */

	pthread_mutex_t		 gate;		/* before the lock */
	pthread_mutex_t		 lock;
	pthread_cond_t		 room;
	struct conns		 conns;
	unsigned int		 waiting;	/* acceptors, for room */
	bool			 stopping;	/* acceptors are to end */
	enum childsignals_order	 order;		/* that is being obeyed */
	bool			 flush_set;
	const char		*failed;	/* what it can't go on */
	int			 failure;	/* without, and its errno */
	uint64_t		 stop_ms;	/* when a drain is over */
	uint64_t		 max_requests;	/* then it is spent */
	uint64_t		 shortages_ms;	/* when to look at them */
	uint64_t		 title_ms;	/* when ps(1) was told last, */
	unsigned int		 title_count;	/* and what */
	uint64_t		 log_ms;	/* when lines were written */
};

/*
 * Takes the lock, reads the clocks, and is at work until it is given back; in
 * turn: a mutex is not fair, and a loop that always has
 * work would have it again before a thread that sleeps for it is awake.  Here
 * only one waits for the lock, and the next for that one.
 */
void child_lock(struct child *child);
void child_unlock(struct child *child);
/* The same at a thread's start, which is no work: a server may stay idle. */
void child_enter(struct child *child);

/* Has the loop turn once, now. */
void child_wake(struct child *child);

/*
 * Has the loop write the access log soon, if lines are left: it may sleep
 * without a deadline.  Called with the lock.
 */
void child_arm_flush(struct child *child);

/*
 * It drains and is replaced, because of this.  Called with the lock, from
 * any of its threads.
 */
void child_give_up(struct child *child, const char *what, int error);

/*
 * Has the loop see to it that the end of a shortage is said, if one has begun.
 * Called with the lock.
 */
void child_watch_shortages(struct child *child);

/*
 * Serves until a signal of childsignals.h.  A drain cuts what is left after
 * the server's shutdown_timeout.  0, or -1 when it could not start or
 * go on: the slot says why.
 */
int child_run(const struct child_config *config);

#endif
