/*
 * The master: forks the children, replaces those that end, and stops them.  It
 * knows nothing of what they do, and of the scoreboard only who is ready and
 * what a dead child left there.
 */
#ifndef MASTER_H
#define MASTER_H

#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

struct scoreboard;

struct master_config {
	struct scoreboard	*board;		/* a slot a child */
	unsigned int		 drain_ms;

	/* The child's whole life: its exit status.  number is from 1. */
	int			(*child)(void *arg, unsigned int number,
				    int ready_fd);
	/* When all children are ready, and before they are told to stop. */
	void			(*ready)(void *arg);
	void			(*stopping)(void *arg);
	void			*arg;

	/* Where its process id stands while master_request() reaches it. */
	volatile pid_t		*pid;
	/* Not 0 if it is to stop before it starts. */
	const volatile sig_atomic_t *closing;
};

enum master_request {
	MASTER_DRAIN = 1,
	MASTER_CLOSE
};

/*
 * Asks a master to stop: 0, or -1 and errno.  Unlike an operator's signals two
 * requests to drain are one.  Safe in a signal handler.
 */
int master_request(pid_t master, enum master_request request);

/*
 * Runs until all children are gone after SIGTERM, SIGINT, SIGHUP or SIGQUIT: 0;
 * or -1 and errno, with the reason in why, when it could not start.
 */
int master_run(const struct master_config *config, char *why,
    size_t why_size);

#endif
