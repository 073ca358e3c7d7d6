/*
 * Clients of a server that is about to stop: each makes one connection after
 * the other, with a request for /file on each, until none can be made.
 *
 *	oneshot [-c clients] address file
 *
 * The address is a port of 127.0.0.1, or "unix:" and a path; the file has what
 * /file is.  The only end that is none of the server's faults is a connection
 * that is refused, or a socket that is gone: what was connected is answered.
 * It says "ready" when each client has an answer, and at the end
 *
 *	requests N		that were answered in full,
 *	refused N		clients that ended so
 *	losses N		of any other kind, and a line for each
 *
 * The exit status is 0 if nothing was lost.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A client without an answer for so long has lost: seconds. */
#define STUCK_S	10

static const char request[] = "GET /file HTTP/1.1\r\nHost: localhost\r\n"
    "Connection: close\r\n\r\n";

/* In memory that all clients share. */
struct counts {
	_Atomic unsigned long	 ready;
	_Atomic unsigned long	 requests;
	_Atomic unsigned long	 refused;
	_Atomic unsigned long	 losses;
};

static struct counts *counts;
static char text[4096];
static size_t text_len;

static int
dial(const char *address)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval stuck = { .tv_sec = STUCK_S };
	bool is_unix = strncmp(address, "unix:", 5) == 0;
	int error, result;
	int fd = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &stuck,
	    sizeof(stuck)) == -1)
		err(EX_OSERR, "socket");
	if (is_unix) {
		(void)strlcpy(sun.sun_path, address + 5, sizeof(sun.sun_path));
		result = connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	} else {
		sin.sin_port = htons((in_port_t)strtonum(address, 1, 65535,
		    NULL));
		result = connect(fd, (struct sockaddr *)&sin, sizeof(sin));
	}
	if (result == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

static bool
lose(const char *what, int error)
{
	(void)printf("loss: %s: %s\n", what, strerror(error));
	(void)atomic_fetch_add(&counts->losses, 1);
	return false;
}

/* The answer is all there is until the end, and ends in the text. */
static bool
read_answer(int fd)
{
	char answer[8192];
	size_t len = 0;
	ssize_t n;

	while ((n = recv(fd, answer + len, sizeof(answer) - len, 0)) > 0)
		len += (size_t)n;
	if (n == -1)
		return lose("recv", errno);
	if (len < text_len + 13 || strncmp(answer, "HTTP/1.1 200 ", 13) != 0 ||
	    memcmp(answer + len - text_len, text, text_len) != 0)
		return lose(len == 0 ? "no answer" : "another answer", EPROTO);
	return true;
}

/* One request: whether there may be another. */
static bool
ask(const char *address)
{
	bool answered;
	int fd = dial(address);

	if (fd == -1 && (errno == ECONNREFUSED || errno == ENOENT)) {
		(void)atomic_fetch_add(&counts->refused, 1);
		return false;
	}
	if (fd == -1)
		return lose("connect", errno);
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) == -1)
		answered = lose("send", errno);
	else
		answered = read_answer(fd);
	(void)close(fd);
	if (answered)
		(void)atomic_fetch_add(&counts->requests, 1);
	return answered;
}

static _Noreturn void
be_client(const char *address)
{
	if (ask(address)) {
		(void)atomic_fetch_add(&counts->ready, 1);
		while (ask(address))
			;
	}
	(void)fflush(stdout);
	_exit(0);
}

static void
read_text(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd == -1 ? -1 : read(fd, text, sizeof(text));

	if (n == -1)
		err(EX_NOINPUT, "%s", path);
	text_len = (size_t)n;
	(void)close(fd);
}

static unsigned int
count_of(int argc, char *argv[])
{
	unsigned int n = 8;
	int opt;

	while ((opt = getopt(argc, argv, "c:")) != -1) {
		if (opt != 'c')
			exit(EX_USAGE);
		n = (unsigned int)strtonum(optarg, 1, 1000, NULL);
	}
	if (n == 0 || argc - optind != 2)
		errx(EX_USAGE, "usage: oneshot [-c clients] address file");
	return n;
}

int
main(int argc, char *argv[])
{
	unsigned int i, n = count_of(argc, argv);

	read_text(argv[optind + 1]);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		err(EX_OSERR, "mmap");
	for (i = 0; i < n; i++)
		if (fork() == 0)
			be_client(argv[optind]);
	while (atomic_load(&counts->ready) + atomic_load(&counts->refused) +
	    atomic_load(&counts->losses) < n)
		(void)usleep(1000);
	(void)printf("ready\n");
	(void)fflush(stdout);
	while (wait(NULL) > 0)
		;
	(void)printf("requests %lu\nrefused %lu\nlosses %lu\n",
	    counts->requests, counts->refused, counts->losses);
	return counts->losses == 0 && counts->refused == n ? 0 : 1;
}
