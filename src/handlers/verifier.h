/*
 * A thread of the child that compares passwords with their hashes, one at a
 * time, which takes 50 to 300 ms each: the child serves others meanwhile.  All
 * handlers of a child share it, so that it takes one processor at the most,
 * and few wait for it: a flood of logins is turned away and not queued.
 */
#ifndef VERIFIER_H
#define VERIFIER_H

#include <stdbool.h>
#include <stdint.h>

/* So many passwords wait to be compared. */
#define VERIFIER_MAX_WAITING 8

/* What identifies a password and whose it is, near enough for all time. */
struct verifier_id {
	uint64_t	hash[2];
};

struct verifier_job;

/*
 * Has a password compared with a hash, both copied.  One that is under way
 * already, by its id and that hash, is waited for and not compared twice.  All
 * of these are called with the child's lock.  NULL when too many wait, or there
 * is no memory or no thread.
 */
struct verifier_job *verifier_submit(const struct verifier_id *id,
    const char *hash, const char *password);
bool verifier_is_done(struct verifier_job *job);
bool verifier_is_right(const struct verifier_job *job);
/* Once for each verifier_submit(). */
void verifier_release(struct verifier_job *job);

#endif
