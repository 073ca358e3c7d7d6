/*
 * The memory that one request and its answer need while they are under way.
 * A connection borrows one from its child's pool when bytes arrive and gives
 * it back when none are left, so that an idle connection owns no buffer and a
 * request that fits is served without an allocation.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "body.h"
#include "buffer.h"
#include "request.h"
#include "response.h"

struct exchange {
	SLIST_ENTRY(exchange)	 entry;
	struct buffer		 out;		/* answers not yet sent */
	size_t			 out_pos;

	uint64_t		 start_ms;	/* when the head was in */
	uint64_t		 rate_start_ms;	/* of what moves now, body or */
	uint64_t		 rate_bytes;	/* answer; so many have */

	/*
	 * What was read.  [keep, pos) is free, [pos, len) not yet taken; the
	 * head that req points into stands before keep.
	 */
	size_t			 keep;
	size_t			 pos;
	size_t			 len;
	size_t			 size;

	struct http_response	 res;
	struct http_request	 req;
	struct body		 body;

	char			 in[];
};

SLIST_HEAD(exchange_list, exchange);

struct exchange_pool {
	struct exchange_list	 spare;
	unsigned int		 nspare;
	size_t			 size;		/* of each one's input */
	/* Nobody's now; in turn each request's. */
	struct buffer		 out;
	struct buffer		 fields;
	struct buffer		 text;
};

void exchange_pool_init(struct exchange_pool *pool, size_t size);
void exchange_pool_free(struct exchange_pool *pool);

/* NULL and errno when memory is short. */
struct exchange *exchange_take(struct exchange_pool *pool);
/* Gives it back, and up whatever its request and response hold. */
void exchange_give(struct exchange_pool *pool, struct exchange *x);

/*
 * Lends it what buffers the last one that was given back had, unless it has
 * some: for an answer that is about to be made.
 */
void exchange_equip(struct exchange_pool *pool, struct exchange *x);

/*
 * Makes room for more input, where that is getting short.  Nothing that
 * req points into moves.
 */
void exchange_make_room(struct exchange *x);

/* Ready for the next head, where the body of the last has ended. */
void exchange_next(struct exchange *x);

static inline bool
exchange_has_input(const struct exchange *x)
{
	return x->pos < x->len;
}

static inline bool
exchange_has_output(const struct exchange *x)
{
	return x->out_pos < x->out.len;
}

#endif
