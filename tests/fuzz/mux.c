/*
 * The mux.  The input is lines: patterns up to an empty line, then requests,
 * "METHOD host target".  What the tree says of conflicts and matches is what
 * comparing all patterns with each other says, by a matcher of a few lines
 * that knows nothing of trees.
 */
#include <stdbool.h>
#include <strings.h>

#include "buffer.h"
#include "fuzz.h"
#include "headscan.h"
#include "httpmux.h"
#include "mux_pattern.h"
#include "request.h"
#include "response.h"
#include "uri.h"

#define MAX_PATTERNS 16

/* The same patterns, outside of the mux. */
static struct mux_pattern *patterns[MAX_PATTERNS];
static size_t npatterns;

/* What was handled last, or NULL. */
static const struct mux_pattern *handled;

/* Whether segments from i on match all of a path that begins with a slash. */
static bool
matches_path(const struct mux_pattern *p, size_t i, const char *path)
{
	const struct mux_segment *seg = &p->segments[i];
	size_t len;

	if (i == p->nsegments || *path == '\0')
		return i == p->nsegments && *path == '\0';
	len = strcspn(++path, "/");
	switch (seg->kind) {
	case MUX_MULTI:
		return true;
	case MUX_DOLLAR:
		return *path == '\0';
	case MUX_WILD:
		return (len > 0 || path[len] == '/') &&
		    matches_path(p, i + 1, path + len);
	case MUX_LITERAL:
		return len == seg->len && memcmp(path, seg->text, len) == 0 &&
		    matches_path(p, i + 1, path + len);
	}
	return false;
}

static bool
matches(const struct mux_pattern *p, const char *method, const char *host,
    const char *path)
{
	size_t len = strcspn(host, host[0] == '[' ? "]" : ":");

	if (host[0] == '[')
		len++;
	if (p->host[0] != '\0' && (strlen(p->host) != len ||
	    strncasecmp(p->host, host, len) != 0))
		return false;
	if (p->method[0] != '\0' && strcmp(p->method, method) != 0 &&
	    (strcmp(p->method, "GET") != 0 || strcmp(method, "HEAD") != 0))
		return false;
	return matches_path(p, 0, path);
}

static int
relation(const struct mux_pattern *a, const struct mux_pattern *b)
{
	int both;

	if (strcmp(a->host, b->host) != 0)
		return a->host[0] == '\0' ? MUX_MORE :
		    b->host[0] == '\0' ? MUX_LESS : MUX_DISJOINT;
	both = mux_compare_methods(a->method, b->method) |
	    mux_compare_paths(a, b);
	return both & MUX_DISJOINT ? MUX_DISJOINT : both;
}

/* The one of those that match that is more specific than all others. */
static const struct mux_pattern *
best_match(const char *method, const char *host, const char *path)
{
	const struct mux_pattern *best = NULL;
	size_t i;

	for (i = 0; i < npatterns; i++)
		if (matches(patterns[i], method, host, path) && (best == NULL ||
		    relation(patterns[i], best) == MUX_LESS))
			best = patterns[i];
	for (i = 0; best != NULL && i < npatterns; i++)
		if (patterns[i] != best &&
		    matches(patterns[i], method, host, path))
			CHECK(relation(best, patterns[i]) == MUX_LESS);
	return best;
}

/* Has the values a path has, which are strings without a slash. */
static void
check_values(const struct http_request *req, const struct mux_pattern *p)
{
	const char *path = http_request_path(req), *value;
	size_t i, len;

	for (i = 0; i < p->nsegments; i++) {
		const struct mux_segment *seg = &p->segments[i];

		len = strcspn(++path, "/");
		if (seg->kind == MUX_MULTI && seg->len > 0) {
			value = http_request_path_value(req, seg->text);
			CHECK(strcmp(value, path) == 0);
		} else if (seg->kind == MUX_WILD) {
			value = http_request_path_value(req, seg->text);
			CHECK(len > 0 && strlen(value) == len);
			CHECK(memcmp(value, path, len) == 0);
		}
		path += len;
	}
	CHECK(strcmp(http_request_path_value(req, "-"), "") == 0);
}

static void
handle(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	handled = arg;
	check_values(req, handled);
}

/* The examples in an explanation are what they say they are. */
static void
check_examples(const struct mux_pattern *a, const struct mux_pattern *b)
{
	struct buffer path = { 0 };
	char *decoded;

	CHECK(mux_common_path(&path, a, b) == 0);
	CHECK((decoded = malloc(path.len + 1)) != NULL);
	CHECK(uri_decode_path(decoded, path.data, path.len) > 0);
	CHECK(matches_path(a, 0, decoded) && matches_path(b, 0, decoded));
	free(decoded);
	path.len = 0;
	if (mux_compare_paths(a, b) == MUX_OVERLAP) {
		CHECK(mux_difference_path(&path, a, b) == 0);
		CHECK((decoded = malloc(path.len + 1)) != NULL);
		CHECK(uri_decode_path(decoded, path.data, path.len) > 0);
		CHECK(matches_path(a, 0, decoded));
		CHECK(!matches_path(b, 0, decoded));
		free(decoded);
	}
	buffer_free(&path);
}

static const struct mux_pattern *
by_text(const char *text)
{
	size_t i = 0;

	while (i < npatterns && strcmp(patterns[i]->text, text) != 0)
		i++;
	CHECK(i < npatterns);
	return patterns[i];
}

/* Registers a pattern with the mux, if it is one that conflicts with none. */
static void
add_pattern(struct http_mux *mux, const char *text)
{
	struct mux_fault fault = { NULL, 0 };
	struct mux_pattern *p = mux_pattern_parse(text, &fault);
	bool conflicts = false;
	size_t i;
	int rv = http_mux_handle(mux, text, handle, p);

	if (p == NULL) {
		CHECK(rv == -1 && fault.at <= strlen(text));
		CHECK(strstr(http_mux_error(mux), fault.why) != NULL);
		return;
	}
	for (i = 0; i < npatterns; i++)
		if (mux_relation_conflicts(relation(p, patterns[i])))
			conflicts = true;
	CHECK(rv == (conflicts ? -1 : 0));
	if (!conflicts) {
		patterns[npatterns++] = p;
		return;
	}
	CHECK(mux_relation_conflicts(relation(p,
	    by_text(http_mux_conflict(mux)))));
	check_examples(p, by_text(http_mux_conflict(mux)));
	check_examples(by_text(http_mux_conflict(mux)), p);
	free(p);
}

/* A redirect is to a clean path of this host. */
static void
check_redirect(const struct http_response *res)
{
	const char *end = res->fields.data + res->fields.len;
	const char *location = memmem(res->fields.data, res->fields.len,
	    "Location: /", 11), *query;

	CHECK(location != NULL);
	location += 10;
	end = memchr(location, '\r', (size_t)(end - location));
	CHECK(end != NULL);
	query = memchr(location, '?', (size_t)(end - location));
	if (query != NULL)
		end = query;
	CHECK(memmem(location, (size_t)(end - location), "//", 2) == NULL);
}

static void
check_answer(const struct http_response *res, const struct http_request *req)
{
	const char *path = http_request_path(req);
	const struct mux_pattern *best;

	if (path[0] != '/' || strstr(path, "//") != NULL) {
		CHECK(handled == NULL);
		if (path[0] == '/')
			check_redirect(res);
		return;
	}
	best = best_match(req->method, req->host, path);
	if (res->status == 301 || res->status == 308) {
		check_redirect(res);
		CHECK(handled == NULL && path[strlen(path) - 1] != '/');
		CHECK(best == NULL ||
		    mux_pattern_last(best)->kind == MUX_MULTI);
		return;
	}
	CHECK(handled == best);
	if (best == NULL && strcmp(req->method, "OPTIONS") == 0)
		CHECK(res->status == 204 || res->status == 404);
	else if (best == NULL)
		CHECK(res->status == 404 || res->status == 405);
}

/* Scans and parses a head, as a connection does. */
static bool
parse(struct http_request *req, char *head, size_t len)
{
	static const struct headscan_limits limits = {
		.request_line = 8192, .field_line = 8192, .head = 16384,
		.fields = 8
	};
	struct headscan hs = { 0 };

	return headscan(&hs, &limits, head, len) == HTTP_OK &&
	    hs.start == 0 && hs.line == len &&
	    request_parse(req, head, len) == 0;
}

static void
serve(struct http_mux *mux, const char *line)
{
	static struct http_request req;
	struct http_response res;
	const char *host = strchr(line, ' '), *target;
	char *head, *copy;
	struct fuzz_input in;
	int len;

	if (host == NULL || (target = strchr(host + 1, ' ')) == NULL)
		return;
	len = asprintf(&head, "%.*s %s HTTP/1.1\r\nHost: %.*s\r\n\r\n",
	    (int)(host - line), line, target + 1, (int)(target - host - 1),
	    host + 1);
	CHECK(len > 0);
	in = (struct fuzz_input){ head, (size_t)len };
	copy = fuzz_copy(&in);
	handled = NULL;
	response_init(&res);
	if (parse(&req, copy, (size_t)len)) {
		http_mux_serve(&res, &req, mux);
		check_answer(&res, &req);
	}
	response_free(&res);
	request_free(&req);
	free(copy);
	free(head);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	char *text = fuzz_string(&in), *rest = text, *line;
	struct http_mux *mux = http_mux_new();

	CHECK(mux != NULL);
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
		if (npatterns < MAX_PATTERNS)
			add_pattern(mux, line);
	while ((line = strsep(&rest, "\n")) != NULL)
		serve(mux, line);
	http_mux_free(mux);
	while (npatterns > 0)
		free(patterns[--npatterns]);
	free(text);
	return 0;
}
