/* Giving up the rights of root, in the order that can't be undone. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stddef.h>
#include <sys/types.h>

struct privileges {
	char	user[256];
	uid_t	uid;
	gid_t	gid;
};

/*
 * Looks up "user", "user:group", or numbers in their place ("user" alone takes
 * that user's own group, a number that names no user needs a group).  0, or
 * -1 with a sentence in why.
 */
int privileges_parse(struct privileges *p, const char *spec, char *why,
    size_t why_size);

/*
 * Becomes that user for good: supplementary groups, then group, then user,
 * all of real, effective and saved, and verifies that none comes back.
 * setgroups(2) takes the user's own groups (initgroups(3)).  0, or -1 and
 * errno; after a failure the process must leave.
 */
int privileges_drop(const struct privileges *p);

#endif
