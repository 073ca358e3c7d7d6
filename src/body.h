/*
 * Reading a request's body: a Content-Length counted down, or a strict decoder
 * of the chunked coding.  RFC 9112, 6 and 7.1.
 */
#ifndef BODY_H
#define BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum body_framing {
	BODY_NONE,
	BODY_LENGTH,
	BODY_CHUNKED
};

enum body_state {
	BODY_SIZE,		/* hex digits of a chunk's size */
	BODY_EXTENSION,		/* behind them, to CR */
	BODY_SIZE_LF,
	BODY_DATA,
	BODY_DATA_CR,
	BODY_DATA_LF,
	BODY_TRAILER,		/* a trailer line, to CR */
	BODY_TRAILER_LF,
	BODY_DONE
};

struct body {
	enum body_framing framing;
	enum body_state	 state;
	uint64_t	 left;		/* bytes of the body, or of the chunk */
	uint64_t	 total;		/* data bytes so far */
	uint64_t	 overhead;	/* framing bytes so far */
	unsigned int	 line;		/* bytes of this framing line so far */
	unsigned int	 digits;
	char		 text[256];	/* of this size or trailer line */
};

void body_init(struct body *b, enum body_framing framing, uint64_t length);

static inline bool
body_is_done(const struct body *b)
{
	return b->state == BODY_DONE;
}

/*
 * How much data there is, as far as the client has said yet; UINT64_MAX also
 * where its chunks would be more.
 */
static inline uint64_t
body_announced(const struct body *b)
{
	if (b->state != BODY_DATA)
		return b->total;
	return b->left > UINT64_MAX - b->total ?
	    UINT64_MAX : b->total + b->left;
}

/*
 * Takes bytes as they arrived, up to the first piece of data or the end of the
 * body.  Returns how many it took, with the piece (which points into in, and
 * may be empty) in *data; or -1 where the framing is wrong or is out of
 * proportion to its data: the connection is then of no more use.
 */
ssize_t body_read(struct body *b, const char *in, size_t len,
    const char **data, size_t *data_len);

#endif
