/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that nobody can foretell,
 * or make collide, without its key.
 */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* Filled by arc4random_buf(3). */
struct siphash_key {
	uint64_t	k[2];
};

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len);

#endif
