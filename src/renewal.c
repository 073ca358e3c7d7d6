#include "renewal.h"

#include <syslog.h>

#include "children.h"
#include "clock.h"
#include "log.h"

#define PAUSE_MS	1000
#define MAX_PAUSE_MS	64000
/* When there was no place for new children, look again after this. */
#define RETRY_MS	100

/* It helped if nobody was stale for as long as it had to wait. */
static void
renewal_pause(struct renewal *r, uint64_t now_ms)
{
	bool helped = now_ms >= r->next_ms + r->pause_ms;

	if (helped)
		log_message(LOG_NOTICE, "something has moved beyond what "
		    "children may read: new ones take over");
	if (helped)
		r->pause_ms = PAUSE_MS;
	else if (r->pause_ms < MAX_PAUSE_MS)
		r->pause_ms *= 2;
	r->next_ms = now_ms + r->pause_ms;
}

void
renewal_begin(struct renewal *r, struct children *children)
{
	uint64_t now_ms;

	if (!children_are_stale(children))
		return;
	now_ms = clock_ms(CLOCK_MONOTONIC);
	if (now_ms < r->next_ms)
		return;
	if (children_begin(children, children->wanted) == -1) {
		r->next_ms = now_ms + RETRY_MS;
		return;
	}
	r->is_under_way = true;
	renewal_pause(r, now_ms);
}

bool
renewal_end(struct renewal *r)
{
	bool was_under_way = r->is_under_way;

	r->is_under_way = false;
	return was_under_way;
}

uint64_t
renewal_next(const struct renewal *r, const struct children *children)
{
	return children_are_stale(children) ? r->next_ms : UINT64_MAX;
}
