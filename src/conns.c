#include "conn.h"

#include <sys/epoll.h>

#include <arpa/inet.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "connproxy.h"

/* What an exchange can read beside the largest head: a body's next piece. */
#define INPUT_BYTES	16384
/*
 * Who asked something this short a time ago may be about to ask again: closing
 * then would meet the request on its way.
 */
#define BUSY_MS		20
/*
 * What a turn moves for those that are ready, by which requests that arrive
 * meanwhile are kept waiting: about a fifth of a millisecond.  To run one takes
 * as long as to move some bytes, however few it moves.
 */
#define TURN_BYTES	(2 * CONN_SHARE_BYTES)
#define MIN_COST_BYTES	8192
/* For so long the client that waited is taken to wait still. */
#define CROWDED_MS	50
/*
 * How long a peer may be silent that reads its last answer; one that still
 * sends may do so for the time of a body first.
 */
#define LINGER_MS	2000
/* An answer waits so long for the end of a body that nobody wanted. */
#define SKIP_MS		1000

int
conns_init(struct conns *set, const struct http_server *srv,
    struct scoreboard_slot *slot)
{
	memset(set, 0, sizeof(*set));
	set->srv = srv;
	set->slot = slot;
	set->limits = (struct headscan_limits){
		.request_line = srv->max_request_line_bytes,
		.field_line = srv->max_field_bytes,
		.head = srv->max_header_bytes,
		.fields = srv->max_fields,
	};
	exchange_pool_init(&set->exchanges,
	    srv->max_header_bytes + INPUT_BYTES);
	deadline_queue_init(&set->header, srv->read_header_timeout);
	deadline_queue_init(&set->body, srv->read_timeout);
	deadline_queue_init(&set->skip, srv->read_timeout < SKIP_MS ?
	    srv->read_timeout : SKIP_MS);
	deadline_queue_init(&set->write, srv->write_timeout);
	deadline_queue_init(&set->idle, srv->idle_timeout);
	deadline_queue_init(&set->linger, LINGER_MS);
	TAILQ_INIT(&set->open);
	TAILQ_INIT(&set->ready);
	TAILQ_INIT(&set->working);
	TAILQ_INIT(&set->dead);
	set->date_time = -1;
	conns_tick(set);
	return accesslogs_init(&set->logs, srv);
}

void
conns_free(struct conns *set)
{
	struct conn *c, *next;

	TAILQ_FOREACH_SAFE(c, &set->open, entry, next)
		conn_cut(c);
	conns_bury(set);
	exchange_pool_free(&set->exchanges);
	accesslogs_free(&set->logs);
}

void
conns_count_peers(struct conns *set, struct peers *peers, size_t child)
{
	peers_begin(peers, child);
	set->peers = peers;
	set->child = child;
}

void
conns_tick(struct conns *set)
{
	set->now_ms = clock_ms(CLOCK_MONOTONIC_COARSE);
	set->now = (time_t)(clock_ms(CLOCK_REALTIME_COARSE) / 1000);
	if (set->now == set->date_time)
		return;
	httpdate_format(set->date, set->now);
	set->date_time = set->now;
	scoreboard_tick(set->slot, set->now_ms);
}

/* An IPv4 address, also one that came to a dual-stack socket. */
static const uint8_t *
ipv4_of(const struct sockaddr_storage *peer)
{
	const struct sockaddr_in6 *in6 = (const void *)peer;

	if (peer->ss_family == AF_INET)
		return (const void *)&((const struct sockaddr_in *)
		    (const void *)peer)->sin_addr;
	if (peer->ss_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return in6->sin6_addr.s6_addr + 12;
	return NULL;
}

static char *
put_decimal(char *dst, uint8_t n)
{
	if (n >= 100)
		*dst++ = (char)('0' + n / 100);
	if (n >= 10)
		*dst++ = (char)('0' + n / 10 % 10);
	*dst++ = (char)('0' + n % 10);
	return dst;
}

/* inet_ntop(3) writes IPv4 by sprintf, which is a tenth of an accept. */
static void
put_ipv4(char *dst, const uint8_t *addr)
{
	int i;

	for (i = 0; i < 4; i++) {
		dst = put_decimal(dst, addr[i]);
		*dst++ = i < 3 ? '.' : '\0';
	}
}

static void
put_peer(char dst[INET6_ADDRSTRLEN], const struct sockaddr_storage *peer)
{
	const struct sockaddr_in6 *in6 = (const void *)peer;
	const uint8_t *ipv4 = ipv4_of(peer);

	if (ipv4 != NULL)
		put_ipv4(dst, ipv4);
	else if (peer->ss_family != AF_INET6)
		(void)strlcpy(dst, "unix:", INET6_ADDRSTRLEN);
	else if (inet_ntop(AF_INET6, &in6->sin6_addr, dst,
	    INET6_ADDRSTRLEN) == NULL)
		(void)strlcpy(dst, "?", INET6_ADDRSTRLEN);
}

/* Counts it by its address, unless that has as many as it may. */
static int
count_peer(struct conns *set, struct conn *c,
    const struct sockaddr_storage *peer)
{
	if (set->peers == NULL || peers_find(set->peers, peer, &c->key) == -1)
		return 0;
	if (peers_count(set->peers, c->key) >=
	    set->srv->connections_per_address) {
		errno = EUSERS;
		return -1;
	}
	peers_add(set->peers, set->child, c->key);
	c->is_counted = true;
	return 0;
}

static void
count_connections(struct conns *set, int change)
{
	set->count += (unsigned int)change;
	atomic_store_explicit(&set->slot->connections, set->count,
	    memory_order_relaxed);
}

int
conns_set_client(struct conn *c, const struct sockaddr_storage *client)
{
	put_peer(c->peer, client);
	return count_peer(c->set, c, client);
}

/* Whose it is, or which proxy will say that: 0, or -1 and errno. */
static int
admit(struct conn *c, const struct sockaddr_storage *peer,
    const struct networks *proxies)
{
	if (proxies == NULL) {
		c->state = CONN_HEAD;
		return conns_set_client(c, peer);
	}
	c->state = CONN_PROXY;
	put_peer(c->peer, peer);
	if (connproxy_is_trusted(c, proxies))
		return 0;
	errno = EPERM;
	return -1;
}

/* malloc(3) has what was freed at hand for each thread, calloc(3) not. */
struct conn *
conns_add(struct conns *set, int fd, const struct sockaddr_storage *peer,
    const struct networks *proxies)
{
	struct conn *c = malloc(sizeof(*c));

	if (c != NULL)
		*c = (struct conn){ .set = set };
	if (c == NULL || admit(c, peer, proxies) == -1) {
		free(c);
		(void)close(fd);
		return NULL;
	}
	c->fd = fd;
	TAILQ_INSERT_TAIL(&set->open, c, entry);
	count_connections(set, 1);
	return c;
}

/*
 * The event loop may hold an event for a connection that it watches, so that
 * one is only buried when the loop has no events left.
 */
void
conn_close(struct conn *c)
{
	struct conns *set = c->set;

	c->state = CONN_CLOSED;
	/* A process that a handler has forked may keep it open, and watched. */
	if (c->watched)
		(void)epoll_ctl(set->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	(void)close(c->fd);
	deadline_clear(&c->deadline);
	conns_unwatch_work(c);
	if (c->x != NULL)
		exchange_give(&set->exchanges, c->x);
	c->x = NULL;
	free(c->stash);
	c->stash = NULL;
	conns_unready(c);
	TAILQ_REMOVE(&set->open, c, entry);
	count_connections(set, -1);
	if (c->is_counted)
		peers_remove(set->peers, set->child, c->key);
	if (c->watched)
		TAILQ_INSERT_TAIL(&set->dead, c, entry);
	else
		free(c);
}

void
conns_bury(struct conns *set)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&set->dead)) != NULL) {
		TAILQ_REMOVE(&set->dead, c, entry);
		free(c);
	}
}

void
conns_make_ready(struct conn *c)
{
	if (!c->is_ready)
		TAILQ_INSERT_TAIL(&c->set->ready, c, turn);
	c->is_ready = true;
}

void
conns_unready(struct conn *c)
{
	if (c->is_ready)
		TAILQ_REMOVE(&c->set->ready, c, turn);
	c->is_ready = false;
}

void
conns_watch_work(struct conn *c)
{
	if (!c->is_working)
		TAILQ_INSERT_TAIL(&c->set->working, c, work);
	c->is_working = true;
}

void
conns_unwatch_work(struct conn *c)
{
	if (c->is_working)
		TAILQ_REMOVE(&c->set->working, c, work);
	c->is_working = false;
}

static void
run_working(struct conns *set)
{
	struct conn *c, *next;

	TAILQ_FOREACH_SAFE(c, &set->working, work, next)
		if (c->x->req.work.is_done(c->x->req.work.arg))
			(void)conn_run(c);
}

/* What a connection cost that has just run, in bytes that are moved. */
static size_t
cost_of_run(const struct conns *set)
{
	size_t moved = CONN_SHARE_BYTES - set->turn_bytes;

	return moved > MIN_COST_BYTES ? moved : MIN_COST_BYTES;
}

/*
 * Those that become ready again meanwhile wait for the next turn, as those do
 * that this one has no time for.
 */
void
conns_run_ready(struct conns *set, bool is_urgent)
{
	size_t cost = 0, most = is_urgent ? 1 : TURN_BYTES;
	struct conn *c, *last;

	run_working(set);
	last = TAILQ_LAST(&set->ready, conn_list);
	while (cost < most && last != NULL &&
	    (c = TAILQ_FIRST(&set->ready)) != NULL) {
		if (c == last)
			last = NULL;
		(void)conn_run(c);
		cost += cost_of_run(set);
	}
}

static struct conn *
conn_of(struct deadline *d)
{
	return (struct conn *)(void *)((char *)d -
	    offsetof(struct conn, deadline));
}

static void
expire_queue(struct conns *set, struct deadline_queue *q)
{
	struct deadline *d;

	while ((d = deadline_expired(q, set->now_ms)) != NULL) {
		deadline_clear(d);
		conn_expire(conn_of(d));
	}
}

/*
 * An idle connection may stay for its full time while there is room; from
 * three quarters of the cap on, the fuller the shorter, to a tenth.
 */
static uint64_t
idle_length(const struct conns *set)
{
	uint64_t full = set->srv->idle_timeout;
	uint64_t cap = set->srv->connections_per_child;
	uint64_t ample = cap - cap / 4;

	if (set->count <= ample)
		return full;
	if (set->count >= cap)
		return full / 10;
	return full - full * 9 / 10 * (set->count - ample) / (cap - ample);
}

/* Each that goes makes room, which gives the others more time. */
static void
expire_idle(struct conns *set)
{
	struct deadline *d;

	set->idle.length_ms = idle_length(set);
	while ((d = deadline_expired(&set->idle, set->now_ms)) != NULL) {
		deadline_clear(d);
		conn_expire(conn_of(d));
		set->idle.length_ms = idle_length(set);
	}
}

void
conns_expire(struct conns *set)
{
	expire_queue(set, &set->header);
	expire_queue(set, &set->body);
	expire_queue(set, &set->skip);
	expire_queue(set, &set->write);
	expire_idle(set);
	expire_queue(set, &set->linger);
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t
conns_next(const struct conns *set)
{
	uint64_t next;

	if (!TAILQ_EMPTY(&set->ready))
		return set->now_ms;
	next = deadline_next(&set->header);
	next = earlier(next, deadline_next(&set->body));
	next = earlier(next, deadline_next(&set->skip));
	next = earlier(next, deadline_next(&set->write));
	next = earlier(next, deadline_next(&set->idle));
	return earlier(next, deadline_next(&set->linger));
}

bool
conns_has_idle(const struct conns *set)
{
	return !TAILQ_EMPTY(&set->idle.head);
}

/* Whether a request is here that the loop has not come to yet. */
static bool
has_request(const struct conn *c)
{
	char byte;

	return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

bool
conns_evict_idle(struct conns *set)
{
	struct deadline *d;

	TAILQ_FOREACH(d, &set->idle.head, entry) {
		if (d->start_ms + BUSY_MS > set->now_ms)
			break;
		if (!has_request(conn_of(d))) {
			conn_close(conn_of(d));
			return true;
		}
	}
	set->crowded_ms = set->now_ms + CROWDED_MS;
	return false;
}

void
conns_retire(struct conns *set)
{
	set->retiring = true;
}

/*
 * Idle connections are read once more: a request that is already here is
 * answered.  Others are in the middle of something and end with it.
 */
void
conns_drain(struct conns *set)
{
	struct conn *c, *next;

	conns_retire(set);
	set->draining = true;
	TAILQ_FOREACH_SAFE(c, &set->open, entry, next) {
		if (c->state == CONN_HEAD || c->state == CONN_PROXY) {
			c->drained = false;
			(void)conn_run(c);
		}
	}
}
