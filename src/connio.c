#include "connio.h"

#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <errno.h>
#include <linux/sockios.h>
#include <unistd.h>

#include "answer.h"
#include "shortage.h"
#include "turn.h"

/* A source is asked for this much at a time. */
#define PUMP_BYTES	32768
/* What each time costs of a share at least, however little it gives. */
#define MIN_PUMP_BYTES	4096

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
 * Starts a deadline, or renews it, but only while all that has moved since it
 * started moved fast enough: a peer that is slower on average, if ever so
 * steadily, runs into the deadline that it had when it fell behind.
 */
static void
conn_progress(struct conn *c, struct deadline_queue *q, size_t bytes)
{
	struct exchange *x = c->x;
	uint64_t now_ms = c->set->now_ms;

	if (c->deadline.queue != q) {
		x->rate_start_ms = now_ms;
		x->rate_bytes = 0;
		conn_set_deadline(c, q);
		return;
	}
	x->rate_bytes += bytes;
	if (x->rate_bytes * 1000 >=
	    (now_ms - x->rate_start_ms) * c->set->srv->min_rate)
		conn_set_deadline(c, q);
}

/* The peer is gone, or the kernel has no memory for it. */
static enum conn_step
conn_fail(void)
{
	shortage_note_if(SHORTAGE_CONNECTION);
	return STEP_CLOSE;
}

/*
 * One write: where nothing follows by write(2), since SIGPIPE is ignored, and
 * the sandbox would look at the arguments of every sendto(2).
 */
static ssize_t
conn_write(const struct conn *c, const char *data, size_t len, bool more)
{
	if (more)
		return send(c->fd, data, len, MSG_NOSIGNAL | MSG_MORE);
	return write(c->fd, data, len);
}

/*
 * Sends what is in out.  The socket is watched by edge, so a short write is
 * followed by another, until it says EAGAIN.
 */
enum conn_step
conn_flush(struct conn *c, bool more)
{
	struct exchange *x = c->x;
	size_t sent = 0;
	ssize_t n;

	while (exchange_has_output(x)) {
		n = conn_write(c, x->out.data + x->out_pos,
		    x->out.len - x->out_pos, more);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			return conn_fail();
		if (n == -1) {
			conn_progress(c, &c->set->write, sent);
			return STEP_WAIT;
		}
		sent += (size_t)n;
		x->out_pos += (size_t)n;
	}
	if (sent > 0 && c->deadline.queue == &c->set->write)
		conn_progress(c, &c->set->write, sent);
	x->out.len = x->out_pos = 0;
	return STEP_ON;
}

/* Takes from a connection's share of the turn. */
static void
conn_spend(struct conn *c, size_t bytes)
{
	c->set->turn_bytes -= bytes < c->set->turn_bytes ?
	    bytes : c->set->turn_bytes;
}

/*
 * Reads once.  A short read means that there is no more for now (epoll(7),
 * question 9), unless the peer has ended: then the end is still to be read.
 * What is looked up for a request is looked up behind its last read.
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
	if (n == -1 && errno != EAGAIN)
		return conn_fail();
	if (n == 0)
		return STEP_CLOSE;
	turn_begin();
	c->drained = n == -1 || ((size_t)n < room && !c->hung_up);
	if (n > 0) {
		x->len += (size_t)n;
		conn_spend(c, (size_t)n);
	}
	return STEP_ON;
}

/* Reads, unless there is nothing, or others are to have their turn. */
static enum conn_step
conn_try_fill(struct conn *c)
{
	if (c->drained)
		return STEP_WAIT;
	if (c->set->turn_bytes == 0)
		return STEP_YIELD;
	return conn_fill(c);
}

enum conn_step
conn_read_till(struct conn *c, struct deadline_queue *q)
{
	enum conn_step step = conn_flush(c, false);

	if (step != STEP_ON)
		return step;
	conn_start_deadline(c, q);
	return conn_try_fill(c);
}

enum conn_step
conn_read_more(struct conn *c, struct deadline_queue *q)
{
	enum conn_step step = conn_flush(c, false);

	if (step != STEP_ON)
		return step;
	if (c->deadline.queue != q)
		conn_progress(c, q, 0);
	step = conn_try_fill(c);
	if (step == STEP_ON)
		conn_progress(c, q, c->x->len - c->x->pos);
	return step;
}

/*
 * Sends the next piece of a file; one that has shrunk breaks the promise.  The
 * last piece is withheld until it is known that all were of one version.
 */
enum conn_step
conn_send_file(struct conn *c)
{
	struct http_response *res = &c->x->res;
	size_t max = c->set->turn_bytes;
	off_t offset = res->offset;
	ssize_t n;

	if (res->left <= ANSWER_TAIL_BYTES)
		return answer_append_tail(res, &c->x->out) == 0 ?
		    STEP_ON : STEP_BREAK;
	if ((off_t)max > res->left - ANSWER_TAIL_BYTES)
		max = (size_t)(res->left - ANSWER_TAIL_BYTES);
	n = sendfile(c->fd, res->fd, &offset, max);
	if (n == -1 && errno == EINTR)
		return STEP_ON;
	if (n == -1 && errno == EAGAIN) {
		if (c->deadline.queue != &c->set->write)
			conn_progress(c, &c->set->write, 0);
		return STEP_WAIT;
	}
	if (n == 0)
		return STEP_BREAK;
	if (n == -1 && errno == EIO)
		shortage_note(SHORTAGE_FILES);
	if (n == -1)
		return conn_fail();
	answer_sent(res, n);
	conn_spend(c, (size_t)n);
	conn_progress(c, &c->set->write, (size_t)n);
	return STEP_ON;
}

enum conn_step
conn_pump_source(struct conn *c)
{
	struct exchange *x = c->x;
	size_t before = x->out.len, len;

	if (answer_pump(&x->res, &x->out, PUMP_BYTES) == -1)
		return errno == EAGAIN ? STEP_YIELD : STEP_BREAK;
	len = x->out.len - before;
	conn_spend(c, len < MIN_PUMP_BYTES ? MIN_PUMP_BYTES : len);
	return STEP_ON;
}

bool
conn_is_received(const struct conn *c)
{
	int unread, unsent;

	return ioctl(c->fd, FIONREAD, &unread) == 0 && unread == 0 &&
	    ioctl(c->fd, SIOCOUTQ, &unsent) == 0 && unsent == 0;
}

void
conn_reset_at_close(const struct conn *c)
{
	static const struct linger none = { .l_onoff = 1 };

	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

/*
 * Closing with unread input would send a reset, which can overtake the answer
 * and take it from the client: RFC 9112, 9.6.
 */
enum conn_step
conn_end(struct conn *c)
{
	enum conn_step step = conn_flush(c, false);

	if (step != STEP_ON)
		return step;
	/* Who would have gone on may have sent its next request already. */
	if (!c->lingers && (!c->x->req.keepalive || conn_is_received(c)))
		return STEP_CLOSE;
	if (shutdown(c->fd, SHUT_WR) == -1)
		return STEP_CLOSE;
	c->state = CONN_LINGER;
	c->linger_ms = c->set->now_ms + c->set->srv->read_timeout;
	conn_set_deadline(c, &c->set->linger);
	exchange_give(&c->set->exchanges, c->x);
	c->x = NULL;
	return STEP_ON;
}

/*
 * A client that sends on may read only when it has sent all.  It has the time
 * of a body for that; a child that is to leave waits for silent ones alone.
 */
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
	conn_spend(c, (size_t)n);
	if (c->set->now_ms < c->linger_ms && !c->set->retiring)
		conn_set_deadline(c, &c->set->linger);
	return STEP_ON;
}
