/*
 * The directory whose contents are served.  Nothing outside of it is reached:
 * not by "..", not by a symbolic link (unless that is wanted), not through
 * /proc.
 */
#ifndef DOCROOT_H
#define DOCROOT_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct docroot {
	int		 fd;
	char		*path;		/* absolute, links in it and all */
	struct stat	 st;		/* the directory as last seen */
	uint64_t	 turn;		/* when that was */
	bool		 follows_links;	/* also out of it */
	bool		 shows_dotfiles;
	struct docroot	*origin;	/* whose descriptor it is; or NULL */
};

/*
 * Opens the directory, and fails with ENOSYS on a kernel that has no
 * openat2(2), which is Linux before 5.6.
 */
int docroot_init(struct docroot *root, const char *dir);
void docroot_close(struct docroot *root);

/*
 * The same root, with options of its own and the descriptor of another, which
 * is closed after it.
 */
void docroot_share(struct docroot *root, struct docroot *origin);

/*
 * Opens the root as it is now once more, for what goes on when the root has
 * moved; docroot_follow() is not for the copy.  0, or -1 and errno.
 */
int docroot_copy(struct docroot *copy, const struct docroot *root);

/*
 * Sets the path that docroot_follow() looks at, for a process that has changed
 * its root directory, chroot(2): absolute, and copied.  0, or -1 and errno.
 */
int docroot_rename(struct docroot *root, const char *path);

/*
 * Looks, once a turn, where the root's path leads now: another directory that
 * was put there, or a link to one, becomes the root.  Where it leads nowhere,
 * or may not be looked at, the root stays what it was; so it does where only a
 * new child could read it, see stale.h.  0, or -1 and errno when something has
 * run out, and it is not known.
 */
int docroot_follow(struct docroot *root);

/*
 * Whether an errno of what follows is no word about the file: descriptors or
 * memory have run out, or the disk has failed, and what is there is not known.
 */
bool docroot_has_failed(int error);

/*
 * Opens a decoded path of a request below the root, close-on-exec, with
 * open(2)'s flags: a descriptor, or -1 and errno.  ENOENT for a path with a
 * segment that docroot_hides(), EXDEV for one that would leave the root: a
 * link may be absolute, or go through the outside, if what it leads to is
 * inside.  Leading slashes mean the root.
 */
int docroot_open(const struct docroot *root, const char *path, int flags);

/*
 * A directory of the root in which several names are looked up.  name is the
 * path's last segment, and points into it; st is the directory's.
 */
struct docroot_dir {
	int		 fd;
	bool		 is_root;	/* fd is the root's */
	const char	*path;
	const char	*name;
	struct stat	 st;
};

/*
 * Finds the directory that a path's last segment is in, 0 or -1 and errno as
 * docroot_open().  path stays the caller's until docroot_leave().
 */
int docroot_enter(const struct docroot *root, const char *path,
    struct docroot_dir *dir);
void docroot_leave(struct docroot_dir *dir);
/*
 * fstatat(2) of the directory's entry name + suffix, links followed as
 * docroot_open() does: 0, or -1 and errno.  Where a link leads to nothing, st
 * is the link's; where there is no name, st stays what it was.
 */
int docroot_stat(const struct docroot *root, const struct docroot_dir *dir,
    const char *suffix, struct stat *st);

/*
 * Whether a file name is kept from clients: "." and ".." always, and others
 * that begin with a dot unless the root shows them, or it is ".well-known" of
 * RFC 8615.
 */
bool docroot_hides(const struct docroot *root, const char *name, size_t len);

#endif
