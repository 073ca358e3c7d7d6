#include "deadline.h"

#include <stddef.h>

void
deadline_queue_init(struct deadline_queue *q, uint64_t length_ms)
{
	TAILQ_INIT(&q->head);
	q->length_ms = length_ms;
}

void
deadline_set(struct deadline *d, struct deadline_queue *q, uint64_t now_ms)
{
	deadline_clear(d);
	d->queue = q;
	d->start_ms = now_ms;
	TAILQ_INSERT_TAIL(&q->head, d, entry);
}

void
deadline_clear(struct deadline *d)
{
	if (d->queue == NULL)
		return;
	TAILQ_REMOVE(&d->queue->head, d, entry);
	d->queue = NULL;
}

struct deadline *
deadline_expired(const struct deadline_queue *q, uint64_t now_ms)
{
	return deadline_next(q) <= now_ms ? TAILQ_FIRST(&q->head) : NULL;
}

uint64_t
deadline_next(const struct deadline_queue *q)
{
	const struct deadline *first = TAILQ_FIRST(&q->head);

	return first == NULL ? DEADLINE_NEVER : first->start_ms + q->length_ms;
}
