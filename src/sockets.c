#include "sockets.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "activation.h"
#include "httpserve.h"
#include "listener.h"
#include "log.h"
#include "notify.h"

struct sockets {
	struct http_server	*srv;
	struct activation	 activation;
	bool			 stores;	/* the manager keeps them */
	int			 stored[NOTIFY_MAX_FDS];
	size_t			 nstored;
	char			*why;
	size_t			 why_size;
};

/*
 * Managers before systemd 254 don't say it by themselves: the unit does.  A
 * unix(7) socket is not stored, as the file that it is bound to may be gone
 * when it comes back.
 */
static bool
has_store(void)
{
	const char *max = getenv("FDSTORE"), *problem;

	return max != NULL && strtonum(max, 1, INT_MAX, &problem) > 0;
}

/* The server's own message, where that is what failed. */
static int
fail(struct sockets *s)
{
	int error = errno;

	(void)strlcpy(s->why, http_server_error(s->srv), s->why_size);
	errno = error;
	return -1;
}

/* Keeps a descriptor in mind that the manager shall have. */
static void
note_stored(struct sockets *s, int fd)
{
	if (s->nstored < NOTIFY_MAX_FDS)
		s->stored[s->nstored++] = fd;
}

/* Serves the manager's sockets for an address: how many, or -1 and errno. */
static int
take_over(struct sockets *s, const char *addr)
{
	struct activation_socket *taken;
	int n;

	for (n = 0; (taken = activation_claim(&s->activation, addr)) != NULL;
	    n++) {
		if (taken->is_stored)
			note_stored(s, taken->fd);
		if (http_server_listen_fd(s->srv, taken->fd, 1) == -1)
			return fail(s);
	}
	return n;
}

static int
open_new(struct sockets *s, const char *addr)
{
	int fd;

	if (!s->stores || strncmp(addr, "unix:", 5) == 0)
		return http_server_listen(s->srv, addr) == -1 ? fail(s) : 0;
	fd = listener_open(addr, 0, s->why, s->why_size);
	if (fd == -1)
		return -1;
	note_stored(s, fd);
	return http_server_listen_fd(s->srv, fd, 1) == -1 ? fail(s) : 0;
}

static int
listen_at(struct sockets *s, const char *addr)
{
	int n = take_over(s, addr);

	if (n != 0)
		return n == -1 ? -1 : 0;
	if (strncmp(addr, "fd:", 3) != 0)
		return open_new(s, addr);
	(void)snprintf(s->why, s->why_size, "address %.128s: the service "
	    "manager has passed no such socket; see FileDescriptorName= of "
	    "the socket unit", addr);
	errno = EINVAL;
	return -1;
}

static int
listen_at_all(struct sockets *s, const char *const *addresses, size_t n)
{
	size_t i;
	int taken;

	for (i = 0; i < n; i++)
		if (listen_at(s, addresses[i]) == -1)
			return -1;
	if (n > 0)
		return 0;
	taken = take_over(s, NULL);
	if (taken != 0)
		return taken == -1 ? -1 : 0;
	return listen_at(s, "");
}

/* A socket that is open and not served lets its clients wait for nothing. */
static int
check_claims(struct sockets *s)
{
	const struct activation_socket *left =
	    activation_unclaimed(&s->activation);

	if (left == NULL)
		return 0;
	(void)snprintf(s->why, s->why_size, "descriptor %d (%.64s, %s) of the "
	    "service manager is not served; add -l fd:%.64s, or remove it "
	    "from the socket unit", left->fd, left->name, left->address,
	    left->name);
	errno = EINVAL;
	return -1;
}

/* The store shall have what is served now, and nothing of before. */
static void
update_store(const struct sockets *s)
{
	if (s->stores && (notify_forget(ACTIVATION_STORED) == -1 ||
	    (s->nstored > 0 && notify_store(ACTIVATION_STORED, s->stored,
	    s->nstored) == -1)))
		log_errno(LOG_WARNING, "notify: descriptor store");
}

int
sockets_listen(struct http_server *srv, const char *const *addresses,
    size_t naddresses, char *why, size_t why_size)
{
	struct sockets s = {
		.srv = srv,
		.stores = has_store(),
		.why = why,
		.why_size = why_size,
	};
	int error, rv = -1;

	if (activation_take(&s.activation, why, why_size) == -1)
		return -1;
	if (listen_at_all(&s, addresses, naddresses) == 0 &&
	    check_claims(&s) == 0) {
		update_store(&s);
		rv = 0;
	}
	error = errno;
	activation_free(&s.activation);
	errno = error;
	return rv;
}
