/* The daemon's logs, by its options. */
#ifndef LOGS_H
#define LOGS_H

#include <stddef.h>

#include "errorlog.h"
#include "httpserve.h"
#include "logtarget.h"

struct config_logs;
struct options;

/* 0 is no descriptor: none is written. */
struct logs_access {
	const char		*name;		/* NULL there, and the */
	struct logtarget	 target;	/* configuration's string */
	int			 fd;
};

/* 0 is no descriptor: messages are on standard error. */
struct logs {
	const struct options	*options;
	struct logs_access	 access[HTTP_MAX_LOGS];
	size_t			 naccess;
	struct http_log		 more[HTTP_MAX_LOGS];	/* than the first */
	struct logtarget	 error_target;
	int			 error_fd;
	struct errorlog		 errorlog;
};

/* Sockets that there may be of syslogd, in all logs. */
#define LOGS_MAX_SOCKETS (HTTP_MAX_LOGS + 1)

/*
 * Opens the logs; those that former, unless NULL, has by the same names are
 * shared with it.  The options, and the names in access, have to last.  0, or
 * an exit status with the reason in why.
 */
int logs_open(struct logs *logs, const struct options *o,
    const struct config_logs *access, const struct logs *former, char *why,
    size_t size);
/* Closes what another, unless NULL, does not share. */
void logs_close(struct logs *logs, const struct logs *other);

/* Has a server write to them. */
void logs_use(struct logs *logs, struct http_server *srv);

/* Those that are sockets of syslogd: how many. */
size_t logs_sockets(const struct logs *logs, int fds[LOGS_MAX_SOCKETS]);

/* Open a file anew, in place: 0, or -1 and errno. */
int logs_reopen_access(const struct logs_access *log);
int logs_reopen_error(struct logs *logs);

#endif
