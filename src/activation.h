/*
 * Sockets that a service manager has opened for the daemon, by the protocol of
 * sd_listen_fds(3): those of its socket units, and those that the daemon's
 * predecessor has left in the manager's store (notify.h).
 */
#ifndef ACTIVATION_H
#define ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "listener.h"

/* The name in the store of listeners that the daemon has opened itself. */
#define ACTIVATION_STORED	"httpserve.stored"

struct activation_socket {
	int		 fd;
	bool		 is_stored;
	bool		 is_claimed;
	char		*name;		/* "unknown" where it has none */
	char		 address[LISTENER_ADDRESS_SIZE];
};

/* Zeroed, it is empty. */
struct activation {
	struct activation_socket	*sockets;
	size_t				 nsockets;
};

/*
 * Takes the sockets that are this process's, and the variables that say so out
 * of the environment.  All become close-on-exec.  0, also when there are none;
 * or -1 with errno and a sentence in why: EINVAL where the variables
 * contradict themselves, or a descriptor is no listening stream socket.
 */
int activation_take(struct activation *a, char *why, size_t why_size);

/*
 * Finds the next socket that an address means, and claims it for the caller,
 * whose its descriptor is from then on; NULL when there is none left.
 *
 *	fd:name		those of a socket unit with this FileDescriptorName=
 *	fd:3		the one with this number
 *	any other	of listener_open(): those that are bound to it
 *	NULL		those of socket units, all of them
 *
 * One that is stored is found by its address alone.
 */
struct activation_socket *activation_claim(struct activation *a,
    const char *addr);

/*
 * The first of a socket unit that is not claimed, or NULL.  To leave it at
 * that would leave its clients without an answer, for good.
 */
const struct activation_socket *activation_unclaimed(
    const struct activation *a);

/* Closes what is not claimed. */
void activation_free(struct activation *a);

#endif
