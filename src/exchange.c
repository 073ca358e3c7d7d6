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
#define CACHE_LINE	64

void
exchange_pool_init(struct exchange_pool *pool, size_t size)
{
	SLIST_INIT(&pool->spare);
	pool->nspare = 0;
	pool->size = size;
	memset(&pool->out, 0, sizeof(pool->out));
	memset(&pool->fields, 0, sizeof(pool->fields));
	memset(&pool->text, 0, sizeof(pool->text));
}

/*
 * One stands behind the other in memory.  Were they a multiple of a page
 * apart, the same member of each would have the same place in the processor's
 * cache, which has room for twelve of these, and a turn uses up to 64: so they
 * are an odd number of its lines apart, with malloc(3)'s word between them.
 */
static size_t
staggered(size_t size)
{
	size_t lines = (size + sizeof(size_t)) / CACHE_LINE + 1;

	return (lines | 1) * CACHE_LINE - sizeof(size_t);
}

static struct exchange *
exchange_new(size_t size)
{
	struct exchange *x = malloc(staggered(sizeof(*x) + size));

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
	buffer_free(&pool->out);
	buffer_free(&pool->fields);
	buffer_free(&pool->text);
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

/* Moves a buffer to where there is none, or else gives it up. */
static void
move_buffer(struct buffer *to, struct buffer *from)
{
	if (to->data == NULL) {
		*to = *from;
		memset(from, 0, sizeof(*from));
	} else
		buffer_free(from);
}

/*
 * All requests of a turn are read before the first of them is answered, so
 * each has an exchange; but one is answered after the other, in buffers that
 * stay in the processor's cache.
 */
void
exchange_equip(struct exchange_pool *pool, struct exchange *x)
{
	if (x->out.data != NULL || pool->out.data == NULL)
		return;
	move_buffer(&x->out, &pool->out);
	move_buffer(&x->res.fields, &pool->fields);
	move_buffer(&x->req.text, &pool->text);
}

static void
exchange_strip(struct exchange_pool *pool, struct exchange *x)
{
	if (x->out.data == NULL)
		return;
	move_buffer(&pool->out, &x->out);
	move_buffer(&pool->fields, &x->res.fields);
	move_buffer(&pool->text, &x->req.text);
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
	exchange_strip(pool, x);
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
