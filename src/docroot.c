#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "docroot.h"
#include "shortage.h"
#include "stale.h"
#include "turn.h"

/*
 * How often a lookup that raced with a rename is begun again: about half of
 * them lose to a writer that does nothing else.
 */
#define DOCROOT_RETRIES 64

bool
docroot_has_failed(int error)
{
	return shortage_is(error) || error == EIO;
}

/* openat2(2), close-on-exec; a relative path, and "" is "." */
static int
docroot_openat(int dir, const char *path, int flags, unsigned int resolve)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = resolve
	};
	int fd, retries = DOCROOT_RETRIES;

	/* open(2) adds this by itself where long has 32 bits, this does not. */
	if ((flags & O_PATH) == 0)
		how.flags |= O_LARGEFILE;
	if (*path == '\0')
		path = ".";
	do {
		fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	} while (fd == -1 && (errno == EINTR ||
	    (errno == EAGAIN && retries-- > 0)));
	return fd;
}

/* close(2) on the way out: errno stays. */
static void
docroot_discard(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
}

/* A directory's path from "/", to be freed, or NULL and errno. */
static char *
docroot_absolute(const char *dir)
{
	char *cwd, *path;

	if (dir[0] == '/')
		return strdup(dir);
	if ((cwd = getcwd(NULL, 0)) == NULL)
		return NULL;
	if (strcmp(dir, ".") == 0)
		return cwd;
	if (asprintf(&path, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd,
	    dir) == -1)
		path = NULL;
	free(cwd);
	return path;
}

/*
 * Whether a directory that may be read by its permissions is kept closed by
 * what this process was confined to, landlock(7): O_PATH does not show that.
 */
static bool
docroot_is_closed(int dir)
{
	int fd = docroot_openat(dir, "", O_RDONLY | O_DIRECTORY, 0);

	if (fd != -1)
		close(fd);
	return fd == -1 && errno == EACCES &&
	    faccessat(dir, ".", R_OK, 0) == 0;
}

/*
 * Opens the directory, and stats it, in place of what the root was.  For one
 * that is closed to this process there will be others.
 */
static int
docroot_move(struct docroot *root, const char *dir)
{
	struct stat st;
	int fd;

	if ((fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	if (docroot_is_closed(fd)) {
		stale_note();
		close(fd);
		errno = EACCES;
		return -1;
	}
	if (fstat(fd, &st) == -1) {
		docroot_discard(fd);
		return -1;
	}
	if (root->fd != -1)
		close(root->fd);
	root->fd = fd;
	root->st = st;
	return 0;
}

int
docroot_init(struct docroot *root, const char *dir)
{
	int error, probe;

	/* turn is 0, which is none: the first docroot_follow() looks. */
	*root = (struct docroot){ .fd = -1 };
	if ((root->path = docroot_absolute(dir)) == NULL ||
	    docroot_move(root, dir) == -1 || (probe = docroot_openat(root->fd,
	    "", O_PATH, RESOLVE_BENEATH)) == -1) {
		error = errno;
		docroot_close(root);
		errno = error;
		return -1;
	}
	close(probe);
	return 0;
}

void
docroot_close(struct docroot *root)
{
	if (root->origin == NULL) {
		if (root->fd != -1)
			close(root->fd);
		free(root->path);
	}
	root->fd = -1;
	root->path = NULL;
}

void
docroot_share(struct docroot *root, struct docroot *origin)
{
	if (origin->origin != NULL)
		origin = origin->origin;
	*root = (struct docroot){
		.fd = origin->fd,
		.path = origin->path,
		.st = origin->st,
		.origin = origin
	};
}

int
docroot_copy(struct docroot *copy, const struct docroot *root)
{
	*copy = *root;
	copy->path = NULL;
	copy->origin = NULL;
	copy->fd = docroot_openat(root->fd, "", O_PATH | O_DIRECTORY, 0);
	return copy->fd == -1 ? -1 : 0;
}

int
docroot_rename(struct docroot *root, const char *path)
{
	char *copy;

	/* It is looked at by its origin. */
	if (root->origin != NULL)
		return 0;
	if ((copy = strdup(path)) == NULL)
		return -1;
	free(root->path);
	root->path = copy;
	return 0;
}

static bool
docroot_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Looks where the path leads now, and at the root if that is nowhere. */
static int
docroot_look(struct docroot *root)
{
	struct stat st;

	errno = 0;
	if (stat(root->path, &st) == 0) {
		if (docroot_same_file(&st, &root->st)) {
			root->st = st;
			return 0;
		}
		if (S_ISDIR(st.st_mode) && docroot_move(root, root->path) == 0)
			return 0;
	}
	if (shortage_is(errno) || fstat(root->fd, &st) == -1)
		return -1;
	root->st = st;
	return 0;
}

/* Where a root that others share is now. */
static int
docroot_follow_origin(struct docroot *root)
{
	if (docroot_follow(root->origin) == -1)
		return -1;
	root->fd = root->origin->fd;
	root->st = root->origin->st;
	return 0;
}

int
docroot_follow(struct docroot *root)
{
	if (root->origin != NULL)
		return docroot_follow_origin(root);
	if (root->turn == turn_current())
		return 0;
	if (docroot_look(root) == -1)
		return -1;
	root->turn = turn_current();
	return 0;
}

bool
docroot_hides(const struct docroot *root, const char *name, size_t len)
{
	static const char known[] = ".well-known";

	if (len == 0 || name[0] != '.')
		return false;
	if (len == 1 || (len == 2 && name[1] == '.'))
		return true;
	if (root->shows_dotfiles)
		return false;
	return len != sizeof(known) - 1 || memcmp(name, known, len) != 0;
}

/* Whether any segment of a path is hidden. */
static bool
docroot_hides_path(const struct docroot *root, const char *path)
{
	size_t len;

	while (*(path += strspn(path, "/")) != '\0') {
		len = strcspn(path, "/");
		if (docroot_hides(root, path, len))
			return true;
		path += len;
	}
	return false;
}

/* Finds out by proc(5) where a descriptor's file is now: 0 or -1. */
static int
docroot_locate(int fd, char path[PATH_MAX])
{
	char link[64];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, PATH_MAX);
	if (len == -1 || len == PATH_MAX)
		return -1;
	path[len] = '\0';
	return 0;
}

/* What of a path is below the directory top, or NULL where it is not there. */
static const char *
docroot_below(const char *path, const char *top)
{
	size_t len;

	len = strcmp(top, "/") == 0 ? 0 : strlen(top);
	if (strncmp(path, top, len) != 0)
		return NULL;
	if (path[len] != '/' && path[len] != '\0')
		return NULL;
	return path + len + strspn(path + len, "/");
}

/*
 * Opens the file of a descriptor again, from the root downwards: EXDEV where
 * it is not below, EAGAIN where its name is another file's by now.  That also
 * tells the names of deleted files from those that end in " (deleted)".
 */
static int
docroot_reopen(const struct docroot *root, int found, int flags)
{
	char path[PATH_MAX], top[PATH_MAX];
	struct stat st, found_st;
	const char *rest;
	int fd;

	errno = 0;
	if (docroot_locate(root->fd, top) == -1 ||
	    docroot_locate(found, path) == -1 ||
	    (rest = docroot_below(path, top)) == NULL) {
		if (!docroot_has_failed(errno))
			errno = EXDEV;
		return -1;
	}
	fd = docroot_openat(root->fd, rest, flags,
	    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd == -1) {
		if (errno == ENOENT || errno == ELOOP)
			errno = EAGAIN;
		return -1;
	}
	if (fstat(fd, &st) == 0 && fstat(found, &found_st) == 0 &&
	    docroot_same_file(&st, &found_st))
		return fd;
	close(fd);
	errno = EAGAIN;
	return -1;
}

/*
 * Opens a path whose links are absolute or lead through the outside.  To look
 * there with O_PATH neither blocks nor does anything to what is found.
 */
static int
docroot_open_around(const struct docroot *root, const char *path, int flags)
{
	char bare[PATH_MAX];
	int fd, found, retries = DOCROOT_RETRIES;
	size_t len;

	/* A slash is for what is inside: ENOTDIR would tell of the outside. */
	len = strlcpy(bare, path, sizeof(bare));
	if (len >= sizeof(bare)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (; len > 0 && bare[len - 1] == '/'; flags |= O_DIRECTORY)
		bare[--len] = '\0';
	do {
		found = docroot_openat(root->fd, bare, O_PATH,
		    RESOLVE_NO_MAGICLINKS);
		if (found == -1) {
			if (!docroot_has_failed(errno))
				errno = EXDEV;
			return -1;
		}
		fd = docroot_reopen(root, found, flags);
		docroot_discard(found);
	} while (fd == -1 && errno == EAGAIN && retries-- > 0);
	return fd;
}

int
docroot_open(const struct docroot *root, const char *path, int flags)
{
	unsigned int resolve = RESOLVE_NO_MAGICLINKS;
	int fd;

	if (docroot_hides_path(root, path)) {
		errno = ENOENT;
		return -1;
	}
	if (!root->follows_links)
		resolve |= RESOLVE_BENEATH;
	path += strspn(path, "/");
	fd = docroot_openat(root->fd, path, flags, resolve);
	if (fd == -1 && errno == EXDEV && !root->follows_links)
		fd = docroot_open_around(root, path, flags);
	return fd;
}

/* Opens and stats the directory of a path's first len bytes. */
static int
docroot_enter_below(const struct docroot *root, const char *path, size_t len,
    struct docroot_dir *dir)
{
	char parent[PATH_MAX];
	struct stat st;
	int fd;

	memcpy(parent, path, len);
	parent[len] = '\0';
	fd = docroot_open(root, parent, O_PATH | O_DIRECTORY);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1) {
		docroot_discard(fd);
		return -1;
	}
	*dir = (struct docroot_dir){
		.fd = fd,
		.path = path,
		.name = path + len,
		.st = st
	};
	return 0;
}

int
docroot_enter(const struct docroot *root, const char *path,
    struct docroot_dir *dir)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	size_t len = (size_t)(name - path);

	if (*name == '\0')
		errno = EISDIR;
	else if (len + strlen(name) >= PATH_MAX)
		errno = ENAMETOOLONG;
	else if (docroot_hides(root, name, strlen(name)))
		errno = ENOENT;
	else if (strspn(path, "/") < len)
		return docroot_enter_below(root, path, len, dir);
	else {
		*dir = (struct docroot_dir){
			.fd = root->fd,
			.is_root = true,
			.path = path,
			.name = name,
			.st = root->st
		};
		return 0;
	}
	return -1;
}

void
docroot_leave(struct docroot_dir *dir)
{
	if (!dir->is_root && dir->fd != -1)
		close(dir->fd);
	dir->fd = -1;
}

/* stat(2) of what a link leads to. */
static int
docroot_stat_link(const struct docroot *root, const char *path,
    struct stat *st)
{
	int fd, result;

	if ((fd = docroot_open(root, path, O_PATH)) == -1)
		return -1;
	result = fstat(fd, st);
	docroot_discard(fd);
	return result;
}

int
docroot_stat(const struct docroot *root, const struct docroot_dir *dir,
    const char *suffix, struct stat *st)
{
	const char *path = dir->path, *name = dir->name;
	char joined[PATH_MAX];

	/* Of the name itself docroot_enter() has seen what is asked here. */
	if (*suffix != '\0') {
		if (strlcpy(joined, path, PATH_MAX) >= PATH_MAX ||
		    strlcat(joined, suffix, PATH_MAX) >= PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		path = joined;
		name = joined + (dir->name - dir->path);
		/* ".well-known" is shown, with a suffix it is another name. */
		if (docroot_hides(root, name, strlen(name))) {
			errno = ENOENT;
			return -1;
		}
	}
	if (fstatat(dir->fd, name, st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (S_ISLNK(st->st_mode))
		return docroot_stat_link(root, path, st);
	return 0;
}
