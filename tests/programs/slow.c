/*
 * Slow clients: makes connections to a port of 127.0.0.1, sends some bytes on
 * each at once, and from then on a piece of bytes every interval, over and
 * over.  What comes back is read as it comes, or also in pieces.  It says
 *
 *	open N			when all are connected
 *	answered N		when something has come back on each
 *	closed MS BYTES STATUS...	when the server closes one: how old it
 *				was, the bytes behind the first head that
 *				came, and the statuses of what came
 *	reset MS BYTES STATUS...	the same, where it was reset
 *
 * and ends when all are closed.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* Statuses are looked for in the first bytes that come. */
#define KEPT_BYTES	2048

struct client {
	int		fd;
	int64_t		start_ms;
	size_t		len;			/* bytes that came */
	char		kept[KEPT_BYTES + 1];	/* the first of them */
};

struct settings {
	in_port_t	 port;
	const char	*bytes;
	const char	*piece;		/* "": none */
	size_t		 read_bytes;	/* an interval; 0: as they come */
	int		 buffer_bytes;	/* for what comes; 0: the system's */
	int		 pause_ms;	/* between two connections */
	int		 interval_ms;
	int		 n;
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
number(const char *arg, int max)
{
	const char *problem;
	long long n = strtonum(arg, 1, max, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "%s: %s", arg, problem);
	return (int)n;
}

static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(EX_OSERR, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(EX_OSERR, "setrlimit");
}

/* The buffer has to be small before the connection is: socket(7). */
static int
connect_to(const struct settings *s)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(s->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || (s->buffer_bytes > 0 && setsockopt(fd, SOL_SOCKET,
	    SO_RCVBUF, &s->buffer_bytes, sizeof(s->buffer_bytes)) == -1))
		err(EX_OSERR, "socket");
	if (connect(fd, (const struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(EX_UNAVAILABLE, "connect");
	return fd;
}

static void
client_open(struct client *c, const struct settings *s)
{
	c->start_ms = now_ms();
	c->fd = connect_to(s);
	if (send(c->fd, s->bytes, strlen(s->bytes), MSG_NOSIGNAL) == -1)
		err(EX_IOERR, "send");
}

static void
client_close(struct client *c, const char *how)
{
	static const char version[] = "HTTP/1.1 ";
	const char *s = strstr(c->kept, "\r\n\r\n");
	size_t head = s == NULL ? c->len : (size_t)(s + 4 - c->kept);

	(void)printf("%s %lld %zu", how, (long long)(now_ms() - c->start_ms),
	    c->len - head);
	for (s = c->kept; (s = strstr(s, version)) != NULL; s += 3) {
		s += strlen(version);
		(void)printf(" %.3s", s);
	}
	(void)printf("\n");
	(void)close(c->fd);
	c->fd = -1;
}

/* Reads up to so many bytes; true when these were the client's first. */
static bool
client_read(struct client *c, size_t max)
{
	char bytes[65536];
	size_t len = c->len, keep;
	ssize_t n;

	n = recv(c->fd, bytes, max < sizeof(bytes) ? max : sizeof(bytes),
	    MSG_DONTWAIT);
	if (n == -1 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		client_close(c, n == 0 ? "closed" : "reset");
		return false;
	}
	if (len < KEPT_BYTES) {
		keep = KEPT_BYTES - len;
		memcpy(c->kept + len, bytes, (size_t)n < keep ? (size_t)n :
		    keep);
	}
	c->len += (size_t)n;
	return len == 0;
}

/* How many had their first bytes. */
static int
read_what_comes(struct client *clients, const struct pollfd *pfds,
    const struct settings *s)
{
	int i, first = 0;

	for (i = 0; i < s->n; i++)
		if (clients[i].fd != -1 && pfds[i].revents != 0)
			first += client_read(&clients[i], SIZE_MAX);
	return first;
}

/* What a peer does not take of a piece is left out. */
static int
interval(struct client *clients, const struct settings *s)
{
	int i, first = 0;

	for (i = 0; i < s->n; i++) {
		if (clients[i].fd != -1 && *s->piece != '\0')
			(void)send(clients[i].fd, s->piece, strlen(s->piece),
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (clients[i].fd != -1 && s->read_bytes > 0)
			first += client_read(&clients[i], s->read_bytes);
	}
	return first;
}

/* Waits for input, unless that is read in pieces; how many are open. */
static int
wait_for_input(const struct client *clients, struct pollfd *pfds,
    const struct settings *s, int timeout_ms)
{
	int i, nopen = 0;

	for (i = 0; i < s->n; i++) {
		pfds[i].fd = s->read_bytes == 0 ? clients[i].fd : -1;
		pfds[i].events = POLLIN;
		pfds[i].revents = 0;
		nopen += clients[i].fd != -1;
	}
	if (nopen > 0)
		(void)poll(pfds, (nfds_t)s->n, timeout_ms);
	return nopen;
}

static void
run(struct client *clients, struct pollfd *pfds, const struct settings *s)
{
	int64_t next_ms = now_ms() + s->interval_ms, left;
	int answered = 0, first;

	for (;;) {
		left = next_ms - now_ms();
		if (wait_for_input(clients, pfds, s,
		    left > 0 ? (int)left : 0) == 0)
			return;
		first = read_what_comes(clients, pfds, s);
		if (left <= 0) {
			first += interval(clients, s);
			next_ms += s->interval_ms;
		}
		answered += first;
		if (first > 0 && answered == s->n)
			(void)printf("answered %d\n", s->n);
	}
}

static _Noreturn void
usage(void)
{
	errx(EX_USAGE, "usage: slow [-b receive_buffer] [-d pause_ms] "
	    "[-i interval_ms]\n\t[-n connections] [-r read_bytes] "
	    "[-s piece] port bytes");
}

static void
take_option(struct settings *s, int option, const char *arg)
{
	switch (option) {
	case 'b':
		s->buffer_bytes = number(arg, INT32_MAX);
		break;
	case 'd':
		s->pause_ms = number(arg, 10000);
		break;
	case 'i':
		s->interval_ms = number(arg, 10000);
		break;
	case 'n':
		s->n = number(arg, 100000);
		break;
	case 'r':
		s->read_bytes = (size_t)number(arg, INT32_MAX);
		break;
	case 's':
		s->piece = arg;
		break;
	default:
		usage();
	}
}

int
main(int argc, char *argv[])
{
	struct settings s = { .piece = "", .interval_ms = 50, .n = 1 };
	struct client *clients;
	struct pollfd *pfds;
	int option, i;

	while ((option = getopt(argc, argv, "b:d:i:n:r:s:")) != -1)
		take_option(&s, option, optarg);
	if (argc - optind != 2)
		usage();
	s.port = (in_port_t)number(argv[optind], UINT16_MAX);
	s.bytes = argv[optind + 1];
	raise_descriptor_limit();
	clients = calloc((size_t)s.n, sizeof(*clients));
	pfds = calloc((size_t)s.n, sizeof(*pfds));
	if (clients == NULL || pfds == NULL)
		err(EX_OSERR, NULL);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < s.n; i++) {
		client_open(&clients[i], &s);
		(void)poll(NULL, 0, s.pause_ms);
	}
	(void)printf("open %d\n", s.n);
	run(clients, pfds, &s);
	free(clients);
	free(pfds);
	return 0;
}
