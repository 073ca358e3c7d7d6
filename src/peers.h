/*
 * How many connections each client address has, over all children: counters
 * in shared memory, a table a child, which that child alone writes and sets to
 * zero when it starts.  So no lock is needed, and a crash leaves nothing
 * behind for longer than the next child takes to start.
 *
 * An address is found in two places of each table, by a hash with a secret
 * seed, and the smaller sum counts: what shares one place with others does not
 * share both.  An IPv6 client is its /64, which is what one subscriber gets.
 */
#ifndef PEERS_H
#define PEERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct peers;

struct peers_key {
	uint16_t	place[2];
};

/*
 * NULL and errno when there is no memory.  Only tables of children that have
 * been there take any, and time.
 */
struct peers *peers_new(size_t nchildren);
void peers_free(struct peers *peers);

/* A child begins to count, with its table at zero. */
void peers_begin(struct peers *peers, size_t child);

/* Sets the table of a child that is gone to zero. */
void peers_clear(struct peers *peers, size_t child);

/* Where an address is counted: 0, or -1 for one that is none of IP. */
int peers_find(const struct peers *peers, const struct sockaddr_storage *addr,
    struct peers_key *key);

/* Counts one more in a child's table, and one less. */
void peers_add(struct peers *peers, size_t child, struct peers_key key);
void peers_remove(struct peers *peers, size_t child, struct peers_key key);

/* The number of connections in all tables. */
unsigned int peers_count(const struct peers *peers, struct peers_key key);

#endif
