/*
 * Replacing children that are stale: that have found out that a new child
 * could reach what they can't, see stale.h.  It goes as a reload that changes
 * nothing.
 */
#ifndef RENEWAL_H
#define RENEWAL_H

#include <stdbool.h>
#include <stdint.h>

struct children;

/* Zero it. */
struct renewal {
	bool		 is_under_way;
	uint64_t	 next_ms;	/* not before */
	uint64_t	 pause_ms;	/* between the last and that */
};

/*
 * Begins a generation if one of the present is stale and no other comes.  Where
 * new children are as stale it does not help: then after a pause only, which
 * doubles from a second to about a minute.
 */
void renewal_begin(struct renewal *r, struct children *children);
/* Whether the generation that has come, or failed, is a renewal's. */
bool renewal_end(struct renewal *r);
/* When to call renewal_begin(), in CLOCK_MONOTONIC's ms; UINT64_MAX. */
uint64_t renewal_next(const struct renewal *r,
    const struct children *children);

#endif
