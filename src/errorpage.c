#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "httpserve.h"
#include "negotiate.h"
#include "response.h"

/* Whoever names HTML is a browser, near enough; the rest is scripts. */
static bool
accepts_html(const struct http_response *res)
{
	return res->req != NULL &&
	    negotiate_prefers(res->req, "text/html", "text/plain");
}

/* A page that says the status and nothing that the peer has said. */
static int
write_error_page(struct http_response *res)
{
	const char *text = http_status_text(res->status);

	if (!accepts_html(res))
		return http_response_printf(res, "%d %s\n", res->status, text);
	return http_response_printf(res, "<!DOCTYPE html>\n<html lang=\"en\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<title>%d %s</title>\n<h1>%d %s</h1>\n", res->status, text,
	    res->status, text);
}

/* RFC 9110, 15.6.6. */
static int
write_versions(struct http_response *res)
{
	return http_response_printf(res,
	    "%sThis server speaks HTTP/1.1, and HTTP/1.0.\n",
	    accepts_html(res) ? "<p>" : "");
}

/* Whoever else looked at Accept has said so in a field. */
static bool
varies_by_accept(const struct http_response *res)
{
	static const char line[] = "Vary: Accept\r\n";

	return res->fields.len > 0 && memmem(res->fields.data, res->fields.len,
	    line, sizeof(line) - 1) != NULL;
}

int
http_response_error(struct http_response *res, int status)
{
	const char *type = accepts_html(res) ?
	    "text/html; charset=utf-8" : "text/plain; charset=utf-8";

	if (http_response_set_status(res, status) == -1)
		return -1;
	response_drop_body(res);
	if (http_response_set_header(res, "Content-Type", type) == -1 ||
	    http_response_set_header(res, "X-Content-Type-Options",
	    "nosniff") == -1)
		return -1;
	if (write_error_page(res) == -1 ||
	    (status == HTTP_VERSION_NOT_SUPPORTED &&
	    write_versions(res) == -1))
		return -1;
	res->is_page = true;
	res->is_negotiated = !varies_by_accept(res);
	return 0;
}

int
http_response_redirect(struct http_response *res, int status,
    const char *location)
{
	if (status < 300 || status > 399) {
		errno = EINVAL;
		return -1;
	}
	if (http_response_set_header(res, "Location", location) == -1)
		return -1;
	return http_response_error(res, status);
}
