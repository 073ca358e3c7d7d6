/*
 * The scoreboard: what every child is doing, in memory that all processes of
 * a server share.  A slot is written by its child alone, from whichever of its
 * threads holds the child's lock; the master reads it, clears it before it
 * forks the next child into it, and says whose it is.  A child may die at any
 * instruction, so readers take text as bytes that may be half written.  Times
 * are milliseconds of CLOCK_MONOTONIC.
 *
 * The memory is a file without a name that the master keeps open, so another
 * program can find it in /proc and read along: see scoreboard_map().
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

#include "shortage.h"

/*
 * Time is cut into intervals of so many milliseconds, by their numbers; what
 * was counted in each of so many is known.
 */
#define SCOREBOARD_INTERVAL_MS	5000
#define SCOREBOARD_INTERVALS	60

struct scoreboard_counts {
	uint64_t requests;
	uint64_t bytes;			/* of answers, as sent */
};

/*
 * In a slot: what its child had counted when an interval began, or rather when
 * it first did something in that.  So whatever it counts until its next mark
 * belongs to this one, and a child that sleeps need not wake up to say so.
 */
struct scoreboard_mark {
	_Atomic uint32_t interval;
	_Atomic uint64_t requests;
	_Atomic uint64_t bytes;
};

struct scoreboard_slot {
	alignas(64) _Atomic bool accepting;	/* has started, all of it */
	_Atomic bool		 leaving;	/* retires, or drains */
	_Atomic bool		 spent;		/* has had its requests */
	_Atomic bool		 stale;		/* see stale.h */
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
	struct scoreboard_mark	 marks[SCOREBOARD_INTERVALS];
};

/*
 * What children counted that have ended, which the master alone writes.  One
 * of the sums holds, the other is where the next is made: so whenever the
 * master stops, or is killed, nothing is there twice or not at all.  See
 * scoreboard_read_ended().  marks have what was counted in each interval, not
 * up to it.
 */
struct scoreboard_ended {
	_Atomic uint64_t	 state;
	struct {
		_Atomic uint64_t requests;
		_Atomic uint64_t bytes;
	} sums[2];
	_Atomic uint64_t	 died;	/* of a signal, or gave up */
	struct scoreboard_mark	 marks[SCOREBOARD_INTERVALS];
};

/*
 * What all children know of an access log.  Any of them writes it, but for the
 * name, which messages have, and which the master gives it ahead.
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
	_Atomic uint64_t	 lost_ever;	/* since the server began */
	char			 name[96];	/* "": the only, or the first */
};
/* Logs that are in use, and some that a reload has dropped. */
#define SCOREBOARD_LOGS		256

#define SCOREBOARD_NAME		"httpserve-scoreboard"
#define SCOREBOARD_MAGIC	"httpserve board"
/* Counts up when the meaning of something changes, but not its size. */
#define SCOREBOARD_LAYOUT	1
/* More are not read: whoever likes can make a file that says so. */
#define SCOREBOARD_MAX_SLOTS	131072

/*
 * The head of the file, the same in all versions: who does not find here what
 * it has itself can't read the rest.
 */
struct scoreboard_head {
	char		 magic[16];
	char		 version[16];	/* the program's, for people */
	uint32_t	 layout;
	uint32_t	 board_size;	/* without its slots */
	uint32_t	 slot_size;
	uint32_t	 nslots;
	int32_t		 master;	/* its process id */
	uint32_t	 unused;
	int64_t		 start_time;	/* seconds of CLOCK_REALTIME, */
	uint64_t	 start_ms;	/* and the same of the other clock */
};

/*
 * turn_ms is any child's: when the last took its turn, 0 when it is over.
 * watched is theirs to set and the master's to clear: see work.h.
 */
struct scoreboard {
	struct scoreboard_head	 head;
	char			 addresses[512];	/* where it listens */
	size_t			 nslots;
	_Atomic bool		 watched;
	struct scoreboard_ended	 ended;
	_Atomic uint64_t	 turn_ms;
	struct scoreboard_log	 logs[SCOREBOARD_LOGS];
	struct shortages	 shortages;
	struct scoreboard_slot	 slots[];
};

/*
 * A board for this process, a master, and its children: NULL and errno when
 * there is no memory.  fd is the file, which is the caller's to keep and to
 * close; -1 where the kernel makes none, and then nobody else can read it.
 */
struct scoreboard *scoreboard_new(size_t nslots, int *fd);
void scoreboard_free(struct scoreboard *board);

/*
 * Another server's board, to read: its size in bytes, or 0 and errno.  That is
 * EINVAL for a file that is none, EPROTO for one of another version, of which
 * only the head is read.  A file can't shrink below what is mapped.  Nothing
 * in it is to be trusted, nslots neither: by the size there is room for
 * scoreboard_slots().
 */
size_t scoreboard_map(int fd, const struct scoreboard **board,
    struct scoreboard_head *head);
void scoreboard_unmap(const struct scoreboard *board, size_t size);
size_t scoreboard_slots(size_t size);

/* When the oldest child began; UINT64_MAX where there is none. */
uint64_t scoreboard_oldest(const struct scoreboard *board);
/* Lines that logs have lost since the server began. */
uint64_t scoreboard_lines_lost(const struct scoreboard *board);

/* Connections of all children. */
unsigned int scoreboard_connections(const struct scoreboard *board);
/* Whether one that accepts has less than a full child has. */
bool scoreboard_has_room(const struct scoreboard *board, unsigned int full);

/*
 * Whether this child, of all that want to, may close a connection for a client
 * that waits.  The turn ends by the other call, or after a second: whoever has
 * it may be killed.
 */
bool scoreboard_take_turn(struct scoreboard *board, uint64_t now_ms);
void scoreboard_end_turn(struct scoreboard *board);

void scoreboard_clear(struct scoreboard_slot *slot);
/* The same when its child has ended, whose counts are kept. */
void scoreboard_bury(struct scoreboard *board, struct scoreboard_slot *slot,
    uint64_t now_ms);
void scoreboard_occupy(struct scoreboard_slot *slot, pid_t pid,
    uint64_t now_ms);

/* A request, in texts of these lengths. */
struct scoreboard_request {
	const char	*client;
	const char	*method;
	const char	*target;
	size_t		 client_len;
	size_t		 method_len;
	size_t		 target_len;
};

/* Notes that the child is about to answer this request; then that it has. */
void scoreboard_begin(struct scoreboard_slot *slot,
    const struct scoreboard_request *req, uint64_t now_ms);
void scoreboard_end(struct scoreboard_slot *slot);

void scoreboard_count(struct scoreboard_slot *slot, unsigned int requests,
    uint64_t bytes);
/* Tells the time, once a second at least while there is something to count. */
void scoreboard_tick(struct scoreboard_slot *slot, uint64_t now_ms);

/*
 * What all children counted that have ended, and the slot, from 0, that is in
 * it though it still has its counts; SIZE_MAX is none.  The return value is
 * ended's state: who adds up the slots, too, looks that it is the same when
 * that is done, or has to begin again.
 */
uint64_t scoreboard_read_ended(const struct scoreboard *board,
    struct scoreboard_counts *sum, size_t *moved);

/*
 * Adds what a slot has counted in each interval, and what the ended have; the
 * last is the one of now_ms.
 */
void scoreboard_add_history(const struct scoreboard_slot *slot,
    uint64_t now_ms, struct scoreboard_counts sums[SCOREBOARD_INTERVALS]);
void scoreboard_add_ended(const struct scoreboard_ended *ended,
    uint64_t now_ms, struct scoreboard_counts sums[SCOREBOARD_INTERVALS]);

#endif
