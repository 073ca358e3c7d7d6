#include "serverlogs.h"

#include <errno.h>
#include <string.h>

#include "accesslog.h"
#include "httpserve.h"
#include "logids.h"
#include "scoreboard.h"

/* Its place was another's before. */
static void
begin_log(struct scoreboard_log *log, const char *name)
{
	accesslog_report(log);
	atomic_store(&log->half, 0);
	atomic_store(&log->lost_time, 0);
	(void)strlcpy(log->name, name == NULL ? "" : name, sizeof(log->name));
}

/* What messages call the log that is open there. */
static const char *
name_of(const struct http_server *settings, int fd)
{
	size_t i;

	for (i = 0; i < settings->nmore_logs; i++)
		if (settings->more_logs[i].fd == fd)
			return settings->more_logs[i].name;
	return NULL;
}

int
serverlogs_set(struct logids *ids, const struct http_server *settings,
    struct scoreboard *board)
{
	int fds[LOGIDS_MAX], last = ids->last;
	size_t i, n = 0;

	if (settings->nmore_logs >= HTTP_MAX_LOGS) {
		errno = E2BIG;
		return -1;
	}
	fds[n++] = settings->access_log;
	fds[n++] = settings->error_log_fd;
	for (i = 0; i < settings->nmore_logs; i++)
		fds[n++] = settings->more_logs[i].fd;
	if (logids_set(ids, fds, n, scoreboard_oldest(board)) == -1)
		return -1;
	for (i = 0; i < ids->n; i++)
		if (ids->logs[i].id > last)
			begin_log(&board->logs[ids->logs[i].place],
			    ids->logs[i].fd == settings->access_log ? NULL :
			    name_of(settings, ids->logs[i].fd));
	return 0;
}

void
serverlogs_lose_child(struct scoreboard *board, unsigned int number)
{
	unsigned int half;
	size_t i;

	for (i = 0; i < SCOREBOARD_LOGS; i++) {
		half = number;
		(void)atomic_compare_exchange_strong(&board->logs[i].half,
		    &half, SCOREBOARD_NOBODY);
	}
}

void
serverlogs_report(struct scoreboard *board)
{
	size_t i;

	for (i = 0; i < SCOREBOARD_LOGS; i++)
		accesslog_report(&board->logs[i]);
}
