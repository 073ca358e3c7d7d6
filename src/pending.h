/*
 * Work that a handler has done by another thread, because it would hold up the
 * other clients of its child: the request waits, and its connection with it,
 * until a turn of the child's loop finds the work done.
 */
#ifndef PENDING_H
#define PENDING_H

#include <stdbool.h>

#include "httpserve.h"

struct pending {
	/* Whether it is done; called with the child's lock.  NULL: no work. */
	bool	(*is_done)(void *arg);
	/* The request needs it no more: once, also when its client is gone. */
	void	(*release)(void *arg);
	void	*arg;
};

/*
 * Has then called with the same res and req when the work is done.  Call it
 * from a handler as http_request_await_body(), which then may still call.
 */
void pending_await(struct http_request *req, const struct pending *work,
    http_handler_fn *then, void *arg);

/* Gives up what a request has waited for, if anything. */
void pending_release(struct http_request *req);

/*
 * Has the child's loop turn, from any of its threads.  The loop is known by a
 * timerfd that it waits for: it may also fire for other reasons.
 */
void pending_set_loop(int timer_fd);
void pending_wake_loop(void);

#endif
