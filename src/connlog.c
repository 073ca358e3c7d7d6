#include "connlog.h"

void
connlog_answer(struct conn *c)
{
	const struct http_request *req = &c->x->req;
	const struct http_response *res = &c->x->res;
	struct accesslog_entry entry;

	scoreboard_count(c->set->slot, 1, res->sent);
	if (!accesslog_is_on(&c->set->log))
		return;
	entry = (struct accesslog_entry){
		.time = c->set->now,
		.remote_addr = c->peer,
		.method = req->method,
		.target = req->target,
		.minor = req->minor,
		.line = req->line,
		.line_len = req->line_len,
		.status = res->status,
		.bytes = res->sent,
		.referer = http_request_header(req, "Referer"),
		.user_agent = http_request_header(req, "User-Agent"),
	};
	accesslog_add(&c->set->log, &entry);
}

void
connlog_part(struct conn *c)
{
	struct exchange *x = c->x;
	size_t unsent = x->out.len - x->out_pos;

	x->res.sent -= unsent < x->res.sent ? unsent : x->res.sent;
	connlog_answer(c);
}
