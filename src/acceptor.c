#include "acceptor.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "shortage.h"
#include "work.h"

/* Interrupts accept(2); whoever else sends it does no harm. */
#define WAKE_SIGNAL	SIGURG
/* Go's rule for errors that pass: wait 5 ms, then twice as long, up to 1 s. */
#define PAUSE_MIN_MS	5
#define PAUSE_MAX_MS	1000
/* How long siblings with room, or one that is just being replaced, have: ms. */
#define MAKE_WAY_MS	10
/* So often in a row, while one has room: it may be that it hangs. */
#define MAKE_WAY_TIMES	10
/* At the end, connections may still be on their way through the kernel: ms. */
#define STRAGGLERS_MS	20
/* When a connection is idle, but not for long enough: look again in 10 ms. */
#define LOOK_AGAIN_NS	10000000

enum accept_error {
	ACCEPT_PEER,		/* concerns one connection, or nobody */
	ACCEPT_EMPTY,		/* the listener is non-blocking */
	ACCEPT_SHORT,		/* something ran out and may come back */
	ACCEPT_BROKEN
};

/*
 * Linux passes errors of the new connection on as accept's own; accept(2)
 * names those to be treated like EAGAIN.  EPERM is a firewall's.
 */
static enum accept_error
accept_classify(int error)
{
	switch (error) {
	case EINTR:
	case ECONNABORTED:
	case ECONNRESET:
	case ENETDOWN:
	case EPROTO:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EHOSTUNREACH:
	case EOPNOTSUPP:
	case ENETUNREACH:
	case ETIMEDOUT:
	case EPERM:
		return ACCEPT_PEER;
	case EAGAIN:
		return ACCEPT_EMPTY;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return ACCEPT_SHORT;
	default:
		return ACCEPT_BROKEN;
	}
}

/* Waits for a client or for the child's end: true when a client is there. */
static bool
wait_for_client(const struct acceptor *a, int timeout_ms)
{
	struct pollfd pfds[] = {
		{ .fd = a->fd, .events = POLLIN },
		{ .fd = a->child->stop_fd, .events = POLLIN },
	};

	return poll(pfds, 2, timeout_ms) > 0 && pfds[0].revents != 0 &&
	    pfds[1].revents == 0;
}

/* Sleeps, unless the child is to end. */
static void
pause_for(const struct acceptor *a, unsigned int ms)
{
	struct pollfd pfd = { .fd = a->child->stop_fd, .events = POLLIN };

	(void)poll(&pfd, 1, (int)ms);
}

/* Gives what ran out time to come back. */
static void
pause_after_shortage(struct acceptor *a)
{
	child_lock(a->child);
	shortage_note(SHORTAGE_ACCEPT);
	child_watch_shortages(a->child);
	child_unlock(a->child);
	a->pause_ms = a->pause_ms == 0 ? PAUSE_MIN_MS : a->pause_ms * 2;
	if (a->pause_ms > PAUSE_MAX_MS)
		a->pause_ms = PAUSE_MAX_MS;
	pause_for(a, a->pause_ms);
}

/*
 * One connection, or -1 and errno, after the wait that this error asks for.
 * EAGAIN comes when somebody who shares the listener made it non-blocking:
 * then poll(2) waits in place of accept(2).
 */
static int
accept_next(struct acceptor *a, struct sockaddr_storage *peer)
{
	socklen_t len = sizeof(*peer);
	int fd, error;

	peer->ss_family = AF_UNSPEC;
	fd = accept4(a->fd, (struct sockaddr *)peer, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd != -1) {
		a->pause_ms = 0;
		if (a->has_turn)
			scoreboard_end_turn(a->child->config.board);
		a->has_turn = false;
		return fd;
	}
	error = errno;
	if (accept_classify(error) == ACCEPT_EMPTY)
		(void)wait_for_client(a, -1);
	else if (accept_classify(error) == ACCEPT_SHORT)
		pause_after_shortage(a);
	errno = error;
	return -1;
}

static bool
is_full(const struct child *child)
{
	return child->conns.count >= child->config.srv->connections_per_child;
}

/*
 * One with room was woken, but on a busy machine may have to wait to run.
 * Where none of them takes anybody, only the first client waits for that.
 */
static bool
leave_to_siblings(struct acceptor *a)
{
	const struct child *child = a->child;

	if (a->left_times == MAKE_WAY_TIMES || !scoreboard_has_room(
	    child->config.board, child->config.srv->connections_per_child))
		return false;
	a->left_times++;
	return true;
}

/*
 * At the cap an idle connection gives way, but only to a client whom nobody
 * else takes.  Siblings that have room block in accept(2) and take it during
 * the pause, which also keeps this from spinning while none is idle for long
 * enough.  Of siblings that are full, too, one has the turn, until it has
 * accepted: one connection is closed for one client, not one in every child.
 */
static void
make_way(struct acceptor *a)
{
	struct child *child = a->child;
	bool is_waiting;

	child_unlock(child);
	is_waiting = wait_for_client(a, -1);
	if (is_waiting) {
		pause_for(a, MAKE_WAY_MS);
		is_waiting = wait_for_client(a, 0);
	}
	child_lock(child);
	if (!is_waiting)
		a->left_times = 0;
	if (!is_waiting || !is_full(child) || !conns_has_idle(&child->conns) ||
	    leave_to_siblings(a) ||
	    !scoreboard_take_turn(child->config.board, child->conns.now_ms))
		return;
	/* Whoever had the turn before may just have taken that client. */
	a->has_turn = wait_for_client(a, 0) && conns_evict_idle(&child->conns);
	if (!a->has_turn)
		scoreboard_end_turn(child->config.board);
}

/*
 * Waits until a connection ends or becomes idle; and looks again by itself
 * where one is idle, but not yet for long enough.
 */
static void
wait_for_end(struct child *child)
{
	struct timespec until;

	child->waiting++;
	work_end();
	if (!conns_has_idle(&child->conns)) {
		(void)pthread_cond_wait(&child->room, &child->lock);
	} else {
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += LOOK_AGAIN_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		(void)pthread_cond_clockwait(&child->room, &child->lock,
		    CLOCK_MONOTONIC, &until);
	}
	child->waiting--;
	conns_tick(&child->conns);
	work_begin(child->conns.now_ms);
}

/* Before accept(2): waits for room, so that a client waits for any child. */
static void
wait_for_room(struct acceptor *a)
{
	struct child *child = a->child;

	while (is_full(child) && !child->stopping) {
		if (conns_has_idle(&child->conns))
			make_way(a);
		else
			wait_for_end(child);
	}
}

/*
 * After it: with several listeners another acceptor may have filled the child
 * meanwhile.
 */
static void
make_room(struct child *child)
{
	while (is_full(child) && !child->stopping &&
	    !conns_evict_idle(&child->conns))
		wait_for_end(child);
}

/*
 * Watched by edge, for reading and writing, once for all.  If it can be
 * written to, that wakes the loop, which so learns of its deadline; if it has
 * more to write than it could, the loop has to be told.
 */
static void
hand_over(struct child *child, struct conn *c)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = c,
	};

	if (epoll_ctl(child->epoll_fd, EPOLL_CTL_ADD, c->fd, &event) == -1) {
		shortage_note(SHORTAGE_EPOLL);
		conn_cut(c);
		return;
	}
	c->watched = true;
	if (c->is_ready || c->deadline.queue == &child->conns.write)
		child_wake(child);
}

/*
 * The child is full: its other acceptors leave accept(2) to wait for room, so
 * that clients of their listeners wait for any child and not for this one.
 */
static void
recall_others(const struct child *child)
{
	size_t i;

	for (i = 0; i < child->nacceptors; i++)
		if (!pthread_equal(child->acceptors[i].thread,
		    pthread_self()))
			(void)pthread_kill(child->acceptors[i].thread,
			    WAKE_SIGNAL);
}

/* Serves the first request of a connection, which often is its last. */
static void
serve_first(const struct acceptor *a, int fd,
    const struct sockaddr_storage *peer)
{
	struct child *child = a->child;
	struct conn *c;

	make_room(child);
	/* Whoever waited has a place. */
	child->conns.crowded_ms = 0;
	c = conns_add(&child->conns, fd, peer, a->proxies);
	if (c == NULL) {
		shortage_note_if(SHORTAGE_CONNECTION);
		child_watch_shortages(child);
		return;
	}
	if (conn_run(c))
		hand_over(child, c);
	if (child->waiting > 0)
		(void)pthread_cond_broadcast(&child->room);
	if (is_full(child))
		recall_others(child);
	child_arm_flush(child);
	child_watch_shortages(child);
}

/*
 * At a server's end no new clients are let in.  Those whose last packet is on
 * its way have until now to arrive.  Called and returns with the lock.
 */
static bool
has_stragglers(const struct acceptor *a)
{
	struct pollfd pfd = { .fd = a->fd, .events = POLLIN };
	bool yes;

	child_unlock(a->child);
	yes = poll(&pfd, 1, STRAGGLERS_MS) > 0 && pfd.revents == POLLIN;
	child_lock(a->child);
	return yes;
}

/* Whether this error of accept(2) is the acceptor's last. */
static bool
is_last(const struct acceptor *a, int error)
{
	switch (accept_classify(error)) {
	case ACCEPT_PEER:
		return false;
	case ACCEPT_EMPTY:
		return a->child->stopping && !has_stragglers(a);
	case ACCEPT_SHORT:
		return a->child->stopping;
	case ACCEPT_BROKEN:
		break;
	}
	return true;
}

static void *
acceptor_main(void *arg)
{
	struct acceptor *a = arg;
	struct child *child = a->child;
	struct sockaddr_storage peer;
	int fd, error;

	/* For whoever looks at threads, as top -H does. */
	(void)pthread_setname_np(pthread_self(), "acceptor");
	child_enter(child);
	for (;;) {
		wait_for_room(a);
		child_unlock(child);
		fd = accept_next(a, &peer);
		error = errno;
		child_lock(child);
		if (fd != -1)
			serve_first(a, fd, &peer);
		else if (is_last(a, error))
			break;
	}
	/* A child without one of its acceptors is none. */
	child_give_up(child, "accept", error);
	child_unlock(child);
	return NULL;
}

static void
ignore_wake(int sig)
{
	(void)sig;
}

/*
 * Signals are for whichever thread they reach: what catches them only leaves
 * word for the loop.  So none is blocked, also not for what a handler forks.
 */
int
acceptor_start(struct acceptor *a, struct child *child, int fd,
    const struct networks *proxies)
{
	struct sigaction sa = { .sa_handler = ignore_wake };
	int flags = fcntl(fd, F_GETFL);

	a->child = child;
	a->fd = fd;
	a->blocks = flags != -1 && (flags & O_NONBLOCK) == 0;
	a->proxies = proxies;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(WAKE_SIGNAL, &sa, NULL);
	return pthread_create(&a->thread, NULL, acceptor_main, a);
}

/*
 * A flag and a signal alone lose the race with an acceptor that is about to
 * block.  So the listener goes first, replaced by what can't be accepted from
 * (closing it would let another descriptor have its number): accept(2) then
 * fails, whether the acceptor is in it or just before.
 */
void
acceptor_stop(struct acceptor *a, bool leaves_queue)
{
	int flags = fcntl(a->fd, F_GETFL);

	if (flags == -1 || (flags & O_NONBLOCK) == 0 ||
	    (leaves_queue && !a->blocks))
		while (dup3(a->child->stop_fd, a->fd, O_CLOEXEC) == -1 &&
		    (errno == EINTR || errno == EBUSY))
			continue;
	(void)pthread_kill(a->thread, WAKE_SIGNAL);
}

void
acceptor_join(struct acceptor *a)
{
	(void)pthread_join(a->thread, NULL);
	(void)close(a->fd);
}
