/*
 * What runs out, and what fails for that again and again: said when it begins
 * and when it is over, and not each time.  All children of a server count
 * together, so the first that meets it says it for all.
 */
#ifndef SHORTAGE_H
#define SHORTAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What failed, as messages name it. */
enum shortage {
	SHORTAGE_ACCEPT,	/* "accept": clients wait in the kernel */
	SHORTAGE_CONNECTION,	/* "connection": it was closed */
	SHORTAGE_EPOLL,		/* "epoll_ctl": closed behind an answer */
	SHORTAGE_ANSWER,	/* "answer": it was 503 */
	SHORTAGE_FILES,		/* "files": the same, or 500 */
	SHORTAGE_KINDS
};

/* In shared memory, zeroed; any child writes it.  Times are monotonic. */
struct shortages {
	struct {
		_Atomic uint64_t failures;	/* since it was said */
		_Atomic uint64_t last_ms;
	} kinds[SHORTAGE_KINDS];
	_Atomic bool		 are_on;	/* there may be some */
};

/* Names what a process counts with others; before, it counts for itself. */
void shortages_share(struct shortages *shared);

/* Whether an errno says that something has run out that may come back. */
bool shortage_is(int error);

/* Counts a failure, and says it if it is the first; errno, which stays. */
void shortage_note(enum shortage what);
/* The same, if shortage_is() errno: else it is no more than that failure. */
void shortage_note_if(enum shortage what);

/* Whether any is not over yet. */
bool shortages_are_on(void);
/*
 * Says which are over: those that have not failed for three seconds.  When to
 * look again, or UINT64_MAX.
 */
uint64_t shortages_check(uint64_t now_ms);

#endif
