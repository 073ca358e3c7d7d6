#include "serving.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "httpserve.h"
#include "listener.h"
#include "listeners.h"
#include "log.h"
#include "logids.h"
#include "master.h"
#include "peers.h"
#include "scoreboard.h"
#include "serverlogs.h"
#include "settings.h"
#include "title.h"

/* Addresses in messages and titles. */
#define ADDRESSES_SIZE		512

/* In the master and, by fork(2), in its children. */
struct serving {
	struct http_server	*srv;
	struct http_server	 settings;	/* with the defaults */
	struct http_server	 former;	/* until a reload took over */
	struct logids		 logs;
	struct logids		 former_logs;	/* as long */
	struct scoreboard	*board;
	int			 board_fd;	/* the master's, or -1 */
	struct peers		*peers;		/* NULL: no memory */
	struct listeners	 listeners;
	struct listeners	 former_listeners; /* as long */
	int			 fd;		/* the caller's, or -1, */
	int			 fd_flags;	/* and its flags before */
	char			 addresses[ADDRESSES_SIZE];
};

int
serving_fail(struct http_server *srv, const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(srv->internal.error, sizeof(srv->internal.error), fmt,
	    ap);
	va_end(ap);
	errno = error;
	return -1;
}

static void
serving_name_addresses(struct serving *s)
{
	char address[LISTENER_ADDRESS_SIZE];
	size_t i;

	s->addresses[0] = '\0';
	for (i = 0; i < s->listeners.n; i++) {
		listener_address(s->listeners.fds[i], address);
		if (i > 0)
			(void)strlcat(s->addresses, ", ", ADDRESSES_SIZE);
		(void)strlcat(s->addresses, address, ADDRESSES_SIZE);
	}
	(void)strlcpy(s->board->addresses, s->addresses,
	    sizeof(s->board->addresses));
	title_set("master [%s]", s->addresses);
}

static void
serving_ready(void *arg)
{
	const struct serving *s = arg;
	unsigned int children = s->settings.children;

	listeners_take(s->srv);
	log_message(LOG_INFO, "listening on %s (%u %s)", s->addresses,
	    children, children == 1 ? "child" : "children");
	if (s->settings.ready != NULL)
		s->settings.ready(s->settings.notify_arg);
}

static void
serving_stop(void *arg, bool is_succeeded)
{
	struct serving *s = arg;
	unsigned int connections = scoreboard_connections(s->board);

	if (is_succeeded) {
		log_message(LOG_INFO, "succeeded: %u connections to finish",
		    connections);
		if (s->settings.succeeded != NULL)
			s->settings.succeeded(s->settings.notify_arg);
		listeners_close(s->srv);
		return;
	}
	log_message(LOG_INFO, "stopping: %u connections", connections);
	if (s->settings.stopping != NULL)
		s->settings.stopping(s->settings.notify_arg);
	listeners_end(s->srv);
}

static void
serving_set_log(const struct http_server *settings)
{
	log_set_sink(settings->error_log, settings->error_log_arg,
	    settings->error_log_priority);
}

static uint64_t
hang_ms_of(const struct http_server *settings)
{
	return settings->hang_timeout == UINT_MAX ? UINT64_MAX :
	    settings->hang_timeout;
}

static struct master_terms
terms_of(const struct http_server *settings)
{
	return (struct master_terms){
		.nchildren = settings->children,
		.drain_ms = settings->shutdown_timeout,
		.hang_ms = hang_ms_of(settings),
	};
}

/* Takes what the server has become: 0, or -1 with the reason in its error. */
static int
serving_renew(struct serving *s)
{
	char *why = s->srv->internal.error;

	s->former = s->settings;
	s->former_logs = s->logs;
	s->former_listeners = s->listeners;
	s->settings = *s->srv;
	settings_fill_in(&s->settings);
	settings_bound(&s->settings);
	if (listeners_collect(&s->listeners, s->srv, s->fd, why,
	    sizeof(s->srv->internal.error)) == -1)
		return -1;
	if (s->settings.connections_per_address != 0 && s->peers == NULL)
		return serving_fail(s->srv, "connections_per_address: there "
		    "was no memory for it at the start");
	if (serverlogs_set(&s->logs, &s->settings, s->board) == -1)
		return serving_fail(s->srv, "logs: %s", strerror(errno));
	return 0;
}

static void
serving_undo(struct serving *s)
{
	listeners_free(&s->listeners);
	s->listeners = s->former_listeners;
	s->former_listeners = (struct listeners){ 0 };
	s->settings = s->former;
	logids_restore(&s->logs, &s->former_logs,
	    clock_ms(CLOCK_MONOTONIC));
	listeners_restore(s->srv);
}

static void
serving_reloaded(void *arg, bool took_over)
{
	struct serving *s = arg;
	char former[ADDRESSES_SIZE];

	if (took_over) {
		listeners_commit(s->srv);
		listeners_free(&s->former_listeners);
		serving_set_log(&s->settings);
		logids_drop(&s->logs, &s->former_logs,
		    clock_ms(CLOCK_MONOTONIC));
		(void)strlcpy(former, s->addresses, sizeof(former));
		serving_name_addresses(s);
		if (strcmp(former, s->addresses) != 0)
			log_message(LOG_INFO, "listening on %s", s->addresses);
		log_message(LOG_INFO, "reloaded (%u %s)",
		    s->settings.children,
		    s->settings.children == 1 ? "child" : "children");
	} else {
		serving_undo(s);
	}
	if (s->settings.reloaded != NULL)
		s->settings.reloaded(s->settings.notify_arg, took_over);
}

/* What was fixed when serving began stays. */
static int
serving_reload(void *arg, struct master_terms *next)
{
	struct serving *s = arg;

	log_message(LOG_INFO, "reloading");
	if (s->settings.reload(s->settings.notify_arg) == -1) {
		listeners_restore(s->srv);
		return -1;
	}
	if (serving_renew(s) == 0) {
		*next = terms_of(&s->settings);
		return 0;
	}
	log_message(LOG_ERR, "reload: %s: going on as before",
	    s->srv->internal.error);
	serving_reloaded(s, false);
	return -1;
}

/* The children of before accept still, and will empty these. */
static void
serving_taking_over(void *arg)
{
	const struct serving *s = arg;

	listeners_retire(s->srv);
}

static const struct logids *
serving_reopen(void *arg)
{
	struct serving *s = arg;

	if (s->settings.reopen(s->settings.notify_arg) == -1)
		return NULL;
	return &s->logs;
}

static pid_t
serving_upgrade(void *arg)
{
	struct serving *s = arg;

	return s->settings.upgrade(s->settings.notify_arg);
}

/* Its last sign of life; of one that starts, when it was forked. */
static uint64_t
seen_ms(const struct scoreboard_slot *slot)
{
	return atomic_load(&slot->accepting) ? atomic_load(&slot->turned_ms) :
	    atomic_load(&slot->started_ms);
}

static void
add_load(struct http_server_load *load, const struct scoreboard_slot *slot,
    unsigned int tick_ms)
{
	if (atomic_load(&slot->pid) == 0)
		return;
	load->children++;
	load->connections += atomic_load(&slot->connections);
	load->requests += atomic_load(&slot->requests);
	if (seen_ms(slot) + tick_ms < clock_ms(CLOCK_MONOTONIC))
		load->stuck++;
}

static void
serving_tick(void *arg)
{
	struct serving *s = arg;
	struct http_server_load load = { 0 };
	struct scoreboard_counts ended;
	size_t i;

	(void)scoreboard_read_ended(s->board, &ended, &i);
	load.requests = ended.requests;
	for (i = 0; i < s->board->nslots; i++)
		add_load(&load, &s->board->slots[i], s->settings.tick_ms);
	s->settings.tick(s->settings.notify_arg, &load);
}

/* A child that died counts no connections. */
static void
serving_lose_child(void *arg, unsigned int number)
{
	struct serving *s = arg;

	serverlogs_lose_child(s->board, number);
	if (s->peers != NULL)
		peers_clear(s->peers, number - 1);
}

/* The life of a child, behind fork(2). */
static int
serving_be_child(void *arg, unsigned int number, int ready_fd, int channel)
{
	const struct serving *s = arg;
	const struct child_config config = {
		.srv = &s->settings,
		.board = s->board,
		.slot = &s->board->slots[number - 1],
		.peers = s->settings.connections_per_address == 0 ? NULL :
		    s->peers,
		.listeners = s->listeners.fds,
		.proxies = s->listeners.proxies,
		.nlisteners = s->listeners.n,
		.number = number,
		.master = s->srv->internal.master,
		.ready_fd = ready_fd,
		.channel = channel,
		.logs = &s->logs,
	};

	/* Who looks for a server finds its master, and no child. */
	if (s->board_fd != -1)
		(void)close(s->board_fd);
	listeners_forget(s->srv);
	return child_run(&config) == -1;
}

static int
serve_listeners(struct serving *s)
{
	struct http_server *srv = s->srv;
	const struct http_server *settings = &s->settings;
	const struct master_config config = {
		.board = s->board,
		.terms = terms_of(settings),
		.child = serving_be_child,
		.gone = serving_lose_child,
		.ready = serving_ready,
		.stopping = serving_stop,
		.reload = settings->reload == NULL ? NULL : serving_reload,
		.taking_over = serving_taking_over,
		.reloaded = serving_reloaded,
		.reopen = settings->reopen == NULL ? NULL : serving_reopen,
		.upgrade = settings->upgrade == NULL ? NULL : serving_upgrade,
		.tick = serving_tick,
		.tick_ms = settings->tick == NULL ? 0 : settings->tick_ms,
		.arg = s,
		.pid = &srv->internal.master,
		.closing = &srv->internal.closing,
	};

	serving_name_addresses(s);
	if (master_run(&config, srv->internal.error,
	    sizeof(srv->internal.error)) == -1)
		return -1;
	serverlogs_report(s->board);
	log_message(LOG_INFO, "stopped");
	return 0;
}

/* Leaves everything as it was, but for what was opened to be served. */
static void
serving_end(struct serving *s)
{
	int error = errno;

	listeners_end(s->srv);
	if (s->fd != -1 && s->fd_flags != -1)
		(void)fcntl(s->fd, F_SETFL, s->fd_flags);
	s->srv->internal.scoreboard = NULL;
	if (s->board_fd != -1)
		(void)close(s->board_fd);
	scoreboard_free(s->board);
	peers_free(s->peers);
	listeners_free(&s->listeners);
	/* Those of a reload that was under way. */
	listeners_free(&s->former_listeners);
	log_set_sink(NULL, NULL, LOG_INFO);
	errno = error;
}

static int
serving_start(struct serving *s)
{
	struct http_server *settings = &s->settings;
	size_t places;

	settings_fill_in(settings);
	places = settings->max_processes;
	serving_set_log(settings);
	settings_bound(settings);
	s->fd_flags = s->fd == -1 ? -1 : fcntl(s->fd, F_GETFL);
	if (listeners_collect(&s->listeners, s->srv, s->fd,
	    s->srv->internal.error, sizeof(s->srv->internal.error)) == -1)
		return -1;
	s->board = scoreboard_new(places, &s->board_fd);
	if (s->board == NULL)
		return serving_fail(s->srv, "scoreboard: %s", strerror(errno));
	s->srv->internal.scoreboard = s->board;
	if (serverlogs_set(&s->logs, settings, s->board) == -1)
		return serving_fail(s->srv, "logs: %s", strerror(errno));
	s->peers = peers_new(places);
	if (settings->connections_per_address != 0 && s->peers == NULL)
		return serving_fail(s->srv, "peers: %s", strerror(errno));
	return serve_listeners(s);
}

int
serving_run(struct http_server *srv, int fd)
{
	struct serving s = {
		.srv = srv,
		.settings = *srv,
		.board_fd = -1,
		.fd = fd,
		.fd_flags = -1,
	};
	int rv = 0;

	if (!srv->internal.closing)
		rv = serving_start(&s);
	serving_end(&s);
	return rv;
}
