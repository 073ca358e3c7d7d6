#include "response.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "headscan.h"

/* Memory is kept for the next response up to this size. */
#define KEEP_BYTES	65536
/* A file up to this size is read and leaves in one write with its head. */
#define READ_BYTES	32768

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
	if (res->fd != -1)
		(void)close(res->fd);
	if (res->kind == RESPONSE_SOURCE && res->source.release != NULL)
		res->source.release(res->source.arg);
	res->fd = -1;
	res->kind = RESPONSE_MEMORY;
	buffer_reset(&res->memory, KEEP_BYTES);
}

void
response_reset(struct http_response *res)
{
	response_drop_body(res);
	buffer_reset(&res->fields, KEEP_BYTES);
	res->status = HTTP_OK;
	res->has_type = res->chunked = res->failed = res->done = false;
	res->sent = 0;
}

void
response_free(struct http_response *res)
{
	response_drop_body(res);
	buffer_free(&res->fields);
	buffer_free(&res->memory);
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
	if (strcasecmp(name, "Content-Type") == 0)
		res->has_type = true;
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
check_memory(const struct http_response *res)
{
	if (res->kind == RESPONSE_MEMORY)
		return 0;
	errno = EINVAL;
	return -1;
}

int
http_response_write(struct http_response *res, const void *data, size_t len)
{
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
	response_drop_body(res);
	res->kind = RESPONSE_FILE;
	res->fd = fd;
	res->offset = offset;
	res->left = length;
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
response_needs_close(const struct http_response *res, int minor)
{
	return res->kind == RESPONSE_SOURCE && res->left == -1 && minor == 0;
}

/* RFC 9110, 6.4.1: these have no content, whatever the handler gave. */
static bool
has_content(const struct http_response *res)
{
	return res->status != HTTP_NO_CONTENT &&
	    res->status != HTTP_RESET_CONTENT &&
	    res->status != HTTP_NOT_MODIFIED;
}

static int
append_length(struct buffer *out, uintmax_t length)
{
	if (buffer_append_string(out, "Content-Length: ") == -1 ||
	    buffer_append_decimal(out, length) == -1)
		return -1;
	return buffer_append_string(out, "\r\n");
}

/* RFC 9112, 6: what tells the client where the body ends. */
static int
append_framing(struct http_response *res, int minor, struct buffer *out)
{
	off_t length;

	if (res->status == HTTP_RESET_CONTENT)
		return append_length(out, 0);
	if (!has_content(res))
		return 0;
	if (res->kind == RESPONSE_MEMORY)
		length = (off_t)res->memory.len;
	else
		length = res->left;
	if (length != -1)
		return append_length(out, (uintmax_t)length);
	if (minor == 0)
		return 0;
	res->chunked = true;
	return buffer_append_string(out, "Transfer-Encoding: chunked\r\n");
}

static int
append_status_line(const struct http_response *res, struct buffer *out)
{
	if (res->status == HTTP_OK)
		return buffer_append_string(out, "HTTP/1.1 200 OK\r\n");
	return buffer_printf(out, "HTTP/1.1 %d %s\r\n", res->status,
	    http_status_text(res->status));
}

/* RFC 9112, 9.3: kept is the rule in 1.1 and the exception in 1.0. */
static int
append_connection(const struct response_context *context, struct buffer *out)
{
	if (!context->keepalive)
		return buffer_append_string(out, "Connection: close\r\n");
	if (context->minor == 0)
		return buffer_append_string(out, "Connection: keep-alive\r\n");
	return 0;
}

static int
append_head(struct http_response *res, const struct response_context *context,
    struct buffer *out)
{
	if (append_status_line(res, out) == -1 ||
	    buffer_append_string(out, "Date: ") == -1 ||
	    buffer_append_string(out, context->date) == -1 ||
	    buffer_append_string(out, "\r\n") == -1)
		return -1;
	if (!res->has_type && res->memory.len > 0 && has_content(res) &&
	    buffer_append_string(out,
	    "Content-Type: text/plain; charset=utf-8\r\n") == -1)
		return -1;
	if (buffer_append(out, res->fields.data, res->fields.len) == -1 ||
	    append_framing(res, context->minor, out) == -1 ||
	    append_connection(context, out) == -1)
		return -1;
	return buffer_append_string(out, "\r\n");
}

void
response_sent(struct http_response *res, ssize_t n)
{
	res->offset += n;
	res->left -= n;
	res->sent += (uint64_t)n;
	res->done = res->left == 0;
}

/* Reads the whole of a small file behind the head. */
static int
append_file(struct http_response *res, struct buffer *out)
{
	ssize_t n;

	if (buffer_reserve(out, (size_t)res->left) == -1)
		return -1;
	res->done = res->left == 0;
	while (res->left > 0) {
		n = pread(res->fd, out->data + out->len, (size_t)res->left,
		    res->offset);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return -1;
		out->len += (size_t)n;
		response_sent(res, n);
	}
	return 0;
}

static int
append_body(struct http_response *res, struct buffer *out)
{
	if (res->kind == RESPONSE_FILE && res->left <= READ_BYTES)
		return append_file(res, out);
	if (res->kind != RESPONSE_MEMORY)
		return 0;
	res->done = true;
	res->sent = res->memory.len;
	return buffer_append(out, res->memory.data, res->memory.len);
}

int
response_begin(struct http_response *res,
    const struct response_context *context, struct buffer *out)
{
	size_t before = out->len;

	if (append_head(res, context, out) == -1)
		goto fail;
	if (context->is_head || !has_content(res))
		res->done = true;
	else if (append_body(res, out) == -1)
		goto fail;
	return 0;
fail:
	out->len = before;
	return -1;
}

/* "ffffffff\r\n" before a chunk's data and "\r\n" behind it. */
#define CHUNK_HEAD 10
#define CHUNK_TAIL 2

/* Puts the frame around n bytes that stand behind the room for its head. */
static void
frame_chunk(struct buffer *out, size_t n)
{
	char head[CHUNK_HEAD + 1];

	(void)snprintf(head, sizeof(head), "%08x\r\n", (unsigned int)n);
	memcpy(out->data + out->len, head, CHUNK_HEAD);
	memcpy(out->data + out->len + CHUNK_HEAD + n, "\r\n", CHUNK_TAIL);
	out->len += CHUNK_HEAD + n + CHUNK_TAIL;
}

static int
pump_end(struct http_response *res, struct buffer *out)
{
	if (res->left > 0) {
		errno = EIO;
		return -1;
	}
	res->done = true;
	return res->chunked ? buffer_append_string(out, "0\r\n\r\n") : 0;
}

int
response_pump(struct http_response *res, struct buffer *out, size_t max)
{
	size_t head = res->chunked ? CHUNK_HEAD : 0;
	ssize_t n;

	if (res->left != -1 && (off_t)max > res->left)
		max = (size_t)res->left;
	if (max == 0)
		return pump_end(res, out);
	if (buffer_reserve(out, CHUNK_HEAD + max + CHUNK_TAIL) == -1)
		return -1;
	n = res->source.read(res->source.arg, out->data + out->len + head,
	    max);
	if (n < 0 || (size_t)n > max)
		return -1;
	if (n == 0)
		return pump_end(res, out);
	if (res->left != -1)
		res->left -= n;
	res->sent += (uint64_t)n;
	if (res->chunked)
		frame_chunk(out, (size_t)n);
	else
		out->len += (size_t)n;
	return 0;
}
