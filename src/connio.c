#include "connio.h"

#include <sys/sendfile.h>

#include <errno.h>
#include <unistd.h>

/* A source is asked for this much at a time. */
#define PUMP_BYTES	32768

void
conn_set_deadline(struct conn *c, struct deadline_queue *q)
{
	deadline_set(&c->deadline, q, c->set->now_ms);
}

/* Starts a deadline that progress does not renew. */
void
conn_start_deadline(struct conn *c, struct deadline_queue *q)
{
	if (c->deadline.queue != q)
		conn_set_deadline(c, q);
}

/*
 * Sends what is in out.  The socket is watched by edge, so a short write is
 * followed by another, until it says EAGAIN.
 */
enum conn_step
conn_flush(struct conn *c, bool more)
{
	struct exchange *x = c->x;
	bool progress = false;
	ssize_t n;

	while (exchange_has_output(x)) {
		n = send(c->fd, x->out.data + x->out_pos,
		    x->out.len - x->out_pos,
		    MSG_NOSIGNAL | (more ? MSG_MORE : 0));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			return STEP_CLOSE;
		if (n == -1) {
			if (progress || c->deadline.queue != &c->set->write)
				conn_set_deadline(c, &c->set->write);
			return STEP_WAIT;
		}
		progress = true;
		x->out_pos += (size_t)n;
	}
	x->out.len = x->out_pos = 0;
	return STEP_ON;
}

/*
 * Reads once.  A short read means that there is no more for now (epoll(7),
 * question 9), unless the peer has ended: then the end is still to be read.
 */
enum conn_step
conn_fill(struct conn *c)
{
	struct exchange *x = c->x;
	size_t room;
	ssize_t n;

	exchange_make_room(x);
	room = x->size - x->len;
	do
		n = read(c->fd, x->in + x->len, room);
	while (n == -1 && errno == EINTR);
	if (n == 0 || (n == -1 && errno != EAGAIN))
		return STEP_CLOSE;
	c->drained = n == -1 || ((size_t)n < room && !c->hung_up);
	if (n > 0)
		x->len += (size_t)n;
	return STEP_ON;
}

/* Sends what there is, then reads; waits under q when there is nothing. */
enum conn_step
conn_read_more(struct conn *c, struct deadline_queue *q)
{
	enum conn_step step = conn_flush(c, false);

	if (step != STEP_ON)
		return step;
	if (c->drained) {
		conn_start_deadline(c, q);
		return STEP_WAIT;
	}
	step = conn_fill(c);
	if (step == STEP_ON && exchange_has_input(c->x))
		conn_set_deadline(c, q);
	return step;
}

/* Sends the next piece of a file; one that has shrunk breaks the promise. */
enum conn_step
conn_send_file(struct conn *c)
{
	struct http_response *res = &c->x->res;
	size_t max = c->set->turn_bytes;
	off_t offset = res->offset;
	ssize_t n;

	if ((off_t)max > res->left)
		max = (size_t)res->left;
	n = sendfile(c->fd, res->fd, &offset, max);
	if (n == -1 && errno == EINTR)
		return STEP_ON;
	if (n == -1 && errno == EAGAIN) {
		conn_start_deadline(c, &c->set->write);
		return STEP_WAIT;
	}
	if (n <= 0)
		return STEP_CLOSE;
	response_sent(res, n);
	c->set->turn_bytes -= (size_t)n;
	if (!res->done)
		conn_set_deadline(c, &c->set->write);
	return STEP_ON;
}

enum conn_step
conn_pump_source(struct conn *c)
{
	struct exchange *x = c->x;
	size_t before = x->out.len, len;

	if (response_pump(&x->res, &x->out, PUMP_BYTES) == -1)
		return STEP_CLOSE;
	len = x->out.len - before;
	c->set->turn_bytes -= len < c->set->turn_bytes ?
	    len : c->set->turn_bytes;
	return STEP_ON;
}

enum conn_step
conn_linger(struct conn *c)
{
	char scrap[16384];
	ssize_t n;

	if (c->set->turn_bytes < sizeof(scrap))
		return STEP_YIELD;
	n = read(c->fd, scrap, sizeof(scrap));
	if (n == -1 && errno == EINTR)
		return STEP_ON;
	if (n == -1 && errno == EAGAIN)
		return STEP_WAIT;
	if (n <= 0)
		return STEP_CLOSE;
	c->set->turn_bytes -= (size_t)n;
	return STEP_ON;
}
