#include "httpmux.h"

#include <sys/queue.h>

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "buffer.h"
#include "mux_pattern.h"
#include "mux_tree.h"
#include "request.h"
#include "uri.h"

/* Written while patterns are registered, and not when requests are served. */
struct http_mux {
	struct mux_tree	 tree;
	struct http_handler others;		/* for the mux's own answers */
	SLIST_HEAD(, mux_pattern) patterns;	/* all that tree points to */
	const char	**methods;		/* for Allow: in order */
	size_t		 nmethods;
	const char	*conflict;		/* what the last had one with */
	const char	*why;			/* it failed, if not in error */
	struct buffer	 error;			/* a string, or empty */
};

/* A request, as the tree sees it. */
struct mux_target {
	struct mux_lookup lookup;
	char		 host[MUX_HOST_SIZE];
};

struct http_mux *
http_mux_new(void)
{
	struct http_mux *mux = calloc(1, sizeof(*mux));

	if (mux != NULL)
		mux->why = "";
	return mux;
}

void
http_mux_free(struct http_mux *mux)
{
	struct mux_pattern *p;

	if (mux == NULL)
		return;
	while ((p = SLIST_FIRST(&mux->patterns)) != NULL) {
		SLIST_REMOVE_HEAD(&mux->patterns, entry);
		free(p);
	}
	mux_tree_free(&mux->tree);
	free(mux->methods);
	buffer_free(&mux->error);
	free(mux);
}

const char *
http_mux_error(const struct http_mux *mux)
{
	return mux->error.len == 0 ? mux->why : mux->error.data;
}

const char *
http_mux_conflict(const struct http_mux *mux)
{
	return mux->conflict;
}

/* Says what is wrong with a pattern, whose bytes may be any: 0 or -1. */
static int
write_fault(struct buffer *error, const char *pattern,
    const struct mux_fault *fault)
{
	char *shown = malloc(4 * strlen(pattern) + 1);
	int rv;

	if (shown == NULL)
		return -1;
	(void)strvis(shown, pattern, VIS_CSTYLE | VIS_NL | VIS_TAB | VIS_DQ);
	rv = buffer_printf(error, "\"%s\": byte %zu: %s", shown, fault->at + 1,
	    fault->why);
	free(shown);
	return rv;
}

/* Reads a pattern, for free(3); or NULL, and errno says why. */
static struct mux_pattern *
mux_parse(struct http_mux *mux, const char *pattern)
{
	struct mux_pattern *p;
	struct mux_fault fault;

	p = mux_pattern_parse(pattern, &fault);
	if (p == NULL && errno == EINVAL)
		errno = write_fault(&mux->error, pattern, &fault) == 0 ?
		    EINVAL : ENOMEM;
	return p;
}

/* Looks for a conflict: 0, or -1 and errno. */
static int
mux_check(struct http_mux *mux, const struct mux_pattern *p)
{
	const struct mux_pattern *other;
	unsigned int steps;

	other = mux_tree_conflict(&mux->tree, p, &steps);
	if (other == NULL)
		return 0;
	mux->conflict = other->text;
	errno = mux_describe_conflict(&mux->error, p, other) == 0 ?
	    EEXIST : ENOMEM;
	return -1;
}

/* Adds a method to the list in order, unless it is there. */
static int
mux_add_method(struct http_mux *mux, const char *method)
{
	const char **methods;
	size_t i = 0;

	while (i < mux->nmethods && strcmp(mux->methods[i], method) < 0)
		i++;
	if (i < mux->nmethods && strcmp(mux->methods[i], method) == 0)
		return 0;
	methods = reallocarray(mux->methods, mux->nmethods + 1,
	    sizeof(*methods));
	if (methods == NULL)
		return -1;
	memmove(methods + i + 1, methods + i,
	    (mux->nmethods - i) * sizeof(*methods));
	methods[i] = method;
	mux->methods = methods;
	mux->nmethods++;
	return 0;
}

/*
 * Adds what the server answers to where p is: OPTIONS always, and where any
 * method may be meant what every server has (RFC 9110, 9.1).
 */
static int
mux_add_methods(struct http_mux *mux, const struct mux_pattern *p)
{
	const char *method = p->method[0] == '\0' ? "GET" : p->method;

	if (mux_add_method(mux, "OPTIONS") == -1 ||
	    mux_add_method(mux, method) == -1)
		return -1;
	return strcmp(method, "GET") == 0 ? mux_add_method(mux, "HEAD") : 0;
}

/* Adds a pattern: 0, or -1 and errno. */
static int
mux_add(struct http_mux *mux, const char *pattern,
    const struct http_handler *handler)
{
	struct mux_pattern *p = mux_parse(mux, pattern);

	if (p == NULL)
		return -1;
	if (mux_check(mux, p) == -1) {
		free(p);
		return -1;
	}
	p->handler = *handler;
	/* The tree may point into it even where memory ends half way. */
	SLIST_INSERT_HEAD(&mux->patterns, p, entry);
	if (mux_add_methods(mux, p) == -1)
		return -1;
	return mux_tree_add(&mux->tree, p);
}

int
http_mux_handle(struct http_mux *mux, const char *pattern,
    http_handler_fn *serve, void *arg)
{
	struct http_handler handler = { serve, arg };

	mux->error.len = 0;
	mux->conflict = NULL;
	mux->why = "";
	if (serve == NULL) {
		mux->why = "there is no handler";
		errno = EINVAL;
		return -1;
	}
	if (mux_add(mux, pattern, &handler) == 0)
		return 0;
	if (errno == ENOMEM) {
		mux->error.len = 0;
		mux->conflict = NULL;
		mux->why = "out of memory";
	}
	return -1;
}

/*
 * Copies a request's host without its port, in lower case.  One that is too
 * long is left out: no pattern has it.
 */
static void
copy_host(char dst[MUX_HOST_SIZE], const char *host)
{
	size_t len = mux_host_len(host, strlen(host)), i;

	if (len >= MUX_HOST_SIZE)
		len = 0;
	for (i = 0; i < len; i++)
		dst[i] = (char)tolower((unsigned char)host[i]);
	dst[len] = '\0';
}

/* The pattern that matches the path, with a slash more if that is asked. */
static const struct mux_pattern *
mux_match(const struct http_mux *mux, struct mux_target *t, const char *method,
    bool slash)
{
	t->lookup.host = t->host;
	t->lookup.method = method;
	t->lookup.slash = slash;
	return mux_tree_match(&mux->tree, &t->lookup);
}

/*
 * Whether the path lacks but a slash: with it, and not without, a pattern
 * matches that does not go on behind.
 */
static bool
lacks_slash(const struct http_mux *mux, struct mux_target *t,
    const struct mux_pattern *p, const char *method)
{
	const char *s = t->lookup.path;
	size_t slashes;

	if ((p != NULL && mux_pattern_last(p)->kind != MUX_MULTI) ||
	    s[strlen(s) - 1] == '/')
		return false;
	if ((p = mux_match(mux, t, method, true)) == NULL)
		return false;
	if (mux_pattern_last(p)->kind != MUX_MULTI)
		return true;
	for (slashes = 1; *s != '\0'; s++)
		slashes += *s == '/';
	return p->nsegments == slashes;
}

/* Redirects to a path of this host, which begins with one slash. */
static void
mux_redirect(struct http_response *res, const struct http_request *req,
    const char *path, const char *slash)
{
	const char *method = http_request_method(req);
	const char *query = http_request_query(req);
	struct buffer location = { 0 };
	int status = HTTP_PERMANENT_REDIRECT;

	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		status = HTTP_MOVED_PERMANENTLY;
	if (buffer_reserve(&location, 3 * strlen(path) + 1) == -1)
		goto fail;
	location.len = uri_encode_path(location.data, path);
	if (buffer_printf(&location, "%s%s%s", slash,
	    query == NULL ? "" : "?", query == NULL ? "" : query) == -1 ||
	    http_response_redirect(res, status, location.data) == -1)
		goto fail;
	buffer_free(&location);
	return;
fail:
	buffer_free(&location);
	http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
}

static int
add_word(struct buffer *list, const char *word)
{
	return buffer_printf(list, "%s%s", list->len > 0 ? ", " : "", word);
}

/* Sets Allow to the methods of patterns that match: 1, 0 for none, or -1. */
static int
mux_set_allow(const struct http_mux *mux, struct mux_target *t,
    struct http_response *res)
{
	struct buffer allow = { 0 };
	bool found = false;
	int rv = -1;
	size_t i;

	for (i = 0; i < mux->nmethods; i++) {
		const char *method = mux->methods[i];

		if (mux_match(mux, t, method, false) != NULL)
			found = true;
		else if (strcmp(method, "OPTIONS") != 0)
			continue;
		if (add_word(&allow, method) == -1)
			goto out;
	}
	if (!found)
		rv = 0;
	else if (http_response_set_header(res, "Allow", allow.data) == 0)
		rv = 1;
out:
	buffer_free(&allow);
	return rv;
}

/* Answers OPTIONS of the server itself: RFC 9110, 9.3.7. */
static void
mux_serve_all(const struct http_mux *mux, struct http_response *res)
{
	struct buffer allow = { 0 };
	int status = HTTP_NO_CONTENT;
	size_t i;

	for (i = 0; i < mux->nmethods; i++)
		if (add_word(&allow, mux->methods[i]) == -1)
			status = HTTP_INTERNAL_SERVER_ERROR;
	if (allow.len > 0 &&
	    http_response_set_header(res, "Allow", allow.data) == -1)
		status = HTTP_INTERNAL_SERVER_ERROR;
	if (status == HTTP_NO_CONTENT)
		http_response_set_status(res, status);
	else
		http_response_error(res, status);
	buffer_free(&allow);
}

/* Answers what no pattern matches. */
static void
mux_refuse(const struct http_mux *mux, struct mux_target *t,
    struct http_response *res, const struct http_request *req)
{
	int allowed = mux_set_allow(mux, t, res);

	if (allowed == -1)
		http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	else if (allowed == 0)
		http_response_error(res, HTTP_NOT_FOUND);
	else if (strcmp(http_request_method(req), "OPTIONS") == 0)
		http_response_set_status(res, HTTP_NO_CONTENT);
	else
		http_response_error(res, HTTP_METHOD_NOT_ALLOWED);
}

/*
 * Copies the path to the request's room, with a NUL for each slash that the
 * pattern has: then all of its values are strings there.
 */
static void
cut_path(struct http_request *req, const struct mux_pattern *p)
{
	char *s = req->room;
	size_t i;

	memcpy(s, req->path, strlen(req->path) + 1);
	for (i = 0; i < p->nsegments; i++) {
		s = strchrnul(s, '/');
		*s = '\0';
		s++;
	}
}

/*
 * The path without empty segments: as it is, or else copied to the request's
 * room.
 */
static const char *
clean_path(struct http_request *req)
{
	if (strstr(req->path, "//") == NULL)
		return req->path;
	(void)uri_collapse_slashes(req->room, strlen(req->path) + 1,
	    req->path);
	return req->room;
}

/* The pattern that answers a request, or NULL where the mux itself does. */
static const struct mux_pattern *
mux_find(const struct http_mux *mux, struct http_request *req,
    const char *method)
{
	const struct mux_pattern *p;
	struct mux_target t;

	if (req->path[0] != '/')
		return NULL;
	t.lookup.path = clean_path(req);
	if (t.lookup.path != req->path)
		return NULL;
	copy_host(t.host, http_request_host(req));
	p = mux_match(mux, &t, method, false);
	return lacks_slash(mux, &t, p, method) ? NULL : p;
}

void
http_mux_serve(struct http_response *res, struct http_request *req, void *arg)
{
	struct http_mux *mux = arg;
	const struct mux_pattern *p;

	p = mux_find(mux, req, http_request_method(req));
	if (p == NULL && mux->others.serve == NULL)
		http_mux_serve_others(res, req, mux);
	else if (p == NULL)
		mux->others.serve(res, req, mux->others.arg);
	else {
		req->pattern = p;
		if (p->nwild > 0)
			cut_path(req, p);
		p->handler.serve(res, req, p->handler.arg);
	}
}

void
http_mux_set_others(struct http_mux *mux, http_handler_fn *serve, void *arg)
{
	mux->others = (struct http_handler){ serve, arg };
}

void
http_mux_serve_others(struct http_response *res, struct http_request *req,
    void *arg)
{
	const struct http_mux *mux = arg;
	const char *method = http_request_method(req), *path;
	const struct mux_pattern *p;
	struct mux_target t;

	if (req->path[0] != '/') {
		mux_serve_all(mux, res);
		return;
	}
	t.lookup.path = path = clean_path(req);
	copy_host(t.host, http_request_host(req));
	p = mux_match(mux, &t, method, false);
	if (lacks_slash(mux, &t, p, method))
		mux_redirect(res, req, path, "/");
	else if (path != req->path)
		mux_redirect(res, req, path, "");
	else
		mux_refuse(mux, &t, res, req);
}

const struct http_handler *
http_mux_handler(const struct http_mux *mux, struct http_request *req,
    const char *method)
{
	const struct mux_pattern *p = mux_find(mux, req, method);

	return p == NULL ? NULL : &p->handler;
}

const char *
http_request_path_value(const struct http_request *req, const char *name)
{
	const struct mux_pattern *p = req->pattern;
	const struct mux_segment *seg;
	const char *value;
	size_t i;

	if (p == NULL || p->nwild == 0)
		return "";
	value = req->room + 1;
	for (i = 0; i < p->nsegments; i++) {
		seg = &p->segments[i];
		if ((seg->kind == MUX_WILD || seg->kind == MUX_MULTI) &&
		    strcmp(seg->text, name) == 0)
			return value;
		value += strlen(value) + 1;
	}
	return "";
}
