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
#include "log.h"
#include "logids.h"
#include "master.h"
#include "network.h"
#include "peers.h"
#include "scoreboard.h"
#include "serverlogs.h"
#include "settings.h"
#include "synfilter.h"
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
	struct peers		*peers;		/* NULL: not counted */
	int			*listeners;
	const struct networks	**proxies;	/* of each, or NULL */
	size_t			 nlisteners;
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

/* A listener that another process made non-blocking is made to block. */
static int
set_blocking(int fd, bool blocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return -1;
	flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags);
}

static int
serving_add_listener(struct serving *s, int fd,
    const struct networks *proxies)
{
	if (listener_check(fd) == -1)
		return serving_fail(s->srv, "descriptor %d: not a listening "
		    "stream socket: %s", fd, strerror(errno));
	if (set_blocking(fd, true) == -1)
		return serving_fail(s->srv, "descriptor %d: %s", fd,
		    strerror(errno));
	s->proxies[s->nlisteners] = proxies;
	s->listeners[s->nlisteners++] = fd;
	return 0;
}

/* Collects the server's listeners and the caller's. */
static int
serving_take_listeners(struct serving *s)
{
	const struct http_server *srv = s->srv;
	size_t i;

	if (srv->internal.nlisteners == 0 && s->fd == -1) {
		errno = EINVAL;
		return serving_fail(s->srv, "no listener: give a descriptor, "
		    "or call http_server_listen()");
	}
	s->listeners = calloc(srv->internal.nlisteners + 1, sizeof(int));
	s->proxies = calloc(srv->internal.nlisteners + 1,
	    sizeof(const struct networks *));
	if (s->listeners == NULL || s->proxies == NULL)
		return serving_fail(s->srv, "listeners: %s", strerror(errno));
	for (i = 0; i < srv->internal.nlisteners; i++)
		if (serving_add_listener(s, srv->internal.listeners[i].fd,
		    srv->internal.listeners[i].proxies) == -1)
			return -1;
	if (s->fd == -1)
		return 0;
	s->fd_flags = fcntl(s->fd, F_GETFL);
	return serving_add_listener(s, s->fd, NULL);
}

static void
serving_name_addresses(struct serving *s)
{
	char address[LISTENER_ADDRESS_SIZE];
	size_t i;

	for (i = 0; i < s->nlisteners; i++) {
		listener_address(s->listeners[i], address);
		if (i > 0)
			(void)strlcat(s->addresses, ", ", ADDRESSES_SIZE);
		(void)strlcat(s->addresses, address, ADDRESSES_SIZE);
	}
}

/* Closes what http_server_listen() opened; once. */
static void
close_listeners(struct http_server *srv)
{
	size_t i;

	for (i = 0; i < srv->internal.nlisteners; i++) {
		(void)close(srv->internal.listeners[i].fd);
		if (srv->internal.listeners[i].proxies != NULL)
			networks_free(srv->internal.listeners[i].proxies);
		free(srv->internal.listeners[i].proxies);
	}
	free(srv->internal.listeners);
	srv->internal.listeners = NULL;
	srv->internal.nlisteners = 0;
}

/*
 * No client is let in any more; the children empty the queue of a listener
 * that does not block, and close it; when the last has, the kernel refuses new
 * clients, unless the master still had it open.  The filter is for TCP, and
 * fails elsewhere.  A listener that somebody else has is left as it is:
 * whoever serves it next has its clients, too.
 */
static void
end_listeners(struct http_server *srv)
{
	const struct http_listener *listener;
	size_t i;

	for (i = 0; i < srv->internal.nlisteners; i++) {
		listener = &srv->internal.listeners[i];
		if (listener->is_kept)
			continue;
		(void)synfilter_attach(listener->fd);
		(void)set_blocking(listener->fd, false);
		listener_unlink(listener->fd);
	}
	close_listeners(srv);
}

/* Whoever passed these could go on with them until now. */
static void
take_listeners(struct http_server *srv)
{
	size_t i;

	for (i = 0; i < srv->internal.nlisteners; i++)
		if (srv->internal.listeners[i].is_taken)
			srv->internal.listeners[i].is_kept = false;
}

static void
serving_ready(void *arg)
{
	const struct serving *s = arg;
	unsigned int children = s->settings.children;

	take_listeners(s->srv);
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
		close_listeners(s->srv);
		return;
	}
	log_message(LOG_INFO, "stopping: %u connections", connections);
	if (s->settings.stopping != NULL)
		s->settings.stopping(s->settings.notify_arg);
	end_listeners(s->srv);
}

static void
serving_set_log(const struct http_server *settings)
{
	log_set_sink(settings->error_log, settings->error_log_arg,
	    settings->error_log_priority);
}

static void
serving_reloaded(void *arg, bool took_over)
{
	struct serving *s = arg;
	uint64_t now_ms = clock_ms(CLOCK_MONOTONIC);

	if (took_over) {
		serving_set_log(&s->settings);
		logids_drop(&s->logs, &s->former_logs, now_ms);
		log_message(LOG_INFO, "reloaded (%u %s)",
		    s->settings.children,
		    s->settings.children == 1 ? "child" : "children");
	} else {
		s->settings = s->former;
		logids_restore(&s->logs, &s->former_logs, now_ms);
	}
	if (s->settings.reloaded != NULL)
		s->settings.reloaded(s->settings.notify_arg, took_over);
}

/* What was fixed when serving began stays. */
static int
serving_reload(void *arg, unsigned int *nchildren)
{
	struct serving *s = arg;

	log_message(LOG_INFO, "reloading");
	if (s->settings.reload(s->settings.notify_arg) == -1)
		return -1;
	s->former = s->settings;
	s->former_logs = s->logs;
	s->settings = *s->srv;
	settings_fill_in(&s->settings);
	settings_bound(&s->settings);
	if (serverlogs_set(&s->logs, &s->settings, s->board) == -1) {
		log_errno(LOG_ERR, "reload: logs");
		serving_reloaded(s, false);
		return -1;
	}
	*nchildren = s->settings.children;
	return 0;
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
		.peers = s->peers,
		.listeners = s->listeners,
		.proxies = s->proxies,
		.nlisteners = s->nlisteners,
		.number = number,
		.master = s->srv->internal.master,
		.ready_fd = ready_fd,
		.channel = channel,
		.logs = &s->logs,
	};

	/* Who looks for a server finds its master, and no child. */
	if (s->board_fd != -1)
		(void)close(s->board_fd);
	return child_run(&config) == -1;
}

static int
serve_listeners(struct serving *s)
{
	struct http_server *srv = s->srv;
	const struct http_server *settings = &s->settings;
	const struct master_config config = {
		.board = s->board,
		.nchildren = settings->children,
		.drain_ms = settings->shutdown_timeout,
		.hang_ms = settings->hang_timeout == UINT_MAX ? UINT64_MAX :
		    settings->hang_timeout,
		.child = serving_be_child,
		.gone = serving_lose_child,
		.ready = serving_ready,
		.stopping = serving_stop,
		.reload = settings->reload == NULL ? NULL : serving_reload,
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
	(void)strlcpy(s->board->addresses, s->addresses,
	    sizeof(s->board->addresses));
	title_set("master [%s]", s->addresses);
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

	end_listeners(s->srv);
	if (s->fd != -1 && s->fd_flags != -1)
		(void)fcntl(s->fd, F_SETFL, s->fd_flags);
	s->srv->internal.scoreboard = NULL;
	if (s->board_fd != -1)
		(void)close(s->board_fd);
	scoreboard_free(s->board);
	peers_free(s->peers);
	free(s->listeners);
	free(s->proxies);
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
	if (serving_take_listeners(s) == -1)
		return -1;
	s->board = scoreboard_new(places, &s->board_fd);
	if (s->board == NULL)
		return serving_fail(s->srv, "scoreboard: %s", strerror(errno));
	s->srv->internal.scoreboard = s->board;
	if (serverlogs_set(&s->logs, settings, s->board) == -1)
		return serving_fail(s->srv, "logs: %s", strerror(errno));
	if (settings->connections_per_address != 0 &&
	    (s->peers = peers_new(places)) == NULL)
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
