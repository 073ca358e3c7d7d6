#include "forwarded.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "httphandlers.h"
#include "network.h"
#include "request.h"

struct http_forwarded {
	enum http_forwarded_field field;
	struct http_handler	 next;
	struct networks		 trusted;
};

struct http_forwarded *
http_forwarded_new(enum http_forwarded_field field, struct http_handler next)
{
	struct http_forwarded *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->field = field;
	f->next = next;
	return f;
}

void
http_forwarded_free(struct http_forwarded *f)
{
	if (f == NULL)
		return;
	networks_free(&f->trusted);
	free(f);
}

int
http_forwarded_trust(struct http_forwarded *f, const char *network,
    const char **why)
{
	const char *reason;

	if (networks_add(&f->trusted, network, &reason) == 0)
		return 0;
	if (why != NULL)
		*why = reason;
	return -1;
}

/* Reads all fields of the one that counts: 0 or -1. */
static int
read_fields(const struct http_forwarded *f, const struct http_request *req,
    struct forwarded *way)
{
	const char *name, *value;
	size_t i;

	for (i = 0; http_request_header_at(req, i, &name, &value) == 1; i++) {
		if (f->field == HTTP_FORWARDED) {
			if (strcasecmp(name, "Forwarded") == 0 &&
			    forwarded_add(way, value) == -1)
				return -1;
		} else if (strcasecmp(name, "X-Forwarded-For") == 0)
			forwarded_add_x(way, value);
	}
	return 0;
}

void
http_forwarded_serve(struct http_response *res, struct http_request *req,
    void *forwarded)
{
	const struct http_forwarded *f = forwarded;
	struct forwarded way = { .trusted = &f->trusted };
	struct address peer;

	(void)address_parse(&peer, http_request_remote_addr(req));
	if (networks_have(&f->trusted, &peer)) {
		if (read_fields(f, req, &way) == -1) {
			(void)http_response_error(res, HTTP_BAD_REQUEST);
			return;
		}
		if (way.is_known) {
			address_format(&way.client, req->client);
			req->remote_addr = req->client;
		}
	}
	f->next.serve(res, req, f->next.arg);
}
