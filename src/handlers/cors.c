#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "headscan.h"
#include "httphandlers.h"
#include "uri.h"

#define ALLOW_ORIGIN	"Access-Control-Allow-Origin"
#define ANY_AND_CREDENTIALS \
	"* and credentials would give every site what is the user's"

/* Lists as their fields have them, each a string or empty. */
struct http_cors {
	struct http_handler	 next;
	char			**origins;
	size_t			 norigins;
	bool			 any_origin;
	bool			 any_field;
	bool			 credentials;
	unsigned int		 max_age_s;
	struct buffer		 methods;
	struct buffer		 fields;
	struct buffer		 exposed;
};

static int
fault(const char **why, const char *reason)
{
	if (why != NULL)
		*why = reason;
	errno = EINVAL;
	return -1;
}

static int
out_of_memory(const char **why)
{
	(void)fault(why, "out of memory");
	errno = ENOMEM;
	return -1;
}

static int
add_word(struct buffer *list, const char *word, const char **why)
{
	return buffer_printf(list, "%s%s", list->len == 0 ? "" : ", ",
	    word) == -1 ? out_of_memory(why) : 0;
}

/* The methods for which browsers never ask: Fetch, 2.2.1. */
struct http_cors *
http_cors_new(struct http_handler next)
{
	struct http_cors *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->next = next;
	if (add_word(&c->methods, "GET, HEAD, POST", NULL) == -1) {
		free(c);
		return NULL;
	}
	return c;
}

void
http_cors_free(struct http_cors *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->norigins; i++)
		free(c->origins[i]);
	free(c->origins);
	buffer_free(&c->methods);
	buffer_free(&c->fields);
	buffer_free(&c->exposed);
	free(c);
}

static bool
has_upper(const char *s)
{
	while (*s != '\0' && !isupper((unsigned char)*s))
		s++;
	return *s != '\0';
}

static bool
ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && strcmp(s + len - end_len, end) == 0;
}

/* Why no browser would ever send this, or it is not safe; or NULL. */
static const char *
find_fault(const char *origin)
{
	const char *host = strstr(origin, "://");

	if (strcmp(origin, "null") == 0)
		return "the origin null is that of every page in a sandbox";
	if (host == NULL || strspn(origin, "abcdefghijklmnopqrstuvwxyz"
	    "0123456789+-.") != (size_t)(host - origin) || host == origin ||
	    !uri_check_authority(host + 3, strlen(host + 3)) ||
	    has_upper(host))
		return "an origin is scheme://host or scheme://host:port, in "
		    "lower case";
	if ((strncmp(origin, "http:", 5) == 0 && ends_with(host, ":80")) ||
	    (strncmp(origin, "https:", 6) == 0 && ends_with(host, ":443")) ||
	    ends_with(host, ":"))
		return "browsers leave out the port that is the scheme's own";
	return NULL;
}

int
http_cors_allow_origin(struct http_cors *c, const char *origin,
    const char **why)
{
	const char *reason;
	char **origins;

	if (strcmp(origin, "*") == 0) {
		if (c->credentials)
			return fault(why, ANY_AND_CREDENTIALS);
		c->any_origin = true;
		return 0;
	}
	if ((reason = find_fault(origin)) != NULL)
		return fault(why, reason);
	origins = reallocarray(c->origins, c->norigins + 1, sizeof(*origins));
	if (origins == NULL)
		return out_of_memory(why);
	c->origins = origins;
	if ((origins[c->norigins] = strdup(origin)) == NULL)
		return out_of_memory(why);
	c->norigins++;
	return 0;
}

int
http_cors_allow_method(struct http_cors *c, const char *method,
    const char **why)
{
	if (!headscan_is_token(method, strlen(method)))
		return fault(why, "no method");
	return add_word(&c->methods, method, why);
}

int
http_cors_allow_field(struct http_cors *c, const char *name, const char **why)
{
	if (!headscan_is_token(name, strlen(name)))
		return fault(why, "no name of a field");
	if (strcmp(name, "*") == 0 && c->credentials)
		return fault(why, ANY_AND_CREDENTIALS);
	c->any_field = c->any_field || strcmp(name, "*") == 0;
	return add_word(&c->fields, name, why);
}

int
http_cors_expose_field(struct http_cors *c, const char *name,
    const char **why)
{
	if (!headscan_is_token(name, strlen(name)) || strcmp(name, "*") == 0)
		return fault(why, "no name of a field");
	return add_word(&c->exposed, name, why);
}

int
http_cors_allow_credentials(struct http_cors *c, const char **why)
{
	if (c->any_origin || c->any_field)
		return fault(why, ANY_AND_CREDENTIALS);
	c->credentials = true;
	return 0;
}

void
http_cors_set_max_age(struct http_cors *c, unsigned int seconds)
{
	c->max_age_s = seconds;
}

/* What Access-Control-Allow-Origin is for this origin, or NULL. */
static const char *
allowed(const struct http_cors *c, const char *origin)
{
	size_t i;

	if (c->any_origin)
		return "*";
	for (i = 0; origin != NULL && i < c->norigins; i++)
		if (strcmp(c->origins[i], origin) == 0)
			return c->origins[i];
	return NULL;
}

/* Sets a field, unless there is nothing in it. */
static int
set_list(struct http_response *res, const char *name,
    const struct buffer *list)
{
	return list->len == 0 ? 0 :
	    http_response_set_header(res, name, list->data);
}

/* What every answer has; those that depend on who asks say so. */
static int
set_origin(const struct http_cors *c, struct http_response *res,
    const char *origin)
{
	if (!c->any_origin &&
	    http_response_add_header(res, "Vary", "Origin") == -1)
		return -1;
	if (origin == NULL)
		return 0;
	if (c->credentials && http_response_set_header(res,
	    "Access-Control-Allow-Credentials", "true") == -1)
		return -1;
	return http_response_set_header(res, ALLOW_ORIGIN, origin);
}

static int
set_preflight(const struct http_cors *c, struct http_response *res)
{
	char seconds[16];

	if (c->max_age_s > 0) {
		(void)snprintf(seconds, sizeof(seconds), "%u", c->max_age_s);
		if (http_response_set_header(res, "Access-Control-Max-Age",
		    seconds) == -1)
			return -1;
	}
	if (set_list(res, "Access-Control-Allow-Methods", &c->methods) == -1)
		return -1;
	return set_list(res, "Access-Control-Allow-Headers", &c->fields);
}

static void
answer_preflight(const struct http_cors *c, struct http_response *res,
    const char *origin)
{
	if (origin == NULL)
		(void)http_response_error(res, HTTP_FORBIDDEN);
	else if (set_preflight(c, res) == -1)
		(void)http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	else
		(void)http_response_set_status(res, HTTP_NO_CONTENT);
}

static bool
is_preflight(const struct http_request *req)
{
	return strcmp(http_request_method(req), "OPTIONS") == 0 &&
	    http_request_header(req, "Origin") != NULL &&
	    http_request_header(req, "Access-Control-Request-Method") != NULL;
}

void
http_cors_serve(struct http_response *res, struct http_request *req,
    void *cors)
{
	const struct http_cors *c = cors;
	const char *origin;

	origin = allowed(c, http_request_header(req, "Origin"));
	if (set_origin(c, res, origin) == -1)
		(void)http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	else if (is_preflight(req))
		answer_preflight(c, res, origin);
	else if (origin != NULL && set_list(res,
	    "Access-Control-Expose-Headers", &c->exposed) == -1)
		(void)http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	else
		c->next.serve(res, req, c->next.arg);
}
