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
#include "options.h"
#include "upgrade.h"

struct opening {
	struct http_server	*srv;
	struct sockets		*sockets;	/* what is open by now */
	struct activation	 activation;
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

/* The listener that came in last. */
static int
last_listener(const struct http_server *srv)
{
	size_t i = 0;

	while (http_server_listener(srv, i + 1) != -1)
		i++;
	return http_server_listener(srv, i);
}

/* Notes a listener with its address, which is copied. */
static int
note_listener(struct opening *o, struct upgrade_listener listener)
{
	struct sockets *s = o->sockets;
	struct upgrade_listener *listeners;

	listeners = reallocarray(s->listeners, s->n + 1, sizeof(*listeners));
	if (listeners != NULL)
		s->listeners = listeners;
	if (listeners == NULL ||
	    (listener.address = strdup(listener.address)) == NULL) {
		(void)snprintf(o->why, o->why_size, "listeners: %s",
		    strerror(errno));
		return -1;
	}
	s->listeners[s->n++] = listener;
	return 0;
}

static int
serve_fd(struct opening *o, struct upgrade_listener listener)
{
	if (http_server_listen_fd(o->srv, listener.fd,
	    listener.is_kept) == -1)
		return fail(o);
	return note_listener(o, listener);
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
		if (serve_fd(o, (struct upgrade_listener){
			.fd = taken->fd,
			.address = addr == NULL ? "" : addr,
			.is_kept = true,
			.is_stored = taken->is_stored,
		}) == -1)
			return -1;
	}
	return n;
}

static int
open_new(struct opening *o, const char *addr)
{
	struct upgrade_listener listener = { .address = addr };

	if (!o->sockets->stores || strncmp(addr, "unix:", 5) == 0) {
		if (http_server_listen(o->srv, addr) == -1)
			return fail(o);
		listener.fd = last_listener(o->srv);
		return note_listener(o, listener);
	}
	listener.fd = listener_open(addr, 0, o->why, o->why_size);
	if (listener.fd == -1)
		return -1;
	listener.is_kept = listener.is_stored = true;
	return serve_fd(o, listener);
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
listen_at_all(struct opening *o, const struct options *options)
{
	size_t i;
	int taken;

	for (i = 0; i < options->naddresses; i++)
		if (listen_at(o, options->addresses[i]) == -1)
			return -1;
	if (options->naddresses > 0)
		return 0;
	taken = take_over(o, NULL);
	if (taken != 0)
		return taken == -1 ? -1 : 0;
	return listen_at(o, "");
}

static bool
is_proxied(const struct options *options, const char *address)
{
	size_t i;

	for (i = 0; i < options->naddresses; i++)
		if (options->proxied[i] &&
		    strcmp(options->addresses[i], address) == 0)
			return true;
	return false;
}

/* Says who may speak the PROXY protocol to a listener of the server. */
static int
set_proxies(struct opening *o, size_t i, const struct options *options,
    const char *address)
{
	size_t n = is_proxied(options, address) ? options->nproxies : 0, k;

	if (http_server_expect_proxy_at(o->srv, i, NULL) == -1)
		return fail(o);
	for (k = 0; k < n; k++)
		if (http_server_expect_proxy_at(o->srv, i,
		    options->proxies[k]) == -1)
			return fail(o);
	return 0;
}

static int
set_all_proxies(struct opening *o, const struct options *options)
{
	size_t i;

	for (i = 0; i < o->sockets->n; i++)
		if (set_proxies(o, i, options,
		    o->sockets->listeners[i].address) == -1)
			return -1;
	return 0;
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
update_store(const struct sockets *s)
{
	int fds[NOTIFY_MAX_FDS];
	size_t i, n = 0;

	for (i = 0; i < s->n && n < NOTIFY_MAX_FDS; i++)
		if (s->listeners[i].is_stored)
			fds[n++] = s->listeners[i].fd;
	if (s->stores && (notify_forget(ACTIVATION_STORED) == -1 ||
	    (n > 0 && notify_store(ACTIVATION_STORED, fds, n) == -1)))
		warn("notify: descriptor store");
}

int
sockets_listen(struct sockets *sockets, struct http_server *srv,
    const struct options *options, char *why, size_t why_size)
{
	struct opening o = {
		.srv = srv,
		.sockets = sockets,
		.why = why,
		.why_size = why_size,
	};
	int error, rv = -1;

	sockets->stores = has_store();
	if (activation_take(&o.activation, why, why_size) == -1)
		return -1;
	if (listen_at_all(&o, options) == 0 && check_claims(&o) == 0 &&
	    set_all_proxies(&o, options) == 0) {
		update_store(sockets);
		rv = 0;
	}
	error = errno;
	activation_free(&o.activation);
	errno = error;
	return rv;
}

/* The nth address that is wanted; without any it is "". */
static const char *
wanted(const struct options *options, size_t i)
{
	if (options->naddresses == 0)
		return i == 0 ? "" : NULL;
	return i < options->naddresses ? options->addresses[i] : NULL;
}

static bool
is_wanted(const struct options *options, const char *address)
{
	const char *other;
	size_t i;

	for (i = 0; (other = wanted(options, i)) != NULL; i++)
		if (strcmp(other, address) == 0)
			return true;
	return false;
}

/* In the order that they had. */
static int
inherit_all(struct opening *o, struct inheritance *inheritance,
    const struct options *options)
{
	struct upgrade_listener *listener;
	size_t i;

	for (i = 0; i < inheritance->n; i++) {
		listener = &inheritance->listeners[i];
		if (!is_wanted(options, listener->address))
			continue;
		if (serve_fd(o, *listener) == -1)
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
    struct inheritance *inheritance, const struct options *options,
    char *why, size_t why_size)
{
	struct opening o = {
		.srv = srv,
		.sockets = sockets,
		.why = why,
		.why_size = why_size,
	};
	const char *address;
	size_t i;

	if (inherit_all(&o, inheritance, options) == -1)
		return -1;
	for (i = 0; (address = wanted(options, i)) != NULL; i++)
		if (!is_served(sockets, address) &&
		    listen_at(&o, address) == -1)
			return -1;
	if (set_all_proxies(&o, options) == -1)
		return -1;
	upgrade_disclaim(inheritance);
	return 0;
}

/*
 * Finds what goes on at an address; stays has the listeners that do.  Of port
 * 0 there may be several, one for each time that it is said.
 */
static bool
keep(const struct sockets *now, bool *stays, const char *address)
{
	size_t len = strlen(address), i;
	bool is_one = len >= 2 && strcmp(address + len - 2, ":0") == 0;
	bool found = false;

	for (i = 0; i < now->n && !(found && is_one); i++)
		if (!stays[i] &&
		    strcmp(now->listeners[i].address, address) == 0)
			stays[i] = found = true;
	return found;
}

/* Clients of a socket that the manager alone has would wait for good. */
static int
leave(struct opening *o, const struct upgrade_listener *listener, size_t i)
{
	if (!listener->is_kept || listener->is_stored)
		return http_server_unlisten(o->srv, i, 0) == -1 ? fail(o) : 0;
	(void)snprintf(o->why, o->why_size, "address %.128s: the service "
	    "manager has this socket, too; remove it from the socket unit and "
	    "restart both", listener->address[0] == '\0' ?
	    "of the socket unit" : listener->address);
	errno = EBUSY;
	return -1;
}

/* The server has those that leave still, before all that are new. */
static int
open_wanted(struct opening *o, size_t nformer, const struct options *options,
    const bool *is_open)
{
	size_t nstaying = o->sockets->n, i;
	const char *address;

	for (i = 0; (address = wanted(options, i)) != NULL; i++)
		if (!is_open[i] && listen_at(o, address) == -1)
			return -1;
	for (i = 0; nstaying + i < o->sockets->n; i++)
		if (set_proxies(o, nformer + i, options,
		    o->sockets->listeners[nstaying + i].address) == -1)
			return -1;
	return 0;
}

static int
change_listeners(struct opening *o, const struct sockets *now,
    const struct options *options, bool *stays)
{
	bool is_open[MAX_ADDRESSES + 1] = { false };
	const struct upgrade_listener *listener;
	const char *address;
	size_t i;

	for (i = 0; (address = wanted(options, i)) != NULL; i++)
		is_open[i] = keep(now, stays, address);
	for (i = 0; i < now->n; i++) {
		listener = &now->listeners[i];
		if (!stays[i] && leave(o, listener, i) == -1)
			return -1;
		if (stays[i] && (note_listener(o, *listener) == -1 ||
		    set_proxies(o, i, options, listener->address) == -1))
			return -1;
	}
	return open_wanted(o, now->n, options, is_open);
}

int
sockets_reload(struct sockets *next, const struct sockets *now,
    struct http_server *srv, const struct options *options, char *why,
    size_t why_size)
{
	struct opening o = {
		.srv = srv,
		.sockets = next,
		.why = why,
		.why_size = why_size,
	};
	bool *stays = calloc(now->n + 1, sizeof(*stays));
	int rv = -1;

	*next = (struct sockets){ .stores = now->stores };
	if (stays == NULL)
		(void)snprintf(why, why_size, "listeners: %s",
		    strerror(errno));
	else
		rv = change_listeners(&o, now, options, stays);
	free(stays);
	if (rv == -1)
		sockets_free(next);
	return rv;
}

void
sockets_commit(struct sockets *sockets, struct sockets *next)
{
	sockets_free(sockets);
	*sockets = *next;
	*next = (struct sockets){ 0 };
	update_store(sockets);
}

void
sockets_free(struct sockets *sockets)
{
	size_t i;

	for (i = 0; i < sockets->n; i++)
		free((void *)sockets->listeners[i].address);
	free(sockets->listeners);
	*sockets = (struct sockets){ 0 };
}
