#include "logs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "config_logs.h"
#include "httpserve.h"
#include "options.h"

/* Behind -d standard error would be /dev/null. */
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
    bool is_needed, char *why, size_t size)
{
	bool is_access = stream == STDOUT_FILENO;
	char wrong[256];

	if (logtarget_parse(target, name, wrong, sizeof(wrong)) == -1) {
		(void)snprintf(why, size, "-%c %s: %s", is_access ? 'L' : 'e',
		    name, wrong);
		return EX_USAGE;
	}
	if (!is_needed && target->kind == LOGTARGET_STREAM)
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

/* The log of that name, or NULL. */
static const struct logs_access *
find_access(const struct logs *logs, const char *name)
{
	size_t i;

	for (i = 0; logs != NULL && i < logs->naccess; i++)
		if (is_same(logs->access[i].name, name))
			return &logs->access[i];
	return NULL;
}

/* Opens one of a name, unless it is open; none where that is NULL. */
static int
open_access(struct logs_access *log, const char *name,
    const struct logs *former, char *why, size_t size)
{
	const struct logs_access *same = find_access(former, name);
	int status = 0;

	if (same != NULL)
		*log = *same;
	else if (name != NULL)
		status = open_log(&log->target, &log->fd, STDOUT_FILENO, name,
		    true, why, size);
	log->name = name;
	return status;
}

static int
open_all_access(struct logs *logs, const struct config_logs *access,
    const struct logs *former, char *why, size_t size)
{
	int status = 0;
	size_t i;

	for (i = 0; i < access->n && status == 0; i++) {
		logs->naccess = i + 1;
		status = open_access(&logs->access[i], access->logs[i].name,
		    former, why, size);
		logs->more[i] = (struct http_log){
			.fd = logs->access[i].fd,
			.format = access->logs[i].is_json ?
			    HTTP_LOG_JSON : HTTP_LOG_COMBINED,
			.priority = logs->access[i].target.facility | LOG_INFO,
			.name = access->logs[i].name,
		};
	}
	return status;
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
	bool json = logs->options->error_json;
	int status;

	if (former != NULL && is_same(error_name(former->options), name) &&
	    former->options->error_json == json) {
		logs->error_target = former->error_target;
		logs->error_fd = former->error_fd;
		logs->errorlog = former->errorlog;
		return 0;
	}
	/* Text on standard error is the library's own affair. */
	status = open_log(&logs->error_target, &logs->error_fd, STDERR_FILENO,
	    name, json, why, size);
	if (status != 0 || logs->error_fd == 0)
		return status;
	status = errorlog_init(&logs->errorlog, logs->error_fd,
	    logs->error_target.facility);
	logs->errorlog.is_json = json;
	if (status == 0)
		return 0;
	(void)snprintf(why, size, "error log: %s", strerror(errno));
	close_log(&logs->error_target, logs->error_fd, 0);
	logs->error_fd = 0;
	return EX_OSERR;
}

int
logs_open(struct logs *logs, const struct options *o,
    const struct config_logs *access, const struct logs *former, char *why,
    size_t size)
{
	int status;

	*logs = (struct logs){ .options = o };
	status = open_all_access(logs, access, former, why, size);
	if (status == 0)
		status = open_error(logs, former, why, size);
	if (status != 0)
		logs_close(logs, former);
	return status;
}

void
logs_close(struct logs *logs, const struct logs *other)
{
	const struct logs_access *same;
	size_t i;

	for (i = 0; i < logs->naccess; i++) {
		same = find_access(other, logs->access[i].name);
		close_log(&logs->access[i].target, logs->access[i].fd,
		    same == NULL ? 0 : same->fd);
	}
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
	srv->access_log = logs->more[0].fd;
	srv->access_log_format = logs->more[0].format;
	srv->access_log_priority = logs->more[0].priority;
	srv->more_logs = &logs->more[1];
	srv->nmore_logs = logs->naccess - 1;
	srv->error_log_fd = logs->error_fd;
	srv->error_log = logs->error_fd == 0 ? NULL : errorlog_write;
	srv->error_log_arg = &logs->errorlog;
}

size_t
logs_sockets(const struct logs *logs, int fds[LOGS_MAX_SOCKETS])
{
	size_t i, n = 0;

	for (i = 0; i < logs->naccess; i++)
		if (logs->access[i].target.kind == LOGTARGET_SYSLOG)
			fds[n++] = logs->access[i].fd;
	if (logs->error_target.kind == LOGTARGET_SYSLOG)
		fds[n++] = logs->error_fd;
	return n;
}

/* What is a standard stream stays as it is. */
int
logs_reopen_access(const struct logs_access *log)
{
	int fd, result;

	if (log->fd == 0 || log->target.kind == LOGTARGET_STREAM)
		return 0;
	if ((fd = logtarget_open(&log->target, -1, false)) == -1)
		return -1;
	result = dup3(fd, log->fd, O_CLOEXEC);
	(void)close(fd);
	return result == -1 ? -1 : 0;
}

int
logs_reopen_error(struct logs *logs)
{
	int fd, result;

	if (logs->error_fd == 0 ||
	    logs->error_target.kind == LOGTARGET_STREAM)
		return 0;
	if ((fd = logtarget_open(&logs->error_target, -1, false)) == -1)
		return -1;
	result = errorlog_reopen(&logs->errorlog, fd);
	(void)close(fd);
	return result;
}
