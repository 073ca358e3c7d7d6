/* How much a client wants something: the weights of RFC 9110, 12.4.2. */
#ifndef QVALUE_H
#define QVALUE_H

#include <stddef.h>

#define QVALUE_MAX 1000

/* A weight in thousandths, or -1 where these bytes are none. */
int qvalue_parse(const char *s, size_t len);

#endif
