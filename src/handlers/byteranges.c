#include "byteranges.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../buffer.h"
#include "../httpserve.h"
#include "content.h"

/* Three numbers of 64 bits, what stands around them, and a NUL. */
#define CONTENT_RANGE_SIZE (3 * 20 + sizeof("bytes -/"))

/* Random, so that no file can have it: 16 digits in hex. */
#define BOUNDARY_SIZE (16 + 1)

/* What stands before some bytes of the file, and which. */
struct part {
	size_t		 head_end;	/* in the text */
	struct range	 left;		/* not yet read */
};

/*
 * A body under way.  The text of all parts is made at once, for its length;
 * the last part is the end, and has no bytes.
 */
struct byteranges {
	struct content	*content;
	struct buffer	 text;
	size_t		 text_pos;
	struct part	 parts[RANGE_MAX + 1];
	int		 nparts;
	int		 part;
};

static void
byteranges_format(char dst[CONTENT_RANGE_SIZE], const struct range *r,
    off_t size)
{
	(void)snprintf(dst, CONTENT_RANGE_SIZE, "bytes %jd-%jd/%jd",
	    (intmax_t)r->offset, (intmax_t)(r->offset + r->length - 1),
	    (intmax_t)size);
}

static void
byteranges_free(void *arg)
{
	struct byteranges *b = arg;

	content_release(b->content);
	buffer_free(&b->text);
	free(b);
}

/* Reads bytes of a range; a file that has shrunk is an error. */
static ssize_t
byteranges_read_file(const struct content *content, struct range *left,
    char *buf, size_t size)
{
	ssize_t n;

	if ((int64_t)size > left->length)
		size = (size_t)left->length;
	n = content_read(content, buf, size, left->offset);
	if (n == 0)
		errno = EIO;
	if (n <= 0)
		return -1;
	left->offset += n;
	left->length -= n;
	return n;
}

static ssize_t
byteranges_read_text(struct byteranges *b, size_t end, char *buf, size_t size)
{
	if (size > end - b->text_pos)
		size = end - b->text_pos;
	memcpy(buf, b->text.data + b->text_pos, size);
	b->text_pos += size;
	return (ssize_t)size;
}

/* Before the end it must be known that all parts were of one version. */
static int
byteranges_next(struct byteranges *b)
{
	b->part++;
	if (b->part < b->nparts - 1 || content_is_current(b->content))
		return 0;
	errno = EIO;
	return -1;
}

/* Fills the whole buffer, as small parts are to leave together. */
static ssize_t
byteranges_read(void *arg, char *buf, size_t size)
{
	struct byteranges *b = arg;
	struct part *part;
	size_t len = 0;
	ssize_t n;

	while (len < size && b->part < b->nparts) {
		part = &b->parts[b->part];
		if (b->text_pos < part->head_end)
			n = byteranges_read_text(b, part->head_end, buf + len,
			    size - len);
		else if (part->left.length > 0)
			n = byteranges_read_file(b->content, &part->left,
			    buf + len, size - len);
		else
			n = byteranges_next(b);
		if (n == -1)
			return -1;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Writes the text: RFC 9110, 14.6, and RFC 2046, 5.1.1. */
static int
byteranges_write(struct byteranges *b, off_t size, const char *type,
    const char *boundary)
{
	char content_range[CONTENT_RANGE_SIZE];
	int i;

	for (i = 0; i < b->nparts - 1; i++) {
		byteranges_format(content_range, &b->parts[i].left, size);
		if (buffer_printf(&b->text, "%s--%s\r\nContent-Type: %s\r\n"
		    "Content-Range: %s\r\n\r\n", i > 0 ? "\r\n" : "", boundary,
		    type, content_range) == -1)
			return -1;
		b->parts[i].head_end = b->text.len;
	}
	if (buffer_printf(&b->text, "\r\n--%s--\r\n", boundary) == -1)
		return -1;
	b->parts[i].head_end = b->text.len;
	return 0;
}

/* The length of the whole body, or -1 and errno where there is no such. */
static off_t
byteranges_length(const struct byteranges *b)
{
	int64_t length = (int64_t)b->text.len;
	int i;

	for (i = 0; i < b->nparts; i++) {
		if (b->parts[i].left.length > INT64_MAX - length) {
			errno = EFBIG;
			return -1;
		}
		length += b->parts[i].left.length;
	}
	return length;
}

/* NULL and errno when memory is short. */
static struct byteranges *
byteranges_new(struct content *content, const char *type,
    const char *boundary, const struct range *ranges, int n)
{
	struct byteranges *b;
	int i;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		b->parts[i].left = ranges[i];
	b->nparts = n + 1;
	b->content = content_hold(content);
	if (byteranges_write(b, content->st.st_size, type, boundary) == -1) {
		byteranges_free(b);
		return NULL;
	}
	return b;
}

static int
byteranges_send_one(struct http_response *res, struct content *content,
    const struct range *r)
{
	char content_range[CONTENT_RANGE_SIZE];

	byteranges_format(content_range, r, content->st.st_size);
	if (http_response_set_header(res, "Content-Range",
	    content_range) == -1)
		return -1;
	return content_send(res, content, r->offset, r->length);
}

static int
byteranges_send_several(struct http_response *res, struct content *content,
    const char *type, const struct range *ranges, int n)
{
	char boundary[BOUNDARY_SIZE];
	char field[sizeof("multipart/byteranges; boundary=") + BOUNDARY_SIZE];
	struct http_source source = { byteranges_read, byteranges_free, NULL };
	struct byteranges *b;
	off_t length;

	(void)snprintf(boundary, sizeof(boundary), "%08x%08x",
	    (unsigned int)arc4random(), (unsigned int)arc4random());
	(void)snprintf(field, sizeof(field),
	    "multipart/byteranges; boundary=%s", boundary);
	b = byteranges_new(content, type, boundary, ranges, n);
	if (b == NULL)
		return -1;
	if ((length = byteranges_length(b)) == -1 ||
	    http_response_set_header(res, "Content-Type", field) == -1) {
		byteranges_free(b);
		return -1;
	}
	source.arg = b;
	return http_response_send_source(res, &source, length);
}

int
byteranges_send(struct http_response *res, struct content *content,
    const char *type, const struct range *ranges, int n)
{
	int result;

	if (n == 1)
		result = byteranges_send_one(res, content, ranges);
	else
		result = byteranges_send_several(res, content, type, ranges,
		    n);
	if (result == 0)
		result = http_response_set_status(res, HTTP_PARTIAL_CONTENT);
	return result;
}

int
byteranges_refuse(struct http_response *res, off_t size)
{
	char content_range[CONTENT_RANGE_SIZE];

	(void)snprintf(content_range, sizeof(content_range), "bytes */%jd",
	    (intmax_t)size);
	return http_response_set_header(res, "Content-Range", content_range);
}
