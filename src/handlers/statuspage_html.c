#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "../buffer.h"
#include "../html.h"
#include "../snapshot.h"
#include "statuspage.h"
#include "statuspage_style.h"

/* An interval's width in the chart, and the height of the highest, */
#define BAR_WIDTH	10
#define BAR_HEIGHT	96
/* in a chart of this height. */
#define CHART_HEIGHT	100
/* The interval that is not over is not in it. */
#define CHART_BARS	(SCOREBOARD_INTERVALS - 1)

#define STRING_OF(n)	#n
#define STRING(n)	STRING_OF(n)

/* How often it loads itself anew: an interval of the chart, in seconds. */
#define REFRESH_S	5

static int
append_head(struct buffer *out, const struct snapshot *s)
{
	char since[sizeof("2026-11-23 21:28:48")] = "";
	time_t start = (time_t)s->start_time;
	struct tm tm;

	if (gmtime_r(&start, &tm) != NULL)
		(void)strftime(since, sizeof(since), "%F %T", &tm);
	if (buffer_append_string(out, "<!DOCTYPE html>\n<html lang=\"en\">\n"
	    "<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"robots\" content=\"noindex, nofollow\">\n"
	    "<meta http-equiv=\"refresh\" content=\"" STRING(REFRESH_S)
	    "\">\n<title>httpserve on ") == -1 ||
	    html_append(out, s->addresses) == -1 ||
	    buffer_append_string(out, "</title>\n<style>" STATUSPAGE_STYLE
	    "</style>\n</head>\n<body>\n<h1>httpserve on ") == -1 ||
	    html_append(out, s->addresses) == -1)
		return -1;
	return buffer_printf(out, "</h1>\n<p>version %s, process %d, since "
	    "%s UTC</p>\n", s->version, (int)s->master, since);
}

/* A figure, and what is said of it in small. */
static int __attribute__((format(printf, 4, 5)))
append_tile(struct buffer *out, const char *title, const char *value,
    const char *fmt, ...)
{
	va_list ap;
	int result;

	if (buffer_printf(out, "<div><dt>%s</dt><dd>%s <small>", title,
	    value) == -1)
		return -1;
	va_start(ap, fmt);
	result = buffer_vprintf(out, fmt, ap);
	va_end(ap);
	if (result == -1)
		return -1;
	return buffer_append_string(out, "</small></dd></div>\n");
}

static int
append_tiles(struct buffer *out, const struct snapshot *s)
{
	char up[SNAPSHOT_AGE_SIZE], sent[SNAPSHOT_BYTES_SIZE];
	char rate[SNAPSHOT_BYTES_SIZE], children[24], connections[24];
	char requests[24], lost[24];

	snapshot_format_age(up, s->up_ms);
	snapshot_format_bytes(sent, s->total.bytes);
	snapshot_format_bytes(rate, s->rate.bytes);
	(void)snprintf(children, sizeof(children), "%zu", s->nchildren);
	(void)snprintf(connections, sizeof(connections), "%u", s->connections);
	(void)snprintf(requests, sizeof(requests), "%" PRIu64,
	    s->total.requests);
	(void)snprintf(lost, sizeof(lost), "%" PRIu64, s->lines_lost);
	if (buffer_append_string(out, "<dl>\n") == -1 ||
	    append_tile(out, "Up", up, "%s", "") == -1 ||
	    append_tile(out, "Children", children, "%u serving, %" PRIu64
	    " died", s->serving, s->died) == -1 ||
	    append_tile(out, "Connections", connections, "%s", "") == -1 ||
	    append_tile(out, "Requests", requests, "%" PRIu64 ".%" PRIu64 "/s",
	    s->rate.requests_10 / 10, s->rate.requests_10 % 10) == -1 ||
	    append_tile(out, "Sent", sent, "%s/s", rate) == -1 ||
	    append_tile(out, "Log lines lost", lost, "%s", "") == -1)
		return -1;
	return buffer_append_string(out, "</dl>\n");
}

/* The most requests that an interval had. */
static uint64_t
find_peak(const struct snapshot *s)
{
	uint64_t peak = 0;
	size_t i;

	for (i = 0; i < CHART_BARS; i++)
		if (s->history[i].requests > peak)
			peak = s->history[i].requests;
	return peak;
}

/* One shape of bars that touch each other. */
static int
append_bars(struct buffer *out, const struct snapshot *s, uint64_t peak)
{
	uint64_t height;
	size_t i;

	if (buffer_printf(out, "<path fill=\"currentColor\" d=\"M0 %d",
	    CHART_HEIGHT) == -1)
		return -1;
	for (i = 0; i < CHART_BARS; i++) {
		height = peak == 0 ? 0 :
		    s->history[i].requests * BAR_HEIGHT / peak;
		/* What is there is seen. */
		if (height == 0 && s->history[i].requests > 0)
			height = 1;
		if (buffer_printf(out, "V%" PRIu64 "H%zu",
		    CHART_HEIGHT - height, (i + 1) * BAR_WIDTH) == -1)
			return -1;
	}
	return buffer_printf(out, "V%dZ\"/>", CHART_HEIGHT);
}

static int
append_chart(struct buffer *out, const struct snapshot *s)
{
	uint64_t peak = find_peak(s), tenths;

	tenths = peak * 10000 / SCOREBOARD_INTERVAL_MS;
	if (buffer_printf(out, "<figure>\n<figcaption><span>Requests a second"
	    "</span><span>at most %" PRIu64 ".%" PRIu64 "</span></figcaption>\n"
	    "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
	    "role=\"img\" aria-label=\"Requests a second in the last minutes, "
	    "%" PRIu64 ".%" PRIu64 " at the most\">", tenths / 10, tenths % 10,
	    CHART_BARS * BAR_WIDTH, CHART_HEIGHT, tenths / 10,
	    tenths % 10) == -1 ||
	    append_bars(out, s, peak) == -1)
		return -1;
	return buffer_printf(out, "</svg>\n<p class=\"axis\"><span>%d minutes "
	    "ago</span><span>now</span></p>\n</figure>\n",
	    SCOREBOARD_INTERVALS * SCOREBOARD_INTERVAL_MS / 60000);
}

static int
append_request(struct buffer *out, const struct snapshot_child *child)
{
	char age[SNAPSHOT_AGE_SIZE];

	if (buffer_append_string(out, "<td>") == -1)
		return -1;
	if (child->request[0] == '\0')
		return buffer_append_string(out, "</td>");
	snapshot_format_age(age, child->request_ms);
	if (buffer_printf(out, child->is_serving ?
	    "<span class=\"busy\">for %s:</span> " :
	    "<span>%s ago:</span> ", age) == -1 ||
	    html_append(out, child->client) == -1 ||
	    buffer_append(out, " ", 1) == -1 ||
	    html_append(out, child->request) == -1)
		return -1;
	return buffer_append_string(out, "</td>");
}

static int
append_child(struct buffer *out, const struct snapshot_child *child)
{
	const char *state = snapshot_state_name(child->state);
	char age[SNAPSHOT_AGE_SIZE], sent[SNAPSHOT_BYTES_SIZE];
	char rate[SNAPSHOT_BYTES_SIZE];

	snapshot_format_age(age, child->age_ms);
	snapshot_format_bytes(sent, child->total.bytes);
	snapshot_format_bytes(rate, child->rate.bytes);
	if (buffer_printf(out, "<tr><th scope=\"row\" data-title=\"Child\">%u"
	    "</th><td data-title=\"Process\">%d</td>"
	    "<td data-title=\"State\" class=\"%s\">%s</td>"
	    "<td data-title=\"Age\">%s</td>"
	    "<td data-title=\"Connections\">%u</td>"
	    "<td data-title=\"Requests\">%" PRIu64 "</td>"
	    "<td data-title=\"Requests/s\">%" PRIu64 ".%" PRIu64 "</td>"
	    "<td data-title=\"Sent\">%s</td>"
	    "<td data-title=\"Sent/s\">%s</td>",
	    child->number, (int)child->pid, state, state, age,
	    child->connections, child->total.requests,
	    child->rate.requests_10 / 10, child->rate.requests_10 % 10, sent,
	    rate) == -1 ||
	    append_request(out, child) == -1)
		return -1;
	return buffer_append_string(out, "</tr>\n");
}

static int
html_write(struct buffer *out, const struct snapshot *s)
{
	static const char *const titles[] = { "Child", "Process", "State",
	    "Age", "Connections", "Requests", "Requests/s", "Sent",
	    "Sent/s", "Request" };
	size_t i;

	if (append_head(out, s) == -1 || append_tiles(out, s) == -1 ||
	    append_chart(out, s) == -1 ||
	    buffer_append_string(out, "<table>\n<thead>\n<tr>") == -1)
		return -1;
	for (i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (buffer_printf(out, "<th scope=\"col\">%s</th>",
		    titles[i]) == -1)
			return -1;
	if (buffer_append_string(out, "</tr>\n</thead>\n<tbody>\n") == -1)
		return -1;
	for (i = 0; i < s->nchildren; i++)
		if (append_child(out, &s->children[i]) == -1)
			return -1;
	return buffer_append_string(out,
	    "</tbody>\n</table>\n</body>\n</html>\n");
}

const struct statuspage_format statuspage_html = {
	.type = "text/html; charset=utf-8",
	.policy = "default-src 'none'; style-src '" STATUSPAGE_STYLE_HASH "'; "
	    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	.write = html_write
};
