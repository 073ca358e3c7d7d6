/*
 * conn: what tests/http sends a server one rule after the other, sent to a
 * connection in two pieces, split at every position: the answers are those to
 * all of it in one piece, byte by byte.  And in which order several have their
 * turn.  Over socket pairs, with a clock that stands still.
 */
#include <sys/socket.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../http/rules.h"
#include "conn.h"
#include "settings.h"

/* What is longer is split too often, and where it matters by other tests. */
#define MAX_BYTES	512
/* Answers are some of these, with the head of what was asked in each. */
#define MAX_ANSWERS	32768

/* What came back of a message, and whether the connection was then closed. */
struct outcome {
	char	answers[MAX_ANSWERS];
	size_t	len;
	bool	closed;
};

/* A connection between the two ends of a socket pair. */
struct link {
	struct conn	*c;		/* NULL: closed */
	int		 fd;		/* the client's end */
	struct outcome	*outcome;
};

static struct http_server srv;
static struct scoreboard_slot slot;
static struct conns set;

/* Answers with what it was asked, as examples/echo. */
static void
echo_body(struct http_response *res, struct http_request *req, void *arg)
{
	const char *body, *name, *value;
	size_t i, len;

	(void)arg;
	(void)http_response_printf(res, "%s %s HTTP/1.%d\n",
	    http_request_method(req), http_request_target(req),
	    http_request_minor_version(req));
	for (i = 0; http_request_header_at(req, i, &name, &value) == 1; i++)
		(void)http_response_printf(res, "%s: %s\n", name, value);
	body = http_request_body(req, &len);
	(void)http_response_write(res, "\n", 1);
	(void)http_response_write(res, body, len);
}

static void
echo(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)http_request_await_body(req, echo_body, arg);
}

static int
open_set(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	settings_fill_in(&srv);
	srv.handler.serve = echo;
	conns_init(&set, &srv, &slot);
	return 0;
}

static int
close_set(void **state)
{
	(void)state;
	conns_free(&set);
	return 0;
}

static void
link_open(struct link *l, struct outcome *outcome)
{
	static const struct sockaddr_storage peer = { .ss_family = AF_UNIX };
	int fds[2];

	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0, fds), errno);
	outcome->len = 0;
	outcome->closed = false;
	*l = (struct link){ conns_add(&set, fds[0], &peer, NULL), fds[1],
	    outcome };
	assert_non_null(l->c);
}

/* Has the server run, as an event would. */
static void
link_run(struct link *l)
{
	if (l->c == NULL)
		return;
	l->c->drained = false;
	if (!conn_run(l->c))
		l->c = NULL;
	conns_run_ready(&set, false);
	if (!TAILQ_EMPTY(&set.open))
		return;
	l->c = NULL;
}

/* Reads what there is. */
static void
link_read(struct link *l)
{
	struct outcome *o = l->outcome;
	ssize_t n;

	do {
		assert_true(o->len < sizeof(o->answers));
		n = read(l->fd, o->answers + o->len,
		    sizeof(o->answers) - o->len);
		if (n > 0)
			o->len += (size_t)n;
	} while (n > 0);
	o->closed = n == 0 || errno != EAGAIN;
}

/* Sends a piece, as far as the server takes it, which may have closed. */
static void
link_send(struct link *l, const char *data, size_t len)
{
	if (len > 0)
		(void)send(l->fd, data, len, MSG_NOSIGNAL);
	link_run(l);
	link_read(l);
}

static void
link_close(struct link *l)
{
	if (l->c != NULL)
		conn_close(l->c);
	(void)close(l->fd);
}

/* What comes of a rule's bytes in two pieces; the first may be none. */
static void
try_split(const struct rule *rule, const char *bytes, size_t len, size_t at,
    struct outcome *outcome)
{
	struct link l;

	link_open(&l, outcome);
	if (at > 0)
		link_send(&l, bytes, at);
	link_send(&l, bytes + at, len - at);
	if (rule->more.len > 0)
		link_send(&l, rule->more.data, rule->more.len);
	if (rule->ends) {
		(void)shutdown(l.fd, SHUT_WR);
		if (l.c != NULL)
			l.c->hung_up = true;
		link_run(&l);
		link_read(&l);
	}
	link_close(&l);
}

/* A rule's bytes without more: how many, or 0 where they are too many. */
static size_t
compose(const struct rule *r, char bytes[MAX_BYTES])
{
	char *s = bytes;
	unsigned int i;

	if (r->bytes.len + r->fill.len * r->times + r->rest.len > MAX_BYTES)
		return 0;
	s = mempcpy(s, r->bytes.data, r->bytes.len);
	for (i = 0; i < r->times; i++)
		s = mempcpy(s, r->fill.data, r->fill.len);
	if (r->rest.len > 0)
		s = mempcpy(s, r->rest.data, r->rest.len);
	return (size_t)(s - bytes);
}

static void
assert_same(const struct rule *rule, size_t at, const struct outcome *have,
    const struct outcome *want)
{
	if (have->len == want->len && have->closed == want->closed &&
	    memcmp(have->answers, want->answers, want->len) == 0)
		return;
	fail_msg("RFC %s: %s, split at %zu: %s\n%.*s\nnot %s\n%.*s",
	    rule->clause, rule->name, at, have->closed ? "closed" : "open",
	    (int)have->len, have->answers, want->closed ? "closed" : "open",
	    (int)want->len, want->answers);
}

/* That they begin as they should; the rest is what the rules are for. */
static void
assert_answers(const struct rule *rule, const struct outcome *o)
{
	size_t n = strspn(rule->want, "0123456789");

	if (n == 0 ? o->len > 0 : o->len < 12 ||
	    strncmp(o->answers + 9, rule->want, n) != 0)
		fail_msg("RFC %s: %s: not %s:\n%.*s", rule->clause,
		    rule->name, rule->want, (int)o->len, o->answers);
}

/* An answer that need not come depends on what is there when. */
static void
try_rule(const struct rule *rule, unsigned int *tried)
{
	static struct outcome whole, pieces;
	char bytes[MAX_BYTES];
	size_t len = compose(rule, bytes), at;

	if (len == 0 || strchr(rule->want, '?') != NULL)
		return;
	try_split(rule, bytes, len, 0, &whole);
	assert_answers(rule, &whole);
	for (at = 1; at < len; at++) {
		try_split(rule, bytes, len, at, &pieces);
		assert_same(rule, at, &pieces, &whole);
	}
	++*tried;
}

/* Nearly all of them are short. */
static void
try_rules(const struct rule_set *rules)
{
	unsigned int tried = 0;
	size_t i;

	for (i = 0; i < rules->nrules; i++)
		try_rule(&rules->rules[i], &tried);
	assert_true(tried > rules->nrules / 2 || rules == &limit_rules);
}

/* A body that does not end. */
static ssize_t
read_zeros(void *arg, char *buf, size_t size)
{
	(void)arg;
	memset(buf, 0, size);
	return (ssize_t)size;
}

static void
send_zeros(struct http_response *res, struct http_request *req, void *arg)
{
	const struct http_source zeros = { .read = read_zeros };

	(void)req;
	(void)arg;
	(void)http_response_send_source(res, &zeros, -1);
}

/* Takes what has come, and says how much that was. */
static size_t
link_take(const struct link *l)
{
	char bytes[65536];
	size_t len = 0;
	ssize_t n;

	while ((n = recv(l->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		len += (size_t)n;
	return len;
}

/* How many have had something, and that none had more than its share. */
static size_t
count_served(const struct link *links, size_t n)
{
	size_t i, len, served = 0;

	for (i = 0; i < n; i++) {
		len = link_take(&links[i]);
		/* Beside it there are heads, and the framing of chunks. */
		assert_in_range(len, 0, CONN_SHARE_BYTES + 2048);
		served += len > 0;
	}
	return served;
}

static void
open_downloads(struct link *links, size_t n, struct outcome *outcome)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	size_t i;

	srv.handler.serve = send_zeros;
	for (i = 0; i < n; i++) {
		link_open(&links[i], outcome);
		assert_int_equal(send(links[i].fd, get, sizeof(get) - 1,
		    MSG_NOSIGNAL), sizeof(get) - 1);
		assert_true(conn_run(links[i].c));
	}
	srv.handler.serve = echo;
}

/* However many there are, requests wait for two shares, or for one. */
static void
bodies_have_turns(void **state)
{
	static struct outcome outcome;
	struct link links[5];
	size_t i;

	(void)state;
	open_downloads(links, 5, &outcome);
	assert_int_equal(count_served(links, 5), 5);
	for (i = 0; i < 5; i++) {
		conns_run_ready(&set, false);
		assert_int_equal(count_served(links, 5), 2);
	}
	conns_run_ready(&set, true);
	assert_int_equal(count_served(links, 5), 1);
	for (i = 0; i < 5; i++)
		link_close(&links[i]);
}

/* An event, say that there is room for more, is no turn. */
static void
bodies_wait_behind_requests(void **state)
{
	static struct outcome outcome;
	struct link body, request;

	(void)state;
	open_downloads(&body, 1, &outcome);
	(void)link_take(&body);
	conn_wake(body.c);
	assert_int_equal(link_take(&body), 0);
	link_open(&request, &outcome);
	(void)send(request.fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27,
	    MSG_NOSIGNAL);
	conn_wake(request.c);
	assert_int_not_equal(link_take(&request), 0);
	conns_run_ready(&set, false);
	assert_int_not_equal(link_take(&body), 0);
	link_close(&body);
	link_close(&request);
}

static void
add_finished(struct http_response *res, struct http_request *req, void *arg)
{
	(void)req;
	(void)http_response_set_header(res, "X-Finished", arg);
}

static void
finish_and_await(struct http_response *res, struct http_request *req, void *arg)
{
	static char yes[] = "yes";

	(void)arg;
	http_response_set_finish(res, add_finished, yes);
	(void)http_request_await_body(req, echo_body, NULL);
}

static void
add_refused(void *arg, struct http_response *res)
{
	(void)http_response_set_header(res, "X-Refused", arg);
}

static void
assert_refused(const char *bytes, const char *status, const char *line)
{
	static struct outcome outcome;
	struct link l;

	link_open(&l, &outcome);
	link_send(&l, bytes, strlen(bytes));
	outcome.answers[outcome.len] = '\0';
	assert_true(outcome.closed);
	assert_non_null(strstr(outcome.answers, status));
	assert_non_null(strstr(outcome.answers, line));
	link_close(&l);
}

/* By who has begun to answer, or else by the server. */
static void
refusals_are_finished(void **state)
{
	static char too[] = "too";

	(void)state;
	srv.handler.serve = finish_and_await;
	srv.refused = add_refused;
	srv.refused_arg = too;
	assert_refused("PUT / HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 99999999\r\n\r\n", " 413 ", "X-Finished: yes\r\n");
	assert_refused("PUT / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\nx\r\n", " 400 ",
	    "X-Finished: yes\r\n");
	assert_refused("GET / HTTP/1.1\r\n\r\n", " 400 ", "X-Refused: too\r\n");
	srv.handler.serve = echo;
	assert_refused("PUT / HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 99999999\r\n\r\n", " 413 ", "X-Refused: too\r\n");
	srv.refused = NULL;
}

#define SPLITS(set_)							\
	static void							\
	splits_##set_(void **state)					\
	{								\
		(void)state;						\
		try_rules(&set_##_rules);				\
	}

SPLITS(request_line)
SPLITS(target)
SPLITS(field)
SPLITS(framing)
SPLITS(chunk)
SPLITS(connection)
SPLITS(limit)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_request_line),
		cmocka_unit_test(splits_target),
		cmocka_unit_test(splits_field),
		cmocka_unit_test(splits_framing),
		cmocka_unit_test(splits_chunk),
		cmocka_unit_test(splits_connection),
		cmocka_unit_test(splits_limit),
		cmocka_unit_test(bodies_have_turns),
		cmocka_unit_test(bodies_wait_behind_requests),
		cmocka_unit_test(refusals_are_finished),
	};

	return cmocka_run_group_tests_name("conn", tests, open_set,
	    close_set);
}
