#include "logsocket.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpdate.h"

/* The longest datagram; what is longer is cut. */
#define DATAGRAM_SIZE (LOGSOCKET_HEAD_SIZE + PIPE_BUF)

static const struct sockaddr_un syslogd = {
	.sun_family = AF_UNIX,
	.sun_path = "/dev/log",
};

/* While there is no syslogd each send tries again. */
int
logsocket_open(void)
{
	int fd;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1)
		(void)connect(fd, (const struct sockaddr *)&syslogd,
		    sizeof(syslogd));
	return fd;
}

bool
logsocket_is(int fd)
{
	socklen_t len = sizeof(int);
	int type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_DGRAM;
}

/* A peer without a name, as of socketpair(2), can't be found again. */
void
logsocket_init(struct logsocket *s, int fd)
{
	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->head_time = -1;
	s->peer_len = sizeof(s->peer);
	if (getpeername(fd, (struct sockaddr *)&s->peer,
	    &s->peer_len) == -1) {
		s->peer = syslogd;
		s->peer_len = sizeof(syslogd);
	} else if (s->peer_len <= offsetof(struct sockaddr_un, sun_path))
		s->peer_len = 0;
}

/* As syslog(3) has it: RFC 3164, 4.1, but no host name on its own host. */
static void
make_head(struct logsocket *s, int priority, time_t now)
{
	char date[HTTPDATE_LOG_SIZE];

	if (now == s->head_time && priority == s->head_priority)
		return;
	httpdate_format_log(date, now);
	s->head_len = (size_t)snprintf(s->head, sizeof(s->head),
	    "<%d>%.3s %c%c %.8s %.24s[%d]: ", priority, date + 3,
	    date[0] == '0' ? ' ' : date[0], date[1], date + 12, getprogname(),
	    (int)getpid());
	s->head_time = now;
	s->head_priority = priority;
}

/*
 * Once more when its peer is gone, as another may have taken its place: the
 * kernel says ECONNREFUSED to the first of all that share the socket, and
 * ENOTCONN from then on.  The reason to give is what the first is told.
 */
static int
send_datagram(const struct logsocket *s, const char *data, size_t len)
{
	if (send(s->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
		return 0;
	if (s->peer_len == 0 || (errno != ECONNREFUSED && errno != ENOTCONN))
		return -1;
	if (connect(s->fd, (const struct sockaddr *)&s->peer,
	    s->peer_len) == 0 &&
	    send(s->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
		return 0;
	errno = ECONNREFUSED;
	return -1;
}

int
logsocket_send(struct logsocket *s, int priority, time_t now, const char *line,
    size_t len)
{
	char datagram[DATAGRAM_SIZE];

	make_head(s, priority, now);
	if (len > PIPE_BUF)
		len = PIPE_BUF;
	memcpy(datagram, s->head, s->head_len);
	memcpy(datagram + s->head_len, line, len);
	return send_datagram(s, datagram, s->head_len + len);
}
