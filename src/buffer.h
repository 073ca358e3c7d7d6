/*
 * Bytes that grow.  len is what is in use; data is NULL until the first byte.
 */
#ifndef BUFFER_H
#define BUFFER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed, it is empty. */
struct buffer {
	char	*data;
	size_t	 len;
	size_t	 size;
};

/*
 * Makes room for more bytes behind len: 0, or -1 and ENOMEM.  The size at
 * least doubles, so adding byte by byte stays cheap.
 */
int buffer_reserve(struct buffer *b, size_t more);

/*
 * Add to the end: 0, or -1 and errno with nothing added.  What is added must
 * not lie in the buffer itself.
 */
int buffer_append(struct buffer *b, const void *data, size_t len);
int buffer_append_string(struct buffer *b, const char *s);
/* Appends a number in decimal, for where printf(3) is too slow. */
int buffer_append_decimal(struct buffer *b, uintmax_t n);
int buffer_printf(struct buffer *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int buffer_vprintf(struct buffer *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* Drops len bytes from the front, or all when there are fewer. */
void buffer_consume(struct buffer *b, size_t len);
/* Empties it and keeps the memory, unless that is more than keep bytes. */
void buffer_reset(struct buffer *b, size_t keep);
void buffer_free(struct buffer *b);

#endif
