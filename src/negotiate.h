/* Which media type a client would rather have: RFC 9110, 12.5.1. */
#ifndef NEGOTIATE_H
#define NEGOTIATE_H

#include <stdbool.h>

struct http_request;

/*
 * Whether a client names a type in Accept, and wants it no less than another:
 * a wildcard is not enough.  So what is for programs goes to who asks for it,
 * and never to a browser.  Types are in lower case; parameters of a range but
 * its weight don't count, and a range that can't be read is none.
 */
bool negotiate_prefers(const struct http_request *req, const char *type,
    const char *other);

#endif
