/*
 * The logs of a server, each by an id that no other ever has, for as long as it
 * is the same one.  Numbers of descriptors do not last: over reloads another
 * log, or a client's connection, gets the number that one had, so a child that
 * is older than a reload may not be told of its logs by them.
 *
 * As long it has its place among the scoreboard's logs, where children share
 * what they know of it.  Who finishes after a reload still writes to logs that
 * the server has no more: another one gets such a place when they are gone.
 */
#ifndef LOGIDS_H
#define LOGIDS_H

#include <stddef.h>
#include <stdint.h>

#include "httpserve.h"
#include "scoreboard.h"

/* The access logs, and the error log. */
#define LOGIDS_MAX (HTTP_MAX_LOGS + 1)

struct logid {
	int		 fd;	/* where it is open, here and by fork(2) */
	int		 id;
	size_t		 place;	/* in the scoreboard */
};

/* Zero it first.  Written by the master; a child has what was then. */
struct logids {
	struct logid	 logs[LOGIDS_MAX];
	size_t		 n;
	int		 last;	/* id that was given */
	uint64_t	 until_ms[SCOREBOARD_LOGS];	/* it had a place */
};

/*
 * From now on these are the logs, where 0 is none.  One that is already among
 * them, by its descriptor, keeps its id and its place.  Children that began
 * before oldest_ms are gone.  0; or -1 and EAGAIN when there are no places:
 * then logids_restore() is due.
 */
int logids_set(struct logids *ids, const int *fds, size_t n,
    uint64_t oldest_ms);
/* Those that were there before and are no more, are so since now. */
void logids_drop(struct logids *ids, const struct logids *former,
    uint64_t now_ms);
/* Goes back to what they were before, but no id is given again. */
void logids_restore(struct logids *ids, const struct logids *former,
    uint64_t now_ms);

/* The descriptor of a log, or -1 where there is none by that id. */
int logids_find(const struct logids *ids, int id);
/* The place of the log that has this descriptor, which is among them. */
size_t logids_place(const struct logids *ids, int fd);

#endif
