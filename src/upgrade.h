/*
 * A server that succeeds another: the installed program, started anew with the
 * same arguments, which gets the listeners of the one that runs, and tells it
 * when it is ready.
 */
#ifndef UPGRADE_H
#define UPGRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* How this program was started; noted before anything changes it. */
struct upgrade {
	char	*program;		/* absolute */
	char	*dir;			/* the working directory then */
	char	**argv;
	bool	ignores_hangup;		/* nohup(1) */
};

/* 0, or -1 and errno. */
int upgrade_note(struct upgrade *u, char *argv[]);

/*
 * Starts the successor with n listeners, each with the address that it was
 * asked for by: its process id, or -1 and errno.
 */
pid_t upgrade_start(const struct upgrade *u, const int *fds,
    const char *const *addresses, size_t n);

/* What a successor was given. */
struct inheritance {
	pid_t		 from;		/* the one it succeeds, or 0 */
	int		*fds;		/* -1 when taken */
	char		**addresses;
	size_t		 n;
	char		*text;
};

/* Reads it from the environment, and removes it there: 0, or -1 and errno. */
int upgrade_inherit(struct inheritance *i);
/* Takes the listener of an address: -1 where there is none. */
int upgrade_take(struct inheritance *i, const char *address);
/* Closes what nobody took. */
void upgrade_disclaim(struct inheritance *i);

#endif
