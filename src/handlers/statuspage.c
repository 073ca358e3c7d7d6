#include "statuspage.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "../buffer.h"
#include "../clock.h"
#include "../httpstatus.h"
#include "../negotiate.h"
#include "../precondition.h"
#include "../snapshot.h"

/* By these a proxy says for whom it asks: RFC 7239, RFC 9110, 7.6.3. */
static bool
is_from_proxy(const struct http_request *req)
{
	static const char forwarded[] = "X-Forwarded-";
	const char *name, *value;
	size_t i;

	for (i = 0; http_request_header_at(req, i, &name, &value) == 1; i++)
		if (strcasecmp(name, "Forwarded") == 0 ||
		    strcasecmp(name, "Via") == 0 ||
		    strcasecmp(name, "X-Real-IP") == 0 ||
		    strncasecmp(name, forwarded, strlen(forwarded)) == 0)
			return true;
	return false;
}

/* 127.0.0.0/8 or ::1, in text, which need not end with the address. */
static bool
is_loopback(const char *text, size_t len)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr in6;
	struct in_addr in;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, &in) == 1)
		return ntohl(in.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, address, &in6) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&in6);
}

/*
 * Whether Host is this machine's.  A name of somebody else's, which leads to
 * 127.0.0.1, would let a page of theirs read this one: DNS rebinding.
 */
static bool
is_asked_as_local(const char *host)
{
	static const char localhost[] = "localhost";
	const char *end;

	if (*host == '[') {
		end = strchr(host, ']');
		return end != NULL &&
		    is_loopback(host + 1, (size_t)(end - host - 1));
	}
	end = host + strcspn(host, ":");
	return end == host || is_loopback(host, (size_t)(end - host)) ||
	    ((size_t)(end - host) == strlen(localhost) &&
	    strncasecmp(host, localhost, strlen(localhost)) == 0);
}

int
http_status_is_local(const struct http_request *req)
{
	const char *client = http_request_remote_addr(req);

	return (strcmp(client, "unix:") == 0 ||
	    is_loopback(client, strlen(client))) &&
	    is_asked_as_local(http_request_host(req)) && !is_from_proxy(req);
}

static const struct statuspage_format *
choose_format(const struct http_request *req)
{
	if (negotiate_prefers(req, "application/json", "text/html"))
		return &statuspage_json;
	return negotiate_prefers(req, "text/html", "text/plain") ?
	    &statuspage_html : &statuspage_metrics;
}

static int
describe(struct http_response *res, const struct statuspage_format *format)
{
	if (http_response_set_header(res, "Content-Type",
	    format->type) == -1 ||
	    http_response_set_header(res, "Vary", "Accept") == -1 ||
	    http_response_set_header(res, "Cache-Control", "no-store") == -1 ||
	    http_response_set_header(res, "Content-Security-Policy",
	    format->policy) == -1)
		return -1;
	return http_response_set_header(res, "X-Content-Type-Options",
	    "nosniff");
}

/* 0, or -1 and errno. */
static int
write_page(struct http_response *res, const struct http_request *req,
    const struct scoreboard *board)
{
	const struct statuspage_format *format = choose_format(req);
	struct buffer out = { 0 };
	struct snapshot s;
	int result = -1;

	if (snapshot_take(&s, board, board->nslots,
	    clock_ms(CLOCK_MONOTONIC)) == -1)
		return -1;
	if (format->write(&out, &s) == 0 && describe(res, format) == 0)
		result = http_response_write(res, out.data, out.len);
	buffer_free(&out);
	snapshot_free(&s);
	return result;
}

/* No page is the same as another, nor has it a date: RFC 9110, 13.1. */
static void
answer(struct http_response *res, const struct http_request *req,
    const struct scoreboard *board)
{
	enum http_status status = precondition_evaluate_bare(req);

	if (status == HTTP_PRECONDITION_FAILED)
		(void)http_response_error(res, (int)status);
	else if (write_page(res, req, board) == -1)
		(void)http_response_error(res, HTTP_SERVICE_UNAVAILABLE);
	else
		(void)http_response_set_status(res, (int)status);
}

/* RFC 9110, 9.3.7 and 15.5.6. */
static void
answer_allow(struct http_response *res, const char *method)
{
	if (http_response_set_header(res, "Allow", "GET, HEAD, OPTIONS") == -1)
		(void)http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	else if (strcmp(method, "OPTIONS") == 0)
		(void)http_response_set_status(res, HTTP_NO_CONTENT);
	else
		(void)http_response_error(res, HTTP_METHOD_NOT_ALLOWED);
}

void
http_status_serve(struct http_response *res, struct http_request *req,
    void *arg)
{
	const struct http_server *srv = arg;
	const char *method = http_request_method(req);

	if (srv->internal.scoreboard == NULL || !http_status_is_local(req))
		(void)http_response_error(res, HTTP_NOT_FOUND);
	else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		answer_allow(res, method);
	else
		answer(res, req, srv->internal.scoreboard);
}
