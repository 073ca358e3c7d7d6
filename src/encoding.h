/* Which content coding a client wants: Accept-Encoding, RFC 9110, 12.5.3. */
#ifndef ENCODING_H
#define ENCODING_H

#include <stdbool.h>

/* Behind identity, which is none, what is preferred comes first. */
enum encoding {
	ENCODING_IDENTITY,
	ENCODING_BR,
	ENCODING_ZSTD,
	ENCODING_GZIP,
	ENCODING_COUNT
};

/* An encoding's bit in a set of them. */
#define ENCODING_BIT(encoding) (1U << (encoding))

/* The name as Content-Encoding has it, and "identity". */
const char *encoding_name(enum encoding encoding);
/* What a file's name has added when it is kept that way: ".gz"; "" is none. */
const char *encoding_suffix(enum encoding encoding);

/* What the lines of a field have said so far.  Zero it for each request. */
struct encoding_preferences {
	bool		has_field;
	bool		is_malformed;
	/* 0 where it is not named, else q in thousandths plus 1; "*" is last */
	int		weights[ENCODING_COUNT + 1];
};

/*
 * Reads the value of an Accept-Encoding field.  Several are one list (5.3):
 * call it for each, in any order.
 *
 * x-gzip is gzip (8.4.1.3), and other codings are passed over.  Of a coding
 * that is named more than once the least weight counts, so what is refused
 * once stays refused.  A list with an error wants identity alone, whatever
 * else is in it: behind an error, a word may not be what it seems.
 */
void encoding_parse(struct encoding_preferences *p, const char *value);

/*
 * The best of the encodings in a set of ENCODING_BIT()s, or -1 where the
 * client accepts none of them.  Of equal weight are br, zstd, gzip, identity,
 * in this order; identity that is not named comes last, and is accepted
 * unless "*" refuses it.  A client that sends no field gets identity; it
 * accepts any coding where there is no identity.  An empty field wants
 * identity alone.
 */
int encoding_choose(const struct encoding_preferences *p,
    unsigned int available);

#endif
