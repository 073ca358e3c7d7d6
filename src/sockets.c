#include "sockets.h"

#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activation.h"
#include "httpserve.h"
#include "listener.h"
#include "notify.h"
#include "upgrade.h"

struct opening {
	struct http_server	*srv;
	struct sockets		*sockets;	/* what is open by now */
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
fail(struct opening *o)
{
	int error = errno;

	(void)strlcpy(o->why, http_server_error(o->srv), o->why_size);
	errno = error;
	return -1;
}

/* For a successor: the listener that has just become the server's. */
static int
note_listener(struct opening *o, const char *addr, bool is_kept)
{
	struct sockets *s = o->sockets;
	struct upgrade_listener *listeners;

	listeners = reallocarray(s->listeners, s->n + 1, sizeof(*listeners));
	if (listeners == NULL) {
		(void)snprintf(o->why, o->why_size, "listeners: %s",
		    strerror(errno));
		return -1;
	}
	s->listeners = listeners;
	s->listeners[s->n] = (struct upgrade_listener){
		.fd = http_server_listener(o->srv, s->n),
		.address = addr,
		.is_kept = is_kept,
	};
	s->n++;
	return 0;
}

static int
serve_fd(struct opening *o, int fd, const char *addr, bool is_kept)
{
	if (http_server_listen_fd(o->srv, fd, is_kept) == -1)
		return fail(o);
	return note_listener(o, addr, is_kept);
}

/* Keeps a descriptor in mind that the manager shall have. */
static void
note_stored(struct opening *o, int fd)
{
	if (o->nstored < NOTIFY_MAX_FDS)
		o->stored[o->nstored++] = fd;
}

/*
 * Serves the manager's sockets for an address, of socket units for NULL: how
 * many, or -1 and errno.
 */
static int
take_over(struct opening *o, const char *addr)
{
	struct activation_socket *taken;
	int n;

	for (n = 0; (taken = activation_claim(&o->activation, addr)) != NULL;
	    n++) {
		if (taken->is_stored)
			note_stored(o, taken->fd);
		if (serve_fd(o, taken->fd, addr == NULL ? "" : addr,
		    true) == -1)
			return -1;
	}
	return n;
}

static int
open_new(struct opening *o, const char *addr)
{
	int fd;

	if (!o->stores || strncmp(addr, "unix:", 5) == 0)
		return http_server_listen(o->srv, addr) == -1 ? fail(o) :
		    note_listener(o, addr, false);
	fd = listener_open(addr, 0, o->why, o->why_size);
	if (fd == -1)
		return -1;
	note_stored(o, fd);
	return serve_fd(o, fd, addr, true);
}

static int
listen_at(struct opening *o, const char *addr)
{
	int n = take_over(o, addr);

	if (n != 0)
		return n == -1 ? -1 : 0;
	if (strncmp(addr, "fd:", 3) != 0)
		return open_new(o, addr);
	(void)snprintf(o->why, o->why_size, "address %.128s: the service "
	    "manager has passed no such socket; see FileDescriptorName= of "
	    "the socket unit", addr);
	errno = EINVAL;
	return -1;
}

static int
listen_at_all(struct opening *o, const char *const *addresses, size_t n)
{
	size_t i;
	int taken;

	for (i = 0; i < n; i++)
		if (listen_at(o, addresses[i]) == -1)
			return -1;
	if (n > 0)
		return 0;
	taken = take_over(o, NULL);
	if (taken != 0)
		return taken == -1 ? -1 : 0;
	return listen_at(o, "");
}

/* A socket that is open and not served lets its clients wait for nothing. */
static int
check_claims(struct opening *o)
{
	const struct activation_socket *left =
	    activation_unclaimed(&o->activation);

	if (left == NULL)
		return 0;
	(void)snprintf(o->why, o->why_size, "descriptor %d (%.64s, %s) of the "
	    "service manager is not served; add -l fd:%.64s, or remove it "
	    "from the socket unit", left->fd, left->name, left->address,
	    left->name);
	errno = EINVAL;
	return -1;
}

/* The store shall have what is served now, and nothing of before. */
static void
update_store(const struct opening *o)
{
	if (o->stores && (notify_forget(ACTIVATION_STORED) == -1 ||
	    (o->nstored > 0 && notify_store(ACTIVATION_STORED, o->stored,
	    o->nstored) == -1)))
		warn("notify: descriptor store");
}

int
sockets_listen(struct sockets *sockets, struct http_server *srv,
    const char *const *addresses, size_t naddresses, char *why,
    size_t why_size)
{
	struct opening o = {
		.srv = srv,
		.sockets = sockets,
		.stores = has_store(),
		.why = why,
		.why_size = why_size,
	};
	int error, rv = -1;

	if (activation_take(&o.activation, why, why_size) == -1)
		return -1;
	if (listen_at_all(&o, addresses, naddresses) == 0 &&
	    check_claims(&o) == 0) {
		update_store(&o);
		rv = 0;
	}
	error = errno;
	activation_free(&o.activation);
	errno = error;
	return rv;
}

/* An address as the caller has it, or NULL where it is none of them. */
static const char *
find_address(const char *const *addresses, size_t n, const char *address)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(addresses[i], address) == 0)
			return addresses[i];
	return n == 0 && address[0] == '\0' ? "" : NULL;
}

/* In the order that they had. */
static int
inherit_all(struct opening *o, struct inheritance *inheritance,
    const char *const *addresses, size_t naddresses)
{
	struct upgrade_listener *listener;
	const char *address;
	size_t i;

	for (i = 0; i < inheritance->n; i++) {
		listener = &inheritance->listeners[i];
		address = find_address(addresses, naddresses,
		    listener->address);
		if (address == NULL)
			continue;
		if (serve_fd(o, listener->fd, address,
		    listener->is_kept) == -1)
			return -1;
		listener->fd = -1;
	}
	return 0;
}

static bool
is_served(const struct sockets *s, const char *address)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->listeners[i].address, address) == 0)
			return true;
	return false;
}

int
sockets_succeed(struct sockets *sockets, struct http_server *srv,
    struct inheritance *inheritance, const char *const *addresses,
    size_t naddresses, char *why, size_t why_size)
{
	struct opening o = {
		.srv = srv,
		.sockets = sockets,
		.why = why,
		.why_size = why_size,
	};
	const char *address;
	size_t i;

	if (inherit_all(&o, inheritance, addresses, naddresses) == -1)
		return -1;
	for (i = 0; i < naddresses || i == 0; i++) {
		address = naddresses == 0 ? "" : addresses[i];
		if (!is_served(sockets, address) &&
		    listen_at(&o, address) == -1)
			return -1;
	}
	upgrade_disclaim(inheritance);
	return 0;
}
