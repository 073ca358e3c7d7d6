#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#include "pending.h"
#include "shortage.h"

/* Spares beyond these are freed: a burst's memory is not kept for ever. */
#define MAX_SPARE	64
/* Reads are not made with less room than this. */
#define MIN_ROOM	8192
/* Answers of up to this size keep their memory for the next. */
#define OUT_KEEP_BYTES	65536

void
exchange_pool_init(struct exchange_pool *pool, size_t size)
{
	SLIST_INIT(&pool->spare);
	pool->nspare = 0;
	pool->size = size;
}

static struct exchange *
exchange_new(size_t size)
{
	struct exchange *x = malloc(sizeof(*x) + size);

	if (x == NULL) {
		shortage_note(SHORTAGE_CONNECTION);
		return NULL;
	}
	memset(x, 0, sizeof(*x));
	x->size = size;
	response_init(&x->res);
	x->res.req = &x->req;
	request_reset(&x->req, x->in, 0);
	return x;
}

static void
exchange_free(struct exchange *x)
{
	request_free(&x->req);
	response_free(&x->res);
	buffer_free(&x->out);
	free(x);
}

void
exchange_pool_free(struct exchange_pool *pool)
{
	struct exchange *x;

	while ((x = SLIST_FIRST(&pool->spare)) != NULL) {
		SLIST_REMOVE_HEAD(&pool->spare, entry);
		exchange_free(x);
	}
	pool->nspare = 0;
}

struct exchange *
exchange_take(struct exchange_pool *pool)
{
	struct exchange *x = SLIST_FIRST(&pool->spare);

	if (x == NULL)
		return exchange_new(pool->size);
	SLIST_REMOVE_HEAD(&pool->spare, entry);
	pool->nspare--;
	return x;
}

void
exchange_give(struct exchange_pool *pool, struct exchange *x)
{
	response_reset(&x->res);
	if (x->req.work.release != NULL)
		pending_release(&x->req);
	request_reset(&x->req, x->in, 0);
	if (pool->nspare == MAX_SPARE) {
		exchange_free(x);
		return;
	}
	buffer_reset(&x->out, OUT_KEEP_BYTES);
	x->out_pos = x->keep = x->pos = x->len = 0;
	SLIST_INSERT_HEAD(&pool->spare, x, entry);
	pool->nspare++;
}

void
exchange_make_room(struct exchange *x)
{
	if (x->pos == x->len)
		x->pos = x->len = x->keep;
	if (x->pos == x->keep || x->size - x->len >= MIN_ROOM)
		return;
	memmove(x->in + x->keep, x->in + x->pos, x->len - x->pos);
	x->len -= x->pos - x->keep;
	x->pos = x->keep;
}

void
exchange_next(struct exchange *x)
{
	x->keep = 0;
}
