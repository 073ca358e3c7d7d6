/*
 * The error log of the daemon, where it is not standard error: a file that all
 * its processes append to, or syslogd.  It is the sink of struct http_server:
 *
 *	errorlog_init(&log, fd, facility);
 *	srv.error_log = errorlog_write;
 *	srv.error_log_arg = &log;
 *
 * In a file a line is "2026-11-23T22:15:35.123Z err httpserve[123]: message",
 * or the same as an object of JSON.
 */
#ifndef ERRORLOG_H
#define ERRORLOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "logsocket.h"

/* In memory that all processes share, which are one in what they say of it. */
struct errorlog_state {
	_Atomic uint64_t	 lost;		/* since the last that worked */
	_Atomic bool		 in_line;	/* a full disk took half */
};

/* Each process has its own, by fork(2); the descriptor is one for all. */
struct errorlog {
	int			 fd;
	int			 facility;
	bool			 is_socket;
	bool			 is_json;	/* set it; not for syslogd */
	struct logsocket	 socket;
	struct errorlog_state	*state;
};

/*
 * fd, a file opened to append or syslogd's socket, stays the caller's.  0, or
 * -1 and errno: there is no memory to share.
 */
int errorlog_init(struct errorlog *log, int fd, int facility);
void errorlog_free(struct errorlog *log);

/*
 * Writes one message whole, and waits for nobody.  That messages are lost is
 * said once, to standard error, by the first process that sees it, and how many
 * were when it works again.
 */
void errorlog_write(void *errorlog, int priority, const char *line);

/* Goes on to what fd is, as accesslog_reopen() does. */
int errorlog_reopen(struct errorlog *log, int fd);

#endif
