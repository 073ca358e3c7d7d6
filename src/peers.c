#include "peers.h"

#include <sys/mman.h>

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLACES 65536

struct table {
	_Atomic uint32_t	count[2][PLACES];
};

struct peers {
	size_t			ntables;
	_Atomic size_t		used;		/* of these, the first */
	uint64_t		seed;
	struct table		tables[];
};

static size_t
peers_size(size_t nchildren)
{
	return sizeof(struct peers) + nchildren * sizeof(struct table);
}

struct peers *
peers_new(size_t nchildren)
{
	struct peers *peers;

	peers = mmap(NULL, peers_size(nchildren), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (peers == MAP_FAILED)
		return NULL;
	peers->ntables = nchildren;
	/* arc4random(3) would end the master where it has no memory. */
	if (getentropy(&peers->seed, sizeof(peers->seed)) == -1) {
		peers_free(peers);
		return NULL;
	}
	return peers;
}

void
peers_free(struct peers *peers)
{
	if (peers != NULL)
		(void)munmap(peers, peers_size(peers->ntables));
}

/* Pages that were never written stay without memory: they are not written. */
static void
clear_table(struct table *table)
{
	size_t row, i;

	for (row = 0; row < 2; row++)
		for (i = 0; i < PLACES; i++)
			if (atomic_load(&table->count[row][i]) != 0)
				atomic_store(&table->count[row][i], 0);
}

/* A table that nobody has had yet is zero, and read would take memory. */
void
peers_clear(struct peers *peers, size_t child)
{
	if (child < atomic_load(&peers->used))
		clear_table(&peers->tables[child]);
}

void
peers_begin(struct peers *peers, size_t child)
{
	size_t used = atomic_load(&peers->used);

	while (child >= used)
		if (atomic_compare_exchange_weak(&peers->used, &used,
		    child + 1))
			return;
	clear_table(&peers->tables[child]);
}

/* The finalizer of splitmix64: every bit of the key moves every bit. */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9;
	x ^= x >> 27;
	x *= 0x94d049bb133111eb;
	return x ^ x >> 31;
}

int
peers_find(const struct peers *peers, const struct sockaddr_storage *addr,
    struct peers_key *key)
{
	const struct sockaddr_in *in = (const void *)addr;
	const struct sockaddr_in6 *in6 = (const void *)addr;
	const uint8_t *bytes = in6->sin6_addr.s6_addr;
	uint64_t x = 0;

	if (addr->ss_family == AF_INET)
		memcpy(&x, &in->sin_addr, 4);
	else if (addr->ss_family != AF_INET6)
		return -1;
	else if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		memcpy(&x, bytes + 12, 4);
	else
		memcpy(&x, bytes, 8);
	x = mix(x ^ peers->seed);
	key->place[0] = (uint16_t)x;
	key->place[1] = (uint16_t)(x >> 16);
	return 0;
}

static void
change(struct peers *peers, size_t child, struct peers_key key, int by)
{
	_Atomic uint32_t *count;
	size_t row;

	for (row = 0; row < 2; row++) {
		count = &peers->tables[child].count[row][key.place[row]];
		atomic_store_explicit(count, atomic_load_explicit(count,
		    memory_order_relaxed) + (uint32_t)by,
		    memory_order_relaxed);
	}
}

void
peers_add(struct peers *peers, size_t child, struct peers_key key)
{
	change(peers, child, key, 1);
}

void
peers_remove(struct peers *peers, size_t child, struct peers_key key)
{
	change(peers, child, key, -1);
}

unsigned int
peers_count(const struct peers *peers, struct peers_key key)
{
	unsigned int sum[2] = { 0, 0 };
	size_t row, i, used = atomic_load(&peers->used);

	for (i = 0; i < used; i++)
		for (row = 0; row < 2; row++)
			sum[row] += atomic_load_explicit(&peers->tables[i]
			    .count[row][key.place[row]], memory_order_relaxed);
	return sum[0] < sum[1] ? sum[0] : sum[1];
}
