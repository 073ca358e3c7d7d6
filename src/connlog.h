/* What the access log and the scoreboard learn of a connection's answers. */
#ifndef CONNLOG_H
#define CONNLOG_H

#include "conn.h"

/*
 * Leaves word of what it serves, in case it crashes or hangs meanwhile: until
 * scoreboard_end().
 */
void connlog_serving(const struct conn *c);
/* Counts and logs the answer to the exchange's request, which has left. */
void connlog_answer(struct conn *c);
/* The same for one that does not reach its end, as far as it came. */
void connlog_part(struct conn *c);

#endif
