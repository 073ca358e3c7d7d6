#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

#define BUFFER_SIZE_MIN 256

/* Returns the size to grow to: the doubled size that has room for need. */
static size_t
buffer_size_for(size_t size, size_t need)
{
	if (size < BUFFER_SIZE_MIN)
		size = BUFFER_SIZE_MIN;
	while (size < need) {
		if (size > SIZE_MAX / 2)
			return need;
		size *= 2;
	}
	return size;
}

int
buffer_reserve(struct buffer *b, size_t more)
{
	size_t size;
	char *data;

	if (more <= b->size - b->len)
		return 0;
	if (more > SIZE_MAX - b->len) {
		errno = ENOMEM;
		return -1;
	}
	size = buffer_size_for(b->size, b->len + more);
	data = realloc(b->data, size);
	if (data == NULL)
		return -1;
	b->data = data;
	b->size = size;
	return 0;
}

int
buffer_append(struct buffer *b, const void *data, size_t len)
{
	if (len == 0)
		return 0;
	if (buffer_reserve(b, len) == -1)
		return -1;
	memcpy(b->data + b->len, data, len);
	b->len += len;
	return 0;
}

int
buffer_append_string(struct buffer *b, const char *s)
{
	return buffer_append(b, s, strlen(s));
}

int
buffer_append_decimal(struct buffer *b, uintmax_t n)
{
	char digits[sizeof(n) * 3], *end = digits + sizeof(digits), *s = end;

	do
		*--s = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	return buffer_append(b, s, (size_t)(end - s));
}

int
buffer_printf(struct buffer *b, const char *fmt, ...)
{
	va_list ap;
	int rv;

	va_start(ap, fmt);
	rv = buffer_vprintf(b, fmt, ap);
	va_end(ap);
	return rv;
}

int
buffer_vprintf(struct buffer *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t room;
	int n;

	va_copy(again, ap);
	room = b->size - b->len;
	n = vsnprintf(room > 0 ? b->data + b->len : NULL, room, fmt, ap);
	if (n >= 0 && (size_t)n >= room) {
		/* Room for the NUL too, which is not counted in len. */
		if (buffer_reserve(b, (size_t)n + 1) == -1)
			n = -1;
		else
			n = vsnprintf(b->data + b->len, (size_t)n + 1, fmt,
			    again);
	}
	va_end(again);
	if (n < 0)
		return -1;
	b->len += (size_t)n;
	return 0;
}

void
buffer_consume(struct buffer *b, size_t len)
{
	if (len >= b->len) {
		b->len = 0;
		return;
	}
	if (len == 0)
		return;
	memmove(b->data, b->data + len, b->len - len);
	b->len -= len;
}

void
buffer_reset(struct buffer *b, size_t keep)
{
	if (b->size > keep)
		buffer_free(b);
	b->len = 0;
}

void
buffer_free(struct buffer *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->size = 0;
}
