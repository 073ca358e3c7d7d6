#include "arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

/* Chunks begin small and double up to this. */
#define ARENA_MIN_BYTES	4096
#define ARENA_MAX_BYTES	65536

#define ARENA_ALIGNMENT	alignof(uint64_t)

struct arena_chunk {
	SLIST_ENTRY(arena_chunk) entry;
	alignas(ARENA_ALIGNMENT) char data[];
};

/* Begins a chunk that has room for size bytes at least. */
static int
arena_grow(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;
	size_t chunk_size;

	chunk_size = arena->size == 0 ? ARENA_MIN_BYTES : arena->size * 2;
	if (chunk_size > ARENA_MAX_BYTES)
		chunk_size = ARENA_MAX_BYTES;
	if (chunk_size < size)
		chunk_size = size;
	if ((chunk = malloc(sizeof(*chunk) + chunk_size)) == NULL)
		return -1;
	SLIST_INSERT_HEAD(&arena->chunks, chunk, entry);
	arena->used = 0;
	arena->size = chunk_size;
	return 0;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	void *p;

	if (size > SIZE_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	size = (size + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
	if (SLIST_EMPTY(&arena->chunks) || size > arena->size - arena->used) {
		if (arena_grow(arena, size) == -1)
			return NULL;
	}
	p = SLIST_FIRST(&arena->chunks)->data + arena->used;
	arena->used += size;
	return p;
}

void
arena_free(struct arena *arena)
{
	struct arena_chunk *chunk;

	while ((chunk = SLIST_FIRST(&arena->chunks)) != NULL) {
		SLIST_REMOVE_HEAD(&arena->chunks, entry);
		free(chunk);
	}
	arena->used = arena->size = 0;
}
