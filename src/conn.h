/*
 * Connections: from bytes that arrive to answers that leave.  Those of a
 * child make one set with what they share, and only the thread that holds the
 * child's lock touches any of it.
 *
 * A connection is a small machine.  conn_run() takes it as far as it goes
 * without waiting: until the socket has no more to read or takes no more, or
 * it has had its share of this turn.
 */
#ifndef CONN_H
#define CONN_H

#include <sys/queue.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "accesslogs.h"
#include "deadline.h"
#include "exchange.h"
#include "headscan.h"
#include "httpdate.h"
#include "httpserve.h"
#include "peers.h"
#include "scoreboard.h"

/*
 * What a connection moves before others have their turn, so that small
 * requests do not wait for large answers; most answers fit into it.
 */
#define CONN_SHARE_BYTES	(128 * 1024)

enum conn_state {
	CONN_PROXY,		/* in front of the first: a PROXY header */
	CONN_HEAD,		/* between requests, or inside a head */
	CONN_WORK,		/* the handler awaits another thread's work */
	CONN_BODY,		/* the handler awaits the body */
	CONN_SKIP,		/* nobody does; it must end before the answer */
	CONN_ANSWER,		/* a file or a source is being sent */
	CONN_DISCARD,		/* a body that nobody wanted goes by */
	CONN_END,		/* the last bytes leave */
	CONN_LINGER,		/* and the peer may read them */
	CONN_CLOSED
};

struct conns;
struct networks;

struct conn {
	struct conns		*set;
	struct exchange		*x;	/* NULL while there is nothing to do */
	struct deadline		 deadline;
	TAILQ_ENTRY(conn)	 entry;	/* in set's open, or dead */
	TAILQ_ENTRY(conn)	 turn;	/* in set's ready */
	TAILQ_ENTRY(conn)	 work;	/* in set's working */
	struct headscan		 scan;	/* of the head that is coming in */
	char			*stash;	/* its start, while there is no x */
	size_t			 stash_len;
	int			 fd;
	enum conn_state		 state;
	unsigned int		 requests;
	uint64_t		 linger_ms;	/* how long it may send on */
	bool			 watched;	/* the event loop knows it */
	bool			 is_ready;	/* it is in set's ready, */
	bool			 is_working;	/* in set's working */
	bool			 drained;	/* read all there was to read */
	bool			 hung_up;	/* the peer sends no more */
	bool			 keep;		/* after this answer */
	bool			 continued;	/* 100 Continue was sent */
	bool			 lingers;	/* may end with unread input */
	bool			 is_counted;	/* in set's peers, at key */
	struct peers_key	 key;
	char			 peer[INET6_ADDRSTRLEN];
};

TAILQ_HEAD(conn_list, conn);

struct conns {
	const struct http_server *srv;	/* with its defaults filled in */
	struct headscan_limits	 limits;
	struct accesslogs	 logs;
	struct scoreboard_slot	*slot;
	struct exchange_pool	 exchanges;
	int			 epoll_fd;	/* where some are watched */
	struct peers		*peers;	/* NULL: not counted */
	size_t			 child;	/* its table there */

	struct deadline_queue	 header;
	struct deadline_queue	 body;
	struct deadline_queue	 skip;
	struct deadline_queue	 write;
	struct deadline_queue	 idle;
	struct deadline_queue	 linger;

	struct conn_list	 open;
	struct conn_list	 ready;	/* go on when it is their turn */
	struct conn_list	 working;	/* await what may now be done */
	struct conn_list	 dead;	/* the loop may have events for them */
	unsigned int		 count;
	bool			 draining;	/* idle ones close, and */
	bool			 retiring;	/* each answer is the last */
	uint64_t		 crowded_ms;	/* till then answers close */

	uint64_t		 now_ms;	/* CLOCK_MONOTONIC */
	time_t			 now;		/* CLOCK_REALTIME */
	char			 date[HTTPDATE_SIZE];
	time_t			 date_time;

	unsigned int		 turn_requests;	/* left of a share */
	size_t			 turn_bytes;
};

/* 0, or -1 and ENOMEM.  srv and slot stay the caller's and outlive the set. */
int conns_init(struct conns *set, const struct http_server *srv,
    struct scoreboard_slot *slot);
/* Has them counted by their addresses, in this child's table of peers. */
void conns_count_peers(struct conns *set, struct peers *peers, size_t child);
/* Closes all connections at once. */
void conns_free(struct conns *set);

/* Reads the clocks: once each time the lock is taken. */
void conns_tick(struct conns *set);

/*
 * Takes over an accepted socket.  NULL, and it is closed, when its address has
 * too many already (EUSERS) or memory is short (ENOMEM).  If there are proxies
 * it has to be of one of them (EPERM), and begins with a PROXY header.
 */
struct conn *conns_add(struct conns *set, int fd,
    const struct sockaddr_storage *peer, const struct networks *proxies);
/* Says whose it is: 0, or -1 and EUSERS. */
int conns_set_client(struct conn *c, const struct sockaddr_storage *client);

/* Puts it behind those that are ready, and takes it from them, if it is one. */
void conns_make_ready(struct conn *c);
void conns_unready(struct conn *c);

/* Has it run in each turn in which its request's work is done. */
void conns_watch_work(struct conn *c);
void conns_unwatch_work(struct conn *c);

/*
 * Runs those that are ready, who waits longest first, as far as a turn has time
 * for that; where others' events wait it is urgent to come to these: one runs.
 */
void conns_run_ready(struct conns *set, bool is_urgent);
/* Ends those whose deadline is over. */
void conns_expire(struct conns *set);
/* When that is to be done next, in now_ms's time; DEADLINE_NEVER. */
uint64_t conns_next(const struct conns *set);

/* Frees the dead: when no event for them can be left. */
void conns_bury(struct conns *set);

/*
 * Closes the connection that is idle for longest.  False if none has been idle
 * for long enough: then the next to be answered is told to close.
 */
bool conns_evict_idle(struct conns *set);
bool conns_has_idle(const struct conns *set);

/* From now on every answer is a connection's last. */
void conns_retire(struct conns *set);
/* The same, and idle ones close. */
void conns_drain(struct conns *set);

/*
 * Reads the next request, if that is what it waits for; ahead of conn_run(),
 * so that all requests of a turn are here before any is answered.
 */
void conn_fetch(struct conn *c);
/* Runs one connection; false when that has ended it. */
bool conn_run(struct conn *c);
/* The same for an event; a body goes on when it is its turn, after requests. */
void conn_wake(struct conn *c);
/* What to do when its deadline is over. */
void conn_expire(struct conn *c);
void conn_close(struct conn *c);
/* Closes it; an answer that is under way is logged as far as it came. */
void conn_cut(struct conn *c);

#endif
