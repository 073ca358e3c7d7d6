/*
 * The master's children: places that are forked into, and into which those
 * that die are forked again.  They come in generations: a new one comes beside
 * the present one and takes its place when all of it is ready, or not at all.
 * Those that were replaced leave in their own time.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "place.h"

struct scoreboard;

struct children_config {
	struct scoreboard	*board;		/* a slot a place */
	/*
	 * The child's whole life, with the signals still blocked: its exit
	 * status.  number is from 1; what is written to ready_fd wakes the
	 * master; channel has descriptors from it.
	 */
	int			(*child)(void *arg, unsigned int number,
				    int ready_fd, int channel);
	/* Before that: undoes in the child what is the master's alone. */
	void			(*leave)(void *leave_arg);
	void			*leave_arg;
	/* In the master, when a child is gone, however it went. */
	void			(*gone)(void *arg, unsigned int number);
	void			*arg;
	int			 ready_fd;	/* eventfd */
};

struct children {
	struct children_config	 config;
	struct place		*places;
	size_t			 nplaces;
	size_t			 alive;
	unsigned int		 wanted;	/* of the latest generation, */
	unsigned int		 former_wanted;	/* and of that before it */
	bool			 is_coming;	/* another is */
	bool			 is_killing;
	bool			 coming_failed;	/* it can't start: */
	int			 error;
	char			 why[256];
	/* Of those that were to be replaced and could not start. */
	unsigned int		 failures;	/* since all were there, */
	int			 failure;	/* and the last one's errno */
};

/* As many places as the board has slots: 0, or -1 and ENOMEM. */
int children_init(struct children *c, const struct children_config *config);
void children_free(struct children *c);

bool children_have_places(const struct children *c, unsigned int wanted);
/* Begins a generation: 0, or -1 and EAGAIN while there are no places for it. */
int children_begin(struct children *c, unsigned int wanted);
/* Whether all of it is ready; then it may take the present one's place. */
bool children_have_come(const struct children *c);
void children_commit(struct children *c);
/* It goes, and the present one stays. */
void children_abort(struct children *c);

/*
 * Nothing more is expected of this one, by its index, which is about to end:
 * another takes its place at once, unless the next generation will.  Of that
 * nobody may hang before it accepts: it fails.
 */
void children_give_up(struct children *c, size_t i);

/*
 * Has children that are spent retire, one after the other: first another comes
 * to accept beside them.  Call it when a child is spent, ready or gone.
 */
void children_relieve(struct children *c);

/* Whether one that serves is stale, and no generation comes. */
bool children_are_stale(const struct children *c);

/* One more or less; a child too many leaves.  false where that can't be. */
bool children_adjust(struct children *c, int change);

/* Forks those that are due; of a generation that comes all, or it fails. */
void children_spawn_due(struct children *c);
/* Sees who has died, or been stopped. */
void children_reap(struct children *c);
/* When the next is due, in CLOCK_MONOTONIC's milliseconds; UINT64_MAX. */
uint64_t children_next(const struct children *c);

/* Signals all of them; how who is killed by it dies is then not said. */
void children_signal(struct children *c, int sig);
/*
 * Sends all of them what a log is now: those that have it know it by the id.
 * Those that can't get it drain, to be replaced by such that have it: how many
 * these are.
 */
size_t children_send(const struct children *c, int fd, int id);
/* From now on nobody is replaced. */
void children_dismiss(struct children *c);

#endif
