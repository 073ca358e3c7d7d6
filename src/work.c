#include "work.h"

#include <sys/eventfd.h>

#include "clock.h"

static _Atomic uint64_t nobodys_ms;
static _Atomic bool nobodys_watch = true;

static struct {
	_Atomic uint64_t	*working_ms;
	_Atomic bool		*watched;
	int			 wake_fd;
	uint64_t		 began_ms;
	bool			 begins;	/* no step was taken yet */
} work = { &nobodys_ms, &nobodys_watch, -1, 0, false };

void
work_share(_Atomic uint64_t *working_ms, _Atomic bool *watched, int wake_fd)
{
	work.working_ms = working_ms;
	work.watched = watched;
	work.wake_fd = wake_fd;
}

/*
 * Both are in the order that all processes see: either the master, which ends
 * its watch before it looks for the last time, finds this child at work, or
 * the child that nobody watches.
 */
void
work_begin(uint64_t now_ms)
{
	work.began_ms = now_ms;
	work.begins = true;
	atomic_store(work.working_ms, now_ms);
	if (atomic_load(work.watched))
		return;
	atomic_store(work.watched, true);
	(void)eventfd_write(work.wake_fd, 1);
}

void
work_end(void)
{
	atomic_store_explicit(work.working_ms, 0, memory_order_release);
}

uint64_t
work_step(void)
{
	uint64_t now_ms;

	if (work.begins) {
		work.begins = false;
		return work.began_ms;
	}
	now_ms = clock_ms(CLOCK_MONOTONIC_COARSE);
	atomic_store_explicit(work.working_ms, now_ms, memory_order_relaxed);
	return now_ms;
}
