#include "conn.h"

#include <string.h>

#include "connanswer.h"
#include "connbody.h"
#include "connio.h"
#include "connlog.h"
#include "connproxy.h"
#include "connrest.h"
#include "work.h"

/* A connection's share of a turn, beside CONN_SHARE_BYTES. */
#define TURN_REQUESTS	128

/* The exchange it has, or else another one. */
static struct exchange *
conn_exchange(struct conn *c)
{
	return c->x != NULL ? c->x : connrest_end(c);
}

/*
 * Answers, but not while it is open whether the connection can be kept: that
 * stands in the answer, and a chunked body does not say how long it is.  An
 * error does not wait: its client may not go on if it hears of it.
 */
static enum conn_step
conn_answer(struct conn *c)
{
	if (c->x->req.keepalive && connbody_discard(c) == 0 &&
	    connbody_may_discard(c) && http_response_status(&c->x->res) < 400) {
		c->state = CONN_SKIP;
		return STEP_ON;
	}
	return conn_send_answer(c);
}

/* A body that ends too early, or not in time, does not cost the answer. */
static enum conn_step
conn_skip_body(struct conn *c)
{
	enum conn_step step;

	if (exchange_has_input(c->x))
		return conn_answer(c);
	step = conn_read_till(c, &c->set->skip);
	return step == STEP_CLOSE ? conn_send_answer(c) : step;
}

static void
conn_call(struct conn *c, http_handler_fn *serve, void *arg)
{
	struct exchange *x = c->x;

	connlog_serving(c);
	serve(&x->res, &x->req, arg);
	if (x->res.finish != NULL && x->req.then == NULL)
		response_finish(&x->res, &x->req);
	scoreboard_end(c->set->slot);
}

static enum conn_step
conn_await_body(struct conn *c)
{
	struct exchange *x = c->x;

	if (x->req.content_length > c->set->srv->max_body_bytes)
		return conn_refuse(c, HTTP_CONTENT_TOO_LARGE);
	if (connbody_continue(c) == -1)
		return STEP_CLOSE;
	c->state = CONN_BODY;
	return STEP_ON;
}

/* What is left to do for a request when its handler returns. */
static enum conn_step
conn_go_on(struct conn *c)
{
	const struct http_request *req = &c->x->req;

	if (req->then == NULL)
		return conn_answer(c);
	if (req->work.is_done == NULL)
		return conn_await_body(c);
	c->state = CONN_WORK;
	conns_watch_work(c);
	return STEP_ON;
}

static enum conn_step
conn_handle(struct conn *c)
{
	const struct http_handler *handler = &c->set->srv->handler;
	struct exchange *x = c->x;

	body_init(&x->body, x->req.framing, x->req.content_length);
	c->continued = false;
	c->requests++;
	if (handler->serve == NULL)
		(void)http_response_error(&x->res, HTTP_NOT_FOUND);
	else
		conn_call(c, handler->serve, handler->arg);
	return conn_go_on(c);
}

/* Nothing is read meanwhile; answers to requests before this one leave. */
static enum conn_step
conn_work(struct conn *c)
{
	struct http_request *req = &c->x->req;
	const struct pending work = req->work;
	http_handler_fn *then = req->then;
	enum conn_step step;

	if (!work.is_done(work.arg)) {
		step = conn_flush(c, false);
		return step == STEP_ON ? STEP_WAIT : step;
	}
	conns_unwatch_work(c);
	memset(&req->work, 0, sizeof(req->work));
	req->then = NULL;
	conn_call(c, then, req->then_arg);
	work.release(work.arg);
	return conn_go_on(c);
}

static enum conn_step
conn_await_head(struct conn *c)
{
	enum conn_step step = conn_flush(c, false);

	if (step != STEP_ON)
		return step;
	return c->drained ? connrest_begin(c) : conn_fill(c);
}

static enum conn_step
conn_parse(struct conn *c)
{
	struct exchange *x = c->x;
	size_t len = c->scan.line - c->scan.start;
	enum http_status status;

	x->start_ms = c->set->now_ms;
	x->req.remote_addr = c->peer;
	/* A body needs room behind the head, which can't move later. */
	exchange_make_room(x);
	deadline_clear(&c->deadline);
	exchange_equip(&c->set->exchanges, x);
	status = request_parse(&x->req, x->in + x->pos + c->scan.start, len);
	x->pos += c->scan.line;
	x->keep = x->pos;
	memset(&c->scan, 0, sizeof(c->scan));
	return status == 0 ? conn_handle(c) : conn_refuse(c, status);
}

static enum conn_step
conn_read_head(struct conn *c)
{
	struct exchange *x = c->x;
	enum http_status status;
	enum conn_step step;

	if (c->set->turn_requests == 0 || x->out.len >= CONN_BATCH_BYTES) {
		step = conn_flush(c, false);
		if (step != STEP_ON)
			return step;
	}
	if (c->set->turn_requests == 0)
		return STEP_YIELD;
	status = headscan(&c->scan, &c->set->limits, x->in + x->pos,
	    x->len - x->pos);
	if (status == HTTP_CONTINUE)
		return conn_await_head(c);
	if (status != HTTP_OK)
		return conn_refuse_head(c, status);
	c->set->turn_requests--;
	return conn_parse(c);
}

static enum conn_step
conn_read_body(struct conn *c)
{
	struct exchange *x = c->x;
	http_handler_fn *then = x->req.then;
	enum http_status status = connbody_collect(c);

	if (status != 0)
		return conn_refuse(c, status);
	if (!body_is_done(&x->body))
		return conn_read_more(c, &c->set->body);
	if (buffer_append(&x->req.body, "", 1) == -1)
		return conn_refuse(c, HTTP_SERVICE_UNAVAILABLE);
	x->req.body.len--;
	x->req.then = NULL;
	conn_call(c, then, x->req.then_arg);
	return conn_answer(c);
}

/* The answer is given, so a body that is wrong only costs the connection. */
static enum conn_step
conn_discard_body(struct conn *c)
{
	struct exchange *x = c->x;

	if (connbody_discard(c) == -1) {
		c->lingers = true;
		c->state = CONN_END;
		return STEP_ON;
	}
	if (!body_is_done(&x->body))
		return conn_read_more(c, &c->set->body);
	c->state = CONN_HEAD;
	exchange_next(x);
	return STEP_ON;
}

static enum conn_step
conn_step(struct conn *c)
{
	if (c->state != CONN_LINGER && conn_exchange(c) == NULL)
		return STEP_CLOSE;
	switch (c->state) {
	case CONN_PROXY:
		return connproxy_read(c);
	case CONN_HEAD:
		return conn_read_head(c);
	case CONN_WORK:
		return conn_work(c);
	case CONN_BODY:
		return conn_read_body(c);
	case CONN_SKIP:
		return conn_skip_body(c);
	case CONN_ANSWER:
		return conn_send_body(c);
	case CONN_DISCARD:
		return conn_discard_body(c);
	case CONN_END:
		return conn_end(c);
	case CONN_LINGER:
		return conn_linger(c);
	case CONN_CLOSED:
		break;
	}
	return STEP_CLOSE;
}

void
conn_cut(struct conn *c)
{
	if (c->state == CONN_ANSWER)
		connlog_part(c);
	conn_close(c);
}

void
conn_fetch(struct conn *c)
{
	if (c->state != CONN_HEAD || c->is_ready || conn_exchange(c) == NULL ||
	    exchange_has_output(c->x))
		return;
	if (conn_fill(c) == STEP_CLOSE)
		conn_close(c);
}

bool
conn_run(struct conn *c)
{
	enum conn_step step;

	conns_unready(c);
	c->set->turn_requests = TURN_REQUESTS;
	c->set->turn_bytes = CONN_SHARE_BYTES;
	do
		step = conn_step(c);
	while (step == STEP_ON);
	if (step == STEP_CLOSE) {
		conn_cut(c);
		return false;
	}
	if (step == STEP_YIELD)
		conns_make_ready(c);
	return true;
}

void
conn_wake(struct conn *c)
{
	if (c->state == CONN_ANSWER)
		conns_make_ready(c);
	else
		(void)conn_run(c);
}

/*
 * RFC 9110, 15.5.9: who sends half a request is told that it took too long,
 * unless there is an answer already.
 */
static bool
conn_answer_late(struct conn *c)
{
	switch (c->state) {
	case CONN_HEAD:
		if (c->stash == NULL || conn_exchange(c) == NULL)
			return false;
		(void)conn_refuse_head(c, HTTP_REQUEST_TIMEOUT);
		return true;
	case CONN_BODY:
		(void)conn_refuse(c, HTTP_REQUEST_TIMEOUT);
		return true;
	case CONN_SKIP:
		(void)conn_send_answer(c);
		return true;
	default:
		return false;
	}
}

void
conn_expire(struct conn *c)
{
	if (conn_answer_late(c))
		(void)conn_run(c);
	else
		conn_cut(c);
}
