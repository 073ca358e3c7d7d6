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

/* A listener that is handed on. */
struct upgrade_listener {
	int		 fd;		/* -1 when taken */
	const char	*address;	/* that it was asked for by */
	bool		 is_kept;	/* a service manager has it, too, */
	bool		 is_stored;	/* as this server has asked it to */
};

/* How this program was started; noted before anything changes it. */
struct upgrade {
	char	*program;		/* absolute */
	char	*dir;			/* the working directory then */
	char	**argv;
	bool	ignores_hangup;		/* nohup(1) */
};

/* 0, or -1 and errno. */
int upgrade_note(struct upgrade *u, char *argv[]);

/* Starts the successor with n listeners: its process id, or -1 and errno. */
pid_t upgrade_start(const struct upgrade *u,
    const struct upgrade_listener *listeners, size_t n);

/* What a successor was given. */
struct inheritance {
	pid_t			 from;	/* the one it succeeds, or 0 */
	struct upgrade_listener	*listeners;
	size_t			 n;
	char			*text;
};

/* Reads it from the environment, and removes it there: 0, or -1 and errno. */
int upgrade_inherit(struct inheritance *i);
/* Closes what nobody took. */
void upgrade_disclaim(struct inheritance *i);

#endif
