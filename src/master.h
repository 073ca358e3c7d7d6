/*
 * The master: forks the children, replaces those that end, has new ones take
 * their place, and stops them.  It knows nothing of what they do, and of the
 * scoreboard only who is ready and what a dead child left there.
 */
#ifndef MASTER_H
#define MASTER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct logids;
struct scoreboard;

/* What a reload may change. */
struct master_terms {
	unsigned int		 nchildren;
	unsigned int		 drain_ms;
	uint64_t		 hang_ms;	/* UINT64_MAX is never */
};

struct master_config {
	struct scoreboard	*board;		/* a slot a place */
	struct master_terms	 terms;		/* at the start */

	/* The child's whole life, and its end: see children.h. */
	int			(*child)(void *arg, unsigned int number,
				    int ready_fd, int channel);
	void			(*gone)(void *arg, unsigned int number);
	/* When all children are ready, the first time. */
	void			(*ready)(void *arg);
	/* Before they are told to stop; or to leave, for another server. */
	void			(*stopping)(void *arg, bool is_succeeded);

	/*
	 * SIGHUP, unless NULL: gets ready what new children start with, and
	 * says on which terms: 0, or -1 to go on as before; then that they take
	 * over, before their predecessors know; then whether they did.  Without
	 * it SIGHUP is SIGTERM.
	 */
	int			(*reload)(void *arg, struct master_terms *next);
	void			(*taking_over)(void *arg);
	void			(*reloaded)(void *arg, bool took_over);
	/*
	 * SIGUSR1, unless NULL: opens the logs anew at the descriptors that
	 * they had, for all children: which these are, or NULL.  One that
	 * comes while a generation does waits until that has come, or failed.
	 */
	const struct logids	*(*reopen)(void *arg);
	/* SIGUSR2, unless NULL: starts a successor: its process id, or -1. */
	pid_t			(*upgrade)(void *arg);
	/* Called every tick_ms, unless that is 0. */
	void			(*tick)(void *arg);
	unsigned int		 tick_ms;
	void			*arg;

	/* Where its process id stands while a request reaches it. */
	volatile pid_t		*pid;
	/* Not 0 if it is to stop before it starts. */
	const volatile sig_atomic_t *closing;
};

/*
 * Runs until all children are gone, after a signal to stop: 0; or -1 and errno,
 * with the reason in why, when it could not start.
 */
int master_run(const struct master_config *config, char *why,
    size_t why_size);

#endif
