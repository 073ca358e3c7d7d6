#include "master.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "childsignals.h"
#include "clock.h"
#include "log.h"
#include "logids.h"
#include "mastersignals.h"
#include "reloadlog.h"
#include "renewal.h"
#include "successor.h"
#include "watch.h"

/* How long children have to leave by themselves after they should have. */
#define GRACE_MS	1000
/* When there was no place for new children, look again after this. */
#define RETRY_MS	100

#define NEVER		UINT64_MAX

/* How far the end has come. */
enum phase {
	RUNNING,
	SUCCEEDED,		/* children leave in their own time */
	DRAINING,		/* children were told to drain */
	CLOSING,		/* to leave at once */
	KILLING			/* and were killed */
};

struct master {
	const struct master_config *config;
	struct master_terms	 terms;		/* of the present children, */
	struct master_terms	 next;		/* and of those that come */
	struct children		 children;
	struct mastersignals	 signals;
	int			 ready_fd;
	enum phase		 phase;
	uint64_t		 phase_ends_ms;
	uint64_t		 reload_ms;	/* when to; NEVER */
	uint64_t		 tick_ms;	/* when the next is due */
	struct renewal		 renewal;
	struct successor	 successor;
	struct watch		 watch;
	uint64_t		 watch_ms;	/* when to look again; NEVER */
	bool			 is_ready;
	bool			 upgrade_waits;	/* until it is */
	bool			 reopen_waits;	/* while others come */
	bool			 failed;	/* a child could not start */
	int			 error;
	char			*why;
	size_t			 why_size;
};

static void
master_reopen(struct master *m)
{
	const struct logids *ids;
	size_t i, missed = 0;

	/* Whose logs will be in use is not known before. */
	m->reopen_waits = m->children.is_coming;
	if (m->reopen_waits)
		return;
	ids = m->config->reopen(m->config->arg);
	for (i = 0; ids != NULL && i < ids->n; i++)
		missed += children_send(&m->children, ids->logs[i].fd,
		    ids->logs[i].id);
	if (missed > 0)
		log_message(LOG_ERR, "%zu children did not get the new log: "
		    "replaced", missed);
}

static void
master_enter(struct master *m, enum phase phase, uint64_t lasts_ms)
{
	m->phase = phase;
	m->phase_ends_ms = lasts_ms == NEVER ? NEVER :
	    clock_ms(CLOCK_MONOTONIC) + lasts_ms;
	m->reload_ms = NEVER;
	children_dismiss(&m->children);
	if (m->reopen_waits)
		master_reopen(m);
}

static void
master_drain(struct master *m)
{
	bool was_running = m->phase == RUNNING;

	if (m->phase >= DRAINING)
		return;
	master_enter(m, DRAINING, m->terms.drain_ms + GRACE_MS);
	if (was_running)
		m->config->stopping(m->config->arg, false);
	successor_signal(&m->successor, SIGTERM);
	children_signal(&m->children, SIGTERM);
}

static void
master_close(struct master *m)
{
	bool was_running = m->phase == RUNNING;

	if (m->phase >= CLOSING)
		return;
	master_enter(m, CLOSING, GRACE_MS);
	if (was_running)
		m->config->stopping(m->config->arg, false);
	successor_signal(&m->successor, SIGQUIT);
	children_signal(&m->children, SIGQUIT);
}

static void
master_kill(struct master *m)
{
	log_message(LOG_WARNING, "%zu children did not leave: killed",
	    m->children.alive);
	master_enter(m, KILLING, GRACE_MS);
	children_signal(&m->children, SIGKILL);
}

/* Another server has the listeners: the children finish what they have. */
static void
master_succeed(struct master *m)
{
	if (m->phase != RUNNING)
		return;
	successor_release(&m->successor);
	master_enter(m, SUCCEEDED, NEVER);
	m->config->stopping(m->config->arg, true);
	children_signal(&m->children, CHILD_RETIRE_SIGNAL);
}

/* Before all were ready, one that can't start makes the start fail. */
static void
master_fail_start(struct master *m)
{
	m->failed = true;
	m->error = m->children.error;
	(void)strlcpy(m->why, m->children.why, m->why_size);
	master_close(m);
}

/* Without places, because too many children still finish, it waits. */
static void
master_postpone_reload(struct master *m)
{
	if (m->reload_ms == NEVER)
		reloadlog_waits(&m->children);
	m->reload_ms = clock_ms(CLOCK_MONOTONIC) + RETRY_MS;
}

/* One while another is under way waits for the end of that. */
static void
master_reload(struct master *m)
{
	if (m->phase != RUNNING)
		return;
	if (m->children.is_coming) {
		m->reload_ms = 0;
		return;
	}
	if (!children_have_places(&m->children, m->children.wanted)) {
		master_postpone_reload(m);
		return;
	}
	m->reload_ms = NEVER;
	m->next = m->terms;
	if (m->config->reload(m->config->arg, &m->next) == -1 ||
	    children_begin(&m->children, m->next.nchildren) == 0)
		return;
	reloadlog_refused(&m->children, m->next.nchildren,
	    m->config->upgrade != NULL);
	m->config->reloaded(m->config->arg, false);
}

/* A successor has something to take over when all children are there. */
static void
master_upgrade(struct master *m)
{
	m->upgrade_waits = !m->is_ready;
	if (m->phase == RUNNING && m->is_ready)
		successor_start(&m->successor, m->config->upgrade,
		    m->config->arg);
}

static void
master_adjust(struct master *m, int change)
{
	if (m->phase != RUNNING || !m->is_ready)
		return;
	if (children_adjust(&m->children, change))
		log_message(LOG_INFO, "%u %s now", m->children.wanted,
		    m->children.wanted == 1 ? "child" : "children");
	else
		log_message(LOG_NOTICE, "%s", change > 0 ?
		    "no place for another child" :
		    "the last child stays");
}

static void
master_obey(struct master *m, enum master_order order)
{
	switch (order) {
	case MASTER_NOTHING:
		break;
	case MASTER_STOP:
		if (m->phase < DRAINING)
			master_drain(m);
		else
			master_close(m);
		break;
	case MASTER_DRAIN:
		master_drain(m);
		break;
	case MASTER_CLOSE:
		master_close(m);
		break;
	case MASTER_SUCCEED:
		master_succeed(m);
		break;
	case MASTER_RELOAD:
		master_reload(m);
		break;
	case MASTER_REOPEN:
		master_reopen(m);
		break;
	case MASTER_UPGRADE:
		master_upgrade(m);
		break;
	case MASTER_ADD:
		master_adjust(m, 1);
		break;
	case MASTER_REMOVE:
		master_adjust(m, -1);
		break;
	}
}

static void
master_read_signals(struct master *m)
{
	enum master_order order;

	while (mastersignals_next(&m->signals, &order))
		master_obey(m, order);
}

static void
master_commit_reload(struct master *m)
{
	m->config->taking_over(m->config->arg);
	children_commit(&m->children);
	m->terms = m->next;
	watch_set_timeout(&m->watch, m->terms.hang_ms);
	m->config->reloaded(m->config->arg, true);
}

static void
master_commit(struct master *m)
{
	bool renews = renewal_end(&m->renewal);

	if (m->is_ready && !renews) {
		master_commit_reload(m);
		return;
	}
	children_commit(&m->children);
	if (renews)
		return;
	m->is_ready = true;
	m->config->ready(m->config->arg);
	if (m->upgrade_waits)
		master_upgrade(m);
}

static void
master_abort(struct master *m)
{
	bool renews = renewal_end(&m->renewal);

	if (!m->is_ready) {
		master_fail_start(m);
		return;
	}
	log_message(LOG_ERR, "%s: %s: going on as before",
	    renews ? "renewal" : "reload", m->children.why);
	children_abort(&m->children);
	if (!renews)
		m->config->reloaded(m->config->arg, false);
}

/* Looks what became of the generation that comes. */
static void
master_check_coming(struct master *m)
{
	eventfd_t ready;

	(void)eventfd_read(m->ready_fd, &ready);
	if (m->phase != RUNNING || !m->children.is_coming)
		return;
	if (m->children.coming_failed)
		master_abort(m);
	else if (children_have_come(&m->children))
		master_commit(m);
	else
		return;
	if (m->reopen_waits)
		master_reopen(m);
	if (m->reload_ms == 0)
		master_reload(m);
}

/* What is due by the clock. */
static void
master_check_time(struct master *m)
{
	uint64_t now_ms = clock_ms(CLOCK_MONOTONIC);

	if (m->config->tick_ms != 0 && now_ms >= m->tick_ms) {
		m->config->tick(m->config->arg);
		m->tick_ms = now_ms + m->config->tick_ms;
	}
	if (m->phase == RUNNING && m->reload_ms != 0 &&
	    now_ms >= m->reload_ms)
		master_reload(m);
	if (m->phase == RUNNING || now_ms < m->phase_ends_ms)
		return;
	/* A deadline of the end has passed: the next step is harder. */
	if (m->phase == DRAINING)
		master_close(m);
	else
		master_kill(m);
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When something is due without an event, in poll(2)'s form; weeks: never. */
static int
master_timeout(const struct master *m)
{
	uint64_t next, now_ms = clock_ms(CLOCK_MONOTONIC);

	next = m->phase != RUNNING ? m->phase_ends_ms :
	    children_next(&m->children);
	next = earlier(next, m->watch_ms);
	if (m->phase == RUNNING)
		next = earlier(next, renewal_next(&m->renewal, &m->children));
	/* 0 is one that waits for the present reload's end, not for a time. */
	if (m->reload_ms != 0)
		next = earlier(next, m->reload_ms);
	if (m->config->tick_ms != 0)
		next = earlier(next, m->tick_ms);
	if (next <= now_ms)
		return 0;
	next -= now_ms;
	return next > INT_MAX ? -1 : (int)next;
}

static void
master_wait(struct master *m)
{
	struct pollfd pfds[] = {
		{ .fd = m->signals.fd, .events = POLLIN },
		{ .fd = m->ready_fd, .events = POLLIN },
	};

	(void)poll(pfds, 2, master_timeout(m));
}

/* Everything that can happen is looked at on every turn. */
static void
master_loop(struct master *m)
{
	while (m->phase == RUNNING || m->children.alive > 0) {
		if (m->phase == RUNNING)
			children_spawn_due(&m->children);
		/* Who stops has a time to do it in, and SIGKILL at its end. */
		m->watch_ms = m->phase < DRAINING ? watch_look(&m->watch) :
		    NEVER;
		if (!m->children.coming_failed || !m->children.is_coming)
			master_wait(m);
		master_read_signals(m);
		children_reap(&m->children);
		successor_reap(&m->successor);
		master_check_coming(m);
		master_check_time(m);
		if (m->phase == RUNNING) {
			children_relieve(&m->children);
			renewal_begin(&m->renewal, &m->children);
		}
	}
}

static void
master_leave(void *arg)
{
	struct master *m = arg;

	mastersignals_leave(&m->signals);
}

static int
master_open(struct master *m)
{
	const struct mastersignals_wanted wanted = {
		.reload = m->config->reload != NULL,
		.reopen = m->config->reopen != NULL,
		.upgrade = m->config->upgrade != NULL,
	};
	struct children_config children = {
		.board = m->config->board,
		.child = m->config->child,
		.leave = master_leave,
		.leave_arg = m,
		.gone = m->config->gone,
		.arg = m->config->arg,
	};

	*m->config->pid = getpid();
	m->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	children.ready_fd = m->ready_fd;
	if (mastersignals_take(&m->signals, &wanted) == 0 &&
	    m->ready_fd != -1 &&
	    children_init(&m->children, &children) == 0 &&
	    watch_init(&m->watch, &m->children, m->config->board,
	    m->terms.hang_ms) == 0 &&
	    children_begin(&m->children, m->terms.nchildren) == 0)
		return 0;
	m->error = errno;
	(void)snprintf(m->why, m->why_size, "master: %s", strerror(errno));
	return -1;
}

static void
master_restore(struct master *m)
{
	if (m->ready_fd != -1)
		(void)close(m->ready_fd);
	watch_free(&m->watch);
	children_free(&m->children);
	*m->config->pid = 0;
	mastersignals_restore(&m->signals);
}

int
master_run(const struct master_config *config, char *why, size_t why_size)
{
	struct master m = {
		.config = config,
		.terms = config->terms,
		.reload_ms = NEVER,
		.watch_ms = NEVER,
		.why = why,
		.why_size = why_size,
	};
	int rv = -1;

	if (master_open(&m) == 0) {
		if (!*config->closing)
			master_loop(&m);
		rv = m.failed ? -1 : 0;
	}
	master_restore(&m);
	errno = m.error;
	return rv;
}
