#include "connlog.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "accesslogs.h"
#include "clock.h"
#include "exchange.h"
#include "work.h"

/* A handler may have taken long: the turn's time would not show that. */
static void
add_times(const struct conn *c, struct accesslog_entry *entry)
{
	uint64_t now_ms = clock_ms(CLOCK_REALTIME_COARSE);

	entry->time = (time_t)(now_ms / 1000);
	entry->time_ms = (unsigned int)(now_ms % 1000);
	entry->duration_ms = clock_ms(CLOCK_MONOTONIC_COARSE) - c->x->start_ms;
}

void
connlog_serving(const struct conn *c)
{
	const struct http_request *req = &c->x->req;
	bool is_read = req->method != NULL;
	const struct scoreboard_request noted = {
		.client = c->peer,
		.client_len = strlen(c->peer),
		.method = is_read ? req->method : "",
		/* The parser leaves the one space between them. */
		.method_len = is_read ?
		    (size_t)(req->target - req->method) - 1 : 0,
		.target = req->target,
		.target_len = req->target_len,
	};

	scoreboard_begin(c->set->slot, &noted, work_step());
}

void
connlog_answer(struct conn *c)
{
	const struct http_request *req = &c->x->req;
	const struct http_response *res = &c->x->res;
	const struct accesslog *log;
	struct accesslog_entry entry;

	scoreboard_count(c->set->slot, 1, res->sent);
	if ((log = accesslogs_find(&c->set->logs, req->log)) == NULL)
		return;
	entry = (struct accesslog_entry){
		.time = c->set->now,
		.remote_addr = req->remote_addr,
		.user = req->user,
		.method = req->method,
		.target = req->target,
		.minor = req->minor,
		.line = req->line,
		.line_len = req->line_len,
		.status = res->status,
		.bytes = res->sent,
		.host = req->host,
		.referer = http_request_header(req, "Referer"),
		.user_agent = http_request_header(req, "User-Agent"),
	};
	if (log->format == HTTP_LOG_JSON)
		add_times(c, &entry);
	accesslogs_add(&c->set->logs, req->log, &entry);
}

void
connlog_part(struct conn *c)
{
	struct exchange *x = c->x;
	size_t unsent = x->out.len - x->out_pos;

	x->res.sent -= unsent < x->res.sent ? unsent : x->res.sent;
	connlog_answer(c);
}
