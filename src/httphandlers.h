/*
 * httphandlers.h: handlers that many servers have in common, for httpserve.h.
 */
#ifndef HTTPHANDLERS_H
#define HTTPHANDLERS_H

#include "httpserve.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Each is made before serving, given to a server or a mux as a handler with
 * what was made for its argument, and freed after serving.  Strings are
 * copied.  What makes or sets one fails with EINVAL for what can't be meant,
 * and with ENOMEM; why, unless NULL, is then set to the reason, a string that
 * lasts, and left alone when nothing fails.
 */

/*
 * A redirect (301, 302, 307 or 308) to a target: a path of this server, which
 * begins with one slash, or a URL of http or https.  In it stand for
 *
 *	{name}		what the mux's pattern has for it, {rest...} too,
 *	{?}		the request's query with its question mark, or nothing,
 *	{&}		the same with an ampersand, behind a query of the target
 *
 * Behind the host only, and percent-encoded as their place needs: no request
 * leads to another host than the target names.
 *
 *	r = http_redirect_new(301, "/new/{rest...}{?}", &why);
 *	http_mux_handle(mux, "/old/{rest...}", http_redirect_serve, r);
 */
struct http_redirect;
struct http_redirect *http_redirect_new(int status, const char *target,
    const char **why);
void http_redirect_free(struct http_redirect *redirect);
void http_redirect_serve(struct http_response *res, struct http_request *req,
    void *redirect);
/*
 * The first name in the target that this pattern of a mux has no wildcard for,
 * for which there would be nothing; NULL if it has all.
 */
const char *http_redirect_lacks(const struct http_redirect *redirect,
    const char *pattern);

/*
 * The same status and text for every request.  The status is 200 to 599, but
 * none of those that mean nothing without a field or a request's part in it:
 * 206, 401, 407, 416, and 3xx, for which there are redirects.  type is the
 * media type, NULL for plain text in UTF-8.  Without a text, NULL or "", there
 * is no body; 204 and 205 can have none.
 */
struct http_fixed;
struct http_fixed *http_fixed_new(int status, const char *type,
    const char *text, const char **why);
void http_fixed_free(struct http_fixed *fixed);
void http_fixed_serve(struct http_response *res, struct http_request *req,
    void *fixed);

/* Answers 410: what was here is gone for good.  It has no argument. */
void http_gone_serve(struct http_response *res, struct http_request *req,
    void *unused);

/*
 * The following decide whether another handler, next, answers.
 *
 * Lets clients in, or answers 403, by the network that they are in:
 * "192.0.2.0/24", "2001:db8::/32", an address, "unix" for those of unix(7)
 * sockets, or "all".  An IPv4 client is in networks of IPv4, also where its
 * address came mapped to an IPv6 socket.  The first rule that has the client
 * counts, in the order in which they were added.  Who is in none is let in
 * where all rules are to deny, and is not where one is to allow.
 */
struct http_access;
struct http_access *http_access_new(struct http_handler next);
void http_access_free(struct http_access *access);
int http_access_allow(struct http_access *access, const char *network,
    const char **why);
int http_access_deny(struct http_access *access, const char *network,
    const char **why);
void http_access_serve(struct http_response *res, struct http_request *req,
    void *access);

/*
 * Finds out whose a request is that came by proxies: next, the handlers behind
 * it and the log then have that client's address.  The field says it, one of
 * the two and never the other, which anybody may send: the last address that
 * is none of a trusted network (as for http_access_allow()), if the connection
 * is of one.  A field Forwarded (RFC 7239) with an error is answered 400.
 */
enum http_forwarded_field {
	HTTP_X_FORWARDED_FOR,
	HTTP_FORWARDED
};
struct http_forwarded;
struct http_forwarded *http_forwarded_new(enum http_forwarded_field field,
    struct http_handler next);
void http_forwarded_free(struct http_forwarded *forwarded);
int http_forwarded_trust(struct http_forwarded *forwarded,
    const char *network, const char **why);
void http_forwarded_serve(struct http_response *res, struct http_request *req,
    void *forwarded);

/*
 * Lets a client address (of IPv6, a /64) ask so many times in so many seconds
 * on average, and burst times at once; and answers 429 with Retry-After beyond
 * that.  It counts over all children, from when it was made, in memory of 4
 * MiB that they share.  Clients of unix(7) sockets are not limited.
 */
struct http_rate_limit;
struct http_rate_limit *http_rate_limit_new(unsigned int requests,
    unsigned int seconds, unsigned int burst, struct http_handler next,
    const char **why);
void http_rate_limit_free(struct http_rate_limit *limit);
/*
 * Goes on counting where another limit is, for a reload: 0, or -1 and EINVAL
 * where that is one of another rate.  Each is freed.
 */
int http_rate_limit_continue(struct http_rate_limit *limit,
    const struct http_rate_limit *former);
void http_rate_limit_serve(struct http_response *res, struct http_request *req,
    void *limit);

/*
 * Lets users in who say their name and password (RFC 7617, Basic), as a file
 * has them that htpasswd(1) and mkpasswd(1) write: "user:hash" a line, with
 * hashes by crypt(5) of bcrypt, SHA-256, SHA-512, scrypt or yescrypt.  Others,
 * plain text and MD5 among them, are refused.  The realm is what browsers show.
 * why is in the file, with its line, and lasts until the next call.
 *
 * The file is read now, and anew when it changes, which is looked for once a
 * second at the most: children may open it.  While it is not there, or has an
 * error, everybody is answered 500; where a child may not open it the users of
 * before stay.  Either is logged once.  A child whose Landlock does not have
 * the file that is there now is replaced by one that may.
 *
 * Passwords are compared by a thread of each child, one at a time, and those
 * that were right are known until the file changes.  When many wait for that,
 * further ones are answered 503; and a client address (of IPv6, a /64) that
 * has sent 10 wrong ones gets 429 for more than one in 5 seconds, in all
 * children: both with Retry-After.  Who is let in is http_request_user().
 */
struct http_basic_auth;
struct http_basic_auth *http_basic_auth_new(const char *file,
    const char *realm, struct http_handler next, const char **why);
void http_basic_auth_free(struct http_basic_auth *auth);
/* For a child that has changed its root directory: the file's path there. */
int http_basic_auth_set_path(struct http_basic_auth *auth, const char *path);
/* As http_rate_limit_continue(), with who has sent wrong passwords. */
void http_basic_auth_continue(struct http_basic_auth *auth,
    const struct http_basic_auth *former);
void http_basic_auth_serve(struct http_response *res, struct http_request *req,
    void *auth);

/*
 * Lets pages of other origins, "https://example.org" or "*" for all, ask for
 * what next answers, as Fetch has it (CORS): answers to them say so, and
 * browsers that ask first (OPTIONS with Access-Control-Request-Method) are
 * answered 204, or 403 where the origin is not allowed.  Methods beside GET,
 * HEAD and POST, and fields of requests and of answers beside the few that
 * always are, are allowed by name; "*" for fields of requests is all.  Cookies
 * and passwords are sent where credentials are allowed, which excludes "*":
 * either call then fails.  A browser need not ask again for so many seconds.
 *
 * A mux answers OPTIONS itself at patterns with a method: put this in front of
 * the mux, or at patterns without.
 */
struct http_cors;
struct http_cors *http_cors_new(struct http_handler next);
void http_cors_free(struct http_cors *cors);
int http_cors_allow_origin(struct http_cors *cors, const char *origin,
    const char **why);
int http_cors_allow_method(struct http_cors *cors, const char *method,
    const char **why);
int http_cors_allow_field(struct http_cors *cors, const char *name,
    const char **why);
int http_cors_expose_field(struct http_cors *cors, const char *name,
    const char **why);
int http_cors_allow_credentials(struct http_cors *cors, const char **why);
void http_cors_set_max_age(struct http_cors *cors, unsigned int seconds);
void http_cors_serve(struct http_response *res, struct http_request *req,
    void *cors);

#ifdef __cplusplus
}
#endif

#endif
