#include "daemon.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "httpfiles.h"
#include "httpstatus.h"
#include "notify.h"
#include "reload.h"

/* How often a service manager is told what the children do. */
#define STATUS_MS		5000
/* How long a predecessor has to let go of the pidfile: 5 s. */
#define PIDFILE_TRIES		500
#define PIDFILE_PAUSE_NS	10000000

void
daemon_say(struct daemon *d, int priority, const char *what)
{
	if (d->srv.error_log == NULL)
		warnx("%s", what);
	else
		d->srv.error_log(d->srv.error_log_arg, priority, what);
}

void
daemon_complain(struct daemon *d, const char *what)
{
	char line[512];

	(void)snprintf(line, sizeof(line), "%s: %s", what, strerror(errno));
	daemon_say(d, LOG_WARNING, line);
}

void
daemon_notify(struct daemon *d, const char *state)
{
	if (notify_send(state) == -1)
		daemon_complain(d, "notify");
}

static void
say_fault(void *arg, const char *line)
{
	daemon_say(arg, LOG_ERR, line);
}

struct config *
daemon_load(struct daemon *d, int *status)
{
	struct config *config = malloc(sizeof(*config));

	*status = EX_OSERR;
	if (config == NULL) {
		daemon_complain(d, "configuration");
		return NULL;
	}
	if (config_load(config, &d->command) == -1)
		*status = config_explain(config, say_fault, d);
	else
		return config;
	daemon_unload(config);
	return NULL;
}

void
daemon_unload(struct config *config)
{
	if (config != NULL)
		config_free(config);
	free(config);
}

/* To others than this machine the path is one of the sites like any. */
static void
serve_status_or_sites(struct http_response *res, struct http_request *req,
    void *arg)
{
	struct daemon *d = arg;
	const struct http_handler *sites = &d->config->sites.handler;

	if (strcmp(http_request_path(req),
	    d->config->options.status_path) == 0 && http_status_is_local(req))
		http_status_serve(res, req, &d->srv);
	else
		sites->serve(res, req, sites->arg);
}

struct pidfh *
daemon_open_pidfile(const char *path, char *why, size_t size)
{
	pid_t other = 0;
	struct pidfh *pidfile = pidfile_open(path, 0644, &other);
	int error = errno;

	if (pidfile != NULL) {
		/* A successor must not hold it: libbsd leaves it open. */
		(void)fcntl(pidfile_fileno(pidfile), F_SETFD, FD_CLOEXEC);
		return pidfile;
	}
	if (errno == EEXIST)
		(void)snprintf(why, size, "pidfile %s: process %d has it; "
		    "stop it first", path, (int)other);
	else
		(void)snprintf(why, size, "pidfile %s: %s", path,
		    strerror(errno));
	errno = error;
	return NULL;
}

/* The pidfile is the first thing that a predecessor gives up. */
static struct pidfh *
inherit_pidfile(const char *path, char *why, size_t size)
{
	const struct timespec pause = { .tv_nsec = PIDFILE_PAUSE_NS };
	struct pidfh *pidfile;
	int tries = PIDFILE_TRIES;

	/* ENOENT: it went when pidfile_open(3) looked who has it. */
	while ((pidfile = daemon_open_pidfile(path, why, size)) == NULL &&
	    (errno == EEXIST || errno == ENOENT) && --tries > 0)
		(void)nanosleep(&pause, NULL);
	return pidfile;
}

int
daemon_set_user(struct daemon *d, const struct config *config, char *why,
    size_t size)
{
	const char *user = config->options.user;
	bool second = d->confine.privileges == &d->privileges[0];

	d->former_privileges = d->confine.privileges;
	if (user == NULL) {
		d->confine.privileges = NULL;
		return 0;
	}
	if (privileges_parse(&d->privileges[second], user, why, size) == -1)
		return EX_NOUSER;
	if (geteuid() != 0) {
		(void)snprintf(why, size, "-u %s: only root can become "
		    "another user; start as root, or without -u", user);
		return EX_NOPERM;
	}
	d->confine.privileges = &d->privileges[second];
	return 0;
}

/* This server has taken over: its predecessor may go, and lets go. */
static void
succeed(struct daemon *d)
{
	char why[512];

	/* Its process id may be another's by now: it was our parent. */
	if (getppid() != d->inheritance.from)
		daemon_say(d, LOG_NOTICE,
		    "the server before this one has gone by itself");
	else if (http_server_succeed(d->inheritance.from) == -1)
		daemon_complain(d, "the server before this one");
	if (d->pidfile_path == NULL)
		return;
	d->pidfile = inherit_pidfile(d->pidfile_path, why, sizeof(why));
	if (d->pidfile == NULL)
		daemon_say(d, LOG_ERR, why);
	else if (pidfile_write(d->pidfile) == -1)
		daemon_complain(d, d->pidfile_path);
}

static void
on_ready(void *arg)
{
	struct daemon *d = arg;

	d->is_main = true;
	if (d->inheritance.from == 0)
		daemon_notify(d, "READY=1");
	else
		succeed(d);
}

static void
on_stopping(void *arg)
{
	daemon_notify(arg, "STOPPING=1");
}

static const char *
name_of(const struct logtarget *target)
{
	return target->path == NULL ? "syslog" : target->path;
}

static int
on_reopen(void *arg)
{
	struct daemon *d = arg;
	size_t i;

	/* One that fails stays what it was; the others are new, for all. */
	for (i = 0; i < d->logs->naccess; i++)
		if (logs_reopen_access(&d->logs->access[i]) == -1)
			daemon_complain(d, name_of(&d->logs->access[i].target));
	if (logs_reopen_error(d->logs) == -1)
		daemon_complain(d, name_of(&d->logs->error_target));
	return 0;
}

static pid_t
on_upgrade(void *arg)
{
	struct daemon *d = arg;

	d->successor = upgrade_start(&d->upgrade, d->sockets.listeners,
	    d->sockets.n);
	if (d->successor == -1)
		daemon_complain(d, "upgrade");
	return d->successor;
}

/* Whoever manages this service looks after the successor from now on. */
static void
on_succeeded(void *arg)
{
	struct daemon *d = arg;

	if (d->pidfile != NULL)
		(void)pidfile_remove(d->pidfile);
	d->pidfile = NULL;
	if (notify_succeeded(d->successor) == -1)
		daemon_complain(d, "notify");
}

/* What systemctl(1) shows, and that nobody hangs. */
static void
on_tick(void *arg, const struct http_server_load *load)
{
	struct daemon *d = arg;
	uint64_t answered = load->requests - d->requests;

	/* Of a successor it knows nothing yet. */
	if (d->inheritance.from != 0 && !d->is_main)
		return;
	d->requests = load->requests;
	(void)notify_status("%u children%s, %u connections, %ju requests a "
	    "second", load->children, load->stuck == 0 ? "" : ", some hang",
	    load->connections,
	    (uintmax_t)(answered * 1000 / d->srv.tick_ms));
	if (load->stuck == 0)
		(void)notify_alive();
}

/* Four times before the manager thinks that the daemon hangs. */
void
daemon_set_tick(struct daemon *d)
{
	uint64_t watchdog_ms = notify_watchdog_usec() / 1000;

	d->srv.tick = on_tick;
	d->srv.tick_ms = STATUS_MS;
	if (watchdog_ms > 0 && watchdog_ms / 4 < STATUS_MS)
		d->srv.tick_ms = watchdog_ms < 8 ? 2 :
		    (unsigned int)(watchdog_ms / 4);
}

/*
 * Where the roots, and files of passwords, are from chroot_dir on: so many
 * paths as there are of both, or NULL.
 */
static char **
find_inner_paths(const struct daemon *d)
{
	const struct config_sites *sites = &d->config->sites;
	const struct config_handlers *handlers = &sites->handlers;
	size_t n = sites->nservers, i;
	char **paths = calloc(n + handlers->nauths + 1, sizeof(*paths));

	for (i = 0; paths != NULL && i < n; i++)
		if (sites->servers[i].root != NULL)
			paths[i] = confine_path(&d->confine,
			    sites->servers[i].root);
	for (i = 0; paths != NULL && i < handlers->nauths; i++)
		paths[n + i] = confine_path(&d->confine,
		    handlers->auths[i].path);
	return paths;
}

static int
set_inner_paths(struct daemon *d, char *const *paths)
{
	const struct config_sites *sites = &d->config->sites;
	const struct config_handlers *handlers = &sites->handlers;
	size_t n = sites->nservers, i;

	for (i = 0; i < n; i++)
		if (paths[i] != NULL && http_file_server_set_path(
		    sites->servers[i].files, paths[i]) == -1)
			return -1;
	for (i = 0; i < handlers->nauths; i++)
		if (paths[n + i] != NULL && http_basic_auth_set_path(
		    handlers->auths[i].auth, paths[n + i]) == -1)
			return -1;
	return 0;
}

/*
 * A root that is a link may lead elsewhere by now; where it leads nowhere, it
 * stays what it was.
 */
static int
confine(struct daemon *d, char *why, size_t size)
{
	const struct config_sites *sites = &d->config->sites;
	char **paths = NULL;
	size_t i;
	int result;

	(void)confine_to(&d->confine, sites->roots, sites->nroots,
	    sites->secrets, sites->nsecrets);
	if (d->confine.sandbox.chroot_dir != NULL &&
	    (paths = find_inner_paths(d)) == NULL) {
		(void)snprintf(why, size, "roots: %s", strerror(errno));
		return -1;
	}
	result = confine_child(&d->confine, why, size);
	if (result == 0 && paths != NULL &&
	    (result = set_inner_paths(d, paths)) == -1)
		(void)snprintf(why, size, "roots: %s", strerror(errno));
	for (i = 0; paths != NULL &&
	    i < sites->nservers + sites->handlers.nauths; i++)
		free(paths[i]);
	free(paths);
	return result;
}

/*
 * The pidfile is the master's: a child that outlives it must not hold it.  Nor
 * the roots and the logs of before a reload, which may be unmounted.
 */
static int
on_child_start(void *arg, unsigned int child)
{
	struct daemon *d = arg;
	char why[DAEMON_UNCONFINED_SIZE];
	int error;

	(void)child;
	if (d->pidfile != NULL)
		(void)pidfile_close(d->pidfile);
	if (d->next_pidfile != NULL)
		(void)pidfile_close(d->next_pidfile);
	d->pidfile = d->next_pidfile = NULL;
	if (d->former != NULL)
		logs_close(&d->log_sets[d->logs == d->log_sets], d->logs);
	daemon_unload(d->former);
	d->former = NULL;
	if (confine(d, why, sizeof(why)) == 0) {
		d->unconfined[0] = '\0';
		return 0;
	}
	error = errno;
	if (strncmp(d->unconfined, why, sizeof(why)) != 0)
		daemon_say(d, LOG_ERR, why);
	(void)strlcpy(d->unconfined, why, sizeof(why));
	errno = error;
	return -1;
}

void
daemon_set_server(struct daemon *d, struct config *config)
{
	const struct options *o = &config->options;
	struct http_server *srv = &d->srv;

	srv->handler = config_sites_front(&config->sites,
	    o->status_path == NULL ? config->sites.handler :
	    (struct http_handler){ serve_status_or_sites, d });
	srv->refused = http_file_server_refused;
	srv->refused_arg = config->sites.top;
	srv->children = o->children;
	srv->connections_per_child = o->connections;
	srv->connections_per_address = o->per_address;
	srv->reserved_descriptors = (unsigned int)config->sites.nroots;
	srv->shutdown_timeout = o->drain_ms;
	srv->hang_timeout = o->hang_ms;
	srv->max_requests_per_child = o->requests;
	srv->read_header_timeout = o->read_header_ms;
	srv->write_timeout = o->write_ms;
	srv->idle_timeout = o->idle_ms;
	srv->min_rate = o->min_rate;
	srv->max_requests = o->max_requests;
	srv->error_log_priority = o->level;
}

/*
 * Where links out of the root are followed, Landlock can't know where to.
 * What the kernel can't do is done without.
 */
int
daemon_set_sandbox(struct daemon *d)
{
	const struct config_sites *sites = &d->config->sites;
	const struct options *o = &d->config->options;
	struct sandbox_config *sandbox = &d->confine.sandbox;
	unsigned int parts = options_parts(o);

	sandbox->chroot_dir = o->chroot_dir;
	sandbox->capabilities = (parts & 1) != 0;
	sandbox->landlock = (parts & 2) != 0 && !sites->follows_links;
	sandbox->seccomp = (parts & 4) != 0;
	sandbox->no_new_privs = (parts & 8) != 0;
	sandbox->logs_refusals = o->level == LOG_DEBUG;
	sandbox->nlog_fds = logs_sockets(d->logs, d->log_sockets);
	sandbox->log_fds = d->log_sockets;
	return confine_to(&d->confine, sites->roots, sites->nroots,
	    sites->secrets, sites->nsecrets);
}

void
daemon_set_hooks(struct daemon *d)
{
	d->srv.child_start = on_child_start;
	d->srv.child_arg = d;
	d->srv.notify_arg = d;
	d->srv.ready = on_ready;
	d->srv.stopping = on_stopping;
	d->srv.reload = reload_begin;
	d->srv.reloaded = reload_end;
	d->srv.reopen = on_reopen;
	d->srv.upgrade = on_upgrade;
	d->srv.succeeded = on_succeeded;
}
