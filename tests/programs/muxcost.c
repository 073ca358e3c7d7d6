/*
 * What a mux costs with 10, 1,000 and 10,000 patterns: milliseconds of CPU
 * time to register them, and nanoseconds a request.  For instructions:
 *
 *	valgrind --tool=callgrind --toggle-collect=http_mux_serve \
 *	    build/programs/muxcost 10000 page 10000
 *
 * Its arguments are how many requests to make, and which shape and number of
 * patterns alone.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "httpmux.h"
#include "request.h"
#include "response.h"

/* Requests go to so many of the patterns, evenly spread. */
#define REQUESTS 64

struct shape {
	const char	*name;
	const char	*before;	/* of a pattern, then its number, */
	const char	*behind;	/* then this */
	const char	*path_before;
	const char	*path_behind;
};

static const struct shape shapes[] = {
	{ "page", "/page", "", "/page", "" },
	{ "site", "/site", "/", "/site", "/css/main.css" },
	{ "item", "GET /api/v1/things", "/{id}/parts/{part}",
	    "/api/v1/things", "/17/parts/4" },
	{ "tenant", "/{tenant}/things", "/{id}", "/acme/things", "/17" },
};

struct visit {
	struct http_request	 req;
	struct http_response	 res;
	char			 head[256];
};

static unsigned long handled;

static double
cpu_ns(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == -1)
		err(1, "clock_gettime");
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void
handle(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)req;
	(void)arg;
	handled++;
}

static struct http_mux *
make_mux(const struct shape *shape, size_t count)
{
	struct http_mux *mux = http_mux_new();
	char pattern[128];
	size_t i;

	if (mux == NULL)
		err(1, NULL);
	for (i = 0; i < count; i++) {
		(void)snprintf(pattern, sizeof(pattern), "%s%zu%s",
		    shape->before, i, shape->behind);
		if (http_mux_handle(mux, pattern, handle, NULL) == -1)
			errx(1, "%s", http_mux_error(mux));
	}
	return mux;
}

static void
make_visit(struct visit *v, const struct shape *shape, size_t number)
{
	int len;

	len = snprintf(v->head, sizeof(v->head), "GET %s%zu%s HTTP/1.1\r\n"
	    "Host: www.example.com:8080\r\n\r\n", shape->path_before, number,
	    shape->path_behind);
	if (request_parse(&v->req, v->head, (size_t)len) != 0)
		errx(1, "%s: no request", shape->name);
	response_init(&v->res);
}

static void
measure(const struct shape *shape, size_t count, unsigned long requests)
{
	static struct visit visits[REQUESTS];
	double start = cpu_ns(), loaded;
	struct http_mux *mux = make_mux(shape, count);
	unsigned long i;

	loaded = cpu_ns();
	for (i = 0; i < REQUESTS; i++)
		make_visit(&visits[i], shape, i * count / REQUESTS);
	(void)printf("%-8s %6zu patterns: %6.2f ms to register, ", shape->name,
	    count, (loaded - start) / 1e6);
	handled = 0;
	start = cpu_ns();
	for (i = 0; i < requests; i++)
		http_mux_serve(&visits[i % REQUESTS].res,
		    &visits[i % REQUESTS].req, mux);
	(void)printf("%6.1f ns a request\n",
	    (cpu_ns() - start) / (double)requests);
	if (handled != requests)
		errx(1, "%s: handled %lu of %lu", shape->name, handled,
		    requests);
	for (i = 0; i < REQUESTS; i++) {
		request_free(&visits[i].req);
		response_free(&visits[i].res);
	}
	http_mux_free(mux);
}

int
main(int argc, char *argv[])
{
	static const size_t counts[] = { 10, 1000, 10000 };
	unsigned long requests, only;
	size_t i, j;

	requests = argc < 2 ? 2000000 :
	    (unsigned long)strtonum(argv[1], 1, 1000000000, NULL);
	only = argc < 4 ? 0 : (unsigned long)strtonum(argv[3], 1, 10000, NULL);
	if (requests == 0 || (argc >= 4 && only == 0))
		errx(64, "usage: muxcost [requests [shape [patterns]]]");
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		for (j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
			if ((argc < 3 || strcmp(argv[2], shapes[i].name) == 0)
			    && (only == 0 || only == counts[j]))
				measure(&shapes[i], counts[j], requests);
	return 0;
}
