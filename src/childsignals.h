/*
 * How a child is told to leave: by its master, by an operator, or by the
 * kernel when the master has died.
 */
#ifndef CHILDSIGNALS_H
#define CHILDSIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Others take its place: it accepts no more, answers the next request on each
 * connection as that one's last, and leaves when it has none.  A real-time
 * signal, so that one for all processes of a server, as a service manager or
 * killall(1) sends it, does not mean this.
 */
#define CHILD_RETIRE_SIGNAL (SIGRTMIN + 1)

enum childsignals_order {
	ORDER_NONE,
	ORDER_RETIRE,
	ORDER_DRAIN,		/* SIGTERM: in drain_ms, at the most */
	ORDER_CLOSE		/* SIGQUIT: at once */
};

/*
 * Takes the signals, and unblocks all.  What comes is written to wake_fd, an
 * eventfd; a child without its master that does not leave within drain_ms and
 * a little is killed.  0, or -1 and errno.
 */
int childsignals_catch(pid_t master, int wake_fd, unsigned int drain_ms);

/*
 * Has the child leave when its master dies: 0, or -1 and errno.  Changing the
 * user undoes it, so call it before that, and after.
 */
int childsignals_follow(void);

/* The hardest that was ordered so far. */
enum childsignals_order childsignals_order(void);

#endif
