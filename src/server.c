#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "httpserve.h"
#include "listener.h"
#include "listeners.h"
#include "log.h"
#include "mastersignals.h"
#include "network.h"
#include "serving.h"
#include "settings.h"
#include "tcpoptions.h"

static int
closed(struct http_server *srv)
{
	(void)strlcpy(srv->internal.error, "server closed",
	    sizeof(srv->internal.error));
	return HTTP_SERVER_CLOSED;
}

int
http_server_serve(struct http_server *srv, int fd)
{
	return serving_run(srv, fd) == -1 ? -1 : closed(srv);
}

int
http_server_listen(struct http_server *srv, const char *addr)
{
	struct http_server settings = *srv;
	int fd;

	settings_fill_in(&settings);
	fd = listener_open(addr == NULL ? "" : addr,
	    (int)(settings.read_header_timeout / 1000), srv->internal.error,
	    sizeof(srv->internal.error));
	if (fd == -1)
		return -1;
	if (listeners_add(srv, (struct http_listener){ .fd = fd }) == 0)
		return 0;
	(void)close(fd);
	errno = ENOMEM;
	return serving_fail(srv, "listeners: %s", strerror(errno));
}

int
http_server_listen_fd(struct http_server *srv, int fd, int keep)
{
	struct http_server settings = *srv;

	if (listener_check(fd) == -1)
		return serving_fail(srv, "descriptor %d: not a listening "
		    "stream socket: %s", fd, strerror(errno));
	settings_fill_in(&settings);
	tcpoptions_set(fd, (int)(settings.read_header_timeout / 1000));
	if (listeners_add(srv, (struct http_listener){
		.fd = fd,
		.is_kept = true,
		.is_taken = keep == 0,
	}) == 0)
		return 0;
	return serving_fail(srv, "listeners: %s", strerror(errno));
}

/* Adds a network to the proxies of a listener. */
static int
add_proxy(struct http_server *srv, size_t i, const char *network)
{
	const struct http_listener *l = &srv->internal.listeners[i];
	struct networks *proxies = l->proxies;
	const char *why;

	if (proxies == NULL)
		proxies = calloc(1, sizeof(*proxies));
	if (proxies == NULL)
		return serving_fail(srv, "proxies: %s", strerror(errno));
	listeners_set_proxies(srv, i, proxies);
	if (networks_add(proxies, network, &why) == 0)
		return 0;
	return serving_fail(srv, "proxies in \"%s\": %s", network, why);
}

int
http_server_expect_proxy_at(struct http_server *srv, size_t i,
    const char *network)
{
	if (i >= srv->internal.nlisteners) {
		errno = EINVAL;
		return serving_fail(srv, "no listener for proxies");
	}
	if (network != NULL)
		return add_proxy(srv, i, network);
	listeners_set_proxies(srv, i, NULL);
	return 0;
}

int
http_server_expect_proxy(struct http_server *srv, const char *network)
{
	return http_server_expect_proxy_at(srv, srv->internal.nlisteners - 1,
	    network);
}

int
http_server_unlisten(struct http_server *srv, size_t i, int keep)
{
	if (i >= srv->internal.nlisteners) {
		errno = EINVAL;
		return serving_fail(srv, "no listener of that number");
	}
	listeners_remove(srv, i, keep != 0);
	return 0;
}

int
http_server_listener(const struct http_server *srv, size_t i)
{
	return i < srv->internal.nlisteners ?
	    srv->internal.listeners[i].fd : -1;
}

int
http_server_succeed(pid_t master)
{
	return mastersignals_request(master, MASTER_SUCCEED);
}

int
http_server_listen_and_serve(struct http_server *srv)
{
	if (srv->internal.closing)
		return closed(srv);
	if (http_server_listen(srv, srv->addr) == -1)
		return -1;
	return http_server_serve(srv, -1);
}

int
http_listen_and_serve(const char *addr, http_handler_fn *serve, void *arg)
{
	struct http_server srv = {
		.addr = addr,
		.handler = { serve, arg },
	};
	int rv = http_server_listen_and_serve(&srv);

	if (rv == -1)
		log_message(LOG_ERR, "%s", http_server_error(&srv));
	return rv;
}

static int
server_request(struct http_server *srv, enum master_order order)
{
	pid_t master;

	srv->internal.closing = 1;
	master = srv->internal.master;
	return master == 0 ? 0 : mastersignals_request(master, order);
}

int
http_server_shutdown(struct http_server *srv)
{
	return server_request(srv, MASTER_DRAIN);
}

int
http_server_close(struct http_server *srv)
{
	return server_request(srv, MASTER_CLOSE);
}

const char *
http_server_error(const struct http_server *srv)
{
	return srv->internal.error;
}
