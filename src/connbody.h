/*
 * A connection's request bodies: what has arrived is taken, or let go by.
 */
#ifndef CONNBODY_H
#define CONNBODY_H

#include <stdbool.h>

#include "conn.h"

/*
 * Sends 100 Continue where the client waits for it: 0, or -1 when memory is
 * short.  RFC 9110, 10.1.1: not when the body has begun to arrive without it.
 */
int connbody_continue(struct conn *c);

/* Adds what has arrived to the request's: 0, or the status to refuse it. */
enum http_status connbody_collect(struct conn *c);

/*
 * Lets what has arrived go by: 0, or -1 where it is malformed, longer than a
 * body that nobody wanted is read for, or may not come at all.
 */
int connbody_discard(struct conn *c);

/* Whether what is left can be read to have the next request. */
bool connbody_can_discard(const struct conn *c);

/* Whether that can only be known when more of it is here. */
bool connbody_may_discard(const struct conn *c);

#endif
