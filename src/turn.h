/*
 * Turns of a child's event loop, by number.  What was looked up in the file
 * system in a turn holds until the turn is over: a turn begins behind the
 * read(2) of the last request that is answered in it, so every answer is as
 * fresh as its request.  One per process; whoever holds the child's lock
 * calls these.
 */
#ifndef TURN_H
#define TURN_H

#include <stdint.h>

/* The requests are here: what was looked up before is to be looked at again. */
void turn_begin(void);
/* The number of this turn, never 0. */
uint64_t turn_current(void);

#endif
