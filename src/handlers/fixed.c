#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "headscan.h"
#include "httphandlers.h"
#include "precondition.h"
#include "response.h"

struct http_fixed {
	int	 status;
	char	*type;
	char	*text;
	size_t	 len;
};

/* Why this can't be the answer to every request, or NULL. */
static const char *
find_fault(int status, const char *type, const char *text)
{
	const char *slash = strchr(type, '/');

	if (status < 200 || status > 599)
		return "a status is 200 to 599";
	if (status >= 300 && status < 400)
		return "a status of 3xx needs a redirect";
	if (status == HTTP_PARTIAL_CONTENT || status == HTTP_UNAUTHORIZED ||
	    status == 407 || status == HTTP_RANGE_NOT_SATISFIABLE ||
	    status == HTTP_UPGRADE_REQUIRED)
		return "this status needs more than a text";
	if (text[0] != '\0' &&
	    (status == HTTP_NO_CONTENT || status == HTTP_RESET_CONTENT))
		return "this status has no text";
	if (slash == NULL || !headscan_is_token(type, (size_t)(slash - type)) ||
	    !headscan_is_value(type, strlen(type)))
		return "no media type, such as text/plain";
	return NULL;
}

struct http_fixed *
http_fixed_new(int status, const char *type, const char *text,
    const char **why)
{
	struct http_fixed *f = NULL;
	const char *reason;

	if (type == NULL)
		type = "text/plain; charset=utf-8";
	if (text == NULL)
		text = "";
	reason = find_fault(status, type, text);
	errno = EINVAL;
	if (reason == NULL) {
		reason = "out of memory";
		f = calloc(1, sizeof(*f));
	}
	if (f == NULL || (f->type = strdup(type)) == NULL ||
	    (f->text = strdup(text)) == NULL) {
		http_fixed_free(f);
		if (why != NULL)
			*why = reason;
		return NULL;
	}
	f->status = status;
	f->len = strlen(text);
	return f;
}

void
http_fixed_free(struct http_fixed *f)
{
	if (f == NULL)
		return;
	free(f->type);
	free(f->text);
	free(f);
}

/* The text is there until serving is over. */
static void
keep(void *arg)
{
	(void)arg;
}

/* The text's status, or that of a condition that does not hold. */
static int
choose_status(const struct http_fixed *f, const struct http_request *req)
{
	enum http_status condition = HTTP_OK;

	if (f->status < 300)
		condition = precondition_evaluate_bare(req);
	return condition == HTTP_OK ? f->status : (int)condition;
}

void
http_fixed_serve(struct http_response *res, struct http_request *req,
    void *fixed)
{
	struct http_fixed *f = fixed;
	int status = choose_status(f, req);

	if (status != f->status && status != HTTP_NOT_MODIFIED) {
		(void)http_response_error(res, status);
		return;
	}
	(void)http_response_set_status(res, status);
	/* What refuses every method allows none: RFC 9110, 10.2.1. */
	if (status == HTTP_METHOD_NOT_ALLOWED &&
	    http_response_set_header(res, "Allow", "") == -1)
		(void)http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	else if (f->len > 0 &&
	    (http_response_set_header(res, "Content-Type", f->type) == -1 ||
	    http_response_set_header(res, "X-Content-Type-Options",
	    "nosniff") == -1 ||
	    response_lend_bytes(res, f->text, f->len, keep, f) == -1))
		(void)http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
}

void
http_gone_serve(struct http_response *res, struct http_request *req,
    void *unused)
{
	(void)req;
	(void)unused;
	(void)http_response_error(res, HTTP_GONE);
}
