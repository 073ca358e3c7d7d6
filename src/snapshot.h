/*
 * What a server does at one moment, read from its scoreboard: for who shows it,
 * in a child of its or in another program.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "scoreboard.h"

enum snapshot_state {
	SNAPSHOT_STARTING,
	SNAPSHOT_ACCEPTING,
	SNAPSHOT_LEAVING	/* accepts no more */
};

#define SNAPSHOT_STATES 3

/*
 * A second, over the present interval and the one before it; of requests in
 * tenths.
 */
struct snapshot_rate {
	uint64_t	 requests_10;
	uint64_t	 bytes;
};

/* Texts are what the client sent. */
struct snapshot_child {
	unsigned int		 number;	/* from 1 */
	pid_t			 pid;
	enum snapshot_state	 state;
	uint64_t		 age_ms;
	unsigned int		 connections;
	struct scoreboard_counts total;
	struct snapshot_rate	 rate;
	bool			 is_serving;	/* is inside a handler, */
	uint64_t		 request_ms;	/* since, or last was: ago */
	char			 client[sizeof(((struct scoreboard_slot *)0)->
				    client) + 1];
	/* "" before the first. */
	char			 request[sizeof(((struct scoreboard_slot *)0)->
				    request) + 1];
};

struct snapshot {
	char			 version[16];
	char			 addresses[512];
	pid_t			 master;
	int64_t			 start_time;	/* CLOCK_REALTIME's seconds */
	uint64_t		 up_ms;
	unsigned int		 states[SNAPSHOT_STATES]; /* so many are */
	unsigned int		 serving;	/* are inside a handler */
	unsigned int		 connections;
	struct scoreboard_counts total;		/* only grows */
	struct snapshot_rate	 rate;
	uint64_t		 died;
	uint64_t		 lines_lost;
	/* In each interval; the last one is not over. */
	struct scoreboard_counts history[SCOREBOARD_INTERVALS];
	struct snapshot_child	*children;	/* by their numbers */
	size_t			 nchildren;
};

/*
 * Reads a board that has so many slots, at a time of CLOCK_MONOTONIC: 0, or -1
 * and ENOMEM.  What it holds is freed by the other.
 */
int snapshot_take(struct snapshot *s, const struct scoreboard *board,
    size_t nslots, uint64_t now_ms);
void snapshot_free(struct snapshot *s);

/* "starting", "accepting" or "leaving". */
const char *snapshot_state_name(enum snapshot_state state);

/* A time as people say it, in two units at the most: "12s", "3d 4h". */
#define SNAPSHOT_AGE_SIZE 24
void snapshot_format_age(char dst[SNAPSHOT_AGE_SIZE], uint64_t ms);
/* A number of bytes, in three digits at the most: "512 B", "1.2 MiB". */
#define SNAPSHOT_BYTES_SIZE 8
void snapshot_format_bytes(char dst[SNAPSHOT_BYTES_SIZE], uint64_t bytes);

#endif
