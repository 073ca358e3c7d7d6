/*
 * Token buckets, one a client address, in memory that all children share.  A
 * bucket is one word, the time when it will be full again, which is changed by
 * compare and swap alone: there is no lock that a child could die with.
 *
 * Memory is fixed.  Where more clients are limited than it has room for, the
 * one that is closest to a full bucket is forgotten, which costs the server
 * least: who sends the most is remembered.  An IPv6 client is its /64, which
 * is what one subscriber gets.
 */
#ifndef BUCKETS_H
#define BUCKETS_H

#include <stdint.h>

struct address;
struct buckets;

/*
 * A token comes in every so many microseconds, and a bucket holds burst of
 * them.  NULL and errno: EINVAL when it takes years to fill one.
 */
struct buckets *buckets_new(uint64_t interval_us, unsigned int burst);
void buckets_free(struct buckets *buckets);
/*
 * Puts others of the same rate in the place of these, which are freed; the
 * others are then freed as often as they have a place.  0, or -1 and EINVAL.
 */
int buckets_replace(struct buckets **buckets, struct buckets *by);

/*
 * Takes a token from a client's bucket: 0, or where there is none, in how many
 * microseconds there will be.  now_us is CLOCK_MONOTONIC's.  Who has no
 * address of IP has no bucket: 0.
 */
uint64_t buckets_take(struct buckets *buckets, const struct address *client,
    uint64_t now_us);
/* Puts a token back that was taken. */
void buckets_give(struct buckets *buckets, const struct address *client,
    uint64_t now_us);

/* The same by the clock, for whom http_request_remote_addr() has. */
uint64_t buckets_take_now(struct buckets *buckets, const char *client);
void buckets_give_now(struct buckets *buckets, const char *client);

#endif
