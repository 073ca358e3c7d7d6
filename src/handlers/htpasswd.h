/*
 * A file of users and their passwords, hashed by crypt(5): a line each,
 * "user:hash", as htpasswd(1) and mkpasswd(1) make them.  What stands behind a
 * second colon, empty lines and those that begin with "#" are ignored.
 */
#ifndef HTPASSWD_H
#define HTPASSWD_H

#include <sys/stat.h>

#include <stddef.h>

struct htpasswd_entry {
	const char	*user;
	const char	*hash;
};

/* What entries point to is in text.  Zeroed, it has nobody. */
struct htpasswd {
	char			*text;
	struct htpasswd_entry	*entries;
	size_t			 count;
};

/*
 * Reads a file, and says which version it was: 0; or -1 with errno, and why
 * says in a line what is wrong with it.  A hash that crypt(3) can't check, or
 * that nobody should use any more, such as MD5, makes the whole file wrong:
 * EINVAL.
 */
int htpasswd_read(struct htpasswd *h, const char *path, struct stat *st,
    char *why, size_t why_size);
void htpasswd_free(struct htpasswd *h);

/* A user's entry; NULL where there is no such user. */
const struct htpasswd_entry *htpasswd_find(const struct htpasswd *h,
    const char *user);

/* Why a hash is not taken, or NULL if it is. */
const char *htpasswd_check_hash(const char *hash);

#endif
