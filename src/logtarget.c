#define SYSLOG_NAMES
#include "logtarget.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "abspath.h"
#include "logsocket.h"

/* A log may name clients: it is its owner's and its group's affair. */
#define LOG_MODE 0640

static int
find_code(const CODE *codes, const char *name)
{
	for (; codes->c_name != NULL; codes++)
		if (strcmp(codes->c_name, name) == 0)
			return codes->c_val;
	return -1;
}

int
logtarget_level(const char *name)
{
	int level = find_code(prioritynames, name);

	return level > LOG_EMERG && level <= LOG_DEBUG ? level : -1;
}

static int
parse_file(struct logtarget *target, const char *name, char *why, size_t size)
{
	target->kind = LOGTARGET_FILE;
	target->path = abspath(name);
	if (target->path == NULL)
		(void)snprintf(why, size, "%s", strerror(errno));
	return target->path == NULL ? -1 : 0;
}

static int
parse_syslog(struct logtarget *target, const char *facility, char *why,
    size_t size)
{
	target->kind = LOGTARGET_SYSLOG;
	if (*facility == '\0')
		return 0;
	target->facility = find_code(facilitynames, facility + 1);
	if (target->facility != -1 && target->facility != INTERNAL_MARK)
		return 0;
	(void)snprintf(why, size, "%s is no facility of syslog: give one such "
	    "as daemon or local0", facility + 1);
	return -1;
}

int
logtarget_parse(struct logtarget *target, const char *name, char *why,
    size_t size)
{
	*target = (struct logtarget){ .facility = LOG_DAEMON };
	if (*name == '\0') {
		(void)snprintf(why, size, "give a file, syslog or -");
		return -1;
	}
	if (strcmp(name, "-") == 0)
		return 0;
	if (strncmp(name, "syslog", 6) == 0 &&
	    (name[6] == '\0' || name[6] == ':'))
		return parse_syslog(target, name + 6, why, size);
	return parse_file(target, name, why, size);
}

void
logtarget_free(struct logtarget *target)
{
	free(target->path);
	target->path = NULL;
}

/*
 * Writers wait where they want to: the open file is left as if it had been
 * opened without O_NONBLOCK.
 */
static int
open_file(const char *path, bool waits)
{
	int error, fd;

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY |
	    (waits ? 0 : O_NONBLOCK), LOG_MODE);
	if (fd == -1)
		return -1;
	if (waits || fcntl(fd, F_SETFL, O_APPEND) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

int
logtarget_open(const struct logtarget *target, int stream, bool waits)
{
	switch (target->kind) {
	case LOGTARGET_SYSLOG:
		return logsocket_open();
	case LOGTARGET_FILE:
		return open_file(target->path, waits);
	case LOGTARGET_STREAM:
		break;
	}
	return fcntl(stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}
