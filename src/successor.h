/*
 * The server that this one starts to take its place, until it is ready or has
 * ended.
 */
#ifndef SUCCESSOR_H
#define SUCCESSOR_H

#include <sys/types.h>

struct successor {
	pid_t	pid;		/* being started, or 0 */
};

/* Starts one by start, which returns its process id or -1, unless one is. */
void successor_start(struct successor *s, pid_t (*start)(void *arg),
    void *arg);
/* Who stops this server means the one that it is starting, too. */
void successor_signal(const struct successor *s, int sig);
/* It has taken over: its end is no affair of this server any more. */
void successor_release(struct successor *s);
/* One that ends before it took over did not: says so, if it has. */
void successor_reap(struct successor *s);

#endif
