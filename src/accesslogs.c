#include "accesslogs.h"

#include <poll.h>
#include <stdlib.h>
#include <syslog.h>

#include "httpserve.h"
#include "logids.h"
#include "scoreboard.h"

/* How often, and after how long, the last lines are tried once more. */
#define LAST_TRIES	100
#define LAST_TRY_MS	10

_Static_assert(HTTP_MAX_LOGS <= 64, "a bit a log");

int
accesslogs_init(struct accesslogs *logs, const struct http_server *srv)
{
	const struct http_log *more = srv->more_logs;
	size_t i;

	logs->waiting = 0;
	logs->n = 0;
	logs->logs = calloc(srv->nmore_logs + 1, sizeof(*logs->logs));
	if (logs->logs == NULL)
		return -1;
	logs->n = srv->nmore_logs + 1;
	accesslog_init(&logs->logs[0], srv->access_log,
	    srv->access_log_format, srv->access_log_priority);
	for (i = 1; i < logs->n; i++, more++)
		accesslog_init(&logs->logs[i], more->fd, more->format,
		    more->priority != 0 ? more->priority :
		    LOG_DAEMON | LOG_INFO);
	return 0;
}

void
accesslogs_share(struct accesslogs *logs, struct scoreboard *board,
    const struct logids *ids, unsigned int number)
{
	size_t i;

	for (i = 0; i < logs->n; i++)
		if (accesslog_is_on(&logs->logs[i]))
			accesslog_share(&logs->logs[i],
			    &board->logs[logids_place(ids, logs->logs[i].fd)],
			    number);
}

void
accesslogs_add(struct accesslogs *logs, unsigned int i,
    const struct accesslog_entry *entry)
{
	accesslog_add(&logs->logs[i], entry);
	logs->waiting |= UINT64_C(1) << i;
}

void
accesslogs_flush(struct accesslogs *logs)
{
	uint64_t left = logs->waiting;
	struct accesslog *log;

	for (; left != 0; left &= left - 1) {
		log = &logs->logs[__builtin_ctzll(left)];
		accesslog_flush(log);
		if (log->lines.len == 0)
			logs->waiting &= ~(left & -left);
	}
}

int
accesslogs_reopen(struct accesslogs *logs, int number, int fd)
{
	size_t i;
	int n = 0;

	for (i = 0; i < logs->n; i++) {
		if (logs->logs[i].fd != number)
			continue;
		if (accesslog_reopen(&logs->logs[i], fd) == -1)
			return -1;
		n++;
	}
	return n;
}

/* Those with lines whose reader may be slow. */
static nfds_t
find_slow(const struct accesslogs *logs, struct pollfd *pfds)
{
	const struct accesslog *log;
	nfds_t n = 0;
	size_t i;

	for (i = 0; i < logs->n; i++) {
		log = &logs->logs[i];
		if (log->can_stall && log->lines.len > 0)
			pfds[n++] = (struct pollfd){ log->fd, POLLOUT, 0 };
	}
	return n;
}

/* The child ends: readers who are only slow have a second for what is left. */
static void
flush_last(struct accesslogs *logs)
{
	struct pollfd slow[HTTP_MAX_LOGS];
	nfds_t n;
	int i;

	accesslogs_flush(logs);
	for (i = 0; i < LAST_TRIES && logs->waiting != 0; i++) {
		n = find_slow(logs, slow);
		(void)poll(slow, n, n == 0 ? 0 : LAST_TRY_MS);
		accesslogs_flush(logs);
	}
}

void
accesslogs_free(struct accesslogs *logs)
{
	size_t i;

	flush_last(logs);
	for (i = 0; i < logs->n; i++)
		accesslog_free(&logs->logs[i]);
	free(logs->logs);
	*logs = (struct accesslogs){ 0 };
}
