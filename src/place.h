/*
 * Places for children, of which a master has a fixed number: a child is forked
 * into one, and where that dies the next.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdint.h>
#include <sys/types.h>

enum place_state {
	PLACE_FREE,
	PLACE_PRESENT,		/* of the generation that serves */
	PLACE_RELIEVED,		/* as well, until another does for it */
	PLACE_COMING,		/* of the next */
	PLACE_LEAVING		/* not to be replaced */
};

/* number is its index plus one. */
struct place {
	enum place_state state;
	pid_t		 pid;		/* 0 while there is none */
	int		 channel;	/* the master's end, or -1 */
	uint64_t	 started_ms;
	uint64_t	 stopped_ms;	/* by a signal, since then; or 0 */
	unsigned int	 pause_ms;	/* before the last respawn */
	uint64_t	 respawn_ms;	/* when it is due */
};

/* Takes one that is free: a child is due there at once. */
void place_claim(struct place *place, enum place_state state);
/* Tells a child to leave by a signal, or frees its place. */
void place_retire(struct place *place, int sig);
/* The next child is due after a pause, twice as long as that before. */
void place_postpone(struct place *place);
void place_end_channel(struct place *place);

#endif
