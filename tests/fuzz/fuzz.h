/* What the fuzz targets share.  Each is one file and one program. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Called by libFuzzer with each input; 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program, which is a finding, unless it holds. */
#define CHECK(holds) do {						\
	if (!(holds)) {							\
		(void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
		    __LINE__, #holds);					\
		abort();						\
	}								\
} while (0)

/* An input from which the target takes its bytes one after the other. */
struct fuzz_input {
	const char	*data;
	size_t		 len;
};

/* The next byte, or 0 behind the end. */
static inline unsigned char
fuzz_byte(struct fuzz_input *in)
{
	if (in->len == 0)
		return 0;
	in->len--;
	return (unsigned char)*in->data++;
}

static inline struct fuzz_input
fuzz_start(const uint8_t *data, size_t len)
{
	return (struct fuzz_input){ (const char *)data, len };
}

/* The rest as a string of its own, for free(3); up to a NUL, if it has one. */
static inline char *
fuzz_string(const struct fuzz_input *in)
{
	char *s = strndup(in->data, in->len);

	CHECK(s != NULL);
	return s;
}

/* The rest in memory of exactly that size, for free(3), so overreads show. */
static inline char *
fuzz_copy(const struct fuzz_input *in)
{
	char *copy = malloc(in->len);

	CHECK(copy != NULL || in->len == 0);
	if (in->len > 0)
		memcpy(copy, in->data, in->len);
	return copy;
}

/*
 * How the rest of an input arrives in pieces.  Its first byte says how many
 * sizes follow, and they are used over and over; without any, it is one piece.
 * In text, '0' is none and '1' one, and as sizes they are 1 and 2.
 */
struct fuzz_pieces {
	const char	*sizes;
	size_t		 count;
	size_t		 at;
};

#define FUZZ_MAX_PIECE 48

static inline struct fuzz_pieces
fuzz_pieces(struct fuzz_input *in)
{
	struct fuzz_pieces p = { .count = fuzz_byte(in) % 8 };

	if (p.count > in->len)
		p.count = in->len;
	p.sizes = in->data;
	in->data += p.count;
	in->len -= p.count;
	return p;
}

/* The next piece's size, of left bytes. */
static inline size_t
fuzz_piece(struct fuzz_pieces *p, size_t left)
{
	size_t size;

	if (p->count == 0)
		return left;
	size = (unsigned char)p->sizes[p->at++ % p->count] % FUZZ_MAX_PIECE + 1;
	return size < left ? size : left;
}

#endif
