#include <inttypes.h>
#include <stddef.h>

#include "../buffer.h"
#include "../snapshot.h"
#include "statuspage.h"

/* What comes before the values of a metric: what it is, and its type. */
static int
append_head(struct buffer *out, const char *name, const char *type,
    const char *help)
{
	return buffer_printf(out, "# HELP httpserve_%s %s\n"
	    "# TYPE httpserve_%s %s\n", name, help, name, type);
}

static int
append_value(struct buffer *out, const char *name, const char *type,
    const char *help, uint64_t value)
{
	if (append_head(out, name, type, help) == -1)
		return -1;
	return buffer_printf(out, "httpserve_%s %" PRIu64 "\n", name, value);
}

/* One value for each child, by its number: a place that is taken again. */
static int
append_of_children(struct buffer *out, const struct snapshot *s,
    const char *name, const char *type, const char *help,
    uint64_t (*value)(const struct snapshot_child *))
{
	size_t i;

	if (append_head(out, name, type, help) == -1)
		return -1;
	for (i = 0; i < s->nchildren; i++)
		if (buffer_printf(out, "httpserve_%s{child=\"%u\"} %" PRIu64
		    "\n", name, s->children[i].number,
		    value(&s->children[i])) == -1)
			return -1;
	return 0;
}

static uint64_t
connections_of(const struct snapshot_child *child)
{
	return child->connections;
}

static uint64_t
requests_of(const struct snapshot_child *child)
{
	return child->total.requests;
}

static uint64_t
bytes_of(const struct snapshot_child *child)
{
	return child->total.bytes;
}

static int
append_children(struct buffer *out, const struct snapshot *s)
{
	int state;

	if (append_head(out, "children", "gauge",
	    "Child processes, by what they do.") == -1)
		return -1;
	for (state = 0; state < SNAPSHOT_STATES; state++)
		if (buffer_printf(out, "httpserve_children{state=\"%s\"} %u\n",
		    snapshot_state_name((enum snapshot_state)state),
		    s->states[state]) == -1)
			return -1;
	if (append_value(out, "children_serving", "gauge",
	    "Child processes that are inside a handler.", s->serving) == -1)
		return -1;
	return append_value(out, "children_died_total", "counter",
	    "Child processes that a signal killed, or that gave up.", s->died);
}

/* Seconds since 1970 have no fraction here. */
static int
append_server(struct buffer *out, const struct snapshot *s)
{
	if (append_head(out, "info", "gauge", "The server's version.") == -1 ||
	    buffer_printf(out, "httpserve_info{version=\"%s\"} 1\n",
	    s->version) == -1 ||
	    append_value(out, "start_time_seconds", "gauge",
	    "When the server began, in seconds since 1970.",
	    (uint64_t)s->start_time) == -1 ||
	    append_value(out, "connections", "gauge",
	    "Connections that are open.", s->connections) == -1 ||
	    append_value(out, "requests_total", "counter",
	    "Requests that were answered.", s->total.requests) == -1 ||
	    append_value(out, "sent_bytes_total", "counter",
	    "Bytes of answers' bodies that were sent.", s->total.bytes) == -1)
		return -1;
	return append_value(out, "log_lines_lost_total", "counter",
	    "Lines of the access log that could not be written.",
	    s->lines_lost);
}

static int
metrics_write(struct buffer *out, const struct snapshot *s)
{
	if (append_server(out, s) == -1 || append_children(out, s) == -1 ||
	    append_of_children(out, s, "child_connections", "gauge",
	    "Connections of a child.", connections_of) == -1 ||
	    append_of_children(out, s, "child_requests_total", "counter",
	    "Requests that a child has answered.", requests_of) == -1)
		return -1;
	return append_of_children(out, s, "child_sent_bytes_total", "counter",
	    "Bytes of answers' bodies that a child has sent.", bytes_of);
}

const struct statuspage_format statuspage_metrics = {
	.type = "text/plain; version=0.0.4; charset=utf-8",
	.policy = "default-src 'none'",
	.write = metrics_write
};
