#include "listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpserve.h"
#include "listener.h"
#include "network.h"
#include "synfilter.h"

int
listeners_add(struct http_server *srv, struct http_listener listener)
{
	struct http_listener *listeners;
	size_t n = srv->internal.nlisteners;

	listeners = reallocarray(srv->internal.listeners, n + 1,
	    sizeof(*listeners));
	if (listeners == NULL)
		return -1;
	listener.is_coming = srv->internal.master != 0;
	listeners[n] = listener;
	srv->internal.listeners = listeners;
	srv->internal.nlisteners = n + 1;
	return 0;
}

static void
free_proxies(struct networks *proxies)
{
	if (proxies != NULL)
		networks_free(proxies);
	free(proxies);
}

/* Takes one out of the list. */
static void
take_out(struct http_server *srv, size_t i)
{
	struct http_listener *l = &srv->internal.listeners[i];

	(void)close(l->fd);
	free_proxies(l->proxies);
	free_proxies(l->former);
	srv->internal.nlisteners--;
	memmove(l, l + 1, (srv->internal.nlisteners - i) * sizeof(*l));
}

/* A listener that another process made non-blocking is made to block. */
static int
set_blocking(int fd, bool blocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return -1;
	flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags);
}

/*
 * No client is let in any more; the children empty the queue of a listener
 * that does not block, and close it; when the last has, the kernel refuses new
 * clients, unless the master still had it open.  The filter is for TCP, and
 * fails elsewhere.  Not for a listener that somebody else has: whoever serves
 * it next has its clients, too.
 */
static void
end(const struct http_listener *l)
{
	(void)synfilter_attach(l->fd);
	(void)set_blocking(l->fd, false);
	listener_unlink(l->fd);
}

void
listeners_remove(struct http_server *srv, size_t i, bool keep)
{
	struct http_listener *l = &srv->internal.listeners[i];

	if (srv->internal.master != 0 && !l->is_coming) {
		l->is_leaving = true;
		l->is_left = keep;
		return;
	}
	if (!keep)
		end(l);
	take_out(srv, i);
}

void
listeners_set_proxies(struct http_server *srv, size_t i,
    struct networks *proxies)
{
	struct http_listener *l = &srv->internal.listeners[i];

	if (proxies == l->proxies)
		return;
	if (srv->internal.master != 0 && !l->is_coming && !l->is_changed) {
		l->is_changed = true;
		l->former = l->proxies;
	} else {
		free_proxies(l->proxies);
	}
	l->proxies = proxies;
}

static int
collect(struct listeners *l, int fd, const struct networks *proxies,
    char *why, size_t size)
{
	int error;

	if (listener_check(fd) == -1) {
		error = errno;
		(void)snprintf(why, size, "descriptor %d: not a listening "
		    "stream socket: %s", fd, strerror(error));
		errno = error;
		return -1;
	}
	if (set_blocking(fd, true) == -1) {
		error = errno;
		(void)snprintf(why, size, "descriptor %d: %s", fd,
		    strerror(error));
		errno = error;
		return -1;
	}
	l->proxies[l->n] = proxies;
	l->fds[l->n++] = fd;
	return 0;
}

int
listeners_collect(struct listeners *l, const struct http_server *srv, int fd,
    char *why, size_t size)
{
	const struct http_listener *listener;
	size_t i, n = srv->internal.nlisteners;

	*l = (struct listeners){
		.fds = calloc(n + 1, sizeof(int)),
		.proxies = calloc(n + 1, sizeof(const struct networks *)),
	};
	if (l->fds == NULL || l->proxies == NULL) {
		(void)snprintf(why, size, "listeners: %s", strerror(ENOMEM));
		errno = ENOMEM;
		return -1;
	}
	for (i = 0; i < n; i++) {
		listener = &srv->internal.listeners[i];
		if (!listener->is_leaving && collect(l, listener->fd,
		    listener->proxies, why, size) == -1)
			return -1;
	}
	if (fd != -1)
		return collect(l, fd, NULL, why, size);
	if (l->n > 0)
		return 0;
	(void)strlcpy(why, "no listener: give a descriptor, or call "
	    "http_server_listen()", size);
	errno = EINVAL;
	return -1;
}

void
listeners_free(struct listeners *l)
{
	free(l->fds);
	free(l->proxies);
	*l = (struct listeners){ 0 };
}

void
listeners_forget(const struct http_server *srv)
{
	size_t i;

	for (i = 0; i < srv->internal.nlisteners; i++)
		if (srv->internal.listeners[i].is_leaving)
			(void)close(srv->internal.listeners[i].fd);
}

void
listeners_take(struct http_server *srv)
{
	size_t i;

	for (i = 0; i < srv->internal.nlisteners; i++)
		if (srv->internal.listeners[i].is_taken)
			srv->internal.listeners[i].is_kept = false;
}

void
listeners_retire(const struct http_server *srv)
{
	const struct http_listener *l;
	size_t i;

	for (i = 0; i < srv->internal.nlisteners; i++) {
		l = &srv->internal.listeners[i];
		if (l->is_leaving && !l->is_left)
			end(l);
	}
}

void
listeners_commit(struct http_server *srv)
{
	struct http_listener *l;
	size_t i = srv->internal.nlisteners;

	listeners_take(srv);
	while (i-- > 0) {
		l = &srv->internal.listeners[i];
		if (l->is_changed)
			free_proxies(l->former);
		l->former = NULL;
		l->is_changed = l->is_coming = false;
		if (l->is_leaving)
			take_out(srv, i);
	}
}

void
listeners_restore(struct http_server *srv)
{
	struct http_listener *l;
	size_t i = srv->internal.nlisteners;

	while (i-- > 0) {
		l = &srv->internal.listeners[i];
		l->is_leaving = false;
		if (l->is_changed) {
			free_proxies(l->proxies);
			l->proxies = l->former;
		}
		l->former = NULL;
		l->is_changed = false;
		if (!l->is_coming)
			continue;
		if (!l->is_kept)
			end(l);
		take_out(srv, i);
	}
}

void
listeners_close(struct http_server *srv)
{
	while (srv->internal.nlisteners > 0)
		take_out(srv, srv->internal.nlisteners - 1);
	free(srv->internal.listeners);
	srv->internal.listeners = NULL;
}

void
listeners_end(struct http_server *srv)
{
	size_t i;

	for (i = 0; i < srv->internal.nlisteners; i++)
		if (!srv->internal.listeners[i].is_kept)
			end(&srv->internal.listeners[i]);
	listeners_close(srv);
}
