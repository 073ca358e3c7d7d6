/*
 * Memory for many small things that live and die together: taken from large
 * chunks, so that each costs little more than its size, and freed at once.
 */
#ifndef ARENA_H
#define ARENA_H

#include <sys/queue.h>

#include <stddef.h>

SLIST_HEAD(arena_chunks, arena_chunk);

/* Zeroed, it is empty. */
struct arena {
	struct arena_chunks	 chunks;	/* the newest first */
	size_t			 used;		/* of its bytes, */
	size_t			 size;		/* and how many it has */
};

/* Aligned for pointers and 64-bit numbers; NULL and ENOMEM. */
void *arena_alloc(struct arena *arena, size_t size);
void arena_free(struct arena *arena);

#endif
