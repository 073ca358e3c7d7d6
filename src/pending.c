#include "pending.h"

#include <sys/timerfd.h>

#include <string.h>

#include "request.h"

/* Of this process; set before it has other threads. */
static int loop_fd = -1;

void
pending_await(struct http_request *req, const struct pending *work,
    http_handler_fn *then, void *arg)
{
	pending_release(req);
	req->work = *work;
	req->then = then;
	req->then_arg = arg;
}

void
pending_release(struct http_request *req)
{
	if (req->work.release != NULL)
		req->work.release(req->work.arg);
	memset(&req->work, 0, sizeof(req->work));
}

void
pending_set_loop(int timer_fd)
{
	loop_fd = timer_fd;
}

/*
 * Who sets the timer to a later time at this moment takes it for its own, and
 * the loop turns by then.
 */
void
pending_wake_loop(void)
{
	const struct itimerspec now = { .it_value = { .tv_nsec = 1 } };

	(void)timerfd_settime(loop_fd, 0, &now, NULL);
}
