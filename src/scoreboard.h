/*
 * The scoreboard: what every child is doing, in memory that all processes of
 * a server share.  A slot is written by its child alone, from whichever of its
 * threads holds the child's lock; the master reads it, clears it before it
 * forks the next child into it, and says whose it is.  A child may die at any
 * instruction, so readers take text as bytes that may be half written.  Times
 * are milliseconds of CLOCK_MONOTONIC.
 */
#ifndef SCOREBOARD_H
#define SCOREBOARD_H

#include <limits.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct scoreboard_slot {
	alignas(64) _Atomic bool accepting;	/* has started, all of it */
	_Atomic bool		 leaving;	/* retires, or drains */
	_Atomic bool		 spent;		/* has had its requests */
	_Atomic bool		 serving;	/* is inside a handler, */
	_Atomic uint64_t	 serving_ms;	/* since then */
	_Atomic uint64_t	 turned_ms;	/* when its loop last did */
	_Atomic uint64_t	 working_ms;	/* see work.h; 0 is idle */
	_Atomic unsigned int	 connections;
	_Atomic uint64_t	 requests;
	_Atomic uint64_t	 bytes;		/* of answers, as sent */
	char			 client[48];	/* whom it serves */
	char			 request[160];	/* request line, cut to this */
	char			 failure[128];	/* why it gave up, */
	int			 error;		/* and the errno of that */
	_Atomic int		 pid;		/* the master's: whose it is, */
	_Atomic uint64_t	 started_ms;	/* since when; 0 is nobody's */
};

/*
 * What all children know of the access log.  Any of them writes it.
 */
#define SCOREBOARD_NOBODY UINT_MAX
struct scoreboard_log {
	/*
	 * A disk that fills up takes half a line.  The child that wrote it,
	 * by its number, has the file to itself until the line is whole, lest
	 * another one continue it; 0 for none.  Where that one has died, its
	 * successor ends the line, or whoever comes first when it is nobody's.
	 */
	_Atomic unsigned int	 half;
	_Atomic uint64_t	 lost;	/* lines since it last worked */
	_Atomic int64_t		 lost_time;	/* in which second the last */
};

/*
 * turn_ms is any child's: when the last took its turn, 0 when it is over.
 * watched is theirs to set and the master's to clear: see work.h.
 */
struct scoreboard {
	size_t			 nslots;
	_Atomic bool		 watched;
	_Atomic uint64_t	 turn_ms;
	struct scoreboard_log	 log;
	struct scoreboard_slot	 slots[];
};

/* NULL and errno when there is no memory. */
struct scoreboard *scoreboard_new(size_t nslots);
void scoreboard_free(struct scoreboard *board);

/* Connections of all children. */
unsigned int scoreboard_connections(const struct scoreboard *board);

/*
 * Whether this child, of all that want to, may close a connection for a client
 * that waits.  The turn ends by the other call, or after a second: whoever has
 * it may be killed.
 */
bool scoreboard_take_turn(struct scoreboard *board, uint64_t now_ms);
void scoreboard_end_turn(struct scoreboard *board);

void scoreboard_clear(struct scoreboard_slot *slot);
void scoreboard_occupy(struct scoreboard_slot *slot, pid_t pid,
    uint64_t now_ms);

/* Notes that the child is about to answer this request; then that it has. */
void scoreboard_begin(struct scoreboard_slot *slot, const char *client,
    const char *method, const char *target, uint64_t now_ms);
void scoreboard_end(struct scoreboard_slot *slot);

void scoreboard_count(struct scoreboard_slot *slot, unsigned int requests,
    uint64_t bytes);

#endif
