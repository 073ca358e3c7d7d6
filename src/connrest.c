#include "connrest.h"

#include <stdlib.h>
#include <string.h>

enum conn_step
connrest_begin(struct conn *c)
{
	struct exchange *x = c->x;
	size_t len = x->len - x->pos;

	if (len > 0) {
		c->stash = malloc(len);
		if (c->stash == NULL)
			return STEP_CLOSE;
		memcpy(c->stash, x->in + x->pos, len);
		c->stash_len = len;
	}
	exchange_give(&c->set->exchanges, x);
	c->x = NULL;
	if (len > 0 || c->requests == 0)
		conn_start_deadline(c, &c->set->header);
	else
		conn_set_deadline(c, &c->set->idle);
	return len == 0 && c->set->draining ? STEP_CLOSE : STEP_WAIT;
}

struct exchange *
connrest_end(struct conn *c)
{
	c->x = exchange_take(&c->set->exchanges);
	if (c->x == NULL)
		return NULL;
	c->x->req.remote_addr = c->peer;
	if (c->stash != NULL) {
		memcpy(c->x->in, c->stash, c->stash_len);
		c->x->len = c->stash_len;
		free(c->stash);
		c->stash = NULL;
	}
	return c->x;
}
