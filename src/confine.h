/* What the daemon's children keep of its rights. */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "privileges.h"
#include "sandbox.h"

struct confine {
	struct sandbox_config	 sandbox;
	char			**paths;	/* what may be read */
	size_t			 npaths;
	const struct privileges	*privileges;	/* NULL: those it has */
};

/*
 * Chooses what may be read: the roots, absolute paths; and where links lead to
 * one, also on the way there, the directories that hold what each leads to, as
 * the next is put there, and the link to it.  The same of files, but for those
 * that are not there.
 * 0; or -1 and errno, and the choice stays what it was.
 */
int confine_to(struct confine *c, char *const *roots, size_t nroots,
    char *const *files, size_t nfiles);

/*
 * A path as it is from chroot_dir on, for free(3); or NULL and errno, EXDEV for
 * one that is not below it.  Links in it stay, where chroot_dir has them.
 */
char *confine_path(const struct confine *c, const char *path);

/*
 * Whether what a path leads to is below chroot_dir, or there is none: 0, or -1
 * and errno, EXDEV where it is not.
 */
int confine_check(const struct confine *c, const char *path);

/* Confines this process, a child with one thread: 0, or -1, errno and why. */
int confine_child(const struct confine *c, char *why, size_t size);

#endif
