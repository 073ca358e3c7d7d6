/*
 * The master's eye on children that hang: that are at work, by work.h, and
 * show no sign of life for too long, that take as long to start, or that
 * somebody has stopped for as long.
 * Such a child is aborted, so that it leaves a core, killed if that does not
 * end it, and meanwhile another one serves in its place.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct children;
struct scoreboard;
struct watched;

struct watch {
	struct children		*children;
	struct scoreboard	*board;
	struct watched		*watched;	/* one a place */
	uint64_t		 timeout_ms;	/* UINT64_MAX is never */
	uint64_t		 ends_ms;	/* if nobody works; 0: ended */
};

/* 0, or -1 and ENOMEM; ended by watch_free() in either case. */
int watch_init(struct watch *w, struct children *children,
    struct scoreboard *board, uint64_t timeout_ms);
void watch_free(struct watch *w);
/* From now on children may be silent for so long. */
void watch_set_timeout(struct watch *w, uint64_t timeout_ms);

/*
 * Looks at all children, and sees to those that hang.  When to look again, in
 * CLOCK_MONOTONIC's milliseconds; UINT64_MAX, until a child wakes the master.
 */
uint64_t watch_look(struct watch *w);

#endif
