#include "content.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../response.h"
#include "../version.h"

/* Files up to this size are kept as bytes. */
#define SMALL_BYTES 32768

/* Reads until size bytes are there, or the file is at its end. */
static ssize_t
read_all(int fd, char *buf, size_t size, off_t offset)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = pread(fd, buf + len, size - len, offset + (off_t)len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Reads a small file, which must not change meanwhile. */
static int
content_fill(struct content *c, int fd)
{
	const struct version version = version_of(&c->st);
	size_t size = (size_t)c->st.st_size;
	ssize_t n = read_all(fd, c->bytes, size, 0);

	if (n == -1)
		return -1;
	if ((size_t)n == size && version_is_current(&version, fd))
		return 0;
	errno = EAGAIN;
	return -1;
}

struct content *
content_new(int fd, const struct stat *st)
{
	bool is_small = st->st_size <= SMALL_BYTES;
	struct content *c;
	int error;

	c = malloc(sizeof(*c) + (is_small ? (size_t)st->st_size : 0));
	if (c == NULL)
		goto fail;
	c->st = *st;
	c->refs = 1;
	c->fd = is_small ? -1 : fd;
	if (is_small && content_fill(c, fd) == -1)
		goto fail;
	if (is_small)
		(void)close(fd);
	return c;
fail:
	error = errno;
	free(c);
	(void)close(fd);
	errno = error;
	return NULL;
}

struct content *
content_hold(struct content *c)
{
	c->refs++;
	return c;
}

void
content_release(void *content)
{
	struct content *c = content;

	if (c == NULL || --c->refs > 0)
		return;
	if (c->fd != -1)
		(void)close(c->fd);
	free(c);
}

size_t
content_size(const struct content *c)
{
	return sizeof(*c) + (c->fd == -1 ? (size_t)c->st.st_size : 0);
}

ssize_t
content_read(const struct content *c, char *buf, size_t size, off_t offset)
{
	if (c->fd != -1)
		return read_all(c->fd, buf, size, offset);
	if (offset >= c->st.st_size)
		return 0;
	if ((off_t)size > c->st.st_size - offset)
		size = (size_t)(c->st.st_size - offset);
	memcpy(buf, c->bytes + offset, size);
	return (ssize_t)size;
}

bool
content_is_current(const struct content *c)
{
	const struct version version = version_of(&c->st);

	return c->fd == -1 || version_is_current(&version, c->fd);
}

int
content_send(struct http_response *res, struct content *c, off_t offset,
    off_t length)
{
	(void)content_hold(c);
	if (c->fd == -1)
		return response_lend_bytes(res, c->bytes + offset,
		    (size_t)length, content_release, c);
	return response_lend_file(res, c->fd, &c->st, offset, length,
	    content_release, c);
}
