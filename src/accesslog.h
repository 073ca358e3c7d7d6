/*
 * The access log: a line a request in Combined Log Format.  Each child buffers
 * its own lines and writes them whole: to a file with one write(2), which
 * O_APPEND keeps from mixing with the others', to a pipe in writes of up to
 * PIPE_BUF bytes, which are atomic.
 */
#ifndef ACCESSLOG_H
#define ACCESSLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "buffer.h"
#include "httpdate.h"

struct accesslog {
	int		 fd;		/* -1: there is none */
	bool		 can_stall;	/* no file: somebody reads it */
	size_t		 write_max;	/* what stays whole in one write */
	struct buffer	 lines;
	time_t		 stamp_time;
	char		 stamp[HTTPDATE_LOG_SIZE];
	uint64_t	 lost;		/* lines since the last that worked */
};

/* What stands in a line; bytes of the peer are as they came, or NULL. */
struct accesslog_entry {
	time_t		 time;
	const char	*remote_addr;
	const char	*method;	/* NULL: line has all that is known */
	const char	*target;
	int		 minor;
	const char	*line;		/* of a request that can't be read */
	size_t		 line_len;
	int		 status;
	uint64_t	 bytes;		/* of the body */
	const char	*referer;
	const char	*user_agent;
};

/* fd stays the caller's; 0 or -1 is none. */
void accesslog_init(struct accesslog *log, int fd);
void accesslog_add(struct accesslog *log, const struct accesslog_entry *entry);

/*
 * Writes what is buffered; what the reader of a pipe or a terminal does not
 * take now is kept for the next time, up to 1 MiB.  A disk that is full, or a
 * reader that is gone, costs the lines and not the server: it is logged once,
 * and how many were lost when it works again.
 */
void accesslog_flush(struct accesslog *log);
void accesslog_free(struct accesslog *log);

static inline bool
accesslog_is_on(const struct accesslog *log)
{
	return log->fd != -1;
}

#endif
