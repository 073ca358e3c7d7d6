#include <errno.h>
#include <stdlib.h>

#include "buckets.h"
#include "httphandlers.h"
#include "retry.h"

#define MAX_RATE	1000000		/* requests a second */
#define MAX_SECONDS	86400

struct http_rate_limit {
	struct http_handler	 next;
	struct buckets		*buckets;
};

static const char *
find_fault(unsigned int requests, unsigned int seconds, unsigned int burst)
{
	if (seconds == 0 || seconds > MAX_SECONDS)
		return "a rate is one for 1 to 86400 seconds";
	if (requests == 0 || requests / seconds >= MAX_RATE)
		return "a rate is less than a million requests a second, but "
		    "some";
	if (burst == 0 || burst > MAX_RATE)
		return "a burst is 1 to 1000000 requests";
	return NULL;
}

struct http_rate_limit *
http_rate_limit_new(unsigned int requests, unsigned int seconds,
    unsigned int burst, struct http_handler next, const char **why)
{
	struct http_rate_limit *r = NULL;
	const char *reason = find_fault(requests, seconds, burst);

	errno = EINVAL;
	if (reason == NULL) {
		reason = "out of memory";
		r = calloc(1, sizeof(*r));
	}
	if (r != NULL) {
		r->next = next;
		r->buckets = buckets_new((uint64_t)seconds * 1000000 /
		    requests, burst);
		if (r->buckets != NULL)
			return r;
		free(r);
	}
	if (why != NULL)
		*why = reason;
	return NULL;
}

void
http_rate_limit_free(struct http_rate_limit *r)
{
	if (r == NULL)
		return;
	buckets_free(r->buckets);
	free(r);
}

int
http_rate_limit_continue(struct http_rate_limit *r,
    const struct http_rate_limit *former)
{
	return buckets_replace(&r->buckets, former->buckets);
}

void
http_rate_limit_serve(struct http_response *res, struct http_request *req,
    void *limit)
{
	const struct http_rate_limit *r = limit;
	uint64_t wait_us;

	wait_us = buckets_take_now(r->buckets, http_request_remote_addr(req));
	if (wait_us == 0)
		r->next.serve(res, req, r->next.arg);
	else
		retry_after(res, HTTP_TOO_MANY_REQUESTS, wait_us);
}
