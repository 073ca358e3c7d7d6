#include "buckets.h"

#include <sys/mman.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "network.h"
#include "siphash.h"

/* A set is a cache line: a client is looked for in one, found by a hash. */
#define SETS		65536
#define WAYS		8
/* A way has 16 more bits of the hash, and 48 of the time: nine years. */
#define TIME_BITS	48
#define TIME_MASK	((UINT64_C(1) << TIME_BITS) - 1)
/* The longest that a bucket may take to fill: two years. */
#define SPAN_MAX	(UINT64_C(1) << 46)

struct set {
	_Atomic uint64_t	way[WAYS];
};

/* Each process has its own of these, and all have the sets. */
struct buckets {
	unsigned int		 refs;
	struct siphash_key	 key;
	uint64_t		 interval_us;
	uint64_t		 span_us;	/* to fill an empty one */
	struct set		*sets;
};

struct buckets *
buckets_new(uint64_t interval_us, unsigned int burst)
{
	struct buckets *b;
	void *sets;

	if (interval_us == 0 || burst == 0 || interval_us > SPAN_MAX / burst) {
		errno = EINVAL;
		return NULL;
	}
	if ((b = malloc(sizeof(*b))) == NULL)
		return NULL;
	sets = mmap(NULL, SETS * sizeof(*b->sets), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sets == MAP_FAILED) {
		free(b);
		return NULL;
	}
	b->sets = sets;
	b->refs = 1;
	arc4random_buf(&b->key, sizeof(b->key));
	b->interval_us = interval_us;
	b->span_us = interval_us * burst;
	return b;
}

void
buckets_free(struct buckets *b)
{
	if (b == NULL || --b->refs > 0)
		return;
	(void)munmap(b->sets, SETS * sizeof(*b->sets));
	free(b);
}

int
buckets_replace(struct buckets **buckets, struct buckets *by)
{
	struct buckets *b = *buckets;

	if (b->interval_us != by->interval_us || b->span_us != by->span_us) {
		errno = EINVAL;
		return -1;
	}
	by->refs++;
	*buckets = by;
	buckets_free(b);
	return 0;
}

/* When this bucket is full, if it is the client's of that tag: else now. */
static uint64_t
full_at(uint64_t way, uint64_t tag, uint64_t now_us)
{
	uint64_t full_us = way & TIME_MASK;

	return (way & ~TIME_MASK) == tag && full_us > now_us ?
	    full_us : now_us;
}

/* The client's way in its set, or that which will be full first. */
static _Atomic uint64_t *
find_way(struct set *set, uint64_t tag, uint64_t *value)
{
	uint64_t first = UINT64_MAX, way;
	_Atomic uint64_t *found = NULL;
	int i;

	for (i = 0; i < WAYS; i++) {
		way = atomic_load_explicit(&set->way[i], memory_order_relaxed);
		if ((way & ~TIME_MASK) == tag) {
			*value = way;
			return &set->way[i];
		}
		if ((way & TIME_MASK) < first) {
			first = way & TIME_MASK;
			*value = way;
			found = &set->way[i];
		}
	}
	return found;
}

/* Fails only where another child has done the same meanwhile. */
static uint64_t
take(struct buckets *b, struct set *set, uint64_t tag, uint64_t now_us)
{
	_Atomic uint64_t *way;
	uint64_t value, full_us;

	do {
		way = find_way(set, tag, &value);
		full_us = full_at(value, tag, now_us) + b->interval_us;
		if (full_us > now_us + b->span_us)
			return full_us - now_us - b->span_us;
	} while (!atomic_compare_exchange_weak(way, &value, tag | full_us));
	return 0;
}

/* Whose bucket is not there, or full, has nothing to get. */
static void
give(struct buckets *b, struct set *set, uint64_t tag, uint64_t now_us)
{
	_Atomic uint64_t *way;
	uint64_t value, full_us;

	do {
		way = find_way(set, tag, &value);
		full_us = full_at(value, tag, now_us);
		if (full_us < now_us + b->interval_us)
			return;
		full_us -= b->interval_us;
	} while (!atomic_compare_exchange_weak(way, &value, tag | full_us));
}

/* The client's set, and its tag there; NULL for who has no bucket. */
static struct set *
find_set(struct buckets *b, const struct address *client, uint64_t *tag)
{
	uint64_t hash;

	if (client->kind != ADDRESS_IP)
		return NULL;
	hash = siphash(&b->key, client->bytes,
	    address_is_ipv4(client) ? 16 : 8);
	*tag = hash & ~TIME_MASK;
	return &b->sets[hash % SETS];
}

uint64_t
buckets_take(struct buckets *b, const struct address *client, uint64_t now_us)
{
	uint64_t tag;
	struct set *set = find_set(b, client, &tag);

	return set == NULL ? 0 : take(b, set, tag, now_us);
}

void
buckets_give(struct buckets *b, const struct address *client, uint64_t now_us)
{
	uint64_t tag;
	struct set *set = find_set(b, client, &tag);

	if (set != NULL)
		give(b, set, tag, now_us);
}

static uint64_t
clock_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t
buckets_take_now(struct buckets *b, const char *client)
{
	struct address address;

	(void)address_parse(&address, client);
	return buckets_take(b, &address, clock_us());
}

void
buckets_give_now(struct buckets *b, const char *client)
{
	struct address address;

	(void)address_parse(&address, client);
	buckets_give(b, &address, clock_us());
}
