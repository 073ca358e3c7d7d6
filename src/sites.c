#include "httpsites.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mux_pattern.h"
#include "uri.h"

#define FIRST_SIZE	16
#define HASH_START	2166136261u

/* A name; empty while it is NULL.  That of "*.host" begins with its dot. */
struct site {
	char			*name;
	size_t			 len;
	uint32_t		 hash;
	struct http_handler	 handler;
};

/* A hash table, written while names are added, and not when they serve. */
struct http_sites {
	struct site		*table;
	uint32_t		 size;		/* a power of 2, or 0 */
	uint32_t		 used;
	struct http_handler	 others;	/* of "*" */
};

struct http_sites *
http_sites_new(void)
{
	return calloc(1, sizeof(struct http_sites));
}

void
http_sites_free(struct http_sites *sites)
{
	uint32_t i;

	if (sites == NULL)
		return;
	for (i = 0; i < sites->size; i++)
		free(sites->table[i].name);
	free(sites->table);
	free(sites);
}

/* FNV-1a, from the end on: what a host ends in is hashed on the way. */
static uint32_t
hash_add(uint32_t hash, char c)
{
	return (hash ^ (unsigned char)c) * 16777619u;
}

static uint32_t
hash_name(const char *name, size_t len)
{
	uint32_t hash = HASH_START;

	while (len > 0)
		hash = hash_add(hash, name[--len]);
	return hash;
}

/* The place of a name in a table that is not full: its own, or a free one. */
static struct site *
find_place(struct site *table, uint32_t size, const char *name, size_t len,
    uint32_t hash)
{
	uint32_t i = (hash ^ hash >> 15) & (size - 1);

	while (table[i].name != NULL && (table[i].hash != hash ||
	    table[i].len != len || memcmp(table[i].name, name, len) != 0))
		i = (i + 1) & (size - 1);
	return &table[i];
}

/* Has the table half empty at least when one more name is in. */
static int
reserve_place(struct http_sites *sites)
{
	uint32_t size = sites->size == 0 ? FIRST_SIZE : sites->size * 2, i;
	struct site *table, *old;

	if (sites->used < sites->size / 2)
		return 0;
	if ((table = calloc(size, sizeof(*table))) == NULL)
		return -1;
	for (i = 0; i < sites->size; i++) {
		old = &sites->table[i];
		if (old->name != NULL)
			*find_place(table, size, old->name, old->len,
			    old->hash) = *old;
	}
	free(sites->table);
	sites->table = table;
	sites->size = size;
	return 0;
}

/* A host in lower case, without a dot at its end; its length. */
static size_t
copy_host(char dst[MUX_HOST_SIZE], const char *host, size_t len)
{
	size_t i;

	if (len > 1 && host[len - 1] == '.')
		len--;
	if (len >= MUX_HOST_SIZE)
		len = 0;
	for (i = 0; i < len; i++)
		dst[i] = (char)tolower((unsigned char)host[i]);
	dst[len] = '\0';
	return len;
}

/* Whether a name is a host without a port, or "*." and such. */
static bool
is_name(const char *name)
{
	size_t len;

	if (strncmp(name, "*.", 2) == 0)
		name += 2;
	len = strlen(name);
	return len > 0 && len < MUX_HOST_SIZE - 1 &&
	    strchr(name, '*') == NULL && name[0] != '.' &&
	    mux_host_len(name, len) == len && uri_check_authority(name, len);
}

/* Adds a name that is a host, or all of one that follows a star. */
static int
add_name(struct http_sites *sites, const char *name,
    const struct http_handler *handler)
{
	char host[MUX_HOST_SIZE];
	size_t len = copy_host(host, name, strlen(name));
	uint32_t hash = hash_name(host, len);
	struct site *place;

	if (reserve_place(sites) == -1)
		return -1;
	place = find_place(sites->table, sites->size, host, len, hash);
	if (place->name != NULL) {
		errno = EEXIST;
		return -1;
	}
	if ((place->name = strdup(host)) == NULL)
		return -1;
	place->len = len;
	place->hash = hash;
	place->handler = *handler;
	sites->used++;
	return 0;
}

int
http_sites_add(struct http_sites *sites, const char *name,
    http_handler_fn *serve, void *arg)
{
	const struct http_handler handler = { serve, arg };

	if (serve == NULL || (strcmp(name, "*") != 0 && !is_name(name))) {
		errno = EINVAL;
		return -1;
	}
	if (strcmp(name, "*") != 0)
		return add_name(sites, name + (name[0] == '*'), &handler);
	if (sites->others.serve != NULL) {
		errno = EEXIST;
		return -1;
	}
	sites->others = handler;
	return 0;
}

/* The last name that is found is the longest, and the whole is longer. */
static const struct http_handler *
find_handler(const struct http_sites *sites, const char *host, size_t len)
{
	const struct http_handler *found = &sites->others;
	const struct site *site;
	uint32_t hash = HASH_START;
	size_t i = len;

	if (sites->size == 0)
		return found;
	while (i > 0) {
		hash = hash_add(hash, host[--i]);
		if (i > 0 && host[i] != '.')
			continue;
		site = find_place(sites->table, sites->size, host + i,
		    len - i, hash);
		if (site->name != NULL)
			found = &site->handler;
	}
	return found;
}

void
http_sites_serve(struct http_response *res, struct http_request *req,
    void *arg)
{
	const struct http_sites *sites = arg;
	const char *name = http_request_host(req);
	const struct http_handler *handler;
	char host[MUX_HOST_SIZE];
	size_t len;

	len = copy_host(host, name, mux_host_len(name, strlen(name)));
	handler = find_handler(sites, host, len);
	if (handler->serve == NULL)
		(void)http_response_error(res, HTTP_MISDIRECTED_REQUEST);
	else
		handler->serve(res, req, handler->arg);
}
