/*
 * The header of the PROXY protocol, version 1 or 2, by which a proxy says in
 * front of a connection whose it is: HAProxy's proxy-protocol.txt.
 */
#ifndef PROXYHEADER_H
#define PROXYHEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "network.h"

/* A longer one is refused; with all that HAProxy can add it is shorter. */
#define PROXYHEADER_MAX 4096

struct proxyheader {
	bool		has_source;	/* else it is the proxy's own */
	struct address	source;
};

/*
 * Reads a header from the first bytes of a connection: its length, 0 when more
 * bytes are needed, or -1 as soon as it can't be one.
 */
ssize_t proxyheader_parse(struct proxyheader *h, const char *data, size_t len);

#endif
