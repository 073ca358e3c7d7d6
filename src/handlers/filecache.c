#include "filecache.h"

#include <sys/resource.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NCHAINS		4096	/* a power of two */
/* Larger files' descriptors; a server leaves room for these. */
#define MAX_FDS		64
/* What a server needs for all else, where it may have only few. */
#define OTHER_FDS	64

/* The soft limit will be raised to the hard one. */
static unsigned int
bound_fds(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_max >= OTHER_FDS + MAX_FDS)
		return MAX_FDS;
	return limit.rlim_max > OTHER_FDS ?
	    (unsigned int)limit.rlim_max - OTHER_FDS : 0;
}

int
filecache_init(struct filecache *cache, size_t max_size)
{
	TAILQ_INIT(&cache->used);
	cache->size = 0;
	cache->nfds = 0;
	cache->max_size = max_size;
	cache->max_fds = bound_fds();
	/* Zeroed, they are empty. */
	cache->chains = calloc(NCHAINS, sizeof(*cache->chains));
	return cache->chains == NULL ? -1 : 0;
}

void
filecache_free(struct filecache *cache)
{
	struct document *doc;

	if (cache->chains == NULL)
		return;
	while ((doc = TAILQ_FIRST(&cache->used)) != NULL)
		filecache_drop(cache, doc);
	free(cache->chains);
	cache->chains = NULL;
}

/*
 * FNV-1a, begun with the owner.  Only files that exist get in: clients don't
 * choose the names.
 */
static struct document_chain *
chain_of(const struct filecache *cache, const void *owner, const char *path)
{
	uint32_t hash = 2166136261 ^ (uint32_t)((uintptr_t)owner >> 4);

	for (; *path != '\0'; path++)
		hash = (hash ^ (unsigned char)*path) * 16777619;
	return &cache->chains[(hash ^ hash >> 16) % NCHAINS];
}

struct document *
filecache_find(struct filecache *cache, const void *owner, const char *path)
{
	struct document *doc;

	LIST_FOREACH(doc, chain_of(cache, owner, path), chain)
		if (doc->owner == owner && strcmp(doc->path, path) == 0)
			break;
	if (doc != NULL && doc != TAILQ_FIRST(&cache->used)) {
		TAILQ_REMOVE(&cache->used, doc, used);
		TAILQ_INSERT_HEAD(&cache->used, doc, used);
	}
	return doc;
}

void
filecache_leave(struct filecache *cache, const void *owner)
{
	struct document *doc, *next;

	TAILQ_FOREACH_SAFE(doc, &cache->used, used, next)
		if (doc->owner == owner)
			filecache_drop(cache, doc);
}

void
filecache_add(struct filecache *cache, struct document *doc)
{
	LIST_INSERT_HEAD(chain_of(cache, doc->owner, doc->path), doc,
	    chain);
	TAILQ_INSERT_HEAD(&cache->used, doc, used);
}

void
filecache_drop(struct filecache *cache, struct document *doc)
{
	LIST_REMOVE(doc, chain);
	TAILQ_REMOVE(&cache->used, doc, used);
	cache->size -= doc->size;
	cache->nfds -= doc->nfds;
	document_free(doc);
}

void
filecache_keep(struct filecache *cache, struct document *doc)
{
	cache->size -= doc->size;
	cache->nfds -= doc->nfds;
	document_measure(doc);
	cache->size += doc->size;
	cache->nfds += doc->nfds;
	while (cache->size > cache->max_size || cache->nfds > cache->max_fds)
		filecache_drop(cache, TAILQ_LAST(&cache->used,
		    document_queue));
}
