/*
 * Bytes for tests of what reads bytes: with their length, as a NUL is one of
 * them, and in memory of exactly that size, so that overreads show.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	const char	*data;
	size_t		 len;
};

/* A string literal, without the NUL at its end. */
#define B(literal) { (literal), sizeof(literal) - 1 }

/* The first len bytes of s in memory of their own, for free(3). */
static inline char *
exactly(const char *s, size_t len)
{
	char *copy = malloc(len);

	if (copy == NULL)
		abort();
	return memcpy(copy, s, len);
}

#endif
