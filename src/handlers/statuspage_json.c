#include <inttypes.h>

#include "../buffer.h"
#include "../json.h"
#include "../snapshot.h"
#include "statuspage.h"

static int
append_counts(struct buffer *out, const struct scoreboard_counts *total,
    const struct snapshot_rate *rate)
{
	return buffer_printf(out, "\"requests\":%" PRIu64
	    ",\"requests_per_second\":%" PRIu64 ".%" PRIu64
	    ",\"bytes\":%" PRIu64 ",\"bytes_per_second\":%" PRIu64,
	    total->requests, rate->requests_10 / 10, rate->requests_10 % 10,
	    total->bytes, rate->bytes);
}

/* A number of milliseconds, as seconds. */
static int
append_seconds(struct buffer *out, const char *name, uint64_t ms)
{
	return buffer_printf(out, ",\"%s\":%" PRIu64 ".%03u", name, ms / 1000,
	    (unsigned int)(ms % 1000));
}

static int
append_request(struct buffer *out, const struct snapshot_child *child)
{
	if (child->request[0] == '\0')
		return buffer_append_string(out, ",\"request\":null}");
	if (buffer_append_string(out, ",\"request\":{\"client\":") == -1 ||
	    json_append_string(out, child->client) == -1 ||
	    buffer_append_string(out, ",\"line\":") == -1 ||
	    json_append_string(out, child->request) == -1 ||
	    append_seconds(out, "seconds", child->request_ms) == -1)
		return -1;
	return buffer_append_string(out, child->is_serving ?
	    ",\"under_way\":true}}" : ",\"under_way\":false}}");
}

static int
append_child(struct buffer *out, const struct snapshot_child *child)
{
	if (buffer_printf(out, "\n{\"number\":%u,\"pid\":%d,\"state\":\"%s\","
	    "\"connections\":%u,", child->number, (int)child->pid,
	    snapshot_state_name(child->state), child->connections) == -1 ||
	    append_counts(out, &child->total, &child->rate) == -1 ||
	    append_seconds(out, "age_seconds", child->age_ms) == -1)
		return -1;
	return append_request(out, child);
}

static int
json_write(struct buffer *out, const struct snapshot *s)
{
	size_t i;

	if (buffer_append_string(out, "{\"version\":") == -1 ||
	    json_append_string(out, s->version) == -1 ||
	    buffer_append_string(out, ",\"addresses\":") == -1 ||
	    json_append_string(out, s->addresses) == -1 ||
	    buffer_printf(out, ",\"pid\":%d,\"start_time\":%" PRId64
	    ",\"connections\":%u,\"children_died\":%" PRIu64
	    ",\"log_lines_lost\":%" PRIu64 ",", (int)s->master, s->start_time,
	    s->connections, s->died, s->lines_lost) == -1 ||
	    append_counts(out, &s->total, &s->rate) == -1 ||
	    append_seconds(out, "up_seconds", s->up_ms) == -1 ||
	    buffer_append_string(out, ",\"children\":[") == -1)
		return -1;
	for (i = 0; i < s->nchildren; i++)
		if ((i > 0 && buffer_append(out, ",", 1) == -1) ||
		    append_child(out, &s->children[i]) == -1)
			return -1;
	return buffer_append_string(out, "\n]}\n");
}

const struct statuspage_format statuspage_json = {
	.type = "application/json",
	.policy = "default-src 'none'",
	.write = json_write
};
