/*
 * httpserve(8): the library's file server as a system daemon.
 */
#include <sys/mman.h>
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libutil.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "abspath.h"
#include "daemon.h"
#include "notify.h"
#include "sockets.h"
#include "top.h"

/* A socket must not get the number of a standard stream that is closed. */
static void
open_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd == -1)
		err(EX_OSERR, "/dev/null");
	(void)close(fd);
}

static int
errno_status(int error)
{
	switch (error) {
	case EINVAL:
	case ENAMETOOLONG:
		return EX_USAGE;
	case EADDRINUSE:
	case EADDRNOTAVAIL:
	case EEXIST:
		return EX_UNAVAILABLE;
	case EACCES:
	case EPERM:
		return EX_NOPERM;
	default:
		return EX_OSERR;
	}
}

/*
 * What is opened again later must be found then: daemon(3) leaves the
 * directory that a relative path begins in.
 */
static void
make_absolute(const char **path)
{
	const char *whole = abspath(*path);

	if (whole == NULL)
		err(EX_OSERR, "%s", *path);
	*path = whole;
}

static void
find_user(struct daemon *d)
{
	const char *user = d->options.user;
	char why[256];

	if (user == NULL)
		return;
	if (privileges_parse(&d->privileges, user, why, sizeof(why)) == -1)
		errx(EX_NOUSER, "%s", why);
	if (geteuid() != 0)
		errx(EX_NOPERM, "-u %s: only root can become another user; "
		    "start as root, or without -u", user);
	d->confine.privileges = &d->privileges;
}

/*
 * Where links out of the root are followed, Landlock can't know where to.
 * What the kernel can't do is said once, and done without.
 */
static void
prepare_sandbox(struct daemon *d)
{
	const struct options *o = &d->options;
	char what[256];
	size_t i;

	d->confine.sandbox.capabilities = true;
	d->confine.sandbox.landlock = !http_file_server_follows(d->files);
	d->confine.sandbox.seccomp = true;
	d->confine.sandbox.logs_refusals = o->level == LOG_DEBUG;
	for (i = 0; i < o->nwithout; i++)
		if (confine_without(&d->confine, o->without[i]) == -1)
			errx(EX_USAGE, "-x %s: give capabilities, landlock, "
			    "seccomp or all", o->without[i]);
	d->confine.sandbox.log_fds[0] = d->srv.access_log;
	d->confine.sandbox.log_fds[1] = d->srv.error_log_fd;
	if (confine_to(&d->confine, o->root) == -1)
		err(EX_OSERR, "%s", o->root);
	d->unconfined = mmap(NULL, DAEMON_UNCONFINED_SIZE,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (d->unconfined == MAP_FAILED)
		err(EX_OSERR, "mmap");
	if (sandbox_lacks(&d->confine.sandbox, what, sizeof(what)))
		daemon_say(d, LOG_NOTICE, what);
}

static void
open_root(struct daemon *d)
{
	static char why[DAEMON_WHY_SIZE];
	int status;

	if (d->options.chroot_dir != NULL)
		make_absolute(&d->options.chroot_dir);
	d->confine.sandbox.chroot_dir = d->options.chroot_dir;
	d->files = daemon_open_files(d, &status, why, sizeof(why));
	if (d->files == NULL)
		errx(status, "%s", why);
	daemon_set_handler(d);
	make_absolute(&d->options.root);
}

static void
parse_target(struct logtarget *target, int option, const char *name)
{
	char why[256];

	if (logtarget_parse(target, name, why, sizeof(why)) == -1)
		errx(EX_USAGE, "-%c %s: %s", option, name, why);
}

/* Standard output would be /dev/null behind -d. */
static void
open_access_log(struct daemon *d)
{
	const struct options *o = &d->options;
	const char *name = o->access_log == NULL ? "-" : o->access_log;

	if (o->quiet || (o->detach && o->access_log == NULL))
		return;
	parse_target(&d->access_target, 'L', name);
	d->srv.access_log = logtarget_open(&d->access_target, STDOUT_FILENO,
	    true);
	if (d->srv.access_log == -1)
		err(EX_CANTCREAT, "access log %s", name);
	d->srv.access_log_priority = d->access_target.facility | LOG_INFO;
}

/* Behind -d, standard error would be /dev/null, too. */
static void
open_error_log(struct daemon *d)
{
	const char *name = d->options.error_log;

	if (name == NULL)
		name = d->options.detach ? "syslog" : "-";
	parse_target(&d->error_target, 'e', name);
	if (d->error_target.kind == LOGTARGET_STREAM)
		return;
	d->srv.error_log_fd = logtarget_open(&d->error_target, STDERR_FILENO,
	    true);
	if (d->srv.error_log_fd == -1)
		err(EX_CANTCREAT, "error log %s", name);
	errorlog_init(&d->errorlog, d->srv.error_log_fd,
	    d->error_target.facility);
	d->srv.error_log = errorlog_write;
	d->srv.error_log_arg = &d->errorlog;
}

/* A successor takes it when its predecessor has let go. */
static void
open_pidfile(struct daemon *d)
{
	char why[PATH_MAX + 128];
	int status;

	if (d->options.pidfile == NULL)
		return;
	make_absolute(&d->options.pidfile);
	if (d->inheritance.from != 0)
		return;
	status = daemon_open_pidfile(d, why, sizeof(why));
	if (status != 0)
		errx(status, "%s", why);
}

/*
 * Leaves nothing behind.  A server that is shut down before it serves only
 * closes what http_server_listen() has opened.
 */
static _Noreturn void
leave(struct daemon *d, int status)
{
	(void)http_server_shutdown(&d->srv);
	(void)http_server_serve(&d->srv, -1);
	if (d->pidfile != NULL)
		(void)pidfile_remove(d->pidfile);
	http_file_server_free(d->files);
	exit(status);
}

static void
open_listeners(struct daemon *d)
{
	const struct options *o = &d->options;
	char why[512] = "";
	int result, status;

	if (d->inheritance.from != 0)
		result = sockets_succeed(&d->sockets, &d->srv,
		    &d->inheritance, o->addresses, o->naddresses, why,
		    sizeof(why));
	else
		result = sockets_listen(&d->sockets, &d->srv, o->addresses,
		    o->naddresses, why, sizeof(why));
	if (result == 0)
		return;
	status = errno_status(errno);
	warnx("%s", why);
	leave(d, status);
}

/* From here on there is nobody at the terminal; for a successor never was. */
static void
detach(const struct daemon *d)
{
	if (d->inheritance.from == 0 && daemon(0, 0) == -1)
		err(EX_OSERR, "daemon");
	notify_follow_fork();
}

/*
 * The master takes these from here on, and what comes after it has ended must
 * not end the daemon before it has cleaned up.
 */
static void
block_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT,
	    SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU };
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaddset(&set, signals[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static int
serve(struct daemon *d)
{
	int status;

	block_signals();
	if (http_server_serve(&d->srv, -1) == HTTP_SERVER_CLOSED)
		return EX_OK;
	status = errno_status(errno);
	daemon_say(d, LOG_ERR, http_server_error(&d->srv));
	return status;
}

static void
set_server(struct daemon *d)
{
	const struct options *o = &d->options;

	d->srv.children = o->children;
	d->srv.connections_per_child = o->connections;
	d->srv.connections_per_address = o->per_address;
	d->srv.shutdown_timeout = o->drain_ms;
	d->srv.hang_timeout = o->hang_ms;
	d->srv.max_requests_per_child = o->requests;
	d->srv.error_log_priority = o->level;
	d->srv.access_log_format = o->json ?
	    HTTP_LOG_JSON : HTTP_LOG_COMBINED;
	daemon_set_hooks(d);
}

int
main(int argc, char *argv[])
{
	static struct daemon d;

	if (upgrade_inherit(&d.inheritance) == -1)
		err(EX_OSERR, "the listeners of the server before this one");
	open_standard_streams();
	options_parse(&d.options, argc, argv);
	if (d.options.shows)
		return top_run(d.options.pidfile);
	if (upgrade_note(&d.upgrade, argv) == -1)
		err(EX_OSERR, "/proc/self/exe");
	set_server(&d);
	switch (notify_open()) {
	case -1:
		daemon_complain(&d, "NOTIFY_SOCKET");
		break;
	case 1:
		daemon_set_tick(&d);
		break;
	}
	find_user(&d);
	open_root(&d);
	open_access_log(&d);
	open_error_log(&d);
	prepare_sandbox(&d);
	open_pidfile(&d);
	open_listeners(&d);
	if (d.options.detach)
		detach(&d);
	if (d.pidfile != NULL && pidfile_write(d.pidfile) == -1)
		daemon_complain(&d, d.options.pidfile);
	leave(&d, serve(&d));
}
