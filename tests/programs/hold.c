/*
 * Holds keep-alive connections open: makes so many to a port of 127.0.0.1, has
 * one request answered on each, says "held N", and keeps them until SIGTERM.
 * Then it says how many of them the server has closed meanwhile.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const char request[] = "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n";

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

static int
connect_to(in_port_t port)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(EX_OSERR, "socket");
	if (connect(fd, (const struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(EX_UNAVAILABLE, "connect");
	return fd;
}

/* The answer to HEAD ends with its head. */
static void
have_answered(int fd)
{
	char answer[4096];
	size_t len = 0;
	ssize_t n;

	if (send(fd, request, strlen(request), MSG_NOSIGNAL) == -1)
		err(EX_IOERR, "send");
	do {
		n = recv(fd, answer + len, sizeof(answer) - len, 0);
		if (n <= 0)
			err(EX_IOERR, "no answer");
		len += (size_t)n;
	} while (memmem(answer, len, "\r\n\r\n", 4) == NULL);
}

static bool
is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

int
main(int argc, char *argv[])
{
	int i, n, sig, port, closed = 0, *fds;
	sigset_t set;

	if (argc != 3)
		errx(EX_USAGE, "usage: hold port connections");
	port = number(argv[1], UINT16_MAX);
	n = number(argv[2], 1000000);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	raise_descriptor_limit();
	fds = calloc((size_t)n, sizeof(*fds));
	if (fds == NULL)
		err(EX_OSERR, NULL);
	for (i = 0; i < n; i++) {
		fds[i] = connect_to((in_port_t)port);
		have_answered(fds[i]);
	}
	(void)printf("held %d\n", n);
	(void)fflush(stdout);
	(void)sigwait(&set, &sig);
	for (i = 0; i < n; i++)
		closed += is_closed(fds[i]);
	(void)printf("closed %d\n", closed);
	free(fds);
	return 0;
}
