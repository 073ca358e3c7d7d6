/* mux: which handler a request gets, with what values, or what instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "buffer.h"
#include "bytes.h"
#include "httpmux.h"
#include "request.h"
#include "response.h"

#define MAX_PATTERNS 12

/* What has become of the last request. */
static struct buffer outcome;

static int
teardown(void **state)
{
	(void)state;
	buffer_free(&outcome);
	return 0;
}

/* Says the pattern that was registered with it, and the values of its names. */
static void
tell(struct http_response *res, struct http_request *req, void *arg)
{
	const char *pattern = arg, *s = pattern;
	char name[32];
	size_t len;

	(void)res;
	buffer_printf(&outcome, "%s", pattern);
	while ((s = strchr(s, '{')) != NULL) {
		len = strspn(++s, "abcdefghijklmnopqrstuvwxyz");
		assert_in_range(len, 0, sizeof(name) - 1);
		memcpy(name, s, len);
		name[len] = '\0';
		if (len > 0)
			buffer_printf(&outcome, " %s=%s", name,
			    http_request_path_value(req, name));
	}
}

static int
handle(struct http_mux *mux, const char *pattern)
{
	return http_mux_handle(mux, pattern, tell, (void *)(uintptr_t)pattern);
}

static struct http_mux *
mux_of(const char *const *patterns)
{
	struct http_mux *mux = http_mux_new();

	assert_non_null(mux);
	for (; *patterns != NULL; patterns++)
		if (handle(mux, *patterns) == -1)
			fail_msg("%s", http_mux_error(mux));
	return mux;
}

/* The field's line, if there is one. */
static void
tell_field(const struct http_response *res, const char *name)
{
	const char *end = res->fields.data + res->fields.len, *line, *cr;

	for (line = res->fields.data; line != end; line = cr + 2) {
		cr = memchr(line, '\r', (size_t)(end - line));
		if (strncmp(line, name, strlen(name)) == 0)
			buffer_printf(&outcome, " %.*s", (int)(cr - line),
			    line);
	}
}

/*
 * Serves "METHOD target", or "METHOD host target", and leaves in outcome what
 * the handler said, or the status, Allow and Location.
 */
static void
serve(struct http_mux *mux, const char *line)
{
	struct http_request *req = calloc(1, sizeof(*req));
	struct http_response res;
	char method[32] = "", host[2048] = "", target[2048] = "", head[4200];
	char *copy;
	int len;

	assert_non_null(req);
	if (sscanf(line, "%31s %2047s %2047s", method, host, target) == 2) {
		memcpy(target, host, sizeof(host));
		memcpy(host, "anywhere", sizeof("anywhere"));
	}
	len = snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: %s\r\n"
	    "\r\n", method, target, host);
	copy = exactly(head, (size_t)len);
	if (request_parse(req, copy, (size_t)len) != 0)
		fail_msg("%s: no request", line);
	response_init(&res);
	res.req = req;
	outcome.len = 0;
	http_mux_serve(&res, req, mux);
	if (outcome.len == 0) {
		buffer_printf(&outcome, "%d", res.status);
		tell_field(&res, "Allow: ");
		tell_field(&res, "Location: ");
	}
	response_free(&res);
	request_free(req);
	free(req);
	free(copy);
}

struct row {
	const char	*line;
	const char	*want;
};

struct table {
	const char	*patterns[MAX_PATTERNS + 1];
	struct row	 rows[24];
};

static void
assert_table(const struct table *t)
{
	struct http_mux *mux = mux_of(t->patterns);
	const struct row *row;

	for (row = t->rows; row->line != NULL; row++) {
		serve(mux, row->line);
		if (strcmp(outcome.data, row->want) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", row->line,
			    outcome.data, row->want);
	}
	http_mux_free(mux);
}

#define assert_tables(tables) do {					\
	size_t i_;							\
									\
	for (i_ = 0; i_ < sizeof(tables) / sizeof((tables)[0]); i_++)	\
		assert_table(&(tables)[i_]);				\
} while (0)

static void
matches_paths(void **state)
{
	static const struct table tables[] = {
		{ { NULL }, { { "GET /", "404" }, { "GET /a", "404" } } },
		{ { "/a" }, {
			{ "GET /a", "/a" }, { "PUT /a", "/a" },
			{ "GET /a?q", "/a" }, { "GET /%61", "/a" },
			{ "GET http://h/a", "/a" }, { "GET /x/../a", "/a" },
			{ "GET /a/", "404" }, { "GET /", "404" },
			{ "GET /ab", "404" }, { "GET /A", "404" },
			{ "GET /a/b", "404" },
		} },
		{ { "/{$}", "/a/{$}" }, {
			{ "GET /", "/{$}" }, { "GET /b", "404" },
			{ "GET /a/", "/a/{$}" }, { "GET /a/b", "404" },
			{ "GET /a/b/", "404" },
		} },
		{ { "/a/{w}" }, {
			{ "GET /a/b", "/a/{w} w=b" }, { "GET /a", "404" },
			{ "GET /a/", "404" }, { "GET /a/b/", "404" },
			{ "GET /a/b/c", "404" },
			{ "GET /a/%7Bw%7d", "/a/{w} w={w}" },
			{ "GET /a/%20%3f", "/a/{w} w= ?" },
		} },
		{ { "/a/{r...}" }, {
			{ "GET /a/", "/a/{r...} r=" },
			{ "GET /a/b", "/a/{r...} r=b" },
			{ "GET /a/b/", "/a/{r...} r=b/" },
			{ "GET /a/b/c", "/a/{r...} r=b/c" },
			{ "GET /ab", "404" },
		} },
		{ { "/a/{$}", "/a/{w}", "/a/{r...}" }, {
			{ "GET /a/", "/a/{$}" },
			{ "GET /a/b", "/a/{w} w=b" },
			{ "GET /a/b/", "/a/{r...} r=b/" },
			{ "GET /a/b/c", "/a/{r...} r=b/c" },
		} },
		{ { "/{x}/b/{y}/{z...}", "/c/b/{x}/" }, {
			{ "GET /1/b/2/3/4", "/{x}/b/{y}/{z...} x=1 y=2 z=3/4" },
			{ "GET /1/b/2/", "/{x}/b/{y}/{z...} x=1 y=2 z=" },
			{ "GET /c/b/2/3/4", "/c/b/{x}/ x=2" },
			{ "GET /1/c/2/3", "404" },
		} },
		/* An encoded slash is no slash, in pattern and value. */
		{ { "/a%2fb", "/v/{x}", "/v/{x}/{y}", "/r/{z...}" }, {
			{ "GET /a%2Fb", "/a%2fb" }, { "GET /a/b", "404" },
			{ "GET /v/..%2fc", "/v/{x} x=..%2Fc" },
			{ "GET /v/c%2f/d", "/v/{x}/{y} x=c%2F y=d" },
			{ "GET /r/c%2fd/e", "/r/{z...} z=c%2Fd/e" },
		} },
	};

	(void)state;
	assert_tables(tables);
}

static void
prefers_the_more_specific(void **state)
{
	static const struct table tables[] = {
		{ { "/", "/a/", "/a/b", "/a/{x}", "/a/b/{r...}",
		    "/a/b/{y}", "/a/b/{$}", "/a/b/c/", "/p/{x}/c/" }, {
			{ "GET /z", "/" }, { "GET /", "/" },
			{ "GET /a/", "/a/" }, { "GET /a/b", "/a/b" },
			{ "GET /a/z", "/a/{x} x=z" },
			{ "GET /p/z/c/q", "/p/{x}/c/ x=z" },
			{ "GET /p/z/d", "/" },
			{ "GET /a/z/d", "/a/" },
			{ "GET /a/b/c/q", "/a/b/c/" },
			{ "GET /a/b/", "/a/b/{$}" },
			{ "GET /a/b/q", "/a/b/{y} y=q" },
			{ "GET /a/b/q/r", "/a/b/{r...} r=q/r" },
		} },
		/* What begins with the literal may end with the wildcard. */
		{ { "/g/h/i", "/g/{x}/j", "/g/{x}/{y}/k" }, {
			{ "GET /g/h/i", "/g/h/i" },
			{ "GET /g/h/j", "/g/{x}/j x=h" },
			{ "GET /g/h/i/k", "/g/{x}/{y}/k x=h y=i" },
			{ "GET /g/h/k", "404" },
		} },
		{ { "/", "GET /m", "HEAD /m", "/m", "GET /n", "POST /n/{x}",
		    "/n/{x}" }, {
			{ "GET /m", "GET /m" }, { "HEAD /m", "HEAD /m" },
			{ "PUT /m", "/m" }, { "PATCH /m", "/m" },
			{ "HEAD /n", "GET /n" }, { "PUT /n", "/" },
			{ "POST /n/1", "POST /n/{x} x=1" },
			{ "GET /n/1", "/n/{x} x=1" },
		} },
		{ { "/", "GET h/", "GET h/a", "GET /a", "[::1]/", "I.J/a" }, {
			{ "GET /b", "/" }, { "GET h /b", "GET h/" },
			{ "GET H:80 /b", "GET h/" }, { "PUT h /b", "/" },
			{ "GET h /a", "GET h/a" }, { "HEAD h:1 /a", "GET h/a" },
			{ "GET g /a", "GET /a" }, { "GET hh /b", "/" },
			{ "GET h.h /b", "/" }, { "GET i.j: /a", "I.J/a" },
			{ "GET [::1] /b", "[::1]/" },
			{ "GET [::1]:80 /b", "[::1]/" },
			{ "GET [::2]:80 /b", "/" },
			{ "GET g http://H:8/b", "GET h/" },
		} },
	};

	(void)state;
	assert_tables(tables);
}

static void
redirects(void **state)
{
	static const struct table tables[] = {
		{ { "/tree/", "/leaf", "/both", "/both/", "/end/{$}",
		    "/w/{x}/", "GET /get/", "/r/{x...}" }, {
			{ "GET /tree", "301 Location: /tree/" },
			{ "HEAD /tree", "301 Location: /tree/" },
			{ "POST /tree", "308 Location: /tree/" },
			{ "GET /tree?a=/&b", "301 Location: /tree/?a=/&b" },
			{ "GET /tree?", "301 Location: /tree/?" },
			{ "GET /leaf/", "404" }, { "GET /both", "/both" },
			{ "GET /end", "301 Location: /end/" },
			{ "GET /w/a%20%2f", "301 Location: /w/a%20%2F/" },
			{ "GET /get", "301 Location: /get/" },
			{ "POST /get", "404" }, { "GET /w", "404" },
			{ "GET /r", "301 Location: /r/" },
			{ "GET /tree/a", "/tree/" },
		} },
		{ { "/", "/tree/", "h/", "/a/b/" }, {
			{ "GET /tree", "301 Location: /tree/" },
			{ "GET /tre", "/" }, { "GET /a", "/" },
			{ "GET /a/b", "301 Location: /a/b/" },
			/* The host's own pattern takes both. */
			{ "GET h /tree", "h/" },
		} },
		{ { "/a/b", "/tree/" }, {
			{ "GET //a/b", "301 Location: /a/b" },
			{ "GET //a///b?q", "301 Location: /a/b?q" },
			{ "PUT /a//b", "308 Location: /a/b" },
			{ "GET /a/b//", "301 Location: /a/b/" },
			{ "GET //", "301 Location: /" },
			{ "GET //tree", "301 Location: /tree/" },
			{ "GET /tree//%3f/", "301 Location: /tree/%3F/" },
			{ "GET http://h//a/b", "301 Location: /a/b" },
			/* Never to another host, found or not. */
			{ "GET //evil.example", "301 Location: /evil.example" },
			{ "GET //evil.example/..//a/b", "301 Location: /a/b" },
			{ "GET ///%5cevil", "301 Location: /%5Cevil" },
			{ "GET /.//evil", "301 Location: /evil" },
			/* Dot segments are gone before. */
			{ "GET /x/.././a/b", "/a/b" },
			{ "GET /a/./b", "/a/b" },
		} },
	};

	(void)state;
	assert_tables(tables);
}

static void
refuses_methods(void **state)
{
	static const struct table tables[] = {
		{ { "POST /p", "GET /g", "PUT /g", "DELETE /g", "/any",
		    "GET h/p", "OPTIONS /o", "GET /o", "HEAD /h" }, {
			{ "GET /p", "405 Allow: OPTIONS, POST" },
			{ "POST /g", "405 Allow: DELETE, GET, HEAD, "
			    "OPTIONS, PUT" },
			{ "PUT h /p", "405 Allow: GET, HEAD, OPTIONS, POST" },
			{ "POST h /p", "POST /p" },
			{ "GET /h", "405 Allow: HEAD, OPTIONS" },
			{ "PUT /o", "405 Allow: GET, HEAD, OPTIONS" },
			{ "PUT /none", "404" },
			{ "OPTIONS /g", "204 Allow: DELETE, GET, HEAD, "
			    "OPTIONS, PUT" },
			{ "OPTIONS /any", "/any" },
			{ "OPTIONS /o", "OPTIONS /o" },
			{ "OPTIONS /none", "404" },
			{ "OPTIONS *", "204 Allow: DELETE, GET, HEAD, "
			    "OPTIONS, POST, PUT" },
			{ "OPTIONS http://h", "204 Allow: DELETE, GET, HEAD, "
			    "OPTIONS, POST, PUT" },
			{ "OPTIONS http://h/", "404" },
		} },
		{ { "GET /" }, {
			{ "PUT /", "405 Allow: GET, HEAD, OPTIONS" },
		} },
		{ { "/" }, {
			{ "OPTIONS *", "204 Allow: GET, HEAD, OPTIONS" },
			{ "OPTIONS /", "/" },
		} },
	};

	(void)state;
	assert_tables(tables);
}

static void
handle_fails(struct http_mux *mux, const char *pattern, int error,
    const char *text)
{
	errno = 0;
	assert_int_equal(handle(mux, pattern), -1);
	assert_int_equal(errno, error);
	if (strstr(http_mux_error(mux), text) == NULL)
		fail_msg("%s: %s", pattern, http_mux_error(mux));
}

static void
reports_what_is_malformed(void **state)
{
	struct http_mux *mux = http_mux_new();

	(void)state;
	assert_non_null(mux);
	assert_string_equal(http_mux_error(mux), "");
	assert_null(http_mux_conflict(mux));
	handle_fails(mux, "", EINVAL, "\"\": byte 1: there is no path");
	handle_fails(mux, "/a\n\"\x1b/b", EINVAL,
	    "\"/a\\n\\\"\\^[/b\": byte 3: blanks and control bytes");
	handle_fails(mux, "/{a", EINVAL, "byte 4: ");
	assert_null(http_mux_conflict(mux));
	errno = 0;
	assert_int_equal(http_mux_handle(mux, "/", NULL, NULL), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(http_mux_error(mux), "there is no handler");
	assert_int_equal(handle(mux, "/"), 0);
	assert_string_equal(http_mux_error(mux), "");
	serve(mux, "GET /a");
	assert_string_equal(outcome.data, "/");
	http_mux_free(mux);
	http_mux_free(NULL);
}

static void
reports_conflicts(void **state)
{
	static const struct {
		const char	*first;
		const char	*second;
		int		 conflict;
	} rows[] = {
		{ "/a", "/a", 1 }, { "/a", "/%61", 1 }, { "/a", "/b", 0 },
		{ "/a", "/a/", 0 }, { "/a/", "/a/{$}", 0 },
		{ "/a/", "/a/{x...}", 1 }, { "/a/{x}", "/a/{y}", 1 },
		{ "/{x}", "/a", 0 }, { "/{x}/{y}", "/{x}/a", 0 },
		{ "/a/{x}", "/{y}/b", 1 }, { "/{x}/{y}", "/a/", 1 },
		{ "/a/b", "/{x}/", 0 }, { "/{x}/b", "/a/", 1 },
		{ "/{x}/b/c/d", "/a/", 1 }, { "/{x}/b/c/{$}", "/a/", 1 },
		{ "/{x}/{y}/{$}", "/a/b/", 1 }, { "/{x}/{$}", "/a/{$}", 0 },
		{ "/{x}/{y}/{r...}", "/a/b/{$}", 0 },
		{ "/{x}/{r...}", "/a/", 0 }, { "/", "/{x}/{y}/z", 0 },
		{ "/", "/", 1 }, { "/", "/{x...}", 1 }, { "/", "/{$}", 0 },
		{ "/{$}", "/{$}", 1 }, { "/{x}/b/{$}", "/a/{y}/{$}", 1 },
		/* Methods. */
		{ "GET /a", "GET /a", 1 }, { "GET /a", "POST /a", 0 },
		{ "GET /a", "/a", 0 }, { "GET /", "/a", 1 },
		{ "GET /a", "/", 0 }, { "GET /a", "HEAD /a", 0 },
		{ "GET /a", "HEAD /", 1 }, { "HEAD /a", "GET /", 0 },
		{ "POST /", "GET /a", 0 }, { "GET /{x}", "/a/", 0 },
		{ "GET /{x}/b", "/a/{y}", 1 }, { "GET /{x}/b", "/a/", 1 },
		{ "GET /a", "get /a", 0 }, { "OPTIONS /", "/a", 1 },
		/* Hosts: the one that has one wins. */
		{ "h/", "/", 0 }, { "h/", "H/", 1 }, { "h/", "i/", 0 },
		{ "h/", "GET /a", 0 }, { "GET h/", "h/a", 1 },
	};
	struct http_mux *mux;
	size_t i, order;

	(void)state;
	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *first = rows[i / 2].first;
		const char *second = rows[i / 2].second;

		order = i % 2;
		mux = http_mux_new();
		assert_non_null(mux);
		assert_int_equal(handle(mux, order ? second : first), 0);
		if (rows[i / 2].conflict) {
			handle_fails(mux, order ? first : second, EEXIST,
			    " conflicts with ");
			assert_string_equal(http_mux_conflict(mux),
			    order ? second : first);
		} else if (handle(mux, order ? first : second) == -1)
			fail_msg("%s", http_mux_error(mux));
		/* What was refused has left nothing behind. */
		assert_int_equal(handle(mux, "other/"), 0);
		assert_null(http_mux_conflict(mux));
		http_mux_free(mux);
	}
}

/* All conflicts of a pattern are looked for, not only the nearest. */
static void
finds_a_conflict_among_many(void **state)
{
	static const char *const patterns[] = {
		"/", "/a/b", "/a/{x}", "/a/b/c", "/{x}/b/{y}/d/e",
		"GET /{x}/f/g", "h/a/{y}/c", NULL
	};
	struct http_mux *mux = mux_of(patterns);

	(void)state;
	handle_fails(mux, "/q/{z}/c/", EEXIST, "both match /q/b/c/d/e");
	assert_string_equal(http_mux_conflict(mux), "/{x}/b/{y}/d/e");
	handle_fails(mux, "h/{y}/b/c", EEXIST, "both match /a/b/c");
	assert_string_equal(http_mux_conflict(mux), "h/a/{y}/c");
	handle_fails(mux, "HEAD /{x...}", EEXIST, " more methods, ");
	handle_fails(mux, "POST /{x}/", EEXIST, " more methods, ");
	assert_int_equal(handle(mux, "i/{x...}"), 0);
	http_mux_free(mux);
}

/* What the handler is called with is what the request keeps. */
static struct http_request *kept;

static void
keep_request(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)arg;
	kept = req;
	buffer_printf(&outcome, "%s,%s,%s,%s", http_request_path_value(req,
	    "a"), http_request_path_value(req, "b"),
	    http_request_path_value(req, "c"), http_request_path(req));
}

static void
keeps_values_as_long_as_the_request(void **state)
{
	char first[] = "GET http://some.host:80/x/1/22 HTTP/1.1\r\n"
	    "Host: other\r\n\r\n";
	char second[] = "GET /x HTTP/1.1\r\nHost: other\r\n\r\n";
	struct http_request *req = calloc(1, sizeof(*req));
	struct http_mux *mux = http_mux_new();
	const char *a, *b;
	struct http_response res;

	(void)state;
	assert_non_null(req);
	assert_non_null(mux);
	assert_int_equal(http_mux_handle(mux, "some.host/x/{a}/{b...}",
	    keep_request, NULL), 0);
	response_init(&res);
	assert_int_equal(request_parse(req, first, sizeof(first) - 1), 0);
	assert_string_equal(http_request_path_value(req, "a"), "");
	outcome.len = 0;
	http_mux_serve(&res, req, mux);
	assert_string_equal(outcome.data, "1,22,,/x/1/22");
	assert_ptr_equal(kept, req);
	a = http_request_path_value(req, "a");
	b = http_request_path_value(req, "b");
	assert_string_equal(http_request_host(req), "some.host:80");
	assert_string_equal(a, "1");
	assert_string_equal(b, "22");
	/* The next request of the connection has none of them. */
	assert_int_equal(request_parse(req, second, sizeof(second) - 1), 0);
	assert_string_equal(http_request_path_value(req, "a"), "");
	response_free(&res);
	request_free(req);
	free(req);
	http_mux_free(mux);
}

/* What a path is cut into needs as much memory as the path. */
static void
cuts_a_long_path(void **state)
{
	static const char *const patterns[] = { "/{a}/{b}/{c...}", NULL };
	struct http_mux *mux = mux_of(patterns);
	char line[1024], want[1024];

	(void)state;
	(void)snprintf(line, sizeof(line), "GET /%0400d/%0500d/", 1, 2);
	(void)snprintf(want, sizeof(want),
	    "/{a}/{b}/{c...} a=%0400d b=%0500d c=", 1, 2);
	serve(mux, line);
	assert_string_equal(outcome.data, want);
	http_mux_free(mux);
}

static void
serves_a_mux_in_a_mux(void **state)
{
	static const char *const patterns[] = { "/in/{x}/{y}", NULL };
	struct http_mux *inner = mux_of(patterns), *outer = http_mux_new();

	(void)state;
	assert_non_null(outer);
	assert_int_equal(http_mux_handle(outer, "/{a}/", http_mux_serve,
	    inner), 0);
	serve(outer, "GET /in/1/2");
	assert_string_equal(outcome.data, "/in/{x}/{y} x=1 y=2");
	serve(outer, "GET /out/1/2");
	assert_string_equal(outcome.data, "404");
	http_mux_free(outer);
	http_mux_free(inner);
}

/* What the mux answers itself, behind a handler that sets a field. */
static void
serve_others(struct http_response *res, struct http_request *req, void *mux)
{
	assert_int_equal(http_response_set_header(res, "Allow", "before"), 0);
	http_mux_serve_others(res, req, mux);
}

static void
others_come_behind_a_handler(void **state)
{
	static const char *const patterns[] = { "PUT /a", "/b/", NULL };
	static const struct row rows[] = {
		{ "PUT /a", "PUT /a" },
		{ "GET /a", "405 Allow: OPTIONS, PUT" },
		{ "GET /c", "404 Allow: before" },
		{ "GET /b", "301 Allow: before Location: /b/" },
		{ "GET //c", "301 Allow: before Location: /c" },
		{ "OPTIONS *", "204 Allow: GET, HEAD, OPTIONS, PUT" },
	};
	struct http_mux *mux = mux_of(patterns);
	size_t i;

	(void)state;
	http_mux_set_others(mux, serve_others, mux);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		serve(mux, rows[i].line);
		assert_string_equal(outcome.data, rows[i].want);
	}
	http_mux_free(mux);
}

/* Says the pattern that PUT would have come to. */
static void
tell_put(struct http_response *res, struct http_request *req, void *mux)
{
	const struct http_handler *handler;

	(void)res;
	handler = http_mux_handler(mux, req, "PUT");
	buffer_printf(&outcome, "%s", handler == NULL ? "none" :
	    (const char *)handler->arg);
}

static void
finds_the_handler_of_another_method(void **state)
{
	static const char *const patterns[] = { "PUT /a/{x}", "GET /b", NULL };
	struct http_mux *mux = mux_of(patterns);

	(void)state;
	http_mux_set_others(mux, tell_put, mux);
	serve(mux, "OPTIONS /a/1");
	assert_string_equal(outcome.data, "PUT /a/{x}");
	serve(mux, "OPTIONS /b");
	assert_string_equal(outcome.data, "none");
	serve(mux, "OPTIONS *");
	assert_string_equal(outcome.data, "none");
	serve(mux, "OPTIONS /a//1");
	assert_string_equal(outcome.data, "none");
	http_mux_free(mux);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_paths),
		cmocka_unit_test(prefers_the_more_specific),
		cmocka_unit_test(redirects),
		cmocka_unit_test(refuses_methods),
		cmocka_unit_test(reports_what_is_malformed),
		cmocka_unit_test(reports_conflicts),
		cmocka_unit_test(finds_a_conflict_among_many),
		cmocka_unit_test(keeps_values_as_long_as_the_request),
		cmocka_unit_test(cuts_a_long_path),
		cmocka_unit_test(serves_a_mux_in_a_mux),
		cmocka_unit_test(others_come_behind_a_handler),
		cmocka_unit_test(finds_the_handler_of_another_method),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
