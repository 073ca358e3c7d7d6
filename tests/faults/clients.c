/*
 * Clients for a server that runs short of something: they take what comes, and
 * tell apart what a client may see from what it may not.
 *
 *	clients [-i idle] [-k kept] [-o one_shot] [-p pause_ms] port path...
 *
 * First each path is asked for once: that answer is the right one.  Then so
 * many clients keep their connections, and so many make one for each request.
 * Idle ones have one request answered, say nothing more until SIGTERM, and
 * then ask once again.  It says "ready" when each has had an answer, goes on
 * until SIGTERM, and then says how many requests ended in which way:
 *
 *	right N		200 with the right body
 *	busy N		5xx, complete
 *	refused N	4xx, complete
 *	closed N	closed or reset before the first byte
 *	torn N		a right answer up to where it was cut: shorter than it
 *			says, so that no client takes it for the whole
 *	wrong N		anything else that came
 *	stuck N		nothing for so long
 *	kept N		of the idle connections were answered at the end
 *
 * Its exit status is 0 unless something was wrong or stuck.
 */
#include <sys/socket.h>
#include <sys/time.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#define ANSWER_SIZE	(4 * 1024 * 1024)
#define MAX_PATHS	16
#define MAX_CLIENTS	64

enum outcome {
	RIGHT,
	BUSY,
	REFUSED,
	CLOSED,
	TORN,
	WRONG,
	STUCK,
	NOUTCOMES
};

static const char *const outcomes[] = {
	"right", "busy", "refused", "closed", "torn", "wrong", "stuck"
};

struct path {
	const char	*path;
	char		*body;		/* the right one */
	size_t		 len;
};

/* What has come of an answer, and what is known of it. */
struct answer {
	char		*data;
	size_t		 len;
	size_t		 body;		/* where it begins, or 0 */
	size_t		 body_len;	/* unchunked, as far as it came */
	int		 status;
	bool		 is_whole;
	bool		 closes;
};

struct client {
	pthread_t	 thread;
	struct answer	 answer;
	unsigned int	 turn;		/* which path is next */
	int		 fd;		/* -1: not connected */
	bool		 keeps;
	bool		 is_idle;
};

static struct path paths[MAX_PATHS];
static size_t npaths;
static in_port_t port;
static int pause_ms = 5;
static _Atomic unsigned long counts[NOUTCOMES];
static _Atomic unsigned long kept;
static _Atomic unsigned int ready;
static _Atomic bool stopped;
static int timeout_s = 5;

static int
number(const char *arg, int max)
{
	const char *problem;
	long long n = strtonum(arg, 0, max, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "%s: %s", arg, problem);
	return (int)n;
}

static int
connect_to_server(void)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval timeout = { .tv_sec = timeout_s };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
	    sizeof(timeout)) == -1)
		err(EX_OSERR, "socket");
	if (connect(fd, (const struct sockaddr *)&sin, sizeof(sin)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* The value of a field, or NULL. */
static const char *
field(const struct answer *a, const char *name)
{
	size_t len = strlen(name);
	const char *line = a->data;

	while ((line = strstr(line, "\r\n")) != NULL &&
	    line < a->data + a->body) {
		line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 2;
	}
	return NULL;
}

/* Moves the data of chunks together: whether the last one is there. */
static bool
unchunk(struct answer *a)
{
	char *from = a->data + a->body, *to = from, *next;
	char *end = a->data + a->len;
	size_t size;

	for (;;) {
		size = strtoul(from, &next, 16);
		if (next == from || end - next < 2)
			break;
		next += 2;
		if (size == 0 || (size_t)(end - next) < size + 2)
			break;
		memmove(to, next, size);
		to += size;
		from = next + size + 2;
	}
	a->body_len = (size_t)(to - (a->data + a->body));
	return size == 0 && end - next == 2;
}

/* Looks whether the answer is whole by what has come. */
static void
look(struct answer *a)
{
	const char *end, *value;

	a->data[a->len] = '\0';
	if (a->body == 0) {
		if ((end = strstr(a->data, "\r\n\r\n")) == NULL)
			return;
		a->body = (size_t)(end - a->data) + 4;
		a->status = strncmp(a->data, "HTTP/1.1 ", 9) == 0 ?
		    (int)strtol(a->data + 9, NULL, 10) : 0;
		value = field(a, "Connection");
		a->closes = value != NULL && strncmp(value, "close", 5) == 0;
	}
	a->body_len = a->len - a->body;
	if ((value = field(a, "Content-Length")) != NULL)
		a->is_whole = a->body_len >= strtoul(value, NULL, 10);
	else if (a->len >= 5 && memcmp(a->data + a->len - 5, "0\r\n\r\n",
	    5) == 0 && field(a, "Transfer-Encoding") != NULL)
		a->is_whole = unchunk(a);
}

/* Reads one answer: 0 at its end or the connection's, or -1 after too long. */
static int
read_answer(int fd, struct answer *a)
{
	char *data = a->data;
	ssize_t n;

	*a = (struct answer){ .data = data };
	while (!a->is_whole && a->len < ANSWER_SIZE) {
		n = recv(fd, a->data + a->len, ANSWER_SIZE - a->len, 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return -1;
		if (n <= 0)
			break;
		a->len += (size_t)n;
		look(a);
	}
	if (!a->is_whole && a->body != 0 &&
	    field(a, "Transfer-Encoding") != NULL)
		(void)unchunk(a);
	return 0;
}

static enum outcome
judge(const struct answer *a, const struct path *p)
{
	const char *body = a->data + a->body;

	if (a->len == 0)
		return CLOSED;
	if (a->body == 0)
		return TORN;
	if (a->status >= 400 && a->is_whole)
		return a->status >= 500 ? BUSY : REFUSED;
	if (a->status != 200 || a->body_len > p->len ||
	    memcmp(body, p->body, a->body_len) != 0)
		return WRONG;
	if (!a->is_whole)
		return TORN;
	return a->body_len == p->len ? RIGHT : WRONG;
}

static void
client_close(struct client *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	c->fd = -1;
}

/* Asks for a path; the connection stays as long as both sides want it to. */
static enum outcome
client_ask(struct client *c, const struct path *p)
{
	char request[512];
	enum outcome outcome;
	int len;

	if (c->fd == -1 && (c->fd = connect_to_server()) == -1)
		return CLOSED;
	len = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n"
	    "Host: localhost\r\n%s\r\n", p->path,
	    c->keeps ? "" : "Connection: close\r\n");
	if (send(c->fd, request, (size_t)len, MSG_NOSIGNAL) != len) {
		client_close(c);
		return CLOSED;
	}
	outcome = read_answer(c->fd, &c->answer) == -1 ? STUCK :
	    judge(&c->answer, p);
	if (!c->keeps || !c->answer.is_whole || c->answer.closes)
		client_close(c);
	return outcome;
}

static void
show_wrong(const struct client *c, const struct path *p)
{
	const struct answer *a = &c->answer;

	(void)fprintf(stderr, "%s: %zu bytes of %zu: %.200s\n", p->path,
	    a->body_len, p->len, a->data);
}

static void
client_count(const struct client *c, const struct path *p,
    enum outcome outcome)
{
	counts[outcome]++;
	if (outcome == WRONG)
		show_wrong(c, p);
}

/* Silent until the end; one that was closed meanwhile is not kept. */
static void
client_idle(struct client *c)
{
	bool was_open;

	if (client_ask(c, &paths[0]) != RIGHT)
		errx(EX_UNAVAILABLE, "no answer");
	ready++;
	while (!stopped)
		(void)poll(NULL, 0, 10);
	was_open = c->fd != -1;
	if (client_ask(c, &paths[0]) == RIGHT && was_open)
		kept++;
}

static void *
client_main(void *arg)
{
	struct client *c = arg;
	const struct path *p;
	bool is_ready = false;

	if (c->is_idle) {
		client_idle(c);
		return NULL;
	}
	while (!stopped) {
		p = &paths[c->turn++ % npaths];
		client_count(c, p, client_ask(c, p));
		if (!is_ready)
			ready++;
		is_ready = true;
		(void)poll(NULL, 0, pause_ms);
	}
	return NULL;
}

/* Finds out what is right, with no fault yet. */
static void
learn(struct path *p)
{
	struct answer a = { .data = malloc(ANSWER_SIZE + 1) };
	struct client c = { .fd = -1, .answer = a };

	if (a.data == NULL)
		err(EX_OSERR, NULL);
	(void)client_ask(&c, p);
	if (c.answer.status != 200 || !c.answer.is_whole)
		errx(EX_UNAVAILABLE, "%s: no answer", p->path);
	p->body = a.data + c.answer.body;
	p->len = c.answer.body_len;
}

static void
run(int idle, int keeping, int n)
{
	static struct client clients[MAX_CLIENTS];
	int i;

	for (i = 0; i < n; i++) {
		clients[i].fd = -1;
		clients[i].turn = (unsigned int)i;
		clients[i].is_idle = i < idle;
		clients[i].keeps = i < idle + keeping;
		clients[i].answer.data = malloc(ANSWER_SIZE + 1);
		if (clients[i].answer.data == NULL ||
		    pthread_create(&clients[i].thread, NULL, client_main,
		    &clients[i]) != 0)
			err(EX_OSERR, NULL);
	}
	while (ready < (unsigned int)n)
		(void)poll(NULL, 0, 1);
	(void)printf("ready\n");
	(void)fflush(stdout);
}

static void
wait_for_end(const sigset_t *set)
{
	int sig;

	(void)sigwait(set, &sig);
	stopped = true;
}

static int
report(int idle)
{
	int i;

	/* Those who are in the middle of something end it. */
	(void)poll(NULL, 0, 20);
	for (i = 0; kept < (unsigned long)idle && i < 100; i++)
		(void)poll(NULL, 0, 5);
	for (i = 0; i < NOUTCOMES; i++)
		(void)printf("%s %lu\n", outcomes[i], counts[i]);
	(void)printf("kept %lu\n", kept);
	return counts[WRONG] > 0 || counts[STUCK] > 0;
}

int
main(int argc, char *argv[])
{
	int option, idle = 0, keeping = 2, one_shot = 2;
	sigset_t set;

	while ((option = getopt(argc, argv, "i:k:o:p:t:")) != -1) {
		switch (option) {
		case 'i': idle = number(optarg, 20); break;
		case 'k': keeping = number(optarg, 20); break;
		case 'o': one_shot = number(optarg, 20); break;
		case 'p': pause_ms = number(optarg, 10000); break;
		case 't': timeout_s = number(optarg, 100); break;
		default: errx(EX_USAGE, "usage: see its source");
		}
	}
	if (argc - optind < 2 || argc - optind - 1 > MAX_PATHS)
		errx(EX_USAGE, "usage: clients port path...");
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	port = (in_port_t)number(argv[optind++], UINT16_MAX);
	for (; argv[optind] != NULL; optind++) {
		paths[npaths].path = argv[optind];
		learn(&paths[npaths++]);
	}
	run(idle, keeping, idle + keeping + one_shot);
	wait_for_end(&set);
	return report(idle);
}
