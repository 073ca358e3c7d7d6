/* Which bytes of a representation a Range field asks for: RFC 9110, 14. */
#ifndef RANGE_H
#define RANGE_H

#include <stdint.h>

/* Fields that ask for more ranges than these are ignored. */
#define RANGE_MAX 16

/* Lies within the representation, and is never empty. */
struct range {
	int64_t		offset;
	int64_t		length;
};

#define RANGE_IGNORED		0	/* answer as if there were no Range */
#define RANGE_UNSATISFIABLE	(-1)	/* 416, and how long it is */

/*
 * Reads a Range field's value for a representation of so many bytes: returns
 * how many ranges it asks for, from 1 to RANGE_MAX, or one of the above.
 *
 * Ignored is what is malformed or of another unit than bytes, and what only an
 * attack asks for (RFC 9110, 17.15): more than RANGE_MAX ranges, or more than
 * twice the representation.  Ranges come in the order they are asked for, and
 * those that overlap as one, in place of the first of them (15.3.7.2).
 *
 * The suffix of an empty representation is satisfiable (RFC 9110, 14.1.2), but
 * no Content-Range can say so: that, too, is ignored.
 */
int range_parse(struct range ranges[RANGE_MAX], const char *value,
    int64_t length);

#endif
