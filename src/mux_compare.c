#include <stdbool.h>
#include <string.h>

#include "buffer.h"
#include "mux_pattern.h"
#include "uri.h"

/* Any method is more than one, and GET is GET and HEAD. */
int
mux_compare_methods(const char *a, const char *b)
{
	if (strcmp(a, b) == 0)
		return MUX_EQUAL;
	if (a[0] == '\0' ||
	    (strcmp(a, "GET") == 0 && strcmp(b, "HEAD") == 0))
		return MUX_MORE;
	if (b[0] == '\0' ||
	    (strcmp(b, "GET") == 0 && strcmp(a, "HEAD") == 0))
		return MUX_LESS;
	return MUX_DISJOINT;
}

/* Compares what two segments at the same place match, there and behind it. */
static int
compare_segments(const struct mux_segment *a, const struct mux_segment *b)
{
	if (a->kind == b->kind)
		return a->kind != MUX_LITERAL || (a->len == b->len &&
		    memcmp(a->text, b->text, a->len) == 0) ?
		    MUX_EQUAL : MUX_DISJOINT;
	if (a->kind == MUX_MULTI)
		return MUX_MORE;
	if (b->kind == MUX_MULTI)
		return MUX_LESS;
	/* No segment is empty, so {name} does not match what {$} does. */
	if (a->kind == MUX_DOLLAR || b->kind == MUX_DOLLAR)
		return MUX_DISJOINT;
	return a->kind == MUX_WILD ? MUX_MORE : MUX_LESS;
}

int
mux_compare_paths(const struct mux_pattern *a, const struct mux_pattern *b)
{
	int relation = MUX_EQUAL;
	size_t i;

	for (i = 0; i < a->nsegments && i < b->nsegments; i++)
		relation |= compare_segments(&a->segments[i],
		    &b->segments[i]);
	if (i < b->nsegments)
		relation |= a->segments[i - 1].kind == MUX_MULTI ?
		    MUX_MORE : MUX_DISJOINT;
	if (i < a->nsegments)
		relation |= b->segments[i - 1].kind == MUX_MULTI ?
		    MUX_LESS : MUX_DISJOINT;
	return relation & MUX_DISJOINT ? MUX_DISJOINT : relation;
}

/* Appends a slash, and a segment that this one matches: a wildcard's name. */
static int
append_segment(struct buffer *path, const struct mux_segment *seg)
{
	if (buffer_append(path, "/", 1) == -1)
		return -1;
	if (seg->kind == MUX_MULTI)
		return 0;
	return buffer_append(path, seg->text, seg->len);
}

/* Appends a segment that a matches, and not b if that is at all possible. */
static int
append_difference(struct buffer *path, const struct mux_segment *a,
    const struct mux_segment *b)
{
	bool same = a->len == b->len && memcmp(a->text, b->text, a->len) == 0;

	if (a->kind == MUX_MULTI && b->kind == MUX_DOLLAR)
		return a->len == 0 ? buffer_append(path, "/x", 2) :
		    buffer_printf(path, "/%s", a->text);
	if (append_segment(path, a) == -1)
		return -1;
	if (a->kind == MUX_WILD && b->kind == MUX_LITERAL && same)
		return buffer_append(path, "x", 1);
	return 0;
}

static int
append_segments(struct buffer *path, const struct mux_pattern *p, size_t from)
{
	size_t i;

	for (i = from; i < p->nsegments; i++)
		if (append_segment(path, &p->segments[i]) == -1)
			return -1;
	return 0;
}

/* At each place the narrower of the two, and then the longer. */
static int
write_common(struct buffer *path, const struct mux_pattern *a,
    const struct mux_pattern *b)
{
	const struct mux_segment *seg;
	size_t i;

	for (i = 0; i < a->nsegments && i < b->nsegments; i++) {
		seg = &a->segments[i];
		if (compare_segments(seg, &b->segments[i]) & MUX_MORE)
			seg = &b->segments[i];
		if (append_segment(path, seg) == -1)
			return -1;
	}
	return append_segments(path, a->nsegments > i ? a : b, i);
}

/* Where a ends in a multi and b does not, they have parted there. */
static int
write_difference(struct buffer *path, const struct mux_pattern *a,
    const struct mux_pattern *b)
{
	size_t i;

	for (i = 0; i < a->nsegments && i < b->nsegments; i++)
		if (append_difference(path, &a->segments[i],
		    &b->segments[i]) == -1)
			return -1;
	return append_segments(path, a, i);
}

typedef int write_path_fn(struct buffer *path, const struct mux_pattern *a,
    const struct mux_pattern *b);

/* Appends a path as a target would have it: literals may be any bytes. */
static int
append_path(struct buffer *out, write_path_fn *write,
    const struct mux_pattern *a, const struct mux_pattern *b)
{
	struct buffer path = { 0 };
	int rv = -1;

	if (write(&path, a, b) == 0 && buffer_append(&path, "", 1) == 0 &&
	    buffer_reserve(out, 3 * path.len) == 0) {
		out->len += uri_encode_path(out->data + out->len, path.data);
		rv = 0;
	}
	buffer_free(&path);
	return rv;
}

int
mux_common_path(struct buffer *out, const struct mux_pattern *a,
    const struct mux_pattern *b)
{
	return append_path(out, write_common, a, b);
}

int
mux_difference_path(struct buffer *out, const struct mux_pattern *a,
    const struct mux_pattern *b)
{
	return append_path(out, write_difference, a, b);
}

/* Says that one takes more methods, and the other more paths. */
static int
describe_methods(struct buffer *out, const struct mux_pattern *a,
    const struct mux_pattern *b, int methods)
{
	const char *more = a->text, *less = b->text;

	if (methods == MUX_LESS) {
		more = b->text;
		less = a->text;
	}
	return buffer_printf(out, ": \"%s\" matches more methods, "
	    "\"%s\" more paths", more, less);
}

/* Gives for each a path that it alone matches. */
static int
describe_paths(struct buffer *out, const struct mux_pattern *a,
    const struct mux_pattern *b)
{
	if (buffer_printf(out, ", but only \"%s\" ", a->text) == -1 ||
	    mux_difference_path(out, a, b) == -1 ||
	    buffer_printf(out, ", and only \"%s\" ", b->text) == -1)
		return -1;
	return mux_difference_path(out, b, a);
}

int
mux_describe_conflict(struct buffer *out, const struct mux_pattern *a,
    const struct mux_pattern *b)
{
	int methods = mux_compare_methods(a->method, b->method);
	int paths = mux_compare_paths(a, b);

	if (buffer_printf(out, "\"%s\" conflicts with \"%s\": both match ",
	    a->text, b->text) == -1 || mux_common_path(out, a, b) == -1)
		return -1;
	if (paths == MUX_OVERLAP)
		return describe_paths(out, a, b);
	if ((methods | paths) == MUX_EQUAL)
		return buffer_printf(out, ", and all the same requests");
	return describe_methods(out, a, b, methods);
}
