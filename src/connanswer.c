#include "connanswer.h"

#include <errno.h>

#include "answer.h"
#include "connbody.h"
#include "connlog.h"
#include "request_lines.h"

static int
conn_begin_response(struct conn *c)
{
	struct exchange *x = c->x;
	const struct answer_context context = {
		.date = c->set->date,
		.is_head = x->req.is_head,
		.keepalive = c->keep,
		.minor = x->req.minor,
	};

	return answer_begin(&x->res, &context, &x->out);
}

/* The answer has left, or stands in out. */
static enum conn_step
conn_end_response(struct conn *c)
{
	struct exchange *x = c->x;

	connlog_answer(c);
	response_reset(&x->res);
	if (!c->keep) {
		if (!body_is_done(&x->body) || exchange_has_input(x))
			c->lingers = true;
		c->state = CONN_END;
		return STEP_ON;
	}
	c->state = CONN_DISCARD;
	if (body_is_done(&x->body)) {
		c->state = CONN_HEAD;
		exchange_next(x);
	}
	return STEP_ON;
}

/* Its head is in out, with all of a short body. */
static enum conn_step
conn_continue_answer(struct conn *c)
{
	struct exchange *x = c->x;

	if (x->res.done && x->out.len - x->out_pos < CONN_BATCH_BYTES)
		return conn_end_response(c);
	c->state = CONN_ANSWER;
	return STEP_ON;
}

/*
 * The page of a status, and what whoever began to answer the request has for
 * all answers, or else the server for those that it gives by itself.
 */
static int
conn_make_refusal(struct conn *c, enum http_status status)
{
	const struct http_server *srv = c->set->srv;
	struct exchange *x = c->x;
	http_handler_fn *finish = x->res.finish;
	void *arg = x->res.finish_arg;

	response_reset(&x->res);
	if (http_response_error(&x->res, (int)status) == -1)
		return -1;
	if (finish != NULL)
		finish(&x->res, &x->req, arg);
	else if (srv->refused != NULL)
		srv->refused(srv->refused_arg, &x->res);
	return x->res.failed ? -1 : 0;
}

enum conn_step
conn_refuse(struct conn *c, enum http_status status)
{
	c->keep = false;
	c->lingers = true;
	c->state = CONN_END;
	deadline_clear(&c->deadline);
	if (conn_make_refusal(c, status) == -1 || conn_begin_response(c) == -1)
		return STEP_ON;
	return conn_continue_answer(c);
}

enum conn_step
conn_refuse_head(struct conn *c, enum http_status status)
{
	struct exchange *x = c->x;
	char *start = x->in + x->pos + c->scan.start;

	x->start_ms = c->set->now_ms;
	x->req.remote_addr = c->peer;
	request_reset(&x->req, start, (size_t)(x->in + x->len - start));
	request_find_accept(&x->req, start, c->scan.line - c->scan.start);
	return conn_refuse(c, status);
}

/* A file was not what had been promised; answers before it still arrive. */
static enum conn_step
conn_end_unanswered(struct conn *c)
{
	connlog_answer(c);
	response_reset(&c->x->res);
	c->lingers = true;
	c->state = CONN_END;
	return STEP_ON;
}

enum conn_step
conn_send_answer(struct conn *c)
{
	struct exchange *x = c->x;

	c->keep = x->req.keepalive && !c->set->retiring &&
	    c->set->now_ms >= c->set->crowded_ms &&
	    c->requests < c->set->srv->max_requests &&
	    !response_needs_close(&x->res, x->req.is_head, x->req.minor) &&
	    connbody_can_discard(c);
	c->set->crowded_ms = 0;
	if (x->res.failed)
		return conn_refuse(c, answer_failed(ENOMEM));
	if (conn_begin_response(c) == -1)
		return errno == ESTALE ? conn_end_unanswered(c) :
		    conn_refuse(c, answer_failed(errno));
	return conn_continue_answer(c);
}

/*
 * A body that can't be had to its end: what was sent of it, and the answers
 * before it, still arrive, and its length or its last chunk shows that it is
 * not all.  Where it has neither only a reset does.
 */
static enum conn_step
conn_break_body(struct conn *c)
{
	struct exchange *x = c->x;
	bool shows = x->res.chunked || x->res.left != -1;

	connlog_part(c);
	response_reset(&x->res);
	x->out.len = x->out_pos = 0;
	c->lingers = true;
	c->state = CONN_END;
	if (shows)
		return STEP_ON;
	conn_reset_at_close(c);
	return STEP_CLOSE;
}

enum conn_step
conn_send_body(struct conn *c)
{
	struct http_response *res = &c->x->res;
	bool is_file = res->kind == RESPONSE_FILE;
	enum conn_step step;

	if (res->done) {
		step = conn_flush(c, false);
		return step == STEP_ON ? conn_end_response(c) : step;
	}
	if (c->set->turn_bytes == 0)
		return STEP_YIELD;
	if (exchange_has_output(c->x)) {
		step = conn_flush(c, is_file);
		if (step != STEP_ON)
			return step;
	}
	connlog_serving(c);
	step = is_file ? conn_send_file(c) : conn_pump_source(c);
	scoreboard_end(c->set->slot);
	return step == STEP_BREAK ? conn_break_body(c) : step;
}
