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

#include "config.h"
#include "httpstatus.h"
#include "notify.h"

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

static void
notify(struct daemon *d, const char *state)
{
	if (notify_send(state) == -1)
		daemon_complain(d, "notify");
}

static int
set_file_options(struct http_file_server *files, struct options *o,
    char *why, size_t size)
{
	char wrong[512];
	size_t i;

	for (i = 0; i < o->nfiles; i++) {
		if (config_set_option(files, &o->status_path, o->files[i],
		    wrong, sizeof(wrong)) == 0)
			continue;
		(void)snprintf(why, size, "-o %s: %s", o->files[i], wrong);
		return -1;
	}
	return 0;
}

/* Of a root that can't be opened. */
static int
root_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case ENAMETOOLONG:
		return EX_NOINPUT;
	case EACCES:
		return EX_NOPERM;
	default:
		return EX_OSERR;
	}
}

/* Children could not look again where a root outside of theirs is. */
static int
check_chroot(const struct daemon *d, int *status, char *why, size_t size)
{
	const struct options *o = &d->options;

	if (confine_check(&d->confine, o->root) == 0)
		return 0;
	*status = errno == EXDEV ? EX_USAGE : EX_NOINPUT;
	if (errno == EXDEV)
		(void)snprintf(why, size, "root directory %s: not below -r "
		    "%s", o->root, o->chroot_dir);
	else
		(void)snprintf(why, size, "-r %s: %s", o->chroot_dir,
		    strerror(errno));
	return -1;
}

struct http_file_server *
daemon_open_files(struct daemon *d, int *status, char *why, size_t size)
{
	struct options *o = &d->options;
	struct http_file_server *files = http_file_server_new(o->root);

	if (files == NULL && errno == ENOSYS) {
		*status = EX_OSERR;
		(void)snprintf(why, size, "%s: this kernel has no openat2(2); "
		    "Linux 5.6 or newer is needed", o->root);
		return NULL;
	}
	if (files == NULL) {
		*status = root_status(errno);
		(void)snprintf(why, size, "root directory %s: %s", o->root,
		    strerror(errno));
		return NULL;
	}
	if (set_file_options(files, o, why, size) == -1)
		*status = EX_USAGE;
	else if (check_chroot(d, status, why, size) == 0)
		return files;
	http_file_server_free(files);
	return NULL;
}

/* To others than this machine the path is one of the files like any. */
static void
serve_status_or_files(struct http_response *res, struct http_request *req,
    void *arg)
{
	struct daemon *d = arg;

	if (strcmp(http_request_path(req), d->options.status_path) == 0 &&
	    http_status_is_local(req))
		http_status_serve(res, req, &d->srv);
	else
		http_file_server_serve(res, req, d->files);
}

void
daemon_set_handler(struct daemon *d)
{
	d->srv.handler = d->options.status_path == NULL ?
	    (struct http_handler){ http_file_server_serve, d->files } :
	    (struct http_handler){ serve_status_or_files, d };
}

int
daemon_open_pidfile(struct daemon *d, char *why, size_t size)
{
	const struct timespec pause = { .tv_nsec = PIDFILE_PAUSE_NS };
	int tries = d->inheritance.from == 0 ? 1 : PIDFILE_TRIES;
	const char *path = d->options.pidfile;
	pid_t other = 0;

	while (tries-- > 0) {
		d->pidfile = pidfile_open(path, 0644, &other);
		/* ENOENT: it went when pidfile_open(3) looked who has it. */
		if (d->pidfile != NULL || (errno != EEXIST && errno != ENOENT))
			break;
		if (tries > 0)
			(void)nanosleep(&pause, NULL);
	}
	if (d->pidfile != NULL) {
		/* A successor must not hold it: libbsd leaves it open. */
		(void)fcntl(pidfile_fileno(d->pidfile), F_SETFD, FD_CLOEXEC);
		return 0;
	}
	if (errno == EEXIST) {
		(void)snprintf(why, size, "pidfile %s: process %d has it; "
		    "stop it first", path, (int)other);
		return EX_UNAVAILABLE;
	}
	(void)snprintf(why, size, "pidfile %s: %s", path, strerror(errno));
	return EX_CANTCREAT;
}

/* This server has taken over: its predecessor may go, and lets go. */
static void
succeed(struct daemon *d)
{
	char why[512];

	if (http_server_succeed(d->inheritance.from) == -1)
		daemon_complain(d, "the server before this one");
	if (d->options.pidfile == NULL)
		return;
	if (daemon_open_pidfile(d, why, sizeof(why)) != 0)
		daemon_say(d, LOG_ERR, why);
	else if (pidfile_write(d->pidfile) == -1)
		daemon_complain(d, d->options.pidfile);
}

static void
on_ready(void *arg)
{
	struct daemon *d = arg;

	d->is_main = true;
	if (d->inheritance.from == 0)
		notify(d, "READY=1");
	else
		succeed(d);
}

static void
on_stopping(void *arg)
{
	notify(arg, "STOPPING=1");
}

/* The root is opened anew, and its options and media types with it. */
static int
on_reload(void *arg)
{
	struct http_file_server *files;
	static char why[DAEMON_WHY_SIZE];
	struct daemon *d = arg;
	int status;

	if (notify_reloading() == -1)
		daemon_complain(d, "notify");
	files = daemon_open_files(d, &status, why, sizeof(why));
	if (files == NULL) {
		daemon_say(d, LOG_ERR, why);
		daemon_say(d, LOG_ERR, "reload: going on as before");
		notify(d, "READY=1");
		return -1;
	}
	d->former = d->files;
	d->files = files;
	daemon_set_handler(d);
	return 0;
}

static void
on_reloaded(void *arg, int took_over)
{
	struct http_file_server *useless;
	struct daemon *d = arg;

	useless = took_over ? d->former : d->files;
	if (!took_over)
		d->files = d->former;
	daemon_set_handler(d);
	d->former = NULL;
	http_file_server_free(useless);
	notify(d, "READY=1");
}

/* What is a standard stream stays as it is. */
static int
reopen_access_log(struct daemon *d)
{
	int fd, result;

	if (d->srv.access_log == 0 ||
	    d->access_target.kind == LOGTARGET_STREAM)
		return 0;
	if ((fd = logtarget_open(&d->access_target, -1, false)) == -1)
		return -1;
	result = dup3(fd, d->srv.access_log, O_CLOEXEC);
	(void)close(fd);
	return result == -1 ? -1 : 0;
}

static int
reopen_error_log(struct daemon *d)
{
	int fd, result;

	if (d->srv.error_log_fd == 0)
		return 0;
	if ((fd = logtarget_open(&d->error_target, -1, false)) == -1)
		return -1;
	result = errorlog_reopen(&d->errorlog, fd);
	(void)close(fd);
	return result;
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

	/* One that fails stays what it was; the other is new, for all. */
	if (reopen_access_log(d) == -1)
		daemon_complain(d, name_of(&d->access_target));
	if (reopen_error_log(d) == -1)
		daemon_complain(d, name_of(&d->error_target));
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
 * A root that is a link may lead elsewhere by now; where it leads nowhere, it
 * stays what it was.
 */
static int
confine(struct daemon *d, char *why, size_t size)
{
	const char *root = d->options.root;
	char *path = NULL;
	int result;

	(void)confine_to(&d->confine, root);
	if (d->confine.sandbox.chroot_dir != NULL)
		path = confine_path(&d->confine, root);
	result = confine_child(&d->confine, why, size);
	if (result == 0 && path != NULL &&
	    (result = http_file_server_set_path(d->files, path)) == -1)
		(void)snprintf(why, size, "%s: %s", path, strerror(errno));
	free(path);
	return result;
}

/*
 * The pidfile is the master's: a child that outlives it must not hold it.  Nor
 * the root of before a reload, which may be unmounted.
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
	d->pidfile = NULL;
	http_file_server_free(d->former);
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
daemon_set_hooks(struct daemon *d)
{
	d->srv.child_start = on_child_start;
	d->srv.child_arg = d;
	d->srv.notify_arg = d;
	d->srv.ready = on_ready;
	d->srv.stopping = on_stopping;
	d->srv.reload = on_reload;
	d->srv.reloaded = on_reloaded;
	d->srv.reopen = on_reopen;
	d->srv.upgrade = on_upgrade;
	d->srv.succeeded = on_succeeded;
}
