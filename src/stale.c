#include "stale.h"

#include <sys/eventfd.h>

static _Atomic bool nobodys;

static struct {
	_Atomic bool	*stale;
	int		 wake_fd;
} stale = { &nobodys, -1 };

void
stale_share(_Atomic bool *flag, int wake_fd)
{
	stale.stale = flag;
	stale.wake_fd = wake_fd;
}

void
stale_note(void)
{
	if (!atomic_exchange(stale.stale, true))
		(void)eventfd_write(stale.wake_fd, 1);
}
