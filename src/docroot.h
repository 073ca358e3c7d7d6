/*
 * The directory whose contents are served.  Nothing outside of it is reached:
 * not by "..", not by a symbolic link, not through /proc.
 */
#ifndef DOCROOT_H
#define DOCROOT_H

#include <stddef.h>

struct docroot {
	int	fd;
};

/*
 * Opens the directory, and fails with ENOSYS on a kernel that has no
 * openat2(2), which is Linux before 5.6.
 */
int docroot_init(struct docroot *root, const char *dir);
void docroot_close(struct docroot *root);

/*
 * Opens a decoded path of a request below the root, close-on-exec, with
 * open(2)'s flags: a descriptor, or -1 and errno.  ENOENT for a path with a
 * segment that docroot_hides(), EXDEV for one that would leave the root.
 * Leading slashes mean the root.
 */
int docroot_open(const struct docroot *root, const char *path, int flags);

/*
 * Whether a file name is kept from clients: 1 for one that begins with a dot
 * (so also for "." and ".."), unless it is ".well-known" of RFC 8615.
 */
int docroot_hides(const char *name, size_t len);

#endif
