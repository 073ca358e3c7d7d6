/*
 * A connection at rest: nothing has arrived of its next request, or only a
 * part, so that its exchange is lent to others meanwhile.
 */
#ifndef CONNREST_H
#define CONNREST_H

#include "conn.h"
#include "connio.h"

/* Gives its exchange back; what has arrived of a head is put by. */
enum conn_step connrest_begin(struct conn *c);

/* Takes one from the pool, with what was put by; NULL and errno. */
struct exchange *connrest_end(struct conn *c);

#endif
