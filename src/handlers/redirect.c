#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "httphandlers.h"
#include "httpmux.h"
#include "mux_pattern.h"
#include "uri.h"

enum piece_kind {
	PIECE_LITERAL,
	PIECE_PATH,		/* a value in the path */
	PIECE_TEXT,		/* one in the query or the fragment */
	PIECE_QUERY,		/* {?} */
	PIECE_MORE_QUERY	/* {&} */
};

struct piece {
	enum piece_kind	 kind;
	const char	*text;		/* or the name of a value */
};

struct http_redirect {
	int		 status;
	char		*target;	/* cut into pieces by NULs */
	size_t		 npieces;
	struct piece	 pieces[];
};

static int
fault(const char **why, const char *reason)
{
	if (why != NULL)
		*why = reason;
	errno = EINVAL;
	return -1;
}

/*
 * The length of what stands between braces at s; 0 for what is none.  Dots
 * behind a name are as in a pattern, and mean nothing here.
 */
static size_t
capture_len(const char *s)
{
	size_t len;

	if (*s == '?' || *s == '&')
		return s[1] == '}';
	len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_");
	if (s[len] == '}' || strncmp(s + len, "...}", 4) == 0)
		return len;
	return 0;
}

static enum piece_kind
capture_kind(const char *s, bool in_path)
{
	if (*s == '?')
		return PIECE_QUERY;
	if (*s == '&')
		return PIECE_MORE_QUERY;
	return in_path ? PIECE_PATH : PIECE_TEXT;
}

/* Whether {?} or {&} may stand before the rest of a target. */
static bool
may_have_query(enum piece_kind kind, bool has_query, bool has_fragment,
    const char *rest)
{
	if (kind == PIECE_QUERY)
		return !has_query && !has_fragment &&
		    (*rest == '\0' || *rest == '#');
	return kind != PIECE_MORE_QUERY || (has_query && !has_fragment);
}

static void
add_piece(struct http_redirect *r, enum piece_kind kind, const char *text)
{
	if (kind != PIECE_LITERAL || *text != '\0')
		r->pieces[r->npieces++] = (struct piece){ kind, text };
}

/* Cuts the target into pieces: 0 or -1. */
static int
cut_target(struct http_redirect *r, const char **why)
{
	bool has_query = false, has_fragment = false;
	char *s = r->target, *brace;
	enum piece_kind kind;
	size_t len;

	while ((brace = strchr(s, '{')) != NULL) {
		len = capture_len(brace + 1);
		if (len == 0)
			return fault(why, "what stands in braces is {name}, "
			    "{name...}, {?} or {&}");
		*brace = '\0';
		add_piece(r, PIECE_LITERAL, s);
		has_fragment = has_fragment || strchr(s, '#') != NULL;
		has_query = has_query || strchr(s, '?') != NULL;
		kind = capture_kind(brace + 1, !has_query && !has_fragment);
		s = strchr(brace + 1, '}') + 1;
		if (!may_have_query(kind, has_query, has_fragment, s))
			return fault(why, "{?} stands at the end of a target "
			    "without a query, {&} in the query of one");
		brace[1 + len] = '\0';
		add_piece(r, kind, brace + 1);
	}
	add_piece(r, PIECE_LITERAL, s);
	return 0;
}

/* The target as it is for a request with simple values, up to a fragment. */
static int
make_sample(const struct http_redirect *r, struct buffer *sample)
{
	size_t i;

	for (i = 0; i < r->npieces; i++) {
		const struct piece *p = &r->pieces[i];

		if (buffer_append_string(sample, p->kind == PIECE_LITERAL ?
		    p->text : p->kind == PIECE_QUERY ? "?q" : "v") == -1)
			return -1;
	}
	return buffer_append(sample, "", 1);
}

/* Whether the bytes of a fragment are such: RFC 3986, 3.5, as for a query. */
static bool
is_fragment(const char *s)
{
	struct buffer target = { 0 };
	struct uri uri;
	bool is;

	is = strchr(s, '#') == NULL &&
	    buffer_printf(&target, "/?%s", s) == 0 &&
	    uri_split(&uri, target.data, target.len) == 0;
	buffer_free(&target);
	return is;
}

static int
check_sample(char *sample, const char **why)
{
	char *fragment = strchr(sample, '#');
	struct uri uri;

	if (fragment != NULL)
		*fragment++ = '\0';
	if (sample[0] == '/' && sample[1] == '/')
		return fault(why, "a path begins with one slash: two would "
		    "lead to another host");
	if (uri_split(&uri, sample, strlen(sample)) == -1 ||
	    uri.form == URI_ASTERISK ||
	    (fragment != NULL && !is_fragment(fragment)))
		return fault(why, "neither a path that begins with a slash nor "
		    "a URL of http or https, percent-encoded");
	return 0;
}

/*
 * Whether a value stands first, or in a URL before the path begins: it would
 * say which host is meant.
 */
static bool
has_open_host(const struct http_redirect *r)
{
	const char *host, *first;

	if (r->npieces == 0 || r->pieces[0].kind != PIECE_LITERAL)
		return true;
	first = r->pieces[0].text;
	if (*first == '/')
		return false;
	host = strstr(first, "://");
	return host == NULL || strpbrk(host + 3, "/?#") == NULL;
}

static int
check_target(const struct http_redirect *r, const char **why)
{
	struct buffer sample = { 0 };
	int rv = -1;

	if (make_sample(r, &sample) == 0)
		rv = check_sample(sample.data, why);
	buffer_free(&sample);
	if (rv == 0 && r->npieces > 1 && has_open_host(r))
		return fault(why, "the host and its slash stand in front of "
		    "what comes from a request");
	return rv;
}

static size_t
count_braces(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '{';
	return n;
}

struct http_redirect *
http_redirect_new(int status, const char *target, const char **why)
{
	struct http_redirect *r;
	size_t max = 2 * count_braces(target) + 1;
	int error;

	if (status != HTTP_MOVED_PERMANENTLY && status != HTTP_FOUND &&
	    status != HTTP_TEMPORARY_REDIRECT &&
	    status != HTTP_PERMANENT_REDIRECT) {
		(void)fault(why, "a redirect is 301, 302, 307 or 308");
		return NULL;
	}
	r = calloc(1, sizeof(*r) + max * sizeof(r->pieces[0]));
	if (r == NULL || (r->target = strdup(target)) == NULL)
		goto fail;
	r->status = status;
	if (cut_target(r, why) == -1 || check_target(r, why) == -1)
		goto fail;
	return r;
fail:
	error = errno;
	http_redirect_free(r);
	errno = error;
	if (error == ENOMEM && why != NULL)
		*why = "out of memory";
	return NULL;
}

void
http_redirect_free(struct http_redirect *r)
{
	if (r == NULL)
		return;
	free(r->target);
	free(r);
}

static bool
has_name(const struct mux_pattern *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->nsegments; i++)
		if ((p->segments[i].kind == MUX_WILD ||
		    p->segments[i].kind == MUX_MULTI) &&
		    strcmp(p->segments[i].text, name) == 0)
			return true;
	return false;
}

const char *
http_redirect_lacks(const struct http_redirect *r, const char *pattern)
{
	struct mux_fault unused;
	struct mux_pattern *p = mux_pattern_parse(pattern, &unused);
	const char *name = NULL;
	size_t i;

	for (i = 0; i < r->npieces && name == NULL; i++)
		if ((r->pieces[i].kind == PIECE_PATH ||
		    r->pieces[i].kind == PIECE_TEXT) &&
		    (p == NULL || !has_name(p, r->pieces[i].text)))
			name = r->pieces[i].text;
	free(p);
	return name;
}

/*
 * A value can't begin with a slash, lest one in front of it made a host of
 * what follows.
 */
static int
append_value(struct buffer *out, enum piece_kind kind, const char *value)
{
	value += strspn(value, "/");
	if (buffer_reserve(out, 3 * strlen(value) + 1) == -1)
		return -1;
	if (kind == PIECE_PATH)
		out->len += uri_encode_path(out->data + out->len, value);
	else
		out->len += uri_encode_component(out->data + out->len, value);
	return 0;
}

static int
append_query(struct buffer *out, const char *mark, const char *query)
{
	if (query == NULL)
		return 0;
	if (buffer_append_string(out, mark) == -1)
		return -1;
	return buffer_append_string(out, query);
}

static int
append_piece(struct buffer *out, const struct piece *p,
    const struct http_request *req)
{
	switch (p->kind) {
	case PIECE_LITERAL:
		return buffer_append_string(out, p->text);
	case PIECE_PATH:
	case PIECE_TEXT:
		return append_value(out, p->kind,
		    http_request_path_value(req, p->text));
	case PIECE_QUERY:
		return append_query(out, "?", http_request_query(req));
	case PIECE_MORE_QUERY:
		return append_query(out, "&", http_request_query(req));
	}
	return -1;
}

void
http_redirect_serve(struct http_response *res, struct http_request *req,
    void *redirect)
{
	const struct http_redirect *r = redirect;
	struct buffer location = { 0 };
	size_t i = 0;

	while (i < r->npieces &&
	    append_piece(&location, &r->pieces[i], req) == 0)
		i++;
	if (i < r->npieces || buffer_append(&location, "", 1) == -1 ||
	    http_response_redirect(res, r->status, location.data) == -1)
		(void)http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	buffer_free(&location);
}
