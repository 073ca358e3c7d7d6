/*
 * The access log: a line a request.  Each child buffers its own lines and
 * writes them whole: to a file with one write(2), which O_APPEND keeps from
 * mixing with the others', to a pipe in writes of up to PIPE_BUF bytes, which
 * are atomic, and to syslogd a datagram a line.
 */
#ifndef ACCESSLOG_H
#define ACCESSLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "accessline.h"
#include "buffer.h"
#include "httpserve.h"
#include "logsocket.h"
#include "scoreboard.h"

struct accesslog {
	int		 fd;		/* -1: there is none */
	enum http_log_format format;
	bool		 is_socket;	/* syslogd's */
	bool		 can_stall;	/* no file: somebody reads it */
	size_t		 write_max;	/* what stays whole in one write */
	int		 priority;	/* and facility of datagrams */
	struct logsocket socket;
	struct buffer	 lines;
	bool		 in_line;	/* they begin inside of one */
	time_t		 stamp_time;
	char		 stamp[ACCESSLINE_STAMP_SIZE];
	unsigned int	 number;	/* of this child, there: */
	struct scoreboard_log *shared;
	struct scoreboard_log own;	/* unless another is named */
};

/*
 * fd stays the caller's; 0 or -1 is none.  priority is syslog(3)'s for a
 * datagram socket, which is then syslogd's.
 */
void accesslog_init(struct accesslog *log, int fd, enum http_log_format format,
    int priority);
/* Names what it shares with the other children, and its number from 1. */
void accesslog_share(struct accesslog *log, struct scoreboard_log *shared,
    unsigned int number);

void accesslog_add(struct accesslog *log, const struct accesslog_entry *entry);

/*
 * Writes what is buffered; what the reader of a pipe, a terminal or syslogd
 * does not take now is kept for the next time, up to 1 MiB.  A disk that is
 * full, or a reader that is gone, costs the lines and not the server: it is
 * logged once, and how many were lost when it works again, in a later second.
 */
void accesslog_flush(struct accesslog *log);

/*
 * Goes on to another file, or whatever fd is, in place of the old one, under
 * its number.  What is buffered goes to the old one.  fd stays the caller's;
 * -1 and errno, and nothing has changed, when dup3(2) fails.
 */
int accesslog_reopen(struct accesslog *log, int fd);

/* What is still buffered is lost, and this is logged. */
void accesslog_free(struct accesslog *log);

/* Logs how many lines were lost in the end, by all children, if any were. */
void accesslog_report(struct scoreboard_log *shared);

static inline bool
accesslog_is_on(const struct accesslog *log)
{
	return log->fd != -1;
}

#endif
