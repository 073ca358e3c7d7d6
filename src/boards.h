/* The scoreboards of running servers, found from outside by their files. */
#ifndef BOARDS_H
#define BOARDS_H

#include <stddef.h>
#include <sys/types.h>

#include "scoreboard.h"

#define BOARDS_MAX 64

struct board {
	pid_t				 master;
	const struct scoreboard		*map;	/* NULL: of another version */
	size_t				 size;
	char				 version[16];
};

struct boards {
	struct board	 found[BOARDS_MAX];
	size_t		 n;
};

/*
 * Looks through all processes, or at one unless that is 0: how many servers
 * this user may look at there are, or -1 and errno, where one process was
 * asked for.  Further ones than BOARDS_MAX are left out.
 */
int boards_find(struct boards *b, pid_t master);
void boards_close(struct boards *b);

#endif
