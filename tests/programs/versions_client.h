/* A client: connections on which requests may wait, and answers in parts. */
#ifndef VERSIONS_CLIENT_H
#define VERSIONS_CLIENT_H

#include <sys/socket.h>
#include <sys/time.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "versions_model.h"

#define MAX_HEAD	16384
/* Several ranges may be twice the file. */
#define MAX_BODY	(2 * MAX_SIZE + MAX_HEAD)
#define MAX_FIELD	128

struct connection {
	int		fd;		/* -1: not connected */
	int		buffer_bytes;	/* for what comes; 0: the system's */
	size_t		len;		/* that came, and belong to no answer */
	char		bytes[MAX_HEAD];
};

struct answer {
	int		status;		/* 0: the connection ended before */
	int64_t		length;		/* Content-Length, or -1 */
	bool		close;
	bool		varies;		/* Vary: Accept-Encoding */
	bool		cut;		/* it ended within the body */
	char		etag[MAX_FIELD];
	char		last_modified[MAX_FIELD];
	char		date[MAX_FIELD];
	char		type[MAX_FIELD];
	char		range[MAX_FIELD];
	char		coding[MAX_FIELD];
	size_t		body_len;
	char		head[MAX_HEAD];
	char		body[MAX_BODY + 1];
};

static in_port_t client_port;
/* How long to wait for what has to come. */
static time_t client_seconds = 10;

static void
connection_close(struct connection *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	c->fd = -1;
	c->len = 0;
}

static void
connection_open(struct connection *c)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(client_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval timeout = { .tv_sec = client_seconds };

	c->len = 0;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd == -1 || setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
	    sizeof(timeout)) == -1 || (c->buffer_bytes > 0 &&
	    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &c->buffer_bytes,
	    sizeof(c->buffer_bytes)) == -1))
		err(EX_OSERR, "socket");
	if (connect(c->fd, (const struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(EX_UNAVAILABLE, "connect");
}

/* Requests are small: they fit, or the server is gone. */
static void
connection_send(struct connection *c, const char *text)
{
	const size_t len = strlen(text);

	if (c->fd == -1)
		connection_open(c);
	/* What comes, or does not, says more than this result. */
	if (send(c->fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		(void)shutdown(c->fd, SHUT_WR);
}

/* Reads up to size bytes: how many, or 0 at the end or for a reset. */
static size_t
connection_read(struct connection *c, char *dst, size_t size)
{
	ssize_t n;

	do
		n = recv(c->fd, dst, size, 0);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		errx(EXIT_FAILURE, "no answer in %lld s",
		    (long long)client_seconds);
	return n > 0 ? (size_t)n : 0;
}

/* Reads what stands before a number, and the number: moves *s behind it. */
static bool
read_number(const char **s, const char *before, int64_t *n)
{
	const size_t len = strlen(before);
	char *end;

	if (strncmp(*s, before, len) != 0 || (*s)[len] < '0' ||
	    (*s)[len] > '9')
		return false;
	*n = strtoll(*s + len, &end, 10);
	*s = end;
	return true;
}

static void
copy_field(char dst[MAX_FIELD], const char *value, size_t len)
{
	if (len >= MAX_FIELD)
		len = MAX_FIELD - 1;
	memcpy(dst, value, len);
	dst[len] = '\0';
}

static void
answer_take_field(struct answer *a, const char *name, const char *value,
    size_t len)
{
	const struct {
		const char	*name;
		char		*value;
	} fields[] = {
		{ "ETag:", a->etag },
		{ "Last-Modified:", a->last_modified },
		{ "Date:", a->date },
		{ "Content-Type:", a->type },
		{ "Content-Range:", a->range },
		{ "Content-Encoding:", a->coding }
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strncasecmp(name, fields[i].name,
		    strlen(fields[i].name)) == 0)
			copy_field(fields[i].value, value, len);
	if (strncasecmp(name, "Content-Length:", 15) == 0)
		a->length = strtoll(value, NULL, 10);
	if (strncasecmp(name, "Connection: close", 17) == 0)
		a->close = true;
	if (strncasecmp(name, "Vary: Accept-Encoding", 21) == 0)
		a->varies = true;
}

/* Reads the head, which is whole and ends with an empty line. */
static void
answer_parse(struct answer *a)
{
	const char *line = a->head, *end, *value;
	int64_t status;

	if (!read_number(&line, "HTTP/1.1 ", &status))
		errx(EXIT_FAILURE, "no status line: %.60s", line);
	a->status = (int)status;
	while ((end = strstr(line, "\r\n")) != NULL && end != line) {
		value = memchr(line, ':', (size_t)(end - line));
		if (value != NULL) {
			value += 1 + strspn(value + 1, " ");
			answer_take_field(a, line, value,
			    (size_t)(end - value));
		}
		line = end + 2;
	}
}

/* Reads a head from the connection; false when it ends before that does. */
static bool
answer_read_head(struct answer *a, struct connection *c)
{
	char *end;
	size_t n;

	while ((end = memmem(c->bytes, c->len, "\r\n\r\n", 4)) == NULL) {
		if (c->len == sizeof(c->bytes))
			errx(EXIT_FAILURE, "a head without an end");
		n = connection_read(c, c->bytes + c->len,
		    sizeof(c->bytes) - c->len);
		if (n == 0)
			return false;
		c->len += n;
	}
	n = (size_t)(end - c->bytes) + 4;
	memcpy(a->head, c->bytes, n);
	a->head[n - 1] = '\0';
	c->len -= n;
	memmove(c->bytes, c->bytes + n, c->len);
	return true;
}

static void
answer_read_body(struct answer *a, struct connection *c)
{
	const size_t want = (size_t)a->length;
	size_t n = c->len < want ? c->len : want;

	memcpy(a->body, c->bytes, n);
	c->len -= n;
	memmove(c->bytes, c->bytes + n, c->len);
	for (a->body_len = n; a->body_len < want; a->body_len += n) {
		n = connection_read(c, a->body + a->body_len,
		    want - a->body_len);
		if (n == 0)
			break;
	}
	a->body[a->body_len] = '\0';
	a->cut = a->body_len < want;
}

/*
 * Reads the next answer of a connection, which is closed where the answer
 * says so or is cut.
 */
static void
answer_read(struct answer *a, struct connection *c, bool has_body)
{
	memset(a, 0, offsetof(struct answer, body));
	a->length = -1;
	if (c->fd == -1 || !answer_read_head(a, c)) {
		connection_close(c);
		return;
	}
	answer_parse(a);
	if (has_body && a->status != 304 && a->status != 204) {
		if (a->length < 0 || a->length > MAX_BODY)
			errx(EXIT_FAILURE, "bad length in: %s", a->head);
		answer_read_body(a, c);
	}
	if (a->close || a->cut)
		connection_close(c);
}

#endif
