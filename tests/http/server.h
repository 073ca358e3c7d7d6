/* A server under test, as a child of ours. */
#ifndef SERVER_H
#define SERVER_H

#include <sys/types.h>

struct server {
	pid_t	pid;		/* 0: it is somebody else's */
	int	err;		/* its standard error */
	int	port;
};

/* Starts a program and waits for its ready line: 0, or -1 and why is said. */
int server_start(struct server *s, char *const argv[]);

/*
 * Ends it as an operator does: 0 when it left with status 0 and no sanitizer
 * has said anything, else -1.  What it said is shown.
 */
int server_stop(struct server *s);

#endif
