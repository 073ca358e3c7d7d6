#include <errno.h>
#include <string.h>
#include <strings.h>

#include "request.h"

const char *
http_request_method(const struct http_request *req)
{
	return req->method;
}

const char *
http_request_target(const struct http_request *req)
{
	return req->target;
}

const char *
http_request_path(const struct http_request *req)
{
	return req->path;
}

const char *
http_request_query(const struct http_request *req)
{
	return req->query;
}

const char *
http_request_host(const struct http_request *req)
{
	return req->host;
}

int
http_request_minor_version(const struct http_request *req)
{
	return req->minor;
}

const char *
http_request_remote_addr(const struct http_request *req)
{
	return req->remote_addr;
}

int
http_request_set_user(struct http_request *req, const char *name)
{
	size_t len = name == NULL ? 0 : strlen(name);

	if (len >= sizeof(req->user)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(req->user, name == NULL ? "" : name, len + 1);
	return 0;
}

const char *
http_request_user(const struct http_request *req)
{
	return req->user;
}

/* What there is not is no log, and so is -1. */
void
http_request_set_log(struct http_request *req, int log)
{
	req->log = (unsigned int)log;
}

const char *
http_request_header(const struct http_request *req, const char *name)
{
	size_t i, len;

	/* Most of what is asked for is not there. */
	if ((req->initials & request_initial(name)) == 0)
		return NULL;
	len = strlen(name);
	for (i = 0; i < req->nfields; i++)
		if (req->fields[i].name_len == len &&
		    strcasecmp(req->fields[i].name, name) == 0)
			return req->fields[i].value;
	return NULL;
}

void
http_request_set_context(struct http_request *req, void *context)
{
	req->context = context;
}

void *
http_request_context(const struct http_request *req)
{
	return req->context;
}

int
http_request_header_at(const struct http_request *req, size_t i,
    const char **name, const char **value)
{
	if (i >= req->nfields)
		return 0;
	*name = req->fields[i].name;
	*value = req->fields[i].value;
	return 1;
}

int
http_request_await_body(struct http_request *req, http_handler_fn *then,
    void *arg)
{
	if (req->awaited || then == NULL) {
		errno = EINVAL;
		return -1;
	}
	req->awaited = true;
	req->then = then;
	req->then_arg = arg;
	return 0;
}

const char *
http_request_body(const struct http_request *req, size_t *len)
{
	*len = req->body.len;
	return req->body.len == 0 ? "" : req->body.data;
}
