#include "topview.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "snapshot.h"

/* ECMA-48: erase to the end of the line; reverse video, and plain again. */
#define ERASE_LINE	"\033[K"
#define REVERSE		"\033[7m"
#define PLAIN		"\033[m"

/* Lines are ASCII, so a byte is a column; longer ones are cut. */
#define LINE_SIZE	2048

#define CHILD_TITLES "CHILD     PID STATE         AGE  CONNS   REQUESTS " \
	"   REQ/S      SENT     SENT/S  REQUEST"

static int
add_text(struct topview *view, const char *line, const char *before,
    const char *after)
{
	size_t len = strlen(line);

	if (!view->is_terminal) {
		if (buffer_append(&view->out, line, len) == -1)
			return -1;
		return buffer_append(&view->out, "\n", 1);
	}
	if (view->lines == 0)
		return 0;
	view->lines--;
	if (len > view->columns)
		len = view->columns;
	if (buffer_append_string(&view->out, before) == -1 ||
	    buffer_append(&view->out, line, len) == -1 ||
	    buffer_append_string(&view->out, after) == -1 ||
	    buffer_append_string(&view->out, ERASE_LINE) == -1)
		return -1;
	/* Behind the last line it would scroll. */
	return view->lines == 0 ? 0 : buffer_append(&view->out, "\n", 1);
}

int
topview_add_line(struct topview *view, const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return add_text(view, line, "", "");
}

static int
add_summary(struct topview *view, const struct snapshot *s)
{
	char age[SNAPSHOT_AGE_SIZE], sent[SNAPSHOT_BYTES_SIZE];
	char rate[SNAPSHOT_BYTES_SIZE], since[32] = "";
	char addresses[sizeof(s->addresses) * 4 + 1];
	char version[sizeof(s->version) * 4 + 1];
	time_t start = (time_t)s->start_time;
	struct tm tm;

	if (localtime_r(&start, &tm) != NULL)
		(void)strftime(since, sizeof(since), "%F %T", &tm);
	snapshot_format_age(age, s->up_ms);
	snapshot_format_bytes(sent, s->total.bytes);
	snapshot_format_bytes(rate, s->rate.bytes);
	(void)strvis(addresses, s->addresses, VIS_CSTYLE | VIS_NL | VIS_TAB);
	(void)strvis(version, s->version, VIS_CSTYLE | VIS_NL | VIS_TAB);
	if (topview_add_line(view, "httpserve %s, process %d, on %s, "
	    "since %s (%s)", version, (int)s->master, addresses, since,
	    age) == -1)
		return -1;
	if (topview_add_line(view, "children: %zu (%u starting, %u accepting, "
	    "%u leaving), %u serving, %" PRIu64 " died; connections: %u",
	    s->nchildren, s->states[SNAPSHOT_STARTING],
	    s->states[SNAPSHOT_ACCEPTING], s->states[SNAPSHOT_LEAVING],
	    s->serving, s->died, s->connections) == -1)
		return -1;
	return topview_add_line(view, "requests: %" PRIu64 " (%" PRIu64
	    ".%" PRIu64 "/s); sent: %s (%s/s); log lines lost: %" PRIu64,
	    s->total.requests, s->rate.requests_10 / 10,
	    s->rate.requests_10 % 10, sent, rate, s->lines_lost);
}

/* What it serves, and for how long; or what it served last. */
static void
describe_request(char *dst, size_t size, const struct snapshot_child *child)
{
	char client[sizeof(child->client) * 4 + 1];
	char request[sizeof(child->request) * 4 + 1];
	char age[SNAPSHOT_AGE_SIZE];

	dst[0] = '\0';
	if (child->request[0] == '\0')
		return;
	snapshot_format_age(age, child->request_ms);
	(void)strvis(client, child->client, VIS_CSTYLE | VIS_NL | VIS_TAB);
	(void)strvis(request, child->request, VIS_CSTYLE | VIS_NL | VIS_TAB);
	(void)snprintf(dst, size, child->is_serving ? "for %s: %s %s" :
	    "%s ago: %s %s", age, client, request);
}

static int
add_child(struct topview *view, const struct snapshot_child *child)
{
	char age[SNAPSHOT_AGE_SIZE], sent[SNAPSHOT_BYTES_SIZE];
	char rate[SNAPSHOT_BYTES_SIZE + 2], requests[32], request[1024];

	snapshot_format_age(age, child->age_ms);
	snapshot_format_bytes(sent, child->total.bytes);
	snapshot_format_bytes(rate, child->rate.bytes);
	(void)strlcat(rate, "/s", sizeof(rate));
	(void)snprintf(requests, sizeof(requests), "%" PRIu64 ".%" PRIu64,
	    child->rate.requests_10 / 10, child->rate.requests_10 % 10);
	describe_request(request, sizeof(request), child);
	return topview_add_line(view, "%5u %7d %-9s %7s %6u %10" PRIu64
	    " %8s %9s %10s%s%s", child->number, (int)child->pid,
	    snapshot_state_name(child->state), age, child->connections,
	    child->total.requests, requests, sent, rate,
	    request[0] == '\0' ? "" : "  ", request);
}

int
topview_add_server(struct topview *view, const struct snapshot *s)
{
	size_t i;

	if (add_summary(view, s) == -1 ||
	    topview_add_line(view, "%s", "") == -1 ||
	    add_text(view, CHILD_TITLES, REVERSE, PLAIN) == -1)
		return -1;
	for (i = 0; i < s->nchildren; i++)
		if (add_child(view, &s->children[i]) == -1)
			return -1;
	return 0;
}
