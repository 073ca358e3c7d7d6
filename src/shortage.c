#include "shortage.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "clock.h"
#include "log.h"

/* Longer than an acceptor waits before it tries again. */
#define QUIET_MS	3000

static const char *const names[] = {
	[SHORTAGE_ACCEPT] = "accept",
	[SHORTAGE_CONNECTION] = "connection",
	[SHORTAGE_EPOLL] = "epoll_ctl",
	[SHORTAGE_ANSWER] = "answer",
	[SHORTAGE_FILES] = "files",
};

static struct shortages own;
static struct shortages *shortages = &own;

void
shortages_share(struct shortages *shared)
{
	shortages = shared;
}

bool
shortage_is(int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case ENOSPC:
		return true;
	default:
		return false;
	}
}

void
shortage_note(enum shortage what)
{
	atomic_store(&shortages->kinds[what].last_ms,
	    clock_ms(CLOCK_MONOTONIC_COARSE));
	if (atomic_fetch_add(&shortages->kinds[what].failures, 1) == 0)
		log_errno(LOG_ERR, "%s", names[what]);
	atomic_store(&shortages->are_on, true);
}

void
shortage_note_if(enum shortage what)
{
	if (shortage_is(errno))
		shortage_note(what);
}

bool
shortages_are_on(void)
{
	return atomic_load_explicit(&shortages->are_on, memory_order_relaxed);
}

/* One that fails again meanwhile begins anew. */
static void
end_shortage(enum shortage what)
{
	uint64_t n = atomic_exchange(&shortages->kinds[what].failures, 0);

	if (n > 0)
		log_message(LOG_NOTICE, "%s: failed %" PRIu64 " time%s, no "
		    "more for %d s", names[what], n, n == 1 ? "" : "s",
		    QUIET_MS / 1000);
}

uint64_t
shortages_check(uint64_t now_ms)
{
	uint64_t next = UINT64_MAX, end_ms;
	size_t i;

	if (!shortages_are_on())
		return next;
	/* First: whoever notes one from here on sets it again. */
	atomic_store(&shortages->are_on, false);
	for (i = 0; i < SHORTAGE_KINDS; i++) {
		if (atomic_load(&shortages->kinds[i].failures) == 0)
			continue;
		end_ms = atomic_load(&shortages->kinds[i].last_ms) + QUIET_MS;
		if (end_ms <= now_ms)
			end_shortage((enum shortage)i);
		else if (end_ms < next)
			next = end_ms;
	}
	if (next != UINT64_MAX)
		atomic_store(&shortages->are_on, true);
	return next;
}
