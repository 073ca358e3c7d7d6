/*
 * The signals that a master takes for itself while it runs: blocked, and read
 * from a descriptor.
 */
#ifndef MASTERSIGNALS_H
#define MASTERSIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct mastersignals {
	int			 fd;		/* signalfd(2) */
	sigset_t		 taken;
	sigset_t		 old_mask;
	struct sigaction	 old_sigchld;
	struct sigaction	 old_sighup;
	struct sigaction	 old_sigpipe;
	struct sigaction	 old_sigxfsz;
	bool			 survives_hangup;	/* nohup(1) */
};

/* What a master does beside stopping; other signals stay the program's. */
struct mastersignals_wanted {
	bool	reload;		/* SIGHUP, SIGTTIN, SIGTTOU */
	bool	reopen;		/* SIGUSR1 */
	bool	upgrade;	/* SIGUSR2 */
};

/* 0, or -1 and errno; ended by mastersignals_restore() in either case. */
int mastersignals_take(struct mastersignals *s,
    const struct mastersignals_wanted *wanted);
/* Leaves all as it was; what else came for the server has been done. */
void mastersignals_restore(struct mastersignals *s);
/* In a child: its mask stays. */
void mastersignals_leave(struct mastersignals *s);

#endif
