/*
 * Messages to syslogd as datagrams of our own.  syslog(3) would wait while
 * syslogd is slow, and opens sockets where a child in a sandbox can't; this
 * waits for nobody, and has one socket, opened ahead, for all processes.
 */
#ifndef LOGSOCKET_H
#define LOGSOCKET_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* "<190>Nov 23 22:15:35 name[1234567]: " and its NUL, with names cut. */
#define LOGSOCKET_HEAD_SIZE 64

struct logsocket {
	int			 fd;
	struct sockaddr_un	 peer;
	socklen_t		 peer_len;
	time_t			 head_time;	/* what head was made for, */
	int			 head_priority;	/* and this */
	size_t			 head_len;
	char			 head[LOGSOCKET_HEAD_SIZE];
};

/* A socket for syslogd at /dev/log, who may come later; or -1 and errno. */
int logsocket_open(void);

/* Whether fd is such a socket. */
bool logsocket_is(int fd);

/* fd stays the caller's; in a sandbox it has to be one of before. */
void logsocket_init(struct logsocket *s, int fd);

/*
 * Sends one line, without newline, whole and without waiting: 0, or -1 and
 * errno, EAGAIN when syslogd is behind.  priority is syslog(3)'s, with its
 * facility.  When syslogd has been restarted the socket is connected again,
 * for all processes that share it.
 */
int logsocket_send(struct logsocket *s, int priority, time_t now,
    const char *line, size_t len);

#endif
