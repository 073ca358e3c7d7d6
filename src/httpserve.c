/*
 * httpserve(8): the library's file server as a system daemon.
 */
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libutil.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "config.h"
#include "httpserve.h"
#include "notify.h"
#include "privileges.h"

#define MAX_ADDRESSES	64
#define MAX_OPTIONS	256
#define MAX_CHILDREN	4096
#define MAX_CONNECTIONS	1000000
#define MAX_SECONDS	86400

/* The command line, as httpserve(8) has it. */
struct options {
	const char	*addresses[MAX_ADDRESSES];
	size_t		 naddresses;
	const char	*files[MAX_OPTIONS];	/* of -o */
	size_t		 nfiles;
	const char	*access_log;
	const char	*pidfile;
	const char	*user;
	const char	*root;
	unsigned int	 children;
	unsigned int	 connections;
	unsigned int	 per_address;
	unsigned int	 drain_ms;
	bool		 detach;
	bool		 quiet;
	bool		 verbose;
};

/* Everything that main() opens and the server needs. */
struct daemon {
	struct http_server	 srv;
	struct http_file_server	*files;
	struct privileges	 privileges;
	bool			 drops;		/* to these privileges */
	struct pidfh		*pidfile;
	bool			 detached;
};

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr, "usage: %s [-dqvV] [-c connections] [-g seconds] "
	    "[-L accesslog]\n\t[-l address]... [-m connections] [-n children]"
	    "\n\t[-o option[=value]]... [-p pidfile] [-u user[:group]] "
	    "[root]\n", getprogname());
	exit(EX_USAGE);
}

static unsigned int
number(int option, const char *arg, unsigned int min, unsigned int max)
{
	const char *problem;
	long long n = strtonum(arg, min, max, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "-%c %s: %s: give a number from %u to %u",
		    option, arg, problem, min, max);
	return (unsigned int)n;
}

static void
add_address(struct options *o, const char *address)
{
	if (o->naddresses == MAX_ADDRESSES)
		errx(EX_USAGE, "-l %s: more than %d addresses", address,
		    MAX_ADDRESSES);
	o->addresses[o->naddresses++] = address;
}

static void
add_file_option(struct options *o, const char *option)
{
	if (o->nfiles == MAX_OPTIONS)
		errx(EX_USAGE, "-o %s: more than %d options", option,
		    MAX_OPTIONS);
	o->files[o->nfiles++] = option;
}

static void
take_option(struct options *o, int option, const char *arg)
{
	switch (option) {
	case 'c':
		o->connections = number(option, arg, 1, MAX_CONNECTIONS);
		break;
	case 'd':
		o->detach = true;
		break;
	case 'g':
		/* To the library 0 would be the default. */
		o->drain_ms = number(option, arg, 0, MAX_SECONDS) * 1000;
		if (o->drain_ms == 0)
			o->drain_ms = 1;
		break;
	case 'L':
		o->access_log = arg;
		break;
	case 'l':
		add_address(o, arg);
		break;
	case 'm':
		o->per_address = number(option, arg, 1, MAX_CONNECTIONS);
		break;
	case 'n':
		o->children = number(option, arg, 1, MAX_CHILDREN);
		break;
	case 'o':
		add_file_option(o, arg);
		break;
	case 'p':
		o->pidfile = arg;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'u':
		o->user = arg;
		break;
	case 'V':
		(void)printf("httpserve %s\n", HTTPSERVE_VERSION);
		exit(EX_OK);
	case 'v':
		o->verbose = true;
		break;
	default:
		usage();
	}
}

static void
parse(struct options *o, int argc, char *argv[])
{
	int option;

	while ((option = getopt(argc, argv, "c:dg:L:l:m:n:o:p:qu:Vv")) != -1)
		take_option(o, option, optarg);
	argc -= optind;
	argv += optind;
	if (argc > 1)
		usage();
	o->root = argc == 1 ? argv[0] : ".";
	if (o->naddresses == 0)
		add_address(o, "");
}

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

static void
open_root(struct daemon *d, const struct options *o)
{
	d->files = http_file_server_new(o->root);
	if (d->files == NULL && errno == ENOSYS)
		errx(EX_OSERR, "%s: this kernel has no openat2(2); Linux 5.6 "
		    "or newer is needed", o->root);
	if (d->files == NULL)
		err(errno == EACCES ? EX_NOPERM : EX_NOINPUT,
		    "root directory %s", o->root);
	d->srv.handler.serve = http_file_server_serve;
	d->srv.handler.arg = d->files;
}

static void
set_file_options(struct daemon *d, const struct options *o)
{
	char why[512];
	size_t i;

	for (i = 0; i < o->nfiles; i++)
		if (config_set_option(d->files, o->files[i], why,
		    sizeof(why)) == -1)
			errx(EX_USAGE, "-o %s: %s", o->files[i], why);
}

/* Standard output would be /dev/null behind -d. */
static void
open_access_log(struct daemon *d, const struct options *o)
{
	if (o->quiet || (o->detach && o->access_log == NULL))
		return;
	if (o->access_log == NULL || strcmp(o->access_log, "-") == 0) {
		d->srv.access_log = STDOUT_FILENO;
		return;
	}
	d->srv.access_log = open(o->access_log,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (d->srv.access_log == -1)
		err(EX_CANTCREAT, "access log %s", o->access_log);
}

/* The pidfile is the master's: a child that outlives it must not hold it. */
static int
start_child(void *arg, unsigned int child)
{
	struct daemon *d = arg;

	(void)child;
	if (d->pidfile != NULL)
		(void)pidfile_close(d->pidfile);
	d->pidfile = NULL;
	return d->drops ? privileges_drop(&d->privileges) : 0;
}

static void
find_user(struct daemon *d, const struct options *o)
{
	char why[256];

	if (o->user == NULL)
		return;
	if (privileges_parse(&d->privileges, o->user, why, sizeof(why)) == -1)
		errx(EX_NOUSER, "%s", why);
	if (geteuid() != 0)
		errx(EX_NOPERM, "-u %s: only root can become another user; "
		    "start as root, or without -u", o->user);
	d->drops = true;
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
open_listeners(struct daemon *d, const struct options *o)
{
	int status;
	size_t i;

	for (i = 0; i < o->naddresses; i++) {
		if (http_server_listen(&d->srv, o->addresses[i]) == 0)
			continue;
		status = errno_status(errno);
		warnx("%s", http_server_error(&d->srv));
		leave(d, status);
	}
}

/* daemon(3) leaves the directory that a relative path begins in. */
static char *
absolute(const char *path)
{
	char dir[PATH_MAX], *whole;

	if (path[0] == '/')
		return strdup(path);
	if (getcwd(dir, sizeof(dir)) == NULL ||
	    asprintf(&whole, "%s/%s", dir, path) == -1)
		return NULL;
	return whole;
}

static void
open_pidfile(struct daemon *d, const struct options *o)
{
	pid_t other = 0;
	char *path;

	if (o->pidfile == NULL)
		return;
	path = absolute(o->pidfile);
	if (path == NULL)
		err(EX_OSERR, "pidfile %s", o->pidfile);
	d->pidfile = pidfile_open(path, 0644, &other);
	if (d->pidfile == NULL && errno == EEXIST)
		errx(EX_UNAVAILABLE, "pidfile %s: process %d has it; stop it "
		    "first", path, (int)other);
	if (d->pidfile == NULL)
		err(EX_CANTCREAT, "pidfile %s", path);
	free(path);
}

static void
log_to_syslog(void *arg, int priority, const char *line)
{
	(void)arg;
	syslog(priority, "%s", line);
}

/* From here on there is nobody at the terminal. */
static void
detach(struct daemon *d)
{
	openlog("httpserve", LOG_PID, LOG_DAEMON);
	d->srv.error_log = log_to_syslog;
	if (daemon(0, 0) == -1)
		err(EX_OSERR, "daemon");
	d->detached = true;
}

/* A failure that the daemon can live with; errno says which. */
static void
complain(const struct daemon *d, const char *what)
{
	if (d->detached)
		syslog(LOG_WARNING, "%s: %m", what);
	else
		warn("%s", what);
}

static void
tell_ready(void *arg)
{
	if (notify_send("READY=1") == -1)
		complain(arg, "notify");
}

static void
tell_stopping(void *arg)
{
	if (notify_send("STOPPING=1") == -1)
		complain(arg, "notify");
}

/*
 * The master takes these from here on, and what comes after it has ended must
 * not end the daemon before it has cleaned up.
 */
static void
block_signals(void)
{
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigaddset(&signals, SIGQUIT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
}

static int
serve(struct daemon *d)
{
	int status;

	block_signals();
	if (http_server_serve(&d->srv, -1) == HTTP_SERVER_CLOSED)
		return EX_OK;
	status = errno_status(errno);
	if (d->detached)
		syslog(LOG_ERR, "%s", http_server_error(&d->srv));
	else
		warnx("%s", http_server_error(&d->srv));
	return status;
}

int
main(int argc, char *argv[])
{
	struct options o = { 0 };
	struct daemon d = { 0 };

	open_standard_streams();
	parse(&o, argc, argv);
	d.srv.children = o.children;
	d.srv.connections_per_child = o.connections;
	d.srv.connections_per_address = o.per_address;
	d.srv.shutdown_timeout = o.drain_ms;
	d.srv.error_log_priority = o.verbose ? LOG_DEBUG : LOG_INFO;
	d.srv.child_start = start_child;
	d.srv.child_arg = &d;
	d.srv.notify_arg = &d;
	d.srv.ready = tell_ready;
	d.srv.stopping = tell_stopping;
	find_user(&d, &o);
	open_root(&d, &o);
	set_file_options(&d, &o);
	open_access_log(&d, &o);
	open_pidfile(&d, &o);
	open_listeners(&d, &o);
	if (o.detach)
		detach(&d);
	if (d.pidfile != NULL && pidfile_write(d.pidfile) == -1)
		complain(&d, o.pidfile);
	leave(&d, serve(&d));
}
