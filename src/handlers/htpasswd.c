#include "htpasswd.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Larger ones are none. */
#define MAX_BYTES	(4 * 1024 * 1024)
/* What takes longer than seconds to check would keep everybody out. */
#define MIN_BCRYPT_COST	4
#define MAX_BCRYPT_COST	15
#define MAX_SHA_ROUNDS	5000000

void
htpasswd_free(struct htpasswd *h)
{
	if (h->text != NULL)
		explicit_bzero(h->text, strlen(h->text));
	free(h->text);
	free(h->entries);
	memset(h, 0, sizeof(*h));
}

static const char *
check_bcrypt(const char *hash)
{
	long cost;

	if (strlen(hash) != 60)
		return "a bcrypt hash has 60 characters";
	cost = strtol(hash + 4, NULL, 10);
	return cost < MIN_BCRYPT_COST || cost > MAX_BCRYPT_COST ?
	    "a bcrypt hash has a cost 4 to 15 here, which is seconds" : NULL;
}

static const char *
check_sha(const char *hash)
{
	if (strncmp(hash + 3, "rounds=", 7) == 0 &&
	    strtol(hash + 10, NULL, 10) > MAX_SHA_ROUNDS)
		return "a hash of more than 5000000 rounds takes too long";
	return NULL;
}

static const char *
check_method(const char *hash)
{
	if (strncmp(hash, "$2", 2) == 0)
		return check_bcrypt(hash);
	if (strncmp(hash, "$5$", 3) == 0 || strncmp(hash, "$6$", 3) == 0)
		return check_sha(hash);
	if (strncmp(hash, "$y$", 3) == 0 || strncmp(hash, "$gy$", 4) == 0 ||
	    strncmp(hash, "$7$", 3) == 0)
		return NULL;
	if (strncmp(hash, "$apr1$", 6) == 0 || strncmp(hash, "$1$", 3) == 0)
		return "a hash of MD5, which is broken; make it anew by "
		    "htpasswd -B, or mkpasswd";
	return "no hash of bcrypt, SHA-256, SHA-512, scrypt or yescrypt; make "
	    "one by htpasswd -B, or mkpasswd";
}

const char *
htpasswd_check_hash(const char *hash)
{
	const char *reason = check_method(hash);
	int salt;

	if (reason != NULL)
		return reason;
	/* Legacy are all but the strongest, SHA-256 too. */
	salt = crypt_checksalt(hash);
	return salt == CRYPT_SALT_OK || salt == CRYPT_SALT_METHOD_LEGACY ?
	    NULL : "a hash that crypt(3) can't check";
}

static int
add_entry(struct htpasswd *h, const char *user, const char *hash)
{
	struct htpasswd_entry *entries = h->entries;

	/* The room is doubled at each power of two. */
	if ((h->count & (h->count - 1)) == 0) {
		entries = reallocarray(entries,
		    h->count == 0 ? 1 : 2 * h->count, sizeof(*entries));
		if (entries == NULL)
			return -1;
		h->entries = entries;
	}
	entries[h->count++] = (struct htpasswd_entry){ user, hash };
	return 0;
}

/* Takes a line: 0, or -1 with EINVAL and the reason, or ENOMEM. */
static int
read_line(struct htpasswd *h, char *line, const char **reason)
{
	char *user = strsep(&line, ":");
	char *hash = strsep(&line, ":");

	*reason = NULL;
	if (user[0] == '\0' && hash == NULL)
		return 0;
	if (user[0] == '#')
		return 0;
	if (hash == NULL || user[0] == '\0')
		*reason = "no \"user:hash\"";
	else
		*reason = htpasswd_check_hash(hash);
	if (*reason == NULL)
		return add_entry(h, user, hash);
	errno = EINVAL;
	return -1;
}

/* Cuts h->text into lines; their number counts in *line. */
static int
read_lines(struct htpasswd *h, unsigned int *line, const char **reason)
{
	char *rest = h->text, *s;

	for (*line = 1; (s = strsep(&rest, "\n")) != NULL; ++*line) {
		s[strcspn(s, "\r")] = '\0';
		if (read_line(h, s, reason) == -1)
			return -1;
	}
	return 0;
}

/* The whole file as a string, for free(3). */
static char *
read_text(int fd, const struct stat *st)
{
	char *text;
	ssize_t n;

	if (!S_ISREG(st->st_mode) || st->st_size > MAX_BYTES) {
		errno = S_ISREG(st->st_mode) ? EFBIG : EINVAL;
		return NULL;
	}
	text = calloc(1, (size_t)st->st_size + 1);
	if (text == NULL)
		return NULL;
	do
		n = pread(fd, text, (size_t)st->st_size, 0);
	while (n == -1 && errno == EINTR);
	if (n == -1) {
		free(text);
		return NULL;
	}
	return text;
}

int
htpasswd_read(struct htpasswd *h, const char *path, struct stat *st,
    char *why, size_t why_size)
{
	const char *reason = NULL;
	unsigned int line = 0;
	int error, fd, rv = -1;

	memset(h, 0, sizeof(*h));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd != -1 && fstat(fd, st) == 0 &&
	    (h->text = read_text(fd, st)) != NULL)
		rv = read_lines(h, &line, &reason);
	error = errno;
	if (rv == -1 && reason != NULL)
		(void)snprintf(why, why_size, "%s:%u: %s", path, line, reason);
	else if (rv == -1)
		(void)snprintf(why, why_size, "%s: %s", path, strerror(error));
	if (fd != -1)
		(void)close(fd);
	if (rv == -1)
		htpasswd_free(h);
	errno = error;
	return rv;
}

/* All are compared: how long it takes does not say who is there. */
const struct htpasswd_entry *
htpasswd_find(const struct htpasswd *h, const char *user)
{
	const struct htpasswd_entry *entry = NULL;
	size_t i;

	for (i = h->count; i > 0; i--)
		if (strcmp(h->entries[i - 1].user, user) == 0)
			entry = &h->entries[i - 1];
	return entry;
}
