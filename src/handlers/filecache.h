/*
 * The documents that a child has answered with lately, of one file server or
 * of several.  What they keep is bounded, in bytes and in descriptors; who has
 * not been asked for longest goes first.
 */
#ifndef FILECACHE_H
#define FILECACHE_H

#include <sys/queue.h>

#include <stddef.h>

#include "document.h"

LIST_HEAD(document_chain, document);
TAILQ_HEAD(document_queue, document);

struct filecache {
	struct document_chain	*chains;
	struct document_queue	 used;		/* first is the latest */
	size_t			 size;
	size_t			 max_size;	/* bytes */
	unsigned int		 nfds;
	unsigned int		 max_fds;
};

int filecache_init(struct filecache *cache, size_t max_size);
void filecache_free(struct filecache *cache);

/* The owner's document of a path that is one slash before each name; NULL. */
struct document *filecache_find(struct filecache *cache, const void *owner,
    const char *path);
/* Drops all that an owner has. */
void filecache_leave(struct filecache *cache, const void *owner);
/* Adds one, which has its owner; it is the cache's from now on. */
void filecache_add(struct filecache *cache, struct document *doc);
void filecache_drop(struct filecache *cache, struct document *doc);

/*
 * Counts what a document holds now, and keeps the bounds: the document may be
 * gone afterwards.
 */
void filecache_keep(struct filecache *cache, struct document *doc);

#endif
