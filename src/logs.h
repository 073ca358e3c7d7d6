/* The daemon's logs, by its options. */
#ifndef LOGS_H
#define LOGS_H

#include <stddef.h>

#include "errorlog.h"
#include "logtarget.h"

struct http_server;
struct options;

/* 0 is no descriptor: no access log, or messages on standard error. */
struct logs {
	const struct options	*options;
	struct logtarget	 access_target;
	int			 access_fd;
	struct logtarget	 error_target;
	int			 error_fd;
	struct errorlog		 errorlog;
};

/*
 * Opens the logs; those that former, unless NULL, has by the same names are
 * shared with it.  The options have to last.  0, or an exit status with the
 * reason in why.
 */
int logs_open(struct logs *logs, const struct options *o,
    const struct logs *former, char *why, size_t size);
/* Closes what another, unless NULL, does not share. */
void logs_close(struct logs *logs, const struct logs *other);

/* Has a server write to them. */
void logs_use(struct logs *logs, struct http_server *srv);

/* Those that are sockets of syslogd; 0 is none. */
void logs_sockets(const struct logs *logs, int fds[2]);

/* Open the files anew, in place: 0, or -1 and errno. */
int logs_reopen_access(struct logs *logs);
int logs_reopen_error(struct logs *logs);

#endif
