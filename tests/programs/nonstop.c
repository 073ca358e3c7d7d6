/*
 * A load that counts what is lost: clients of a port of 127.0.0.1 that keep
 * their connections, that make one for each request, and that download slowly.
 * They ask for /file and /large and compare what comes with these files in a
 * directory.  It says "ready" when each has an answer, goes on until SIGTERM
 * and to the end of the downloads that have begun, and then says
 *
 *	requests N		that were answered in full,
 *	connections N		made,
 *	downloads N		of the requests,
 *	announced N		closes, by "Connection: close"
 *	repeated N		requests behind one that was answered so
 *	losses N		of any kind, and a line for the first of them
 *
 * A close or reset that was not announced is a loss wherever it comes, also
 * between two requests.  The exit status is 0 if nothing was lost.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* Of losses so many are described. */
#define LOSSES_SAID	10
/* A client without progress for so long has lost: ms. */
#define STUCK_MS	10000
/* A download reads a piece each so many ms. */
#define PIECE_MS	10
/* After a loss. */
#define RECOVER_MS	20
/* Every so many requests on a connection two are sent at once. */
#define PIPELINE_EVERY	8

enum kind {
	KEPT,
	ONE_SHOT,
	DOWNLOAD
};

struct file {
	const char	*path;		/* of the request, too */
	const char	*bytes;
	size_t		 size;
};

struct client {
	enum kind	 kind;
	const struct file *file;
	int		 fd;		/* -1 between connections */
	unsigned int	 expected;	/* answers */
	unsigned int	 sent;		/* requests on this connection */
	int64_t		 due_ms;	/* the next step by the clock */
	int64_t		 progress_ms;
	bool		 in_body;
	bool		 is_last;	/* this answer, it says */
	bool		 was_answered;
	size_t		 pos;		/* in head or body */
	char		 head[2048];
};

struct settings {
	in_port_t	 port;
	int		 pause_ms;
	size_t		 piece_bytes;
	int		 numbers[3];	/* of clients, by kind */
};

static struct {
	unsigned long	 requests;
	unsigned long	 connections;
	unsigned long	 downloads;
	unsigned long	 announced;
	unsigned long	 repeated;
	unsigned long	 losses;
	char		 said[LOSSES_SAID][160];
} counts;

static volatile sig_atomic_t stopped;

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
on_sigterm(int sig)
{
	(void)sig;
	stopped = 1;
}

static int
number(const char *arg, int min, int max)
{
	const char *problem;
	long long n = strtonum(arg, min, max, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "%s: %s", arg, problem);
	return (int)n;
}

static void
file_map(struct file *f, const char *dir)
{
	char path[PATH_MAX];
	struct stat st;
	void *bytes;
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s", dir, f->path);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 ||
	    fstat(fd, &st) == -1)
		err(EX_NOINPUT, "%s", path);
	f->size = (size_t)st.st_size;
	bytes = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		err(EX_OSERR, "%s", path);
	f->bytes = bytes;
	(void)close(fd);
}

static void
client_close(struct client *c, int pause_ms)
{
	if (c->fd != -1)
		(void)close(c->fd);
	c->fd = -1;
	c->expected = 0;
	c->due_ms = now_ms() + pause_ms;
}

/* Counts a loss, describes it, and begins anew. */
static void __attribute__((format(printf, 2, 3)))
client_lose(struct client *c, const char *fmt, ...)
{
	static const char *const names[] = { "kept", "one-shot", "download" };
	char *line;
	va_list ap;
	int n;

	if (counts.losses < LOSSES_SAID) {
		line = counts.said[counts.losses];
		n = snprintf(line, sizeof(counts.said[0]),
		    "loss: %s, request %u of its connection: ",
		    names[c->kind], c->sent);
		va_start(ap, fmt);
		(void)vsnprintf(line + n, sizeof(counts.said[0]) - (size_t)n,
		    fmt, ap);
		va_end(ap);
	}
	counts.losses++;
	client_close(c, RECOVER_MS);
}

static void
client_connect(struct client *c, const struct settings *s)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(s->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int buffer = 65536;

	c->sent = 0;
	c->is_last = c->in_body = false;
	c->pos = 0;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A download that is all in buffers is none: socket(7). */
	if (c->fd == -1 || (c->kind == DOWNLOAD && setsockopt(c->fd,
	    SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) == -1))
		err(EX_OSERR, "socket");
	if (connect(c->fd, (const struct sockaddr *)&sin, sizeof(sin)) == 0)
		counts.connections++;
	else if (errno == EINTR)
		client_close(c, RECOVER_MS);
	else
		client_lose(c, "connect: %s", strerror(errno));
}

/* Each fits what a socket takes at once. */
static void
client_ask(struct client *c)
{
	char request[512];
	unsigned int i, n = 1;
	int len = 0;

	if (c->kind == KEPT && c->sent % PIPELINE_EVERY == PIPELINE_EVERY - 1)
		n = 2;
	for (i = 0; i < n; i++)
		len += snprintf(request + len, sizeof(request) - (size_t)len,
		    "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
		    c->file->path,
		    c->kind == ONE_SHOT ? "Connection: close\r\n" : "");
	c->sent += n;
	c->expected = n;
	c->progress_ms = now_ms();
	if (send(c->fd, request, (size_t)len, MSG_NOSIGNAL) != len)
		client_lose(c, "send: %s", strerror(errno));
}

/* What comes is as long as it should be: its framing needs no other look. */
static bool
client_read_head(struct client *c)
{
	char expected[64];

	c->head[c->pos] = '\0';
	(void)snprintf(expected, sizeof(expected), "\r\nContent-Length: %zu\r",
	    c->file->size);
	if (strncmp(c->head, "HTTP/1.1 200 ", 13) != 0) {
		client_lose(c, "status: %.20s", c->head);
		return false;
	}
	if (strstr(c->head, expected) == NULL) {
		client_lose(c, "another length");
		return false;
	}
	c->is_last = strstr(c->head, "\r\nConnection: close\r") != NULL;
	c->in_body = true;
	c->pos = 0;
	return true;
}

static void
client_end_answer(struct client *c, const struct settings *s)
{
	int pause_ms = s->pause_ms == 0 ? 0 :
	    (int)(random() % (2 * s->pause_ms));

	counts.requests++;
	counts.downloads += c->kind == DOWNLOAD;
	c->was_answered = true;
	c->in_body = false;
	c->pos = 0;
	c->expected--;
	if (!c->is_last) {
		c->due_ms = now_ms() + pause_ms;
		return;
	}
	counts.announced += c->kind != ONE_SHOT;
	counts.repeated += c->expected;
	client_close(c, c->expected > 0 ? 0 : pause_ms);
}

/* How many bytes of a head there are; ends with it. */
static size_t
client_take_head(struct client *c, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (c->pos == sizeof(c->head) - 1) {
			client_lose(c, "a head without end");
			return i;
		}
		c->head[c->pos++] = bytes[i];
		if (c->pos >= 4 &&
		    memcmp(c->head + c->pos - 4, "\r\n\r\n", 4) == 0) {
			(void)client_read_head(c);
			return i + 1;
		}
	}
	return n;
}

static size_t
client_take_body(struct client *c, const char *bytes, size_t n)
{
	size_t left = c->file->size - c->pos;

	if (n > left)
		n = left;
	if (memcmp(bytes, c->file->bytes + c->pos, n) != 0) {
		client_lose(c, "other content, before byte %zu", c->pos + n);
		return n;
	}
	c->pos += n;
	return n;
}

/* The connection may be closed, or lost, by any of it. */
static void
client_take(struct client *c, const char *bytes, size_t n,
    const struct settings *s)
{
	size_t used;

	while (n > 0 && c->fd != -1) {
		if (c->expected == 0) {
			client_lose(c, "bytes without a request: %.20s",
			    bytes);
			return;
		}
		used = c->in_body ? client_take_body(c, bytes, n) :
		    client_take_head(c, bytes, n);
		bytes += used;
		n -= used;
		if (c->fd != -1 && c->in_body && c->pos == c->file->size)
			client_end_answer(c, s);
	}
}

static void
client_end(struct client *c, const char *how)
{
	if (c->expected == 0)
		client_lose(c, "%s while idle, unannounced", how);
	else if (c->in_body)
		client_lose(c, "short body: %s after %zu of %zu bytes", how,
		    c->pos, c->file->size);
	else
		client_lose(c, "%s before the answer", how);
}

static void
client_read(struct client *c, const struct settings *s)
{
	static char bytes[65536];
	size_t size = sizeof(bytes);
	ssize_t n;

	if (c->kind == DOWNLOAD && s->piece_bytes < size && !stopped)
		size = s->piece_bytes;
	n = recv(c->fd, bytes, size, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_end(c, n == 0 ? "closed" : strerror(errno));
		return;
	}
	c->progress_ms = now_ms();
	if (c->kind == DOWNLOAD)
		c->due_ms = c->progress_ms + PIECE_MS;
	client_take(c, bytes, (size_t)n, s);
}

/* What is due by the clock; reads come by poll(2). */
static void
client_step(struct client *c, const struct settings *s, int64_t now)
{
	if (c->expected > 0 && now - c->progress_ms > STUCK_MS)
		client_lose(c, "no progress for %d ms", STUCK_MS);
	if (c->expected > 0 || now < c->due_ms || stopped)
		return;
	if (c->fd == -1)
		client_connect(c, s);
	if (c->fd != -1)
		client_ask(c);
}

/* Whether it reads as it comes: a download waits for its time. */
static bool
client_listens(const struct client *c, int64_t now)
{
	return c->fd != -1 && (c->kind != DOWNLOAD || c->expected == 0 ||
	    now >= c->due_ms || stopped);
}

static int
wait_for_clients(const struct client *clients, struct pollfd *pfds, int n)
{
	int64_t now = now_ms(), next = now + 1000;
	int i;

	for (i = 0; i < n; i++) {
		pfds[i].fd = client_listens(&clients[i], now) ?
		    clients[i].fd : -1;
		pfds[i].events = POLLIN;
		pfds[i].revents = 0;
		if ((clients[i].expected == 0 || pfds[i].fd == -1) &&
		    clients[i].due_ms < next)
			next = clients[i].due_ms;
	}
	return poll(pfds, (nfds_t)n, next <= now ? 0 : (int)(next - now));
}

static void
say_ready(const struct client *clients, int n)
{
	static bool is_said;
	int i;

	for (i = 0; i < n && !is_said; i++)
		if (!clients[i].was_answered && (clients[i].kind != DOWNLOAD ||
		    !clients[i].in_body))
			return;
	if (!is_said)
		(void)printf("ready\n");
	(void)fflush(stdout);
	is_said = true;
}

/* Downloads that have begun end before the load does, at full speed. */
static bool
is_over(const struct client *clients, int n)
{
	int i;

	for (i = 0; i < n && stopped; i++)
		if (clients[i].kind == DOWNLOAD && clients[i].expected > 0)
			return false;
	return stopped;
}

static void
run(struct client *clients, struct pollfd *pfds, int n,
    const struct settings *s)
{
	int i, ready;

	while (!is_over(clients, n)) {
		for (i = 0; i < n; i++)
			client_step(&clients[i], s, now_ms());
		ready = wait_for_clients(clients, pfds, n);
		for (i = 0; i < n && ready > 0; i++)
			if (pfds[i].revents != 0)
				client_read(&clients[i], s);
		say_ready(clients, n);
	}
}

static int
report(void)
{
	unsigned long i;

	(void)printf("requests %lu\nconnections %lu\ndownloads %lu\n"
	    "announced %lu\nrepeated %lu\nlosses %lu\n", counts.requests,
	    counts.connections, counts.downloads, counts.announced,
	    counts.repeated, counts.losses);
	for (i = 0; i < counts.losses && i < LOSSES_SAID; i++)
		(void)printf("%s\n", counts.said[i]);
	return counts.losses > 0;
}

static void
start(const struct settings *s, const struct file files[2])
{
	int n = s->numbers[KEPT] + s->numbers[ONE_SHOT] +
	    s->numbers[DOWNLOAD], i;
	struct client *clients = calloc((size_t)n + 1, sizeof(*clients));
	struct pollfd *pfds = calloc((size_t)n + 1, sizeof(*pfds));

	if (clients == NULL || pfds == NULL)
		err(EX_OSERR, NULL);
	for (i = 0; i < n; i++) {
		if (i >= s->numbers[KEPT])
			clients[i].kind = i - s->numbers[KEPT] <
			    s->numbers[ONE_SHOT] ? ONE_SHOT : DOWNLOAD;
		clients[i].file = &files[clients[i].kind == DOWNLOAD];
		clients[i].fd = -1;
	}
	run(clients, pfds, n, s);
	free(clients);
	free(pfds);
}

static _Noreturn void
usage(void)
{
	errx(EX_USAGE, "usage: nonstop [-d downloads] [-k kept] [-o one_shot] "
	    "[-p pause_ms]\n\t[-r bytes_a_second] port directory");
}

static void
take_option(struct settings *s, int option, const char *arg)
{
	switch (option) {
	case 'd':
		s->numbers[DOWNLOAD] = number(arg, 0, 1000);
		break;
	case 'k':
		s->numbers[KEPT] = number(arg, 0, 10000);
		break;
	case 'o':
		s->numbers[ONE_SHOT] = number(arg, 0, 1000);
		break;
	case 'p':
		s->pause_ms = number(arg, 0, 10000);
		break;
	case 'r':
		s->piece_bytes = (size_t)number(arg, 1000, INT_MAX) *
		    PIECE_MS / 1000;
		break;
	default:
		usage();
	}
}

int
main(int argc, char *argv[])
{
	struct settings s = {
		.pause_ms = 10,
		.piece_bytes = 65536,
		.numbers = { 16, 4, 4 },
	};
	struct file files[] = { { .path = "/file" }, { .path = "/large" } };
	struct sigaction sa = { .sa_handler = on_sigterm };
	int option;

	while ((option = getopt(argc, argv, "d:k:o:p:r:")) != -1)
		take_option(&s, option, optarg);
	if (argc - optind != 2)
		usage();
	s.port = (in_port_t)number(argv[optind], 1, UINT16_MAX);
	file_map(&files[0], argv[optind + 1]);
	file_map(&files[1], argv[optind + 1]);
	(void)sigaction(SIGTERM, &sa, NULL);
	start(&s, files);
	return report();
}
