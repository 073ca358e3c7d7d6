/*
 * One client that knows what its answers took: asks a port of 127.0.0.1 for a
 * path, one request after another, and says
 *
 *	requests N
 *	status S		of the answers, which is the same for all
 *	bytes N			of one answer, with its head
 *	p50, p99, p999, max US	microseconds from a request to its last byte
 *
 *	-1		a connection for each request; its time counts, too
 *	-f field	a further line of the head, such as "Accept: *"
 *	-i us		one request each so many microseconds.  What is late
 *			because of the one before it counts from its time.
 *	-n requests	1 unless it is given; 0 is none
 *	-o file		writes the first answer there
 *	-p depth	so many requests in one write
 *
 * With -p, and without -i, it is for counting what one request costs a server:
 * it sends the same bytes in the same order each time.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define MAX_DEPTH	64
#define NS		1000000000LL

struct settings {
	in_port_t	 port;
	bool		 is_one_shot;
	long		 interval_us;
	long		 requests;
	long		 depth;
	const char	*output;
	char		 request[4096];
	size_t		 len;
};

/* The largest answer, and what is behind it. */
static char input[16 << 20];

static int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS + ts.tv_nsec;
}

static void
wait_until(int64_t ns)
{
	const struct timespec ts = {
		.tv_sec = ns / NS,
		.tv_nsec = ns % NS,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) ==
	    EINTR)
		;
}

static int
connect_to(in_port_t port)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
	    sizeof(on)) == -1)
		err(EX_OSERR, "socket");
	if (connect(fd, (const struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(EX_UNAVAILABLE, "connect");
	return fd;
}

/* How long an answer is whose head is here; 0 while it is not. */
static size_t
answer_len(const char *bytes, size_t n, int *status)
{
	const char *end = memmem(bytes, n, "\r\n\r\n", 4), *line = bytes;
	size_t head, body = 0;

	if (end == NULL)
		return 0;
	head = (size_t)(end - bytes) + 4;
	*status = head > 12 ? (int)strtol(bytes + 9, NULL, 10) : 0;
	while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		line++;
		if (strncasecmp(line, "Content-Length:", 15) == 0)
			body = strtoul(line + 15, NULL, 10);
	}
	return *status == 304 ? head : head + body;
}

static size_t
receive(int fd, char *to, size_t room)
{
	ssize_t n = recv(fd, to, room, 0);

	if (n == -1)
		err(EX_IOERR, "receive");
	if (n == 0)
		errx(EX_PROTOCOL, "closed before the end of an answer");
	return (size_t)n;
}

static void
keep_answer(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fwrite(bytes, 1, len, f) != len || fclose(f) != 0)
		err(EX_CANTCREAT, "%s", path);
}

/* Reads one answer, of which n bytes are here; what is behind it stays. */
static size_t
read_answer(int fd, size_t *n, int *status, const char *output)
{
	size_t len;

	while ((len = answer_len(input, *n, status)) == 0) {
		if (*n == sizeof(input))
			errx(EX_PROTOCOL, "a head without an end");
		*n += receive(fd, input + *n, sizeof(input) - *n);
	}
	if (len > sizeof(input))
		errx(EX_DATAERR, "an answer of %zu bytes", len);
	while (*n < len)
		*n += receive(fd, input + *n, sizeof(input) - *n);
	if (output != NULL)
		keep_answer(output, input, len);
	memmove(input, input + len, *n - len);
	*n -= len;
	return len;
}

/* What all answers have in common, or else nothing was measured. */
static void
compare(size_t *all, size_t this, const char *what)
{
	if (*all != 0 && *all != this)
		errx(EX_PROTOCOL, "%s %zu after %zu", what, this, *all);
	*all = this;
}

/* Asks depth times at once: the connection, or -1 when that has ended. */
static int
ask(const struct settings *s, int fd, long depth, bool is_first,
    size_t *status)
{
	size_t n = 0, len = 0;
	const char *output = is_first ? s->output : NULL;
	int this;
	long i;

	if (fd == -1)
		fd = connect_to(s->port);
	if (send(fd, s->request, s->len * (size_t)depth, MSG_NOSIGNAL) == -1)
		err(EX_IOERR, "send");
	for (i = 0; i < depth; i++, output = NULL) {
		len = read_answer(fd, &n, &this, output);
		compare(status, (size_t)this, "status");
	}
	if (is_first)
		(void)printf("bytes %zu\n", len);
	if (!s->is_one_shot)
		return fd;
	(void)close(fd);
	return -1;
}

static int
compare_times(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
report(int64_t *times, long n)
{
	static const struct {
		const char *name;
		double part;
	} columns[] = {
		{ "p50", 0.5 }, { "p99", 0.99 }, { "p999", 0.999 },
		{ "max", 1 }
	};
	size_t i;

	qsort(times, (size_t)n, sizeof(*times), compare_times);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		(void)printf("%s %.1f\n", columns[i].name, (double)
		    times[(long)(columns[i].part * (double)(n - 1))] / 1000);
}

static void
run(const struct settings *s)
{
	int64_t *times = calloc((size_t)s->requests + 1, sizeof(*times));
	int64_t start = now_ns(), begin;
	size_t status = 0;
	long i, n = 0, depth;
	int fd = -1;

	if (times == NULL)
		err(EX_OSERR, NULL);
	for (i = 0; i < s->requests; i += depth, n++) {
		begin = now_ns();
		if (s->interval_us > 0) {
			begin = start + n * s->interval_us * 1000;
			wait_until(begin);
		}
		depth = s->requests - i < s->depth ? s->requests - i :
		    s->depth;
		fd = ask(s, fd, depth, i == 0, &status);
		times[n] = now_ns() - begin;
	}
	(void)printf("requests %ld\nstatus %zu\n", s->requests, status);
	if (n > 0)
		report(times, n);
	free(times);
}

/* Writes depth requests, each with the lines in fields. */
static void
make_requests(struct settings *s, const char *path, const char *fields)
{
	int len = snprintf(s->request, sizeof(s->request),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n", path,
	    s->is_one_shot ? "Connection: close\r\n" : "", fields);
	long i;

	if (len < 0 || (size_t)(len * s->depth) >= sizeof(s->request))
		errx(EX_USAGE, "the requests are too long");
	s->len = (size_t)len;
	for (i = 1; i < s->depth; i++)
		memcpy(s->request + i * len, s->request, s->len);
}

static long
number(const char *arg, long max)
{
	const char *problem;
	long long n = strtonum(arg, 0, max, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "%s: %s", arg, problem);
	return (long)n;
}

static _Noreturn void
usage(void)
{
	errx(EX_USAGE, "usage: probe [-1] [-f field] [-i microseconds] "
	    "[-n requests]\n\t[-o file] [-p depth] port path");
}

static void
take_option(struct settings *s, int option, const char *arg, char *fields,
    size_t size)
{
	switch (option) {
	case '1':
		s->is_one_shot = true;
		break;
	case 'f':
		if (strlcat(fields, arg, size) >= size ||
		    strlcat(fields, "\r\n", size) >= size)
			errx(EX_USAGE, "the fields are too long");
		break;
	case 'i':
		s->interval_us = number(arg, 60000000);
		break;
	case 'n':
		s->requests = number(arg, 100000000);
		break;
	case 'o':
		s->output = arg;
		break;
	case 'p':
		s->depth = number(arg, MAX_DEPTH);
		break;
	default:
		usage();
	}
}

int
main(int argc, char *argv[])
{
	struct settings s = { .requests = 1, .depth = 1 };
	char fields[2048] = "";
	int option;

	while ((option = getopt(argc, argv, "1f:i:n:o:p:")) != -1)
		take_option(&s, option, optarg, fields, sizeof(fields));
	if (argc - optind != 2 || s.depth == 0 ||
	    (s.is_one_shot && s.depth > 1))
		usage();
	s.port = (in_port_t)number(argv[optind], UINT16_MAX);
	make_requests(&s, argv[optind + 1], fields);
	run(&s);
	return 0;
}
