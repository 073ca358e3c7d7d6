/*
 * httpmux.h: handlers by the method, host and path of a request, for
 * httpserve.h.
 */
#ifndef HTTPMUX_H
#define HTTPMUX_H

#include "httpserve.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A mux hands each request to the handler whose pattern matches it best.
 * Register the patterns, then serve: children share it as it was when they
 * were forked, and to match a request allocates nothing.  Its cost grows with
 * the length of the path, not with the number of patterns.  Free it after
 * serving.  Go: http.ServeMux, with the patterns of Go 1.22.
 *
 *	struct http_mux *mux = http_mux_new();
 *
 *	if (http_mux_handle(mux, "GET /items/{id}", item, NULL) == -1 ||
 *	    http_mux_handle(mux, "/", page, NULL) == -1)
 *		errx(EX_CONFIG, "%s", http_mux_error(mux));
 *	srv.handler = (struct http_handler){ http_mux_serve, mux };
 *
 * A pattern is "[METHOD ][HOST]/[PATH]":
 *
 *	/about		this path
 *	/files/		this path and all below it; so "/" is every path
 *	/{$}		the path "/" and no other
 *	/items/{id}	any one segment in this place, which is not empty
 *	/raw/{rest...}	all that follows, as "/raw/", but with a name
 *	GET /about	the method GET, and HEAD; other methods are themselves
 *	example.com/	this host on any port, in any case
 *
 * Wildcards are whole segments and have the names of C; the last two kinds
 * stand at the end.  A pattern may be percent-encoded: it is decoded as paths
 * are, and compared byte by byte.
 *
 * Of the patterns that match a request one with a host wins over those
 * without, and then the one that is more specific, which is that it matches
 * some of the other's requests and no more.  The order of registration says
 * nothing.
 */
struct http_mux;
struct http_mux *http_mux_new(void);
void http_mux_free(struct http_mux *mux);

/*
 * Has requests that match a pattern answered by a handler.  The pattern is
 * copied.  EINVAL when it is malformed or can match no path (an empty segment
 * or a dot segment in it); EEXIST when it conflicts with one that is there:
 * both match some request, and neither is more specific; ENOMEM.
 * A pattern for CONNECT or TRACE is taken, but the server itself answers
 * these.  Go: (*ServeMux).HandleFunc, which panics.
 */
int http_mux_handle(struct http_mux *mux, const char *pattern,
    http_handler_fn *serve, void *arg);

/*
 * Why the last http_mux_handle() failed, in one line: what is wrong with the
 * pattern, and at which byte, from 1; or both patterns, a path that both
 * match, and why neither is more specific.  "" after one that did not fail.
 */
const char *http_mux_error(const struct http_mux *mux);
/*
 * The pattern, as it was registered, that the last one conflicted with; NULL
 * when it did not.
 */
const char *http_mux_conflict(const struct http_mux *mux);

/*
 * Calls the handler that a request is for.  The mux itself answers what no
 * pattern matches:
 *
 * - A path with empty segments redirects to the same without, whatever
 *   matches; and a path that would match, and not only by a pattern for all
 *   below another path, if it had a slash more, to that.  Both keep the query
 *   and the host, with 301 for GET and HEAD, and 308 for other methods, which
 *   are to be repeated with their body.
 * - OPTIONS gets 204 with Allow, and other methods 405 with Allow, where
 *   patterns match but for the method: its members are in order, HEAD comes
 *   with GET, and OPTIONS is one.  OPTIONS * gets 204, and so does OPTIONS
 *   http://host.
 * - Everything else gets 404.
 */
void http_mux_serve(struct http_response *res, struct http_request *req,
    void *mux);

/*
 * Has a handler called for what the mux itself would answer.  Behind it
 * http_mux_serve_others() does: so fields, or a check in front, are the
 * handler's to add.
 */
void http_mux_set_others(struct http_mux *mux, http_handler_fn *serve,
    void *arg);
void http_mux_serve_others(struct http_response *res,
    struct http_request *req, void *mux);

/*
 * The handler that a request would be for if its method were this one; NULL
 * where the mux itself would answer.  Go: (*ServeMux).Handler.
 */
const struct http_handler *http_mux_handler(const struct http_mux *mux,
    struct http_request *req, const char *method);

/*
 * What stands in the path for a wildcard of the pattern that matched; "" for
 * any other name.  It is decoded as http_request_path() is, so an encoded
 * slash is "%2F" in it, and no value of {name} has a slash: none becomes
 * two segments of some other path.  It is never "." or "..", and empty only
 * for {name...}.  Go: (*Request).PathValue, which decodes the slash too.
 */
const char *http_request_path_value(const struct http_request *req,
    const char *name);

#ifdef __cplusplus
}
#endif

#endif
