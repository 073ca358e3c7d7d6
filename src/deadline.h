/*
 * Deadlines in classes of one length each, so that a queue in order of start
 * is one in order of expiry: everything takes constant time, and changing the
 * length of a class moves all its deadlines at once.
 */
#ifndef DEADLINE_H
#define DEADLINE_H

#include <sys/queue.h>

#include <stdint.h>

#define DEADLINE_NEVER UINT64_MAX

struct deadline_queue;

struct deadline {
	TAILQ_ENTRY(deadline)	 entry;
	struct deadline_queue	*queue;	/* NULL while none is set */
	uint64_t		 start_ms;
};

struct deadline_queue {
	TAILQ_HEAD(, deadline)	head;
	uint64_t		length_ms;
};

void deadline_queue_init(struct deadline_queue *q, uint64_t length_ms);

/* Starts it in a queue, whatever queue it was in before. */
void deadline_set(struct deadline *d, struct deadline_queue *q,
    uint64_t now_ms);
void deadline_clear(struct deadline *d);

/* The queue's first deadline if it is over, else NULL. */
struct deadline *deadline_expired(const struct deadline_queue *q,
    uint64_t now_ms);

/* When the queue's first deadline is over; DEADLINE_NEVER if it is empty. */
uint64_t deadline_next(const struct deadline_queue *q);

#endif
