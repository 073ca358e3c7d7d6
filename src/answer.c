#include "answer.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shortage.h"

/* A file up to this size is read and leaves in one write with its head. */
#define READ_BYTES	32768

/* RFC 9110, 6.4.1 and 15.3.6: no content, whatever the handler gave. */
static bool
has_content(const struct http_response *res)
{
	return res->status != HTTP_NO_CONTENT &&
	    res->status != HTTP_RESET_CONTENT &&
	    res->status != HTTP_NOT_MODIFIED;
}

/*
 * What a head has beside the response's fields takes less than this: nine
 * lines at the most, of which the longest is the status with its phrase.
 */
#define HEAD_BYTES	512

/* Writes a string without its NUL, and returns where it ends. */
static inline char *
put(char *dst, const char *s)
{
	size_t len = strlen(s);

	memcpy(dst, s, len);
	return dst + len;
}

static char *
put_decimal(char *dst, uintmax_t n)
{
	char digits[sizeof(n) * 3], *s = digits + sizeof(digits) - 1;

	*s = '\0';
	do
		*--s = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	return put(dst, s);
}

static char *
put_length(char *dst, uintmax_t length)
{
	return put(put_decimal(put(dst, "Content-Length: "), length), "\r\n");
}

/*
 * RFC 9112, 6.3: what tells the client where the body ends.  HEAD has none: it
 * need not say what only the making of one would show (RFC 9110, 9.3.2).
 */
static char *
put_framing(char *dst, struct http_response *res,
    const struct answer_context *context)
{
	off_t length;

	if (res->status == HTTP_RESET_CONTENT)
		return put_length(dst, 0);
	if (!has_content(res))
		return dst;
	if (res->kind == RESPONSE_MEMORY)
		length = (off_t)res->memory.len;
	else
		length = res->left;
	if (length != -1)
		return put_length(dst, (uintmax_t)length);
	if (context->is_head || context->minor == 0)
		return dst;
	res->chunked = true;
	return put(dst, "Transfer-Encoding: chunked\r\n");
}

static inline char *
put_date(char *dst, const char *name, const char *date)
{
	return put(put(put(dst, name), date), "\r\n");
}

static char *
put_status_line(char *dst, int status)
{
	if (status == HTTP_OK)
		return put(dst, "HTTP/1.1 200 OK\r\n");
	dst = put_decimal(put(dst, "HTTP/1.1 "), (uintmax_t)status);
	return put(put(put(dst, " "), http_status_text(status)), "\r\n");
}

/*
 * RFC 9112, 9.3: kept is the rule in 1.1 and the exception in 1.0.  Upgrade is
 * for this connection alone, which has to be said: RFC 9110, 7.8.
 */
static char *
put_connection(char *dst, const struct http_response *res,
    const struct answer_context *context)
{
	if (!context->keepalive)
		dst = put(dst, "Connection: close\r\n");
	else if (context->minor == 0)
		dst = put(dst, "Connection: keep-alive\r\n");
	if (res->has_upgrade)
		dst = put(dst, "Connection: upgrade\r\n");
	return dst;
}

static int
append_head(struct http_response *res, const struct answer_context *context,
    struct buffer *out)
{
	char *dst;

	if (buffer_reserve(out, HEAD_BYTES + res->fields.len) == -1)
		return -1;
	dst = put_status_line(out->data + out->len, res->status);
	dst = put_date(dst, "Date: ", context->date);
	if (res->is_modified_now)
		dst = put_date(dst, "Last-Modified: ", context->date);
	if (res->is_negotiated)
		dst = put(dst, "Vary: Accept\r\n");
	if (!res->has_type && res->memory.len > 0 && has_content(res))
		dst = put(dst, "Content-Type: text/plain; charset=utf-8\r\n");
	if (res->fields.len > 0)
		memcpy(dst, res->fields.data, res->fields.len);
	dst = put_framing(dst + res->fields.len, res, context);
	dst = put(put_connection(dst, res, context), "\r\n");
	out->len = (size_t)(dst - out->data);
	return 0;
}

void
answer_sent(struct http_response *res, ssize_t n)
{
	res->offset += n;
	res->left -= n;
	res->sent += (uint64_t)n;
	res->done = res->left == 0;
}

/* Reads what is left of the file to the end of out. */
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
		answer_sent(res, n);
	}
	return 0;
}

/* Notes which version of a file is promised, before any of it is sent. */
static int
note_version(struct http_response *res)
{
	struct stat st;

	if (res->version.size != -1)
		return 0;
	if (fstat(res->fd, &st) == -1)
		return -1;
	res->version = version_of(&st);
	return 0;
}

/*
 * Keeps the last bytes of a part that is sent in pieces: a log that grows has
 * them still, what was written anew, and longer, has others.
 */
static int
take_sample(struct http_response *res)
{
	ssize_t n;

	do
		n = pread(res->fd, res->sample, sizeof(res->sample),
		    res->offset + res->left - (off_t)sizeof(res->sample));
	while (n == -1 && errno == EINTR);
	res->is_sampled = n == (ssize_t)sizeof(res->sample);
	if (n == -1)
		return -1;
	return 0;
}

static bool
has_sample(const struct http_response *res, const struct buffer *out)
{
	return !res->is_sampled || memcmp(out->data + out->len -
	    sizeof(res->sample), res->sample, sizeof(res->sample)) == 0;
}

int
answer_append_tail(struct http_response *res, struct buffer *out)
{
	int result = append_file(res, out);

	if (result == -1 && errno != EIO)
		return -1;
	if (result == 0 && version_is_current(&res->version, res->fd) &&
	    has_sample(res, out))
		return 0;
	/* Of the file that is lent another version was there just now. */
	errno = res->source.release != NULL ? ESTALE : EIO;
	return -1;
}

static int
append_body(struct http_response *res, struct buffer *out)
{
	switch (res->kind) {
	case RESPONSE_MEMORY:
		res->done = true;
		res->sent = res->memory.len;
		return buffer_append(out, res->memory.data, res->memory.len);
	case RESPONSE_LENT:
		res->done = true;
		res->sent = (uint64_t)res->left;
		return buffer_append(out, res->lent, (size_t)res->left);
	case RESPONSE_FILE:
		if (note_version(res) == -1)
			return -1;
		res->is_sampled = false;
		return res->left > READ_BYTES ? take_sample(res) :
		    answer_append_tail(res, out);
	case RESPONSE_SOURCE:
		break;
	}
	return 0;
}

int
answer_begin(struct http_response *res,
    const struct answer_context *context, struct buffer *out)
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
	res->sent = 0;
	return -1;
}

enum http_status
answer_failed(int error)
{
	if (!shortage_is(error))
		return HTTP_INTERNAL_SERVER_ERROR;
	errno = error;
	shortage_note(SHORTAGE_ANSWER);
	return HTTP_SERVICE_UNAVAILABLE;
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
answer_pump(struct http_response *res, struct buffer *out, size_t max)
{
	size_t head = res->chunked ? CHUNK_HEAD : 0;
	ssize_t n;

	if (res->left != -1 && (off_t)max > res->left)
		max = (size_t)res->left;
	if (max == 0)
		return pump_end(res, out);
	if (buffer_reserve(out, CHUNK_HEAD + max + CHUNK_TAIL) == -1)
		return -1;
	errno = 0;
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
