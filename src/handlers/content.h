/*
 * The bytes of one version of a file: in memory where it is small, else a
 * descriptor.  A cache and the answers under way hold it together.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct http_response;

struct content {
	struct stat	 st;		/* the version */
	unsigned int	 refs;
	int		 fd;		/* -1 where all is in bytes */
	char		 bytes[];
};

/*
 * Takes over fd, a regular file with this status, and reads it if it is small:
 * NULL and errno, EAGAIN where it changed meanwhile.
 */
struct content *content_new(int fd, const struct stat *st);

struct content *content_hold(struct content *c);
/* Takes a content, or NULL; a void pointer, so that answers can call it. */
void content_release(void *content);

/* Bytes of memory that it takes. */
size_t content_size(const struct content *c);

/* As pread(2), but short only where the file is. */
ssize_t content_read(const struct content *c, char *buf, size_t size,
    off_t offset);

/* Whether the file still is that version; bytes in memory always are. */
bool content_is_current(const struct content *c);

/* Makes a part of it the body of an answer, which then holds it, too. */
int content_send(struct http_response *res, struct content *c, off_t offset,
    off_t length);

#endif
