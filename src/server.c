#include <sys/resource.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "httpserve.h"
#include "listener.h"
#include "log.h"
#include "master.h"
#include "peers.h"
#include "request.h"
#include "scoreboard.h"
#include "synfilter.h"
#include "title.h"

#define DEFAULT_CONNECTIONS	10000
/* Descriptors a child needs beside those of its connections. */
#define OWN_DESCRIPTORS		64
/* Addresses in messages and titles. */
#define ADDRESSES_SIZE		512

/* One run of a server, in the master and, by fork(2), in its children. */
struct serving {
	struct http_server	*srv;
	struct http_server	 settings;	/* with the defaults */
	struct scoreboard	*board;
	struct peers		*peers;		/* NULL: not counted */
	int			*listeners;
	size_t			 nlisteners;
	int			 fd;		/* the caller's, or -1, */
	int			 fd_flags;	/* and its flags before */
	char			 addresses[ADDRESSES_SIZE];
};

static void
set_default(unsigned int *member, unsigned int value)
{
	if (*member == 0)
		*member = value;
}

static void
set_default_size(size_t *member, size_t value)
{
	if (*member == 0)
		*member = value;
}

static unsigned int
processors_online(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned int)n;
}

static void
fill_in_defaults(struct http_server *settings)
{
	set_default(&settings->read_header_timeout, 10000);
	set_default(&settings->read_timeout, 30000);
	set_default(&settings->write_timeout, 30000);
	set_default(&settings->min_rate, 240);
	set_default(&settings->idle_timeout, 60000);
	set_default(&settings->shutdown_timeout, 30000);
	set_default(&settings->children, processors_online());
	set_default_size(&settings->max_request_line_bytes, 8192);
	set_default_size(&settings->max_field_bytes, 8192);
	set_default_size(&settings->max_header_bytes, 32768);
	set_default_size(&settings->max_body_bytes, 1048576);
	set_default(&settings->max_fields, REQUEST_MAX_FIELDS);
	if (settings->max_fields > REQUEST_MAX_FIELDS)
		settings->max_fields = REQUEST_MAX_FIELDS;
	set_default(&settings->max_requests, 10000);
	if (settings->error_log_priority == 0)
		settings->error_log_priority = LOG_INFO;
}

/*
 * A connection may have a file open beside its socket, so there are half as
 * many as there are descriptors.
 */
static void
bound_connections(struct http_server *settings)
{
	struct rlimit limit;
	unsigned int wanted = settings->connections_per_child;
	rlim_t max;

	set_default(&settings->connections_per_child, DEFAULT_CONNECTIONS);
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		return;
	max = limit.rlim_cur > OWN_DESCRIPTORS + 2 ?
	    (limit.rlim_cur - OWN_DESCRIPTORS) / 2 : 1;
	if (settings->connections_per_child <= max)
		return;
	settings->connections_per_child = (unsigned int)max;
	if (wanted != 0)
		log_message(LOG_WARNING, "%u connections a child, not %u: the "
		    "limit is %ju descriptors", (unsigned int)max, wanted,
		    (uintmax_t)limit.rlim_cur);
}

static int __attribute__((format(printf, 2, 3)))
server_fail(struct http_server *srv, const char *fmt, ...)
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
serving_add_listener(struct serving *s, int fd)
{
	if (listener_check(fd) == -1)
		return server_fail(s->srv, "descriptor %d: not a listening "
		    "stream socket: %s", fd, strerror(errno));
	if (set_blocking(fd, true) == -1)
		return server_fail(s->srv, "descriptor %d: %s", fd,
		    strerror(errno));
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
		return server_fail(s->srv, "no listener: give a descriptor, "
		    "or call http_server_listen()");
	}
	s->listeners = calloc(srv->internal.nlisteners + 1, sizeof(int));
	if (s->listeners == NULL)
		return server_fail(s->srv, "listeners: %s", strerror(errno));
	for (i = 0; i < srv->internal.nlisteners; i++)
		if (serving_add_listener(s, srv->internal.listeners[i]) == -1)
			return -1;
	if (s->fd == -1)
		return 0;
	s->fd_flags = fcntl(s->fd, F_GETFL);
	return serving_add_listener(s, s->fd);
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
		listener_unlink(srv->internal.listeners[i]);
		(void)close(srv->internal.listeners[i]);
	}
	free(srv->internal.listeners);
	srv->internal.listeners = NULL;
	srv->internal.nlisteners = 0;
}

static void
serving_ready(void *arg)
{
	const struct serving *s = arg;
	unsigned int children = s->settings.children;

	log_message(LOG_INFO, "listening on %s (%u %s)", s->addresses,
	    children, children == 1 ? "child" : "children");
	if (s->settings.ready != NULL)
		s->settings.ready(s->settings.notify_arg);
}

/*
 * No client is let in any more; the children empty the queue of a listener
 * that does not block, and close it; when the last has, the kernel refuses new
 * clients, unless the master still had it open.  The filter is for TCP, and
 * fails elsewhere.  A listener of the caller's is left as it is: whoever
 * serves it next has its clients, too.
 */
static void
serving_stop(void *arg)
{
	struct serving *s = arg;
	size_t i;

	log_message(LOG_INFO, "stopping: %u connections",
	    scoreboard_connections(s->board));
	if (s->settings.stopping != NULL)
		s->settings.stopping(s->settings.notify_arg);
	for (i = 0; i < s->srv->internal.nlisteners; i++) {
		(void)synfilter_attach(s->srv->internal.listeners[i]);
		(void)set_blocking(s->srv->internal.listeners[i], false);
	}
	close_listeners(s->srv);
}

/* The life of a child, behind fork(2). */
static int
serving_be_child(void *arg, unsigned int number, int ready_fd)
{
	const struct serving *s = arg;
	const struct child_config config = {
		.srv = &s->settings,
		.board = s->board,
		.slot = &s->board->slots[number - 1],
		.peers = s->peers,
		.listeners = s->listeners,
		.nlisteners = s->nlisteners,
		.number = number,
		.master = s->srv->internal.master,
		.ready_fd = ready_fd,
	};

	return child_run(&config) == -1;
}

static int
serving_run(struct serving *s)
{
	struct http_server *srv = s->srv;
	const struct master_config config = {
		.board = s->board,
		.drain_ms = s->settings.shutdown_timeout,
		.child = serving_be_child,
		.ready = serving_ready,
		.stopping = serving_stop,
		.arg = s,
		.pid = &srv->internal.master,
		.closing = &srv->internal.closing,
	};

	serving_name_addresses(s);
	title_set("master [%s]", s->addresses);
	if (master_run(&config, srv->internal.error,
	    sizeof(srv->internal.error)) == -1)
		return -1;
	log_message(LOG_INFO, "stopped");
	return 0;
}

/* Leaves everything as it was, but for what was opened to be served. */
static void
serving_end(struct serving *s)
{
	int error = errno;

	close_listeners(s->srv);
	if (s->fd != -1 && s->fd_flags != -1)
		(void)fcntl(s->fd, F_SETFL, s->fd_flags);
	scoreboard_free(s->board);
	peers_free(s->peers);
	free(s->listeners);
	log_set_sink(NULL, NULL, LOG_INFO);
	errno = error;
}

static int
closed(struct http_server *srv)
{
	(void)strlcpy(srv->internal.error, "server closed",
	    sizeof(srv->internal.error));
	return HTTP_SERVER_CLOSED;
}

static int
serving_start(struct serving *s)
{
	struct http_server *settings = &s->settings;

	fill_in_defaults(settings);
	log_set_sink(settings->error_log, settings->error_log_arg,
	    settings->error_log_priority);
	bound_connections(settings);
	if (serving_take_listeners(s) == -1)
		return -1;
	s->board = scoreboard_new(settings->children);
	if (s->board == NULL)
		return server_fail(s->srv, "scoreboard: %s", strerror(errno));
	if (settings->connections_per_address != 0 &&
	    (s->peers = peers_new(settings->children)) == NULL)
		return server_fail(s->srv, "peers: %s", strerror(errno));
	return serving_run(s);
}

int
http_server_serve(struct http_server *srv, int fd)
{
	struct serving s = {
		.srv = srv,
		.settings = *srv,
		.fd = fd,
		.fd_flags = -1,
	};
	int rv = 0;

	if (!srv->internal.closing)
		rv = serving_start(&s);
	serving_end(&s);
	return rv == -1 ? -1 : closed(srv);
}

int
http_server_listen(struct http_server *srv, const char *addr)
{
	struct http_server settings = *srv;
	size_t n = srv->internal.nlisteners;
	int fd, *listeners;

	fill_in_defaults(&settings);
	fd = listener_open(addr == NULL ? "" : addr,
	    (int)(settings.read_header_timeout / 1000), srv->internal.error,
	    sizeof(srv->internal.error));
	if (fd == -1)
		return -1;
	listeners = reallocarray(srv->internal.listeners, n + 1, sizeof(int));
	if (listeners == NULL) {
		(void)close(fd);
		errno = ENOMEM;
		return server_fail(srv, "listeners: %s", strerror(ENOMEM));
	}
	listeners[n] = fd;
	srv->internal.listeners = listeners;
	srv->internal.nlisteners = n + 1;
	return 0;
}

int
http_server_listen_and_serve(struct http_server *srv)
{
	if (srv->internal.closing)
		return closed(srv);
	if (http_server_listen(srv, srv->addr) == -1)
		return -1;
	return http_server_serve(srv, -1);
}

int
http_listen_and_serve(const char *addr, http_handler_fn *serve, void *arg)
{
	struct http_server srv = {
		.addr = addr,
		.handler = { serve, arg },
	};
	int rv = http_server_listen_and_serve(&srv);

	if (rv == -1)
		log_message(LOG_ERR, "%s", http_server_error(&srv));
	return rv;
}

static int
server_request(struct http_server *srv, enum master_request request)
{
	pid_t master;

	srv->internal.closing = 1;
	master = srv->internal.master;
	return master == 0 ? 0 : master_request(master, request);
}

int
http_server_shutdown(struct http_server *srv)
{
	return server_request(srv, MASTER_DRAIN);
}

int
http_server_close(struct http_server *srv)
{
	return server_request(srv, MASTER_CLOSE);
}

const char *
http_server_error(const struct http_server *srv)
{
	return srv->internal.error;
}
