#include "response.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "headscan.h"
#include "work.h"

/* Memory is kept for the next response up to this size. */
#define KEEP_BYTES	65536

void
response_init(struct http_response *res)
{
	memset(res, 0, sizeof(*res));
	res->fd = -1;
	res->status = HTTP_OK;
}

void
response_drop_body(struct http_response *res)
{
	if (res->source.release != NULL)
		res->source.release(res->source.arg);
	else if (res->fd != -1)
		(void)close(res->fd);
	res->source.release = NULL;
	res->fd = -1;
	res->kind = RESPONSE_MEMORY;
	res->is_page = res->is_negotiated = false;
	buffer_reset(&res->memory, KEEP_BYTES);
}

void
response_reset(struct http_response *res)
{
	response_drop_body(res);
	buffer_reset(&res->fields, KEEP_BYTES);
	res->status = HTTP_OK;
	res->has_type = res->has_upgrade = res->is_modified_now = false;
	res->chunked = res->failed = res->done = false;
	res->sent = 0;
	res->finish = NULL;
}

void
response_restart(struct http_response *res, size_t fields_len)
{
	response_drop_body(res);
	res->fields.len = fields_len;
	res->status = HTTP_OK;
	res->has_type = res->is_modified_now = res->failed = false;
}

void
response_free(struct http_response *res)
{
	response_drop_body(res);
	buffer_free(&res->fields);
	buffer_free(&res->memory);
}

void
http_response_set_finish(struct http_response *res, http_handler_fn *finish,
    void *arg)
{
	res->finish = finish;
	res->finish_arg = arg;
}

void
response_finish(struct http_response *res, struct http_request *req)
{
	http_handler_fn *finish = res->finish;

	res->finish = NULL;
	finish(res, req, res->finish_arg);
}

int
http_response_set_status(struct http_response *res, int status)
{
	if (status < 200 || status > 599) {
		errno = EINVAL;
		return -1;
	}
	res->status = status;
	return 0;
}

int
http_response_status(const struct http_response *res)
{
	return res->status;
}

/* The fields that frame the message are written here and nowhere else. */
static bool
is_ours(const char *name)
{
	return strcasecmp(name, "Content-Length") == 0 ||
	    strcasecmp(name, "Transfer-Encoding") == 0 ||
	    strcasecmp(name, "Connection") == 0 ||
	    strcasecmp(name, "Date") == 0;
}

static int
check_header(const char *name, size_t name_len, const char *value,
    size_t value_len)
{
	if (headscan_is_token(name, name_len) && !is_ours(name) &&
	    headscan_is_value(value, value_len))
		return 0;
	errno = EINVAL;
	return -1;
}

/* Appends a field line, for which there is room. */
static void
append_header(struct http_response *res, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	char *at = res->fields.data + res->fields.len;

	memcpy(at, name, name_len);
	memcpy(at + name_len, ": ", 2);
	memcpy(at + name_len + 2, value, value_len);
	memcpy(at + name_len + 2 + value_len, "\r\n", 2);
	res->fields.len += name_len + value_len + 4;
	if (name_len == sizeof("Content-Type") - 1)
		res->has_type |= strcasecmp(name, "Content-Type") == 0;
	else if (name_len == sizeof("Upgrade") - 1)
		res->has_upgrade |= strcasecmp(name, "Upgrade") == 0;
	else if (name_len == sizeof("Last-Modified") - 1)
		res->is_modified_now &= strcasecmp(name, "Last-Modified") != 0;
}

int
http_response_add_header(struct http_response *res, const char *name,
    const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);

	if (check_header(name, name_len, value, value_len) == -1 ||
	    buffer_reserve(&res->fields, name_len + value_len + 4) == -1)
		return -1;
	append_header(res, name, name_len, value, value_len);
	return 0;
}

/* The length of the line at offset at, with its CRLF. */
static size_t
field_line_len(const struct buffer *fields, size_t at)
{
	const char *lf = memchr(fields->data + at, '\n', fields->len - at);

	return (size_t)(lf - (fields->data + at)) + 1;
}

static void
remove_header(struct http_response *res, const char *name, size_t name_len)
{
	struct buffer *fields = &res->fields;
	size_t at = 0, len;

	while (at < fields->len) {
		len = field_line_len(fields, at);
		if (len <= name_len || fields->data[at + name_len] != ':' ||
		    strncasecmp(fields->data + at, name, name_len) != 0) {
			at += len;
			continue;
		}
		memmove(fields->data + at, fields->data + at + len,
		    fields->len - at - len);
		fields->len -= len;
	}
}

void
response_copy_type(const struct http_response *res, char *dst, size_t size)
{
	static const char name[] = "Content-Type: ";
	const struct buffer *fields = &res->fields;
	size_t at, len, skip = sizeof(name) - 1;

	(void)strlcpy(dst, res->memory.len > 0 ? "text/plain" : "", size);
	for (at = 0; at < fields->len; at += len) {
		len = field_line_len(fields, at);
		if (len > skip && strncasecmp(fields->data + at, name,
		    skip) == 0)
			(void)snprintf(dst, size, "%.*s",
			    (int)(len - skip - 2), fields->data + at + skip);
	}
}

int
http_response_set_header(struct http_response *res, const char *name,
    const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);

	if (check_header(name, name_len, value, value_len) == -1 ||
	    buffer_reserve(&res->fields, name_len + value_len + 4) == -1)
		return -1;
	remove_header(res, name, name_len);
	append_header(res, name, name_len, value, value_len);
	return 0;
}

/* Bytes can be added as long as nothing else was made the body. */
static int
check_memory(struct http_response *res)
{
	res->is_page = false;
	if (res->kind == RESPONSE_MEMORY)
		return 0;
	errno = EINVAL;
	return -1;
}

/* Who adds bytes gets on, however long it takes. */
int
http_response_write(struct http_response *res, const void *data, size_t len)
{
	(void)work_step();
	if (check_memory(res) == -1)
		return -1;
	if (buffer_append(&res->memory, data, len) == 0)
		return 0;
	res->failed = true;
	return -1;
}

int
http_response_vprintf(struct http_response *res, const char *fmt, va_list ap)
{
	(void)work_step();
	if (check_memory(res) == -1)
		return -1;
	if (buffer_vprintf(&res->memory, fmt, ap) == 0)
		return 0;
	res->failed = true;
	return -1;
}

int
http_response_printf(struct http_response *res, const char *fmt, ...)
{
	va_list ap;
	int rv;

	va_start(ap, fmt);
	rv = http_response_vprintf(res, fmt, ap);
	va_end(ap);
	return rv;
}

static void
set_file(struct http_response *res, int fd, off_t offset, off_t length)
{
	response_drop_body(res);
	res->kind = RESPONSE_FILE;
	res->fd = fd;
	res->version.size = -1;
	res->offset = offset;
	res->left = length;
}

int
http_response_send_file(struct http_response *res, int fd, off_t offset,
    off_t length)
{
	if (check_memory(res) == -1 || fd == -1 || offset < 0 || length < 0) {
		if (fd != -1)
			(void)close(fd);
		errno = EINVAL;
		return -1;
	}
	set_file(res, fd, offset, length);
	return 0;
}

int
response_lend_file(struct http_response *res, int fd,
    const struct stat *st, off_t offset, off_t length,
    void (*release)(void *), void *arg)
{
	if (check_memory(res) == -1) {
		release(arg);
		return -1;
	}
	set_file(res, fd, offset, length);
	res->version = version_of(st);
	res->source.release = release;
	res->source.arg = arg;
	return 0;
}

int
response_lend_bytes(struct http_response *res, const char *data, size_t len,
    void (*release)(void *), void *arg)
{
	if (check_memory(res) == -1) {
		release(arg);
		return -1;
	}
	response_drop_body(res);
	res->kind = RESPONSE_LENT;
	res->lent = data;
	res->left = (off_t)len;
	res->source.release = release;
	res->source.arg = arg;
	return 0;
}

int
response_add_lines(struct http_response *res, const char *lines, size_t len)
{
	if (buffer_append(&res->fields, lines, len) == -1)
		return -1;
	res->has_type = true;
	return 0;
}

int
http_response_send_source(struct http_response *res,
    const struct http_source *source, off_t length)
{
	if (check_memory(res) == -1 || source->read == NULL || length < -1) {
		if (source->release != NULL)
			source->release(source->arg);
		errno = EINVAL;
		return -1;
	}
	response_drop_body(res);
	res->kind = RESPONSE_SOURCE;
	res->source = *source;
	res->left = length;
	return 0;
}

bool
response_needs_close(const struct http_response *res, bool is_head, int minor)
{
	return res->kind == RESPONSE_SOURCE && res->left == -1 &&
	    !is_head && minor == 0;
}
