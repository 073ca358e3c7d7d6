/*
 * The logs of a server, each by an id that no other ever has, for as long as it
 * is the same one.  Numbers of descriptors do not last: over reloads another
 * log, or a client's connection, gets the number that one had, so a child that
 * is older than a reload may not be told of its logs by them.
 */
#ifndef LOGIDS_H
#define LOGIDS_H

#include <stddef.h>

#define LOGIDS_MAX 2

struct logid {
	int	 fd;		/* where it is open, here and by fork(2) */
	int	 id;
};

/* Zero it first.  Written by the master; a child has what was then. */
struct logids {
	struct logid	 logs[LOGIDS_MAX];
	size_t		 n;
	int		 last;		/* id that was given */
};

/*
 * From now on these are the logs, where 0 is none.  One that is already among
 * them, by its descriptor, keeps its id.
 */
void logids_set(struct logids *ids, const int *fds, size_t n);
/* Goes back to what they were before, but no id is given again. */
void logids_restore(struct logids *ids, const struct logids *former);

/* The descriptor of a log, or -1 where there is none by that id. */
int logids_find(const struct logids *ids, int id);

#endif
