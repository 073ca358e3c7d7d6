/*
 * A whole connection, over a socket pair and under a clock of our own.  The
 * input is what the client does, and then, behind a newline, what it says:
 *
 *	s n	sends n bytes of it
 *	R n	sends all that is left of it n times, and keeps it
 *	p x	reads no more, or again
 *	t n	lets half a second go by n times
 *	e x	sends no more
 *	c x	closes
 *	i x	does nothing, and the server takes a look
 *	d x	lives to see the server drain
 *	v x	and its child full
 *
 * Each is two bytes, and n is a byte: '0' is 1, '1' is 2, up to 48.  What is
 * left behind these it sends in one piece.
 *
 * The handler notes what it promises for each request, and what the client
 * has read is held against that.  The requests are those that the stream holds
 * for one who reads it without a connection.  Where the client did nothing but
 * send, it reads the same as when it sends all in one piece.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <strings.h>
#include <unistd.h>

#include "buffer.h"
#include "conn.h"
#include "fuzz.h"

#define MAX_REQUESTS	150	/* a connection: more than a turn's share */
#define MAX_BODY	4096
#define FILE_BYTES	131072
#define START_MS	1000000
#define DATE		"Sun, 06 Nov 1994 08:49:37 GMT"

/* What the handler was asked, and what it answered. */
struct promise {
	bool		 is_head;
	bool		 expects;	/* 100-continue */
	bool		 awaits;	/* its body, which is not yet in */
	bool		 is_cut;	/* the answer breaks off */
	int		 minor;
	int		 status;
	int64_t		 length;	/* of the body; -1: not checked */
	char		 target[32];	/* its start */
};

/* One connection, from its start to its end. */
struct run {
	struct conns	 set;
	struct scoreboard_slot slot;
	struct conn	*c;		/* NULL: closed */
	int		 fd;		/* the client's end; -1: closed */
	bool		 is_reading;
	bool		 only_sends;
	struct buffer	 sent;
	struct buffer	 answers;
	size_t		 answered;	/* bytes of these, without a refusal */
	bool		 is_refused;
	bool		 is_broken;	/* by a refusal of what was promised */
	struct promise	 promises[MAX_REQUESTS];
	size_t		 npromises;
	unsigned int	 sources;	/* not yet released */
};

static struct http_server srv = {
	.read_header_timeout = 10000,
	.read_timeout = 30000,
	.write_timeout = 30000,
	.min_rate = 240,
	.idle_timeout = 60000,
	.max_request_line_bytes = 256,
	.max_field_bytes = 256,
	.max_fields = 16,
	.max_header_bytes = 1024,
	.max_body_bytes = MAX_BODY,
	.connections_per_child = 1,
	.max_requests = MAX_REQUESTS,
};

static int file_fd;

/* Every body of the handler's own is the start of this text. */
static char
pattern(uint64_t at)
{
	return (char)('a' + at % 26);
}

static void
fill(char *dst, uint64_t at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		dst[i] = pattern(at + i);
}

/* A body's source, which gives so much at a time. */
struct source {
	struct run	*run;
	uint64_t	 at;
	uint64_t	 length;
	size_t		 piece;
	bool		 fails;		/* at its end */
};

static ssize_t
source_read(void *arg, char *buf, size_t size)
{
	struct source *s = arg;
	size_t len = s->piece < size ? s->piece : size;

	CHECK(size > 0);
	if (len > s->length - s->at)
		len = (size_t)(s->length - s->at);
	if (len == 0 && s->fails)
		return -1;
	fill(buf, s->at, len);
	s->at += len;
	return (ssize_t)len;
}

static void
source_release(void *arg)
{
	struct source *s = arg;

	CHECK(s->run->sources > 0);
	s->run->sources--;
	free(s);
}

static void
send_source(struct http_response *res, struct run *run, struct promise *p,
    char kind)
{
	struct source *s = malloc(sizeof(*s));
	struct http_source source = { source_read, source_release, s };
	off_t length = kind == 's' || kind == 'x' ? -1 : p->length;

	CHECK(s != NULL);
	*s = (struct source){ run, 0, (uint64_t)p->length,
	    (size_t)p->length / 3 + 1, kind == 'x' };
	run->sources++;
	if (kind == 'X')
		length += 10;
	p->is_cut = kind == 'x' || kind == 'X';
	CHECK(http_response_send_source(res, &source, length) == 0);
}

static void
send_file(struct http_response *res, struct promise *p, char kind)
{
	off_t offset = kind == 'F' ? FILE_BYTES - p->length / 2 : 26;

	p->is_cut = kind == 'F' && p->length > 0;
	CHECK(http_response_send_file(res, dup(file_fd), offset,
	    p->length) == 0);
}

static void
write_memory(struct http_response *res, const struct promise *p)
{
	char *text = malloc((size_t)p->length + 1);

	CHECK(text != NULL);
	fill(text, 0, (size_t)p->length);
	CHECK(http_response_write(res, text, (size_t)p->length) == 0);
	free(text);
}

static void
set_status(struct http_response *res, struct promise *p, int status)
{
	p->status = status;
	CHECK(http_response_set_status(res, status) == 0);
}

/* Answers the body itself. */
static void
echo(struct http_response *res, struct http_request *req, void *arg)
{
	struct run *run = arg;
	struct promise *p = &run->promises[run->npromises - 1];
	const char *body;
	size_t len;

	CHECK(p->awaits);
	p->awaits = false;
	body = http_request_body(req, &len);
	CHECK(len <= MAX_BODY);
	CHECK(http_response_write(res, body, len) == 0);
	p->length = -1;
}

/* Answers by the letters of the path: what, and how long its body is. */
static void
answer(struct http_response *res, struct http_request *req, struct run *run,
    struct promise *p)
{
	const char *path = http_request_path(req);
	size_t n = strlen(path);
	char kind = n > 1 ? path[1] : '\0';

	if (n > 3)
		p->length = (path[2] & 15) << (unsigned char)path[3] % 16 % 14;
	switch (kind) {
	case 'e':
		p->awaits = true;
		CHECK(http_request_await_body(req, echo, run) == 0);
		CHECK(http_request_await_body(req, echo, run) == -1);
		break;
	case 'f':
	case 'F':
		send_file(res, p, kind);
		break;
	case 's':
	case 'S':
	case 'x':
	case 'X':
		send_source(res, run, p, kind);
		break;
	case 'n':
		set_status(res, p, HTTP_NO_CONTENT);
		write_memory(res, p);
		break;
	case 'o':
		set_status(res, p, HTTP_NOT_MODIFIED);
		send_source(res, run, p, 's');
		break;
	case 'r':
		p->status = HTTP_FOUND;
		p->length = -1;
		CHECK(http_response_redirect(res, HTTP_FOUND, "/m") == 0);
		break;
	default:
		write_memory(res, p);
		break;
	}
}

/* Whether any Expect asks for 100 Continue: none that is served has another. */
static bool
expects_continue(const struct http_request *req)
{
	const char *name, *value;
	bool expects = false;
	size_t i;

	for (i = 0; http_request_header_at(req, i, &name, &value) == 1; i++) {
		if (strcasecmp(name, "Expect") != 0)
			continue;
		CHECK(strcasestr(value, "100-continue") != NULL ||
		    value[strspn(value, ", \t")] == '\0');
		expects |= strchr(value, '-') != NULL;
	}
	return expects;
}

static void
serve(struct http_response *res, struct http_request *req, void *arg)
{
	struct run *run = arg;
	struct promise *p;

	CHECK(run->npromises < MAX_REQUESTS);
	CHECK(run->npromises == 0 || !run->promises[run->npromises - 1].awaits);
	p = &run->promises[run->npromises++];
	p->is_head = strcmp(http_request_method(req), "HEAD") == 0;
	p->minor = http_request_minor_version(req);
	p->expects = p->minor > 0 && expects_continue(req);
	p->status = HTTP_OK;
	(void)strlcpy(p->target, http_request_target(req), sizeof(p->target));
	answer(res, req, run, p);
}

/* What the client has read, as it goes on checking it. */
struct reader {
	const char	*s;
	const char	*end;
	size_t		 n;		/* answers that are complete */
	bool		 ended;		/* one was the last, or breaks off */
	bool		 is_refused;	/* that was a refusal, */
	bool		 is_broken;	/* and of what was promised */
	bool		 continued;	/* 100 Continue came before this one */
};

/* The head of an answer. */
struct head {
	int		 status;
	int64_t		 length;	/* -1: none is said */
	bool		 chunked;
	bool		 closes;
	bool		 keeps;
	bool		 has_date;
};

static void
check_field(struct head *head, const char *s, size_t len)
{
	size_t name = 0;

	while (name < len && headscan_is_token(s + name, 1))
		name++;
	CHECK(name > 0 && len > name + 1 && s[name] == ':');
	CHECK(headscan_is_value(s + name, len - name));
	if (strncmp(s, "Content-Length: ", 16) == 0) {
		CHECK(head->length == -1 && !head->chunked);
		head->length = strtoll(s + 16, NULL, 10);
		CHECK(head->length >= 0);
	} else if (strncmp(s, "Transfer-Encoding: chunked\r", 27) == 0) {
		CHECK(head->length == -1 && !head->chunked);
		head->chunked = true;
	} else if (strncmp(s, "Connection: close\r", 18) == 0)
		head->closes = true;
	else if (strncmp(s, "Connection: keep-alive\r", 23) == 0)
		head->keeps = true;
	else if (strncmp(s, "Date: " DATE "\r", 36) == 0)
		head->has_date = true;
}

/* Reads a head and moves behind it: false when it is not all there. */
static bool
read_head(struct reader *r, struct head *head)
{
	size_t left = (size_t)(r->end - r->s);
	const char *end = memmem(r->s, left, "\r\n\r\n", 4), *s = r->s, *cr;

	if (end == NULL)
		return false;
	*head = (struct head){ .length = -1 };
	CHECK(strncmp(s, "HTTP/1.1 ", 9) == 0 && s[12] == ' ');
	head->status = (int)strtol(s + 9, NULL, 10);
	CHECK(head->status >= 100 && head->status <= 599);
	for (s = strstr(s, "\r\n") + 2; s < end + 2; s = cr + 2) {
		cr = memchr(s, '\r', (size_t)(end + 2 - s));
		CHECK(cr != NULL && cr[1] == '\n');
		check_field(head, s, (size_t)(cr - s));
	}
	r->s = end + 4;
	return true;
}

/* Takes so many bytes of data: false when they are not all there. */
static bool
read_data(struct reader *r, uint64_t len, uint64_t at, bool is_pattern)
{
	uint64_t i;

	for (i = 0; i < len && r->s < r->end; i++, r->s++)
		CHECK(!is_pattern || *r->s == pattern(at + i));
	return i == len;
}

/* Takes chunks to the last: how many bytes they hold, or -1. */
static int64_t
read_chunks(struct reader *r, bool is_pattern)
{
	uint64_t total = 0, size;
	char *end;

	do {
		if (memmem(r->s, (size_t)(r->end - r->s), "\r\n", 2) == NULL)
			return -1;
		size = strtoull(r->s, &end, 16);
		CHECK(end > r->s && end[0] == '\r' && end[1] == '\n');
		r->s = end + 2;
		if (!read_data(r, size, total, is_pattern) ||
		    r->end - r->s < 2)
			return -1;
		CHECK(r->s[0] == '\r' && r->s[1] == '\n');
		r->s += 2;
		total += size;
	} while (size > 0);
	return (int64_t)total;
}

/* Takes the body: its length, or -1 when it breaks off. */
static int64_t
read_body(struct reader *r, const struct head *head, bool is_pattern)
{
	int64_t len;

	if (head->chunked)
		return read_chunks(r, is_pattern);
	if (head->length != -1)
		return read_data(r, (uint64_t)head->length, 0, is_pattern) ?
		    head->length : -1;
	CHECK(head->closes);
	len = r->end - r->s;
	(void)read_data(r, (uint64_t)len, 0, is_pattern);
	return len;
}

/* A refusal is the last answer, whole unless the connection was cut. */
static void
read_refusal(struct reader *r, const struct head *head,
    const struct promise *p)
{
	CHECK(head->status >= 400 && head->closes && head->length > 0);
	CHECK(r->end - r->s <= head->length);
	r->s = r->end;
	r->ended = r->is_refused = true;
	r->is_broken = p != NULL;
}

/* Takes what was promised. */
static void
read_promised(struct reader *r, const struct head *head,
    const struct promise *p)
{
	bool has_content = head->status != HTTP_NO_CONTENT &&
	    head->status != HTTP_NOT_MODIFIED;
	int64_t len;

	CHECK(head->status == p->status);
	CHECK(!head->chunked || (p->minor > 0 && !p->is_head));
	CHECK(has_content || (head->length == -1 && !head->chunked));
	r->ended = head->closes;
	if (p->is_head || !has_content) {
		CHECK(head->length == -1 || p->length == -1 ||
		    p->is_cut || head->length == p->length);
		return;
	}
	len = read_body(r, head, p->length != -1 && !p->is_cut);
	r->ended |= len == -1 || p->is_cut;
	CHECK(len == -1 || p->is_cut || p->length == -1 || len == p->length ||
	    (head->length == -1 && !head->chunked && len < p->length));
}

/* Whether a refusal may stand where this was promised. */
static bool
may_be_refused(const struct promise *p, int status)
{
	if (p->awaits)
		return status == HTTP_BAD_REQUEST ||
		    status == HTTP_REQUEST_TIMEOUT ||
		    status == HTTP_CONTENT_TOO_LARGE;
	return p->is_cut && status == HTTP_INTERNAL_SERVER_ERROR;
}

/* Reads the next answer: false when its head is not all there. */
static bool
read_answer(struct reader *r, const struct run *run)
{
	const struct promise *p = r->n < run->npromises ?
	    &run->promises[r->n] : NULL;
	struct head head;

	if (!read_head(r, &head))
		return false;
	if (head.status == HTTP_CONTINUE) {
		CHECK(p != NULL && p->expects && !r->continued);
		r->continued = true;
		return true;
	}
	CHECK(head.has_date && !(head.closes && head.keeps));
	if (p == NULL || may_be_refused(p, head.status))
		read_refusal(r, &head, p);
	else
		read_promised(r, &head, p);
	CHECK(head.closes || p == NULL || p->minor > 0 || head.keeps);
	r->continued = false;
	r->n++;
	return true;
}

/* The connection, as far as both know, is between two requests. */
static bool
is_waiting(const struct run *run)
{
	return run->c != NULL && run->c->state == CONN_HEAD && run->fd != -1;
}

/*
 * Nothing stands behind an answer that was the last, and no connection ends
 * without one, unless by the client's doing.  While it waits for a head, every
 * request has its answer.
 */
static void
check_answers(struct run *run)
{
	struct reader r = { 0 };
	const char *last;

	CHECK(buffer_append(&run->answers, "", 1) == 0);
	r.s = last = run->answers.data;
	r.end = r.s + run->answers.len - 1;
	while (r.s < r.end && !r.ended) {
		last = r.s;
		if (!read_answer(&r, run))
			break;
	}
	CHECK(!r.ended || r.s == r.end);
	CHECK(r.n <= run->npromises + 1);
	CHECK(!is_waiting(run) || (r.n == run->npromises && r.s == r.end &&
	    !r.ended));
	CHECK(run->c != NULL || r.ended || !run->only_sends);
	run->is_refused = r.is_refused;
	run->is_broken = r.is_broken;
	run->answered = (size_t)((r.is_refused ? last : r.end) -
	    run->answers.data);
}

/* One who reads what was sent, without clock, answers and handler. */
struct oracle {
	const char	*s;
	const char	*end;
	size_t		 n;		/* requests whose head is right */
	bool		 is_wrong;	/* what follows them */
};

/* Goes behind a body: false where its end is not there. */
static bool
oracle_skip_body(struct oracle *o, const struct http_request *req)
{
	struct body body;
	const char *data;
	size_t len;
	ssize_t n;

	body_init(&body, req->framing, req->content_length);
	while (!body_is_done(&body) && o->s < o->end) {
		n = body_read(&body, o->s, (size_t)(o->end - o->s), &data,
		    &len);
		o->is_wrong = n == -1;
		if (n == -1)
			return false;
		o->s += n;
	}
	return body_is_done(&body);
}

/* Reads a request: false behind the last that there is. */
static bool
oracle_next(struct oracle *o, const struct run *run)
{
	static struct http_request req;
	struct headscan hs = { 0 };
	struct fuzz_input head;
	enum http_status status;
	char *copy;

	status = headscan(&hs, &run->set.limits, o->s,
	    (size_t)(o->end - o->s));
	o->is_wrong = status >= HTTP_BAD_REQUEST;
	if (status != HTTP_OK)
		return false;
	head = (struct fuzz_input){ o->s + hs.start, hs.line - hs.start };
	o->s += hs.line;
	copy = fuzz_copy(&head);
	o->is_wrong = request_parse(&req, copy, head.len) != 0;
	if (!o->is_wrong && o->n < run->npromises)
		CHECK(strncmp(run->promises[o->n].target, req.target,
		    sizeof(run->promises[o->n].target) - 1) == 0);
	if (!o->is_wrong)
		o->n++;
	request_free(&req);
	free(copy);
	return !o->is_wrong && oracle_skip_body(o, &req);
}

/*
 * The handler was called for requests that were sent and no others; where the
 * client just sent, for all of them, and nothing was refused that is right.
 */
static void
check_requests(const struct run *run)
{
	struct oracle o = { run->sent.data, NULL, 0, false };

	if (o.s == NULL)
		return;
	o.end = o.s + run->sent.len;
	while (oracle_next(&o, run))
		continue;
	CHECK(run->npromises <= o.n);
	if (!run->only_sends)
		return;
	if (is_waiting(run))
		CHECK(run->npromises == o.n && !o.is_wrong);
	if (run->is_refused && !run->is_broken)
		CHECK(run->npromises == o.n && o.is_wrong);
}

/* Reads all there is: whether there was any. */
static bool
client_read(struct run *run)
{
	size_t before = run->answers.len;
	ssize_t n;

	if (run->fd == -1 || !run->is_reading)
		return false;
	do {
		CHECK(buffer_reserve(&run->answers, 16384) == 0);
		n = recv(run->fd, run->answers.data + run->answers.len, 16384,
		    MSG_DONTWAIT);
		if (n > 0)
			run->answers.len += (size_t)n;
	} while (n > 0);
	return run->answers.len > before;
}

/* The first run is the acceptor's: the loop watches what lives on. */
static void
server_accept(struct run *run)
{
	if (conn_run(run->c))
		run->c->watched = true;
	else
		run->c = NULL;
}

/* The child's turn, as long as it has anything to do without an event. */
static void
server_turn(struct run *run)
{
	if (run->c != NULL && !run->c->watched)
		server_accept(run);
	do {
		conns_run_ready(&run->set, false);
		conns_expire(&run->set);
	} while (!TAILQ_EMPTY(&run->set.ready));
	if (run->c != NULL && run->c->state == CONN_CLOSED)
		run->c = NULL;
	conns_bury(&run->set);
}

/* An event for the connection, and the turn that it is part of. */
static void
server_event(struct run *run)
{
	if (run->c != NULL && run->c->watched) {
		run->c->drained = false;
		conn_wake(run->c);
	}
	server_turn(run);
}

/* Reads; a server that waits for that learns that it can write again. */
static void
client_settle(struct run *run)
{
	while (client_read(run) && run->c != NULL &&
	    run->c->deadline.queue == &run->set.write)
		server_event(run);
}

/* Sends as much as the server takes. */
static void
client_send(struct run *run, const char *data, size_t len)
{
	bool is_stuck = false;
	ssize_t n;

	while (len > 0 && run->fd != -1) {
		n = send(run->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == -1 && (errno != EAGAIN || is_stuck))
			break;
		is_stuck = n == -1;
		if (n > 0) {
			CHECK(buffer_append(&run->sent, data, (size_t)n) == 0);
			data += n;
			len -= (size_t)n;
		}
		server_event(run);
		client_settle(run);
	}
}

/* Sends it so many times, but as one piece. */
static void
client_send_again(struct run *run, const struct fuzz_input *in, size_t times)
{
	struct buffer all = { 0 };

	while (times-- > 0)
		CHECK(buffer_append(&all, in->data, in->len) == 0);
	client_send(run, all.data, all.len);
	buffer_free(&all);
}

static void
client_hang_up(struct run *run, bool closes)
{
	if (run->fd == -1)
		return;
	if (closes) {
		(void)close(run->fd);
		run->fd = -1;
	} else
		(void)shutdown(run->fd, SHUT_WR);
	if (run->c != NULL)
		run->c->hung_up = true;
	server_event(run);
	client_settle(run);
}

static void
client_act(struct run *run, unsigned char verb, unsigned char arg,
    struct fuzz_input *in)
{
	size_t n = arg % 48 + 1;

	run->only_sends &= strchr("tecdv", verb) == NULL;
	switch (verb) {
	case 'R':
		client_send_again(run, in, n);
		break;
	case 'p':
		run->is_reading = !run->is_reading;
		client_settle(run);
		break;
	case 't':
		run->set.now_ms += n * 500;
		server_turn(run);
		break;
	case 'e':
	case 'c':
		client_hang_up(run, verb == 'c');
		break;
	case 'd':
		server_turn(run);
		conns_drain(&run->set);
		server_turn(run);
		break;
	case 'v':
		server_turn(run);
		(void)conns_evict_idle(&run->set);
		server_turn(run);
		break;
	case 'i':
		server_event(run);
		break;
	default:
		n = n < in->len ? n : in->len;
		client_send(run, in->data, n);
		in->data += n;
		in->len -= n;
		break;
	}
}

/* Few, as it takes long, get a page that the socket does not take at once. */
static void
refused(void *arg, struct http_response *res)
{
	int status = http_response_status(res);

	(void)arg;
	if (status == HTTP_NOT_IMPLEMENTED ||
	    status == HTTP_VERSION_NOT_SUPPORTED)
		CHECK(http_response_send_file(res, dup(file_fd), 0,
		    FILE_BYTES / 4) == 0);
}

/* All that is real here is the sockets. */
static void
run_start(struct run *run)
{
	static const struct sockaddr_storage peer = { .ss_family = AF_UNIX };
	int fds[2], size = 16384;

	memset(run, 0, sizeof(*run));
	srv.handler = (struct http_handler){ serve, run };
	srv.refused = refused;
	(void)conns_init(&run->set, &srv, &run->slot);
	run->set.now_ms = START_MS;
	run->set.now = run->set.date_time = 784111777;
	(void)strcpy(run->set.date, DATE);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	CHECK(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)) == 0);
	run->fd = fds[1];
	run->is_reading = run->only_sends = true;
	run->c = conns_add(&run->set, fds[0], &peer, NULL);
	CHECK(run->c != NULL);
}

/* Gives up the connection: nothing is left of it. */
static void
run_end(struct run *run)
{
	conns_free(&run->set);
	CHECK(run->sources == 0 && run->slot.connections == 0);
	CHECK(!run->slot.serving);
	buffer_free(&run->answers);
	buffer_free(&run->sent);
	if (run->fd != -1)
		(void)close(run->fd);
}

/* The client does all of that and says what is left; then it reads it all. */
static void
run_client(struct run *run, struct fuzz_input acts, struct fuzz_input in)
{
	unsigned char verb;

	while (acts.len > 1) {
		verb = fuzz_byte(&acts);
		client_act(run, verb, fuzz_byte(&acts), &in);
	}
	client_send(run, in.data, in.len);
	run->is_reading = true;
	client_settle(run);
	check_answers(run);
	check_requests(run);
}

/*
 * Says the same in one piece, for the same answers.  Only which fault is told
 * may differ: of two, the one that arrives first is.
 */
static void
check_same(const struct run *run)
{
	static struct run whole;
	const struct fuzz_input in = { run->sent.data, run->sent.len };
	size_t i;

	for (i = 0; i < run->npromises; i++)
		if (run->promises[i].expects)
			return;
	run_start(&whole);
	run_client(&whole, (struct fuzz_input){ 0 }, in);
	CHECK(whole.npromises == run->npromises);
	CHECK(whole.is_refused == run->is_refused);
	CHECK(whole.answered == run->answered);
	CHECK(memcmp(whole.answers.data, run->answers.data,
	    run->answered) == 0);
	run_end(&whole);
}

/* Once: the file, the log's descriptor, and the signal that a child ignores. */
static void
prepare(void)
{
	static char text[FILE_BYTES];

	fill(text, 26, sizeof(text));
	file_fd = memfd_create("pattern", MFD_CLOEXEC);
	CHECK(write(file_fd, text, sizeof(text)) == FILE_BYTES);
	srv.access_log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	CHECK(srv.access_log > 0);
	(void)signal(SIGPIPE, SIG_IGN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len), acts = in;
	static struct run run;

	if (file_fd == 0)
		prepare();
	while (fuzz_byte(&in) != '\n' && in.len > 0)
		continue;
	acts.len -= in.len;
	run_start(&run);
	run_client(&run, acts, in);
	if (run.only_sends)
		check_same(&run);
	run_end(&run);
	return 0;
}
