/* Giving up the rights of root, in the order that can't be undone. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <stddef.h>
#include <sys/types.h>

#define PRIVILEGES_MAX_GROUPS 1024

struct privileges {
	char	user[256];
	uid_t	uid;
	gid_t	gid;
	gid_t	groups[PRIVILEGES_MAX_GROUPS];	/* supplementary ones */
	int	ngroups;
};

/*
 * Looks up "user", "user:group", or numbers in their place ("user" alone takes
 * that user's own group, a number that names no user needs a group), and the
 * groups that the user is in.  0, or -1 with a sentence in why.
 */
int privileges_parse(struct privileges *p, const char *spec, char *why,
    size_t why_size);

/*
 * Becomes that user for good: supplementary groups, then group, then user,
 * all of real, effective and saved, and verifies that none comes back.
 * Nothing is looked up: behind chroot(2) there may be nowhere to.  0, or -1
 * and errno; after a failure the process must leave.
 */
int privileges_drop(const struct privileges *p);

#endif
