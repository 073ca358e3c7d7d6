#include "connproxy.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <string.h>

#include "connrest.h"
#include "log.h"
#include "network.h"
#include "proxyheader.h"

bool
connproxy_is_trusted(const struct conn *c, const struct networks *proxies)
{
	struct address peer;

	(void)address_parse(&peer, c->peer);
	if (networks_have(proxies, &peer))
		return true;
	log_message(LOG_DEBUG, "connection of %s: no proxy that is trusted",
	    c->peer);
	return false;
}

static struct sockaddr_storage
sockaddr_of(const struct address *a)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNIX };
	struct sockaddr_in6 *in6 = (void *)&ss;

	if (a->kind == ADDRESS_IP) {
		ss.ss_family = AF_INET6;
		memcpy(&in6->sin6_addr, a->bytes, sizeof(a->bytes));
	}
	return ss;
}

enum conn_step
connproxy_read(struct conn *c)
{
	struct exchange *x = c->x;
	struct sockaddr_storage client;
	struct proxyheader h;
	ssize_t len;

	len = proxyheader_parse(&h, x->in + x->pos, x->len - x->pos);
	if (len == 0)
		return c->drained ? connrest_begin(c) : conn_fill(c);
	if (len == -1) {
		log_message(LOG_DEBUG, "connection of %s: no PROXY header",
		    c->peer);
		return STEP_CLOSE;
	}
	x->pos += (size_t)len;
	c->state = CONN_HEAD;
	client = sockaddr_of(&h.source);
	if (h.has_source && conns_set_client(c, &client) == -1)
		return STEP_CLOSE;
	return STEP_ON;
}
