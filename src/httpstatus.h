/*
 * httpstatus.h: what a server does at the moment, as a handler for
 * httpserve.h.
 */
#ifndef HTTPSTATUS_H
#define HTTPSTATUS_H

#include "httpserve.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Answers GET and HEAD with the state of all children of srv, a struct
 * http_server, which is the one that calls it: a page with a chart for who
 * accepts HTML by name, JSON for who accepts that, and the text format of
 * Prometheus (version 0.0.4) for all others.  It is never to be cached.  Only
 * who is local gets it; for others it is not there: 404.  Go: expvar.Handler.
 *
 *	http_mux_handle(mux, "/status", http_status_serve, &srv);
 */
void http_status_serve(struct http_response *res, struct http_request *req,
    void *srv);

/*
 * Whether a request is from this machine: 1, or 0.  The client has to be at a
 * loopback address or a unix(7) socket, has to ask for "localhost" or such an
 * address, as no page does that a name has led to here, and no proxy may say
 * that it stands between.
 */
int http_status_is_local(const struct http_request *req);

#ifdef __cplusplus
}
#endif

#endif
