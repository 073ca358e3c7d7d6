/*
 * Whose a request is that came by proxies: the fields X-Forwarded-For, and
 * Forwarded (RFC 7239), to whose end each proxy adds who it had the request
 * from.  What stands to the left of the last one that is not trusted, that
 * one may have made up.
 */
#ifndef FORWARDED_H
#define FORWARDED_H

#include <stdbool.h>

#include "network.h"

/* Set trusted, zero the rest, and add the fields in order. */
struct forwarded {
	const struct networks	*trusted;
	bool			 is_known;	/* by the fields so far */
	struct address		 client;
};

/*
 * Add a field's value.  The client is the last address that is not trusted, or
 * the first where all are, of those behind the last one that is no address,
 * such as "unknown".  It is not known when that stands at the end: all that is
 * known then is the proxy that has said it.
 */
void forwarded_add_x(struct forwarded *f, const char *value);
/* 0, or -1 for what is none by its grammar, so that nothing of it counts. */
int forwarded_add(struct forwarded *f, const char *value);

#endif
