#include "master.h"

#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "death.h"
#include "log.h"
#include "scoreboard.h"

/* A child that lived shorter is replaced after a pause. */
#define SHORT_LIFE_MS	1000
#define PAUSE_MIN_MS	5
#define PAUSE_MAX_MS	1000
/* How long children have to leave by themselves after they should have. */
#define GRACE_MS	1000

#define NEVER		UINT64_MAX

/* How far the end has come. */
enum phase {
	RUNNING,
	DRAINING,		/* children were told to drain */
	CLOSING,		/* to leave at once */
	KILLING			/* and were killed */
};

/* A place for a child; number is its index plus one. */
struct place {
	pid_t		 pid;		/* 0 while there is none */
	uint64_t	 started_ms;
	unsigned int	 pause_ms;	/* before the last respawn */
	uint64_t	 respawn_ms;	/* when it is due; NEVER */
};

struct master {
	const struct master_config *config;
	struct place		*places;
	size_t			 nplaces;
	size_t			 alive;
	int			 signal_fd;
	int			 ready_fd;
	sigset_t		 signals;
	sigset_t		 old_mask;
	struct sigaction	 old_sigchld;
	struct sigaction	 old_sigpipe;
	enum phase		 phase;
	uint64_t		 phase_ends_ms;
	bool			 is_ready;
	bool			 failed;	/* a child could not start */
	bool			 fork_failed;	/* the last one did */
	int			 error;
	char			*why;
	size_t			 why_size;
};

static uint64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
master_signal_children(const struct master *m, int sig)
{
	size_t i;

	for (i = 0; i < m->nplaces; i++)
		if (m->places[i].pid != 0)
			(void)kill(m->places[i].pid, sig);
}

static void
master_enter(struct master *m, enum phase phase, uint64_t lasts_ms)
{
	size_t i;

	m->phase = phase;
	m->phase_ends_ms = now_ms() + lasts_ms;
	for (i = 0; i < m->nplaces; i++)
		m->places[i].respawn_ms = NEVER;
}

static void
master_drain(struct master *m)
{
	if (m->phase >= DRAINING)
		return;
	master_enter(m, DRAINING, m->config->drain_ms + GRACE_MS);
	m->config->stopping(m->config->arg);
	master_signal_children(m, SIGTERM);
}

static void
master_close(struct master *m)
{
	if (m->phase >= CLOSING)
		return;
	if (m->phase == RUNNING)
		m->config->stopping(m->config->arg);
	master_enter(m, CLOSING, GRACE_MS);
	master_signal_children(m, SIGQUIT);
}

static void
master_kill(struct master *m)
{
	log_message(LOG_WARNING, "%zu %s did not leave: killed", m->alive,
	    m->alive == 1 ? "child" : "children");
	master_enter(m, KILLING, GRACE_MS);
	master_signal_children(m, SIGKILL);
}

/*
 * The master's signals stay blocked until the child has its own handlers: one
 * that comes at once is not lost, and does not kill it.
 */
static void
master_become_child(struct master *m, unsigned int number)
{
	int ready_fd = m->ready_fd;
	size_t i;

	(void)close(m->signal_fd);
	for (i = 0; i < m->nplaces; i++)
		m->places[i].pid = 0;
	(void)sigaction(SIGCHLD, &m->old_sigchld, NULL);
	_exit(m->config->child(m->config->arg, number, ready_fd));
}

static void
place_postpone(struct place *place)
{
	place->pause_ms = place->pause_ms == 0 ? PAUSE_MIN_MS :
	    place->pause_ms * 2;
	if (place->pause_ms > PAUSE_MAX_MS)
		place->pause_ms = PAUSE_MAX_MS;
	place->respawn_ms = now_ms() + place->pause_ms;
}

static int
master_spawn(struct master *m, size_t i)
{
	struct place *place = &m->places[i];
	unsigned int number = (unsigned int)i + 1;
	pid_t pid;

	scoreboard_clear(&m->config->board->slots[i]);
	pid = fork();
	if (pid == -1)
		return -1;
	if (pid == 0)
		master_become_child(m, number);
	place->pid = pid;
	place->started_ms = now_ms();
	place->respawn_ms = NEVER;
	m->alive++;
	log_message(LOG_DEBUG, "child %u (pid %d) started", number, (int)pid);
	return 0;
}


/* Before all were ready, one that can't start makes the start fail. */
static void
master_fail_start(struct master *m, size_t i)
{
	const struct scoreboard_slot *slot = &m->config->board->slots[i];

	m->failed = true;
	m->error = slot->error;
	(void)snprintf(m->why, m->why_size, "%s", slot->failure);
	master_close(m);
}

/*
 * No child can be forked: before all were ready, the start fails; after, that
 * is said when it begins, and tried again.
 */
static void
master_fail_fork(struct master *m, size_t i)
{
	if (!m->is_ready) {
		m->failed = true;
		m->error = errno;
		(void)snprintf(m->why, m->why_size, "fork: %s",
		    strerror(errno));
		master_close(m);
		return;
	}
	if (!m->fork_failed)
		log_errno(LOG_ERR, "child %zu: fork", i + 1);
	m->fork_failed = true;
	place_postpone(&m->places[i]);
}

static void
master_respawn(struct master *m)
{
	uint64_t now = now_ms();
	size_t i;

	for (i = 0; i < m->nplaces && m->phase == RUNNING; i++) {
		if (m->places[i].pid != 0 || m->places[i].respawn_ms > now)
			continue;
		if (master_spawn(m, i) == -1)
			master_fail_fork(m, i);
		else
			m->fork_failed = false;
	}
}

static void
master_lose(struct master *m, size_t i, int status)
{
	struct place *place = &m->places[i];
	bool could_not = WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
	    m->config->board->slots[i].failure[0] != '\0';
	pid_t pid = place->pid;
	uint64_t lived_ms;

	place->pid = 0;
	m->alive--;
	if (!m->is_ready && could_not && m->phase == RUNNING) {
		master_fail_start(m, i);
		return;
	}
	if (m->phase != KILLING)
		death_log(&m->config->board->slots[i], i + 1, pid, status);
	if (m->phase != RUNNING)
		return;
	lived_ms = now_ms() - place->started_ms;
	if (lived_ms < SHORT_LIFE_MS) {
		place_postpone(place);
		log_message(LOG_NOTICE, "child %zu lived %ju ms: replaced in "
		    "%u ms", i + 1, (uintmax_t)lived_ms, place->pause_ms);
		return;
	}
	place->pause_ms = 0;
	place->respawn_ms = 0;
}

/*
 * Children of the program that are none of ours are not waited for.  One of
 * ours that somebody else has waited for is gone, we don't know how.
 */
static void
master_reap(struct master *m)
{
	size_t i;
	pid_t pid;
	int status;

	for (i = 0; i < m->nplaces; i++) {
		if (m->places[i].pid == 0)
			continue;
		status = 0;
		pid = waitpid(m->places[i].pid, &status, WNOHANG);
		if (pid > 0 || (pid == -1 && errno == ECHILD))
			master_lose(m, i, status);
	}
}

static void
master_take_signal(struct master *m, int sig)
{
	switch (sig) {
	case SIGTERM:
	case SIGINT:
		if (m->phase == RUNNING)
			master_drain(m);
		else
			master_close(m);
		break;
	case SIGHUP:
		master_drain(m);
		break;
	case SIGQUIT:
		master_close(m);
		break;
	}
}

int
master_request(pid_t master, enum master_request request)
{
	return sigqueue(master, SIGTERM,
	    (union sigval){ .sival_int = (int)request });
}

static void
master_read_signals(struct master *m)
{
	struct signalfd_siginfo info;

	while (read(m->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_code != SI_QUEUE)
			master_take_signal(m, (int)info.ssi_signo);
		else if (info.ssi_int == MASTER_CLOSE)
			master_close(m);
		else
			master_drain(m);
	}
}

static void
master_check_ready(struct master *m)
{
	struct scoreboard *board = m->config->board;
	eventfd_t children;
	size_t i;

	(void)eventfd_read(m->ready_fd, &children);
	if (m->is_ready || m->phase != RUNNING)
		return;
	for (i = 0; i < board->nslots; i++)
		if (!atomic_load(&board->slots[i].accepting))
			return;
	m->is_ready = true;
	m->config->ready(m->config->arg);
}

/* A deadline of the end has passed: the next step is harder. */
static void
master_press(struct master *m)
{
	if (m->phase == RUNNING || now_ms() < m->phase_ends_ms)
		return;
	if (m->phase == DRAINING)
		master_close(m);
	else
		master_kill(m);
}

/* When something is due without an event, in poll(2)'s form. */
static int
master_timeout(const struct master *m)
{
	uint64_t next = m->phase == RUNNING ? NEVER : m->phase_ends_ms;
	uint64_t now = now_ms();
	size_t i;

	for (i = 0; i < m->nplaces; i++)
		if (m->places[i].pid == 0 && m->places[i].respawn_ms < next)
			next = m->places[i].respawn_ms;
	if (next == NEVER)
		return -1;
	if (next <= now)
		return 0;
	return next - now > INT_MAX ? INT_MAX : (int)(next - now);
}

static void
master_wait(struct master *m)
{
	struct pollfd pfds[] = {
		{ .fd = m->signal_fd, .events = POLLIN },
		{ .fd = m->ready_fd, .events = POLLIN },
	};

	(void)poll(pfds, 2, master_timeout(m));
	master_read_signals(m);
	if (pfds[1].revents != 0)
		master_check_ready(m);
}

/* Everything that can happen is looked at on every turn. */
static void
master_loop(struct master *m)
{
	while (m->phase == RUNNING || m->alive > 0) {
		if (m->phase == RUNNING)
			master_respawn(m);
		master_wait(m);
		master_reap(m);
		master_press(m);
	}
}

/*
 * What was ignored when the program started stays ignored: nohup(1) and
 * shells' background jobs rely on that.
 */
static void
add_unless_ignored(sigset_t *set, int sig)
{
	struct sigaction sa;

	if (sigaction(sig, NULL, &sa) == -1 || sa.sa_handler != SIG_IGN)
		(void)sigaddset(set, sig);
}

static int
master_open(struct master *m)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };

	(void)sigemptyset(&m->signals);
	(void)sigaddset(&m->signals, SIGCHLD);
	(void)sigaddset(&m->signals, SIGTERM);
	(void)sigaddset(&m->signals, SIGQUIT);
	add_unless_ignored(&m->signals, SIGINT);
	add_unless_ignored(&m->signals, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &m->signals, &m->old_mask);
	*m->config->pid = getpid();
	/* An ignored SIGCHLD would reap children without us: wait(2). */
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGCHLD, &sa, &m->old_sigchld);
	/* Whoever reads our messages may go away; that must not end us. */
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, &m->old_sigpipe);
	m->signal_fd = signalfd(-1, &m->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	m->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	m->places = calloc(m->nplaces, sizeof(*m->places));
	if (m->signal_fd == -1 || m->ready_fd == -1 || m->places == NULL) {
		m->error = errno;
		(void)snprintf(m->why, m->why_size, "master: %s",
		    strerror(errno));
		return -1;
	}
	return 0;
}

static void
master_restore(struct master *m)
{
	static const struct timespec none;

	if (m->signal_fd != -1)
		(void)close(m->signal_fd);
	if (m->ready_fd != -1)
		(void)close(m->ready_fd);
	free(m->places);
	*m->config->pid = 0;
	/* What else came for the server has been done. */
	while (sigtimedwait(&m->signals, NULL, &none) != -1)
		;
	(void)sigaction(SIGCHLD, &m->old_sigchld, NULL);
	(void)sigaction(SIGPIPE, &m->old_sigpipe, NULL);
	(void)sigprocmask(SIG_SETMASK, &m->old_mask, NULL);
}

int
master_run(const struct master_config *config, char *why, size_t why_size)
{
	struct master m = {
		.config = config,
		.nplaces = config->board->nslots,
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
