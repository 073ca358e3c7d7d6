#include <linux/openat2.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "docroot.h"

/* How often a lookup that raced with a rename is begun again. */
#define DOCROOT_RETRIES 16

/* openat2(2) beneath a directory; a relative path, and "" is "." */
static int
docroot_openat(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS
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

int
docroot_init(struct docroot *root, const char *dir)
{
	int error, probe;

	root->fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->fd == -1)
		return -1;
	if ((probe = docroot_openat(root->fd, "", O_PATH)) == -1) {
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
	if (root->fd != -1)
		close(root->fd);
	root->fd = -1;
}

int
docroot_hides(const char *name, size_t len)
{
	static const char known[] = ".well-known";

	if (len == 0 || name[0] != '.')
		return 0;
	return len != sizeof(known) - 1 || memcmp(name, known, len) != 0;
}

/* Whether any segment of a path is hidden. */
static int
docroot_hides_path(const char *path)
{
	size_t len;

	while (*(path += strspn(path, "/")) != '\0') {
		len = strcspn(path, "/");
		if (docroot_hides(path, len))
			return 1;
		path += len;
	}
	return 0;
}

int
docroot_open(const struct docroot *root, const char *path, int flags)
{
	if (docroot_hides_path(path)) {
		errno = ENOENT;
		return -1;
	}
	return docroot_openat(root->fd, path + strspn(path, "/"), flags);
}
