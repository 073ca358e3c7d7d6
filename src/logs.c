#include "logs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "httpserve.h"
#include "options.h"

/*
 * The names of the logs, or NULL.  Standard output would be /dev/null behind
 * -d, and so would standard error.
 */
static const char *
access_name(const struct options *o)
{
	if (o->quiet || (o->detach && o->access_log == NULL))
		return NULL;
	return o->access_log == NULL ? "-" : o->access_log;
}

static const char *
error_name(const struct options *o)
{
	if (o->error_log != NULL)
		return o->error_log;
	return o->detach ? "syslog" : "-";
}

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Opens one: 0, or an exit status and why. */
static int
open_log(struct logtarget *target, int *fd, int stream, const char *name,
    char *why, size_t size)
{
	bool is_access = stream == STDOUT_FILENO;
	char wrong[256];

	if (logtarget_parse(target, name, wrong, sizeof(wrong)) == -1) {
		(void)snprintf(why, size, "-%c %s: %s", is_access ? 'L' : 'e',
		    name, wrong);
		return EX_USAGE;
	}
	if (!is_access && target->kind == LOGTARGET_STREAM)
		return 0;
	*fd = logtarget_open(target, stream, true);
	if (*fd != -1)
		return 0;
	*fd = 0;
	(void)snprintf(why, size, "%s log %s: %s",
	    is_access ? "access" : "error", name, strerror(errno));
	logtarget_free(target);
	return EX_CANTCREAT;
}

static int
open_access(struct logs *logs, const struct logs *former, char *why,
    size_t size)
{
	const char *name = access_name(logs->options);

	if (name == NULL)
		return 0;
	if (former == NULL || !is_same(access_name(former->options), name))
		return open_log(&logs->access_target, &logs->access_fd,
		    STDOUT_FILENO, name, why, size);
	logs->access_target = former->access_target;
	logs->access_fd = former->access_fd;
	return 0;
}

/* Closes one, unless it is another's. */
static void
close_log(struct logtarget *target, int fd, int other_fd)
{
	if (fd == 0 || fd == other_fd)
		return;
	(void)close(fd);
	logtarget_free(target);
}

static int
open_error(struct logs *logs, const struct logs *former, char *why,
    size_t size)
{
	const char *name = error_name(logs->options);
	int status;

	if (former != NULL && is_same(error_name(former->options), name)) {
		logs->error_target = former->error_target;
		logs->error_fd = former->error_fd;
		logs->errorlog = former->errorlog;
		return 0;
	}
	status = open_log(&logs->error_target, &logs->error_fd, STDERR_FILENO,
	    name, why, size);
	if (status != 0 || logs->error_fd == 0 || errorlog_init(
	    &logs->errorlog, logs->error_fd, logs->error_target.facility) == 0)
		return status;
	(void)snprintf(why, size, "error log: %s", strerror(errno));
	close_log(&logs->error_target, logs->error_fd, 0);
	logs->error_fd = 0;
	return EX_OSERR;
}

int
logs_open(struct logs *logs, const struct options *o,
    const struct logs *former, char *why, size_t size)
{
	int status;

	*logs = (struct logs){ .options = o };
	status = open_access(logs, former, why, size);
	if (status == 0 &&
	    (status = open_error(logs, former, why, size)) != 0)
		logs_close(logs, former);
	return status;
}

void
logs_close(struct logs *logs, const struct logs *other)
{
	close_log(&logs->access_target, logs->access_fd,
	    other == NULL ? 0 : other->access_fd);
	if (logs->error_fd != 0 && (other == NULL ||
	    other->error_fd != logs->error_fd))
		errorlog_free(&logs->errorlog);
	close_log(&logs->error_target, logs->error_fd,
	    other == NULL ? 0 : other->error_fd);
	*logs = (struct logs){ 0 };
}

void
logs_use(struct logs *logs, struct http_server *srv)
{
	srv->access_log = logs->access_fd;
	srv->access_log_priority = 0;
	if (logs->access_fd != 0)
		srv->access_log_priority = logs->access_target.facility |
		    LOG_INFO;
	srv->error_log_fd = logs->error_fd;
	srv->error_log = logs->error_fd == 0 ? NULL : errorlog_write;
	srv->error_log_arg = &logs->errorlog;
}

void
logs_sockets(const struct logs *logs, int fds[2])
{
	fds[0] = logs->access_target.kind == LOGTARGET_SYSLOG ?
	    logs->access_fd : 0;
	fds[1] = logs->error_target.kind == LOGTARGET_SYSLOG ?
	    logs->error_fd : 0;
}

/* What is a standard stream stays as it is. */
int
logs_reopen_access(struct logs *logs)
{
	int fd, result;

	if (logs->access_fd == 0 ||
	    logs->access_target.kind == LOGTARGET_STREAM)
		return 0;
	if ((fd = logtarget_open(&logs->access_target, -1, false)) == -1)
		return -1;
	result = dup3(fd, logs->access_fd, O_CLOEXEC);
	(void)close(fd);
	return result == -1 ? -1 : 0;
}

int
logs_reopen_error(struct logs *logs)
{
	int fd, result;

	if (logs->error_fd == 0)
		return 0;
	if ((fd = logtarget_open(&logs->error_target, -1, false)) == -1)
		return -1;
	result = errorlog_reopen(&logs->errorlog, fd);
	(void)close(fd);
	return result;
}
