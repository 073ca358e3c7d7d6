/*
 * httpserve(8): the library's file server as a system daemon.
 */
#include <sys/mman.h>
#include <sys/resource.h>
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

/* Roots and logs may be more than the soft limit on descriptors allows. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
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
	char why[256];
	int status = daemon_set_user(d, d->config, why, sizeof(why));

	if (status != 0)
		errx(status, "%s", why);
}

static void
prepare_sandbox(struct daemon *d)
{
	char what[256];

	if (daemon_set_sandbox(d) == -1)
		err(EX_OSERR, "sandbox");
	d->unconfined = mmap(NULL, DAEMON_UNCONFINED_SIZE,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (d->unconfined == MAP_FAILED)
		err(EX_OSERR, "mmap");
	if (sandbox_lacks(&d->confine.sandbox, what, sizeof(what)))
		daemon_say(d, LOG_NOTICE, what);
}

/* Reads what there is to read, and leaves where no more is wanted. */
static void
load(struct daemon *d)
{
	int status;

	if (d->command.chroot_dir != NULL)
		make_absolute(&d->command.chroot_dir);
	if ((d->config = daemon_load(d, &status)) == NULL)
		exit(status);
	if (d->command.prints)
		config_print(d->config, stdout);
	else if (d->command.checks)
		(void)printf("%s: ok\n", d->command.file);
	if (d->command.prints || d->command.checks) {
		daemon_unload(d->config);
		if (fflush(stdout) == EOF)
			err(EX_IOERR, "standard output");
		exit(EX_OK);
	}
	if (d->command.file != NULL)
		make_absolute(&d->command.file);
	if (d->command.root != NULL)
		make_absolute(&d->command.root);
	if (d->command.pidfile != NULL)
		make_absolute(&d->command.pidfile);
	if (d->config->options.pidfile != NULL &&
	    (d->pidfile_path = abspath(d->config->options.pidfile)) == NULL)
		err(EX_OSERR, "%s", d->config->options.pidfile);
}

static void
open_logs(struct daemon *d)
{
	char why[PATH_MAX + 128];
	int status;

	d->logs = &d->log_sets[0];
	status = logs_open(d->logs, &d->config->options, &d->config->logs, NULL,
	    why, sizeof(why));
	if (status != 0)
		errx(status, "%s", why);
	logs_use(d->logs, &d->srv);
}

/* A successor takes it when its predecessor has let go. */
static void
open_pidfile(struct daemon *d)
{
	char why[PATH_MAX + 128];

	if (d->pidfile_path == NULL || d->inheritance.from != 0)
		return;
	d->pidfile = daemon_open_pidfile(d->pidfile_path, why, sizeof(why));
	if (d->pidfile == NULL)
		errx(errno == EEXIST ? EX_UNAVAILABLE : EX_CANTCREAT, "%s",
		    why);
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
	daemon_unload(d->config);
	exit(status);
}

static void
open_listeners(struct daemon *d)
{
	const struct options *o = &d->config->options;
	char why[512] = "";
	int result, status;

	if (d->inheritance.from != 0)
		result = sockets_succeed(&d->sockets, &d->srv,
		    &d->inheritance, o, why, sizeof(why));
	else
		result = sockets_listen(&d->sockets, &d->srv, o, why,
		    sizeof(why));
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

int
main(int argc, char *argv[])
{
	static struct daemon d;

	if (upgrade_inherit(&d.inheritance) == -1)
		err(EX_OSERR, "the listeners of the server before this one");
	open_standard_streams();
	options_parse(&d.command, argc, argv);
	if (d.command.shows)
		return top_run(d.command.pidfile);
	raise_descriptors();
	load(&d);
	if (upgrade_note(&d.upgrade, argv) == -1)
		err(EX_OSERR, "/proc/self/exe");
	daemon_set_server(&d, d.config);
	daemon_set_hooks(&d);
	switch (notify_open()) {
	case -1:
		daemon_complain(&d, "NOTIFY_SOCKET");
		break;
	case 1:
		daemon_set_tick(&d);
		break;
	}
	find_user(&d);
	open_logs(&d);
	prepare_sandbox(&d);
	open_pidfile(&d);
	open_listeners(&d);
	if (d.config->options.detach)
		detach(&d);
	if (d.pidfile != NULL && pidfile_write(d.pidfile) == -1)
		daemon_complain(&d, d.pidfile_path);
	leave(&d, serve(&d));
}
