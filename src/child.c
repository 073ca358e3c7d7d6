#include "child.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "acceptor.h"
#include "childlog.h"
#include "childsignals.h"
#include "log.h"
#include "pending.h"
#include "scoreboard.h"
#include "shortage.h"
#include "stale.h"
#include "title.h"
#include "work.h"

/* Events of one turn; acceptors get the lock between turns. */
#define TURN_EVENTS	32
/* ps(1) shows the number of connections as it was within this. */
#define TITLE_MS	500
/* Lines of the log that are left are written after this: 100 ms. */
#define FLUSH_NS	100000000
/* The loop writes them at once, but under load together, so often: ms. */
#define LOG_PAUSE_MS	10
/* Again after this, when their reader took only some: syslogd takes ten. */
#define BEHIND_NS	20000000

/* Leaves the reason where the master finds it. */
static int
child_fail(struct child *child, const char *what, int error)
{
	struct scoreboard_slot *slot = child->config.slot;

	(void)snprintf(slot->failure, sizeof(slot->failure), "%s: %s", what,
	    strerror(error));
	slot->error = error;
	return -1;
}

static int
child_watch(struct child *child, int *fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = fd };

	return epoll_ctl(child->epoll_fd, EPOLL_CTL_ADD, *fd, &event);
}

static int
child_open(struct child *child)
{
	child->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	child->conns.epoll_fd = child->epoll_fd;
	child->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	child->flush_fd = timerfd_create(CLOCK_MONOTONIC,
	    TFD_CLOEXEC | TFD_NONBLOCK);
	pending_set_loop(child->flush_fd);
	child->acceptors = calloc(child->config.nlisteners,
	    sizeof(*child->acceptors));
	if (child->epoll_fd == -1 || child->stop_fd == -1 ||
	    child->flush_fd == -1 || child->acceptors == NULL ||
	    child_watch(child, &child->stop_fd) == -1 ||
	    child_watch(child, &child->flush_fd) == -1 ||
	    child_watch(child, &child->config.channel) == -1)
		return -1;
	return 0;
}

void
child_lock(struct child *child)
{
	(void)pthread_mutex_lock(&child->gate);
	(void)pthread_mutex_lock(&child->lock);
	(void)pthread_mutex_unlock(&child->gate);
	conns_tick(&child->conns);
	work_begin(child->conns.now_ms);
}

/* Another is to take its place; it goes on until the master says so. */
static void
child_spend(struct child *child)
{
	child->max_requests = UINT64_MAX;
	atomic_store(&child->config.slot->spent, true);
	(void)eventfd_write(child->config.ready_fd, 1);
}

void
child_enter(struct child *child)
{
	(void)pthread_mutex_lock(&child->lock);
	conns_tick(&child->conns);
}

void
child_unlock(struct child *child)
{
	if (atomic_load_explicit(&child->config.slot->requests,
	    memory_order_relaxed) >= child->max_requests)
		child_spend(child);
	work_end();
	(void)pthread_mutex_unlock(&child->lock);
}

/*
 * Called with the lock, and returns with it; meanwhile the acceptors may need
 * it to serve what they have.  They look for the end at stop_fd, which from
 * then on is the loop's.
 */
static void
child_stop_acceptors(struct child *child, bool leaves_queue)
{
	eventfd_t count;
	size_t i;

	child->stopping = true;
	atomic_store(&child->config.slot->leaving, true);
	(void)pthread_cond_broadcast(&child->room);
	(void)eventfd_write(child->stop_fd, 1);
	child_unlock(child);
	for (i = 0; i < child->nacceptors; i++)
		acceptor_stop(&child->acceptors[i], leaves_queue);
	for (i = 0; i < child->nacceptors; i++)
		acceptor_join(&child->acceptors[i]);
	child_lock(child);
	(void)eventfd_read(child->stop_fd, &count);
}

static int
child_start_acceptors(struct child *child)
{
	int error = 0;
	size_t i;

	child_enter(child);
	for (i = 0; i < child->config.nlisteners && error == 0; i++) {
		error = acceptor_start(&child->acceptors[i], child,
		    child->config.listeners[i], child->config.proxies[i]);
		if (error == 0)
			child->nacceptors++;
	}
	if (error != 0)
		child_stop_acceptors(child, true);
	child_unlock(child);
	return error;
}

static int
child_start(struct child *child)
{
	const struct http_server *srv = child->config.srv;
	int error;

	if (child_open(child) == -1 ||
	    childsignals_catch(child->config.master, child->stop_fd,
	    srv->shutdown_timeout) == -1)
		return child_fail(child, "child", errno);
	if (childsignals_follow() == -1)
		return child_fail(child, "prctl", errno);
	if (srv->child_start != NULL &&
	    srv->child_start(srv->child_arg, child->config.number) == -1)
		return child_fail(child, "child start", errno);
	if (childsignals_follow() == -1)
		return child_fail(child, "prctl", errno);
	atomic_store(&child->config.slot->turned_ms, child->conns.now_ms);
	error = child_start_acceptors(child);
	if (error != 0)
		return child_fail(child, "acceptor thread", error);
	atomic_store(&child->config.slot->accepting, true);
	(void)eventfd_write(child->config.ready_fd, 1);
	return 0;
}

/* Others accept from now on; who is connected is served out. */
static void
child_retire(struct child *child)
{
	child_stop_acceptors(child, true);
	conns_retire(&child->conns);
}

static void
child_drain(struct child *child)
{
	child->stop_ms = child->conns.now_ms +
	    child->config.srv->shutdown_timeout;
	if (!child->stopping)
		child_stop_acceptors(child, false);
	conns_drain(&child->conns);
}

static void
child_obey(struct child *child)
{
	enum childsignals_order order = childsignals_order();

	if (child->failure != 0 && order < ORDER_DRAIN)
		order = ORDER_DRAIN;
	if (order == child->order)
		return;
	if (order == ORDER_RETIRE)
		child_retire(child);
	else if (child->order < ORDER_DRAIN)
		child_drain(child);
	child->order = order;
}

/* The timer is the loop's: setting it can't fail. */
static void
child_turn_after(struct child *child, long ns)
{
	const struct itimerspec when = { .it_value = { .tv_nsec = ns } };

	(void)timerfd_settime(child->flush_fd, 0, &when, NULL);
	child->flush_set = true;
}

void
child_wake(struct child *child)
{
	child_turn_after(child, 1);
}

void
child_arm_flush(struct child *child)
{
	if (!child->flush_set && accesslogs_wait(&child->conns.logs))
		child_turn_after(child, FLUSH_NS);
}

void
child_watch_shortages(struct child *child)
{
	if (shortages_are_on() && child->shortages_ms == DEADLINE_NEVER)
		child_wake(child);
}

static void
child_flush_timer(struct child *child)
{
	uint64_t expirations;

	if (read(child->flush_fd, &expirations, sizeof(expirations)) > 0)
		child->flush_set = false;
}

void
child_give_up(struct child *child, const char *what, int error)
{
	if (child->stopping || child->failure != 0)
		return;
	child->failed = what;
	child->failure = error;
	(void)eventfd_write(child->stop_fd, 1);
}

/* The connection that an event is about; NULL where it is the child's own. */
static struct conn *
child_conn_of(const struct child *child, const struct epoll_event *event)
{
	void *what = event->data.ptr;

	return what == &child->flush_fd || what == &child->stop_fd ||
	    what == &child->config.channel ? NULL : what;
}

static void
child_fetch(struct conn *c, uint32_t events)
{
	if (c->state == CONN_CLOSED)
		return;
	c->drained = false;
	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		c->hung_up = true;
	conn_fetch(c);
}

static void
child_own_event(struct child *child, const struct epoll_event *event)
{
	eventfd_t count;

	if (event->data.ptr == &child->flush_fd)
		child_flush_timer(child);
	else if (event->data.ptr == &child->config.channel)
		childlog_change(child);
	else if (child->stopping)
		(void)eventfd_read(child->stop_fd, &count);
}

/* First all requests are read, then they are answered: see turn.h. */
static void
child_events(struct child *child, const struct epoll_event *events, int n)
{
	struct conn *c;
	int i;

	for (i = 0; i < n; i++) {
		c = child_conn_of(child, &events[i]);
		if (c == NULL)
			child_own_event(child, &events[i]);
		else
			child_fetch(c, events[i].events);
	}
	for (i = 0; i < n; i++) {
		c = child_conn_of(child, &events[i]);
		if (c != NULL && c->state != CONN_CLOSED)
			conn_wake(c);
	}
}

/* Acceptors wait for room only at the cap: then every end may matter. */
static void
child_offer_room(struct child *child)
{
	if (child->waiting > 0 && (conns_has_idle(&child->conns) ||
	    child->conns.count < child->config.srv->connections_per_child))
		(void)pthread_cond_broadcast(&child->room);
}

static void
child_show_title(struct child *child)
{
	unsigned int count = child->conns.count;

	if (count == child->title_count ||
	    child->conns.now_ms < child->title_ms + TITLE_MS)
		return;
	title_set("child %u [%u connection%s]", child->config.number,
	    count, count == 1 ? "" : "s");
	child->title_ms = child->conns.now_ms;
	child->title_count = count;
}

/* A write for each turn would cost a busy child a third of its requests. */
static void
child_write_log(struct child *child)
{
	struct accesslogs *logs = &child->conns.logs;

	if (!accesslogs_wait(logs))
		return;
	if (child->conns.now_ms >= child->log_ms + LOG_PAUSE_MS) {
		accesslogs_flush(logs);
		child->log_ms = child->conns.now_ms;
	}
	if (!child->flush_set && accesslogs_wait(logs))
		child_turn_after(child, BEHIND_NS);
}

static void
child_turn(struct child *child, const struct epoll_event *events, int n)
{
	atomic_store_explicit(&child->config.slot->turned_ms,
	    child->conns.now_ms, memory_order_relaxed);
	child_events(child, events, n);
	conns_run_ready(&child->conns, n == TURN_EVENTS);
	child_obey(child);
	conns_expire(&child->conns);
	conns_bury(&child->conns);
	child_write_log(child);
	child->shortages_ms = shortages_check(child->conns.now_ms);
	child_offer_room(child);
	child_show_title(child);
}

/* When the loop has to turn next without an event, in epoll_wait(2)'s form. */
static int
child_timeout(const struct child *child)
{
	const struct conns *conns = &child->conns;
	/* Twice in an interval: the master sees one of them in each. */
	unsigned int beat_ms = child->config.srv->tick_ms / 2;
	uint64_t next = conns_next(conns);

	if (child->stop_ms < next)
		next = child->stop_ms;
	if (child->shortages_ms < next)
		next = child->shortages_ms;
	if (conns->count != child->title_count &&
	    child->title_ms + TITLE_MS < next)
		next = child->title_ms + TITLE_MS;
	if (beat_ms != 0 && conns->now_ms + beat_ms < next)
		next = conns->now_ms + beat_ms;
	if (next == DEADLINE_NEVER)
		return -1;
	if (next <= conns->now_ms)
		return 0;
	next -= conns->now_ms;
	return next > INT_MAX ? INT_MAX : (int)next;
}

static bool
child_is_done(const struct child *child)
{
	return child->stopping && (child->conns.count == 0 ||
	    child->order == ORDER_CLOSE ||
	    child->conns.now_ms >= child->stop_ms);
}

static void
child_loop(struct child *child)
{
	struct epoll_event events[TURN_EVENTS];
	int n, timeout;

	child_enter(child);
	while (!child_is_done(child)) {
		timeout = child_timeout(child);
		child_unlock(child);
		n = epoll_wait(child->epoll_fd, events, TURN_EVENTS, timeout);
		child_lock(child);
		child_turn(child, events, n);
	}
	child_unlock(child);
}

static int
child_end(struct child *child)
{
	const struct http_server *srv = child->config.srv;

	if (child->conns.count > 0)
		log_message(LOG_WARNING, "child %u: %u connections were cut",
		    child->config.number, child->conns.count);
	conns_free(&child->conns);
	if (srv->child_stop != NULL)
		srv->child_stop(srv->child_arg, child->config.number);
	if (child->failure == 0)
		return 0;
	return child_fail(child, child->failed, child->failure);
}

/*
 * How many requests this child answers: children that started at once, and
 * have the same load, are not to be spent at once.  Multiples of the golden
 * section spread numbers that follow each other over the whole range.
 */
static uint64_t
requests_of(const struct http_server *srv, unsigned int number)
{
	uint64_t mean = srv->max_requests_per_child;
	uint64_t part = (number * UINT32_C(2654435769)) >> 16;

	if (mean == 0)
		return UINT64_MAX;
	return mean - mean / 10 + ((mean / 5 * part) >> 16);
}

int
child_run(const struct child_config *config)
{
	struct child child = {
		.config = *config,
		.gate = PTHREAD_MUTEX_INITIALIZER,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.room = PTHREAD_COND_INITIALIZER,
		.stop_ms = DEADLINE_NEVER,
		.max_requests = requests_of(config->srv, config->number),
		.shortages_ms = DEADLINE_NEVER,
	};
	int rv = -1;

	shortages_share(&config->board->shortages);
	if (conns_init(&child.conns, config->srv, config->slot) == -1)
		return child_fail(&child, "child", errno);
	accesslogs_share(&child.conns.logs, config->board, config->logs,
	    config->number);
	if (config->peers != NULL)
		conns_count_peers(&child.conns, config->peers,
		    config->number - 1);
	work_share(&config->slot->working_ms, &config->board->watched,
	    config->ready_fd);
	stale_share(&config->slot->stale, config->ready_fd);
	title_set("child %u [0 connections]", config->number);
	if (child_start(&child) == 0) {
		child_loop(&child);
		rv = child_end(&child);
	}
	free(child.acceptors);
	return rv;
}
