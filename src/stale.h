/*
 * What a child was confined to at its start can be out of date: then it has the
 * master replace it.  One per process; whoever holds the child's lock calls
 * this.
 */
#ifndef STALE_H
#define STALE_H

#include <stdatomic.h>
#include <stdbool.h>

/*
 * Where a child says that it is, and the eventfd(2) that wakes its master.
 * Before that, and in a process that is no child, nobody hears of it.
 */
void stale_share(_Atomic bool *stale, int wake_fd);

/* Something is not within reach that would be for a new child. */
void stale_note(void);

#endif
