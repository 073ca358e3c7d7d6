/*
 * httpsites.h: handlers by the host of a request, for httpserve.h.
 */
#ifndef HTTPSITES_H
#define HTTPSITES_H

#include "httpserve.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sites hand each request to the handler of its host; what that does with the
 * path is its own affair, and no other site's.  Add the names, then serve:
 * children share them, and to find one allocates nothing and costs what the
 * host is long, however many there are.  Free them after serving.
 *
 *	struct http_sites *sites = http_sites_new();
 *
 *	if (http_sites_add(sites, "example.org", page, NULL) == -1 ||
 *	    http_sites_add(sites, "*.example.org", wiki, NULL) == -1)
 *		err(EX_CONFIG, "sites");
 *	srv.handler = (struct http_handler){ http_sites_serve, sites };
 *
 * A name is a host, in any case and without a port; or a star, a dot and a
 * host, for all that is below that one; or a star, for every host and for
 * none.  A host wins over a star, and of several stars the longest.
 */
struct http_sites;
struct http_sites *http_sites_new(void);
void http_sites_free(struct http_sites *sites);

/*
 * Has requests for a host answered by a handler.  The name is copied.  EINVAL
 * for what is none, EEXIST for one that is there, ENOMEM.
 */
int http_sites_add(struct http_sites *sites, const char *name,
    http_handler_fn *serve, void *arg);

/*
 * Calls the handler that a request is for, on whatever port.  421 is the
 * answer where there is none: RFC 9110, 15.5.20.
 */
void http_sites_serve(struct http_response *res, struct http_request *req,
    void *sites);

#ifdef __cplusplus
}
#endif

#endif
