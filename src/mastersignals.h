/*
 * The signals that a master takes for itself while it runs: blocked, and read
 * from a descriptor.
 */
#ifndef MASTERSIGNALS_H
#define MASTERSIGNALS_H

#include <sys/types.h>

#include <signal.h>
#include <stdbool.h>

/* What they tell a master; masters of other versions know the first three. */
enum master_order {
	MASTER_NOTHING,
	MASTER_DRAIN,
	MASTER_CLOSE,
	MASTER_SUCCEED,		/* another has the listeners now */
	MASTER_STOP,		/* drain, or when told again close */
	MASTER_RELOAD,
	MASTER_REOPEN,
	MASTER_UPGRADE,
	MASTER_ADD,		/* a child more, */
	MASTER_REMOVE		/* or less */
};

struct mastersignals {
	int			 fd;		/* signalfd(2) */
	sigset_t		 taken;
	sigset_t		 old_mask;
	struct sigaction	 old_sigchld;
	struct sigaction	 old_sighup;
	struct sigaction	 old_sigpipe;
	struct sigaction	 old_sigxfsz;
	bool			 reloads;
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
/* What the next that has come asks for: false when there is none left. */
bool mastersignals_next(const struct mastersignals *s,
    enum master_order *order);
/*
 * Asks a master to drain, to close or to leave: 0, or -1 and errno.  Unlike an
 * operator's signals two requests to drain are one.  Safe in a signal handler.
 */
int mastersignals_request(pid_t master, enum master_order order);
/* Leaves all as it was; what else came for the server has been done. */
void mastersignals_restore(struct mastersignals *s);
/* In a child: its mask stays. */
void mastersignals_leave(struct mastersignals *s);

#endif
