#include "answer.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

int
peer_connect(struct peer *p, int port, int seconds)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval patience = { .tv_sec = seconds };
	const int on = 1;

	p->len = 0;
	p->broken = false;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd == -1)
		return -1;
	(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience));
	(void)setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof(patience));
	(void)setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(p->fd, (const void *)&sin, sizeof(sin)) == 0)
		return 0;
	(void)close(p->fd);
	p->fd = -1;
	return -1;
}

void
peer_close(struct peer *p)
{
	if (p->fd != -1)
		(void)close(p->fd);
	p->fd = -1;
}

void
peer_send(struct peer *p, const char *data, size_t len, size_t piece)
{
	ssize_t n;

	while (len > 0 && !p->broken) {
		n = send(p->fd, data, len < piece ? len : piece, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			p->broken = true;
			break;
		}
		data += n;
		len -= (size_t)n;
	}
}

/* Reads more: 1, 0 at the end, -1 when nothing comes. */
static int
peer_fill(struct peer *p)
{
	char *in;
	ssize_t n;

	if (p->size - p->len < 4096) {
		in = realloc(p->in, p->size * 2 + 8192);
		if (in == NULL)
			return -1;
		p->in = in;
		p->size = p->size * 2 + 8192;
	}
	do
		n = recv(p->fd, p->in + p->len, p->size - p->len, 0);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return (int)n;
	p->len += (size_t)n;
	return 1;
}

/* Has so many bytes read: 1, 0 at the end, -1 when nothing comes. */
static int
peer_need(struct peer *p, size_t len)
{
	int rv = 1;

	while (p->len < len && (rv = peer_fill(p)) == 1)
		continue;
	return rv;
}

const char *
answer_field(const struct answer *a, const char *field)
{
	const char *end = a->head + a->head_len, *s = a->head, *colon;
	size_t len = strlen(field);

	while ((s = memmem(s, (size_t)(end - s), "\r\n", 2)) != NULL) {
		s += 2;
		if ((size_t)(end - s) <= len ||
		    strncasecmp(s, field, len) != 0)
			continue;
		colon = memchr(field, ':', len);
		if (colon != NULL)
			return s + (colon - field) + 2;
		if (s[len] == ':')
			return s + len + 2;
	}
	return NULL;
}

/* How many lines begin with this name. */
static unsigned int
count_fields(const struct answer *a, const char *name)
{
	struct answer rest = *a;
	const char *value;
	unsigned int n = 0;

	while ((value = answer_field(&rest, name)) != NULL) {
		n++;
		rest.head_len -= (size_t)(value - rest.head);
		rest.head = value;
	}
	return n;
}

/* The time in a field: 0, or -1 where there is none. */
static int
read_date(time_t *t, const struct answer *a, const char *name)
{
	const char *value = answer_field(a, name);
	struct tm tm;

	if (value == NULL ||
	    strptime(value, "%a, %d %b %Y %T GMT\r\n", &tm) == NULL)
		return -1;
	*t = timegm(&tm);
	return 0;
}

/* RFC 9110, 8.8.2.1. */
static bool
is_of_the_future(const struct answer *a)
{
	time_t date, modified;

	return read_date(&modified, a, "Last-Modified") == 0 &&
	    (read_date(&date, a, "Date") == -1 || modified > date);
}

/*
 * What no answer may lack or have, by RFC 9110, 6.6.1, and RFC 9112, 6; one to
 * HEAD need not say how long a body would be: RFC 9110, 9.3.2.
 */
static const char *
check_head(const struct answer *a, bool is_head)
{
	unsigned int lengths = count_fields(a, "Content-Length");
	unsigned int codings = count_fields(a, "Transfer-Encoding");

	if (memchr(a->head, '\0', a->head_len) != NULL)
		return "a NUL in the head";
	if (a->status < 200)
		return lengths + codings > 0 ? "a framed 1xx" : NULL;
	if (count_fields(a, "Date") != 1)
		return "not one Date";
	if (is_of_the_future(a))
		return "a Last-Modified behind Date";
	if (a->status == 204)
		return lengths + codings > 0 ? "a framed 204" : NULL;
	if (lengths + codings > 1 ||
	    (lengths + codings == 0 && a->status != 304 && !is_head))
		return "not one framing";
	return NULL;
}

/* What it means that reading gave rv before there was a head. */
static enum answer_end
no_head(const struct peer *p, int rv)
{
	if (p->len > 0)
		return ANSWER_NONE;
	if (rv == 0)
		return ANSWER_EOF;
	return errno == ECONNRESET ? ANSWER_RESET : ANSWER_NONE;
}

/* Reads the head: its length, with the empty line, is then in head_len. */
static enum answer_end
read_head(struct peer *p, struct answer *a, bool is_head)
{
	const char *end = NULL;
	int rv;

	do {
		if (p->len > 0)
			end = memmem(p->in, p->len, "\r\n\r\n", 4);
		if (end == NULL && (rv = peer_fill(p)) != 1)
			return no_head(p, rv);
	} while (end == NULL);
	a->head = p->in;
	a->head_len = (size_t)(end - p->in) + 2;
	a->taken = a->head_len + 2;
	if (a->head_len < 15 || memcmp(a->head, "HTTP/1.1 ", 9) != 0 ||
	    a->head[12] != ' ') {
		a->wrong = "no status line";
		return ANSWER_IS;
	}
	a->status = (a->head[9] - '0') * 100 + (a->head[10] - '0') * 10 +
	    a->head[11] - '0';
	a->wrong = check_head(a, is_head);
	return ANSWER_IS;
}

/* Takes the chunks' data together behind the head. */
static const char *
read_chunks(struct peer *p, struct answer *a)
{
	size_t at = a->taken, to = a->taken, size;
	char *crlf;

	do {
		while (p->len <= at ||
		    (crlf = memmem(p->in + at, p->len - at, "\r\n", 2)) == NULL)
			if (peer_fill(p) != 1)
				return "half a chunk";
		size = strtoul(p->in + at, NULL, 16);
		at = (size_t)(crlf - p->in) + 2;
		if (peer_need(p, at + size + 2) != 1 ||
		    memcmp(p->in + at + size, "\r\n", 2) != 0)
			return "half a chunk";
		memmove(p->in + to, p->in + at, size);
		to += size;
		at += size + 2;
	} while (size > 0);
	a->body_len = to - a->taken;
	a->taken = at;
	return NULL;
}

static const char *
read_body(struct peer *p, struct answer *a)
{
	const char *length = answer_field(a, "Content-Length");
	size_t head_len = a->taken;
	const char *wrong = NULL;

	if (length != NULL) {
		a->body_len = strtoul(length, NULL, 10);
		a->taken += a->body_len;
		if (peer_need(p, a->taken) != 1)
			wrong = "half a body";
	} else
		wrong = read_chunks(p, a);
	a->head = p->in;
	a->body = p->in + head_len;
	return wrong;
}

enum answer_end
answer_read(struct peer *p, struct answer *a, bool is_head)
{
	enum answer_end end;

	memset(a, 0, sizeof(*a));
	end = read_head(p, a, is_head);
	if (end != ANSWER_IS || a->wrong != NULL)
		return end;
	if (!is_head && a->status >= 200 && a->status != 204 &&
	    a->status != 304)
		a->wrong = read_body(p, a);
	return end;
}
