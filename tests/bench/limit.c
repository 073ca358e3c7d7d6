/*
 * The limit: what an answer costs when nothing is done for it but the system
 * calls, so that a server's cost beside it is the server's own.  It parses
 * nothing and answers every request from memory with the bytes of one file,
 * head and all.
 *
 *	limit answer	connections are kept: epoll_wait, read, write
 *	limit -o answer	one request a connection: a deferred accept that
 *			blocks, read, write, close
 *	limit -o -s file answer
 *			and looks, before each answer, where the path of the
 *			file's directory leads, and at the file: what has to
 *			be asked so that no answer is older than its request
 *
 * All requests of a connection are taken to be as long as its first one; that
 * alone is looked at, for where it ends.
 */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define MAX_EVENTS	64
/* So many answers leave in one write. */
#define MAX_TOGETHER	64
#define INPUT_BYTES	65536
/* Seconds that the kernel keeps a client that says nothing. */
#define DEFER_S		10

struct conn {
	size_t	request_len;	/* 0 until the first one was here */
	size_t	pending;	/* bytes of a request that is not all here */
	size_t	left;		/* bytes to send, of the last answers */
};

static struct {
	const char	*data;
	size_t		 len;
} answer;

/* What is looked at before an answer; no name is nothing. */
static struct {
	const char	*dir;
	const char	*name;
	int		 fd;
} file;

static void
file_set(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		errx(EX_USAGE, "%s: no directory", path);
	*slash = '\0';
	file.dir = path;
	file.name = slash + 1;
	file.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (file.fd == -1)
		err(EX_NOINPUT, "%s", path);
}

static void
file_look(void)
{
	struct stat st;

	if (stat(file.dir, &st) == -1 ||
	    fstatat(file.fd, file.name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		err(EX_NOINPUT, "%s/%s", file.dir, file.name);
}

static void
answer_map(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *data;

	if (fd == -1 || fstat(fd, &st) == -1)
		err(EX_NOINPUT, "%s", path);
	if (st.st_size == 0)
		errx(EX_DATAERR, "%s: empty", path);
	answer.len = (size_t)st.st_size;
	data = mmap(NULL, answer.len, PROT_READ, MAP_PRIVATE | MAP_POPULATE,
	    fd, 0);
	if (data == MAP_FAILED)
		err(EX_OSERR, "%s", path);
	answer.data = data;
	(void)close(fd);
}

/* Listens on a free port of 127.0.0.1, and says so as httpserve does. */
static int
open_listener(bool is_one_shot)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr *sa = (struct sockaddr *)&sin;
	socklen_t len = sizeof(sin);
	const int on = 1, seconds = DEFER_S;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC |
	    (is_one_shot ? 0 : SOCK_NONBLOCK), 0);

	if (fd == -1 || bind(fd, sa, len) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
	    sizeof(seconds)) == -1 ||
	    listen(fd, SOMAXCONN) == -1 || getsockname(fd, sa, &len) == -1)
		err(EX_OSERR, "listen");
	(void)fprintf(stderr, "limit: listening on 127.0.0.1:%d\n",
	    ntohs(sin.sin_port));
	return fd;
}

/* How many requests have ended with these n bytes. */
static size_t
count_requests(struct conn *c, const char *bytes, size_t n)
{
	const char *end;
	size_t requests;

	if (c->request_len == 0) {
		end = memmem(bytes, n, "\r\n\r\n", 4);
		if (end == NULL)
			errx(EX_DATAERR, "a first request that is not whole");
		c->request_len = (size_t)(end - bytes) + 4;
	}
	n += c->pending;
	requests = n / c->request_len;
	c->pending = n % c->request_len;
	return requests;
}

/* Sends what is left, until the socket takes no more: false at the end. */
static bool
conn_send(struct conn *c, int fd)
{
	struct iovec iov[MAX_TOGETHER];
	size_t offset, sum, n;
	ssize_t sent;

	while (c->left > 0) {
		offset = (answer.len - c->left % answer.len) % answer.len;
		for (n = sum = 0; n < MAX_TOGETHER && sum < c->left; n++) {
			iov[n].iov_base = (char *)(uintptr_t)answer.data +
			    offset;
			iov[n].iov_len = answer.len - offset;
			sum += iov[n].iov_len;
			offset = 0;
		}
		sent = n == 1 ? write(fd, iov[0].iov_base, iov[0].iov_len) :
		    writev(fd, iov, (int)n);
		if (sent == -1)
			return errno == EAGAIN;
		c->left -= (size_t)sent;
		if ((size_t)sent < sum)
			return true;
	}
	return true;
}

/* Reads once, and answers all that has come: false at the end. */
static bool
conn_serve(struct conn *c, int fd)
{
	static char input[INPUT_BYTES];
	ssize_t n = read(fd, input, sizeof(input));

	if (n == -1)
		return errno == EAGAIN;
	if (n == 0)
		return false;
	if (file.name != NULL)
		file_look();
	c->left += answer.len * count_requests(c, input, (size_t)n);
	return conn_send(c, fd);
}

static void
accept_all(int listener, int ep, struct conn *conns, size_t max)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLET,
	};
	int fd;

	while ((fd = accept4(listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
		event.data.fd = fd;
		if ((size_t)fd >= max ||
		    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) == -1)
			errx(EX_OSERR, "too many connections");
		conns[fd] = (struct conn){ 0 };
	}
}

/* For connections that are kept. */
static _Noreturn void
serve_kept(int listener, struct conn *conns, size_t max)
{
	struct epoll_event events[MAX_EVENTS], own = {
		.events = EPOLLIN,
		.data.fd = listener,
	};
	int ep = epoll_create1(EPOLL_CLOEXEC), fd, i, n;
	bool goes_on;

	if (ep == -1 || epoll_ctl(ep, EPOLL_CTL_ADD, listener, &own) == -1)
		err(EX_OSERR, "epoll");
	for (;;) {
		n = epoll_wait(ep, events, MAX_EVENTS, -1);
		for (i = 0; i < n; i++) {
			fd = events[i].data.fd;
			if (fd == listener) {
				accept_all(listener, ep, conns, max);
				continue;
			}
			goes_on = conns[fd].left > 0 ?
			    conn_send(&conns[fd], fd) :
			    conn_serve(&conns[fd], fd);
			if (!goes_on)
				(void)close(fd);
		}
	}
}

/* For one request a connection, one after another. */
static _Noreturn void
serve_one_shot(int listener)
{
	struct conn c;
	int fd;

	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd == -1)
			continue;
		c = (struct conn){ 0 };
		(void)conn_serve(&c, fd);
		(void)close(fd);
	}
}

static _Noreturn void
usage(void)
{
	errx(EX_USAGE, "usage: limit [-o] [-s file] answer");
}

int
main(int argc, char *argv[])
{
	bool is_one_shot = false;
	struct rlimit limit;
	struct conn *conns;
	int listener, option;

	while ((option = getopt(argc, argv, "os:")) != -1) {
		if (option == 'o')
			is_one_shot = true;
		else if (option == 's')
			file_set(optarg);
		else
			usage();
	}
	if (argc - optind != 1)
		usage();
	(void)signal(SIGPIPE, SIG_IGN);
	answer_map(argv[optind]);
	listener = open_listener(is_one_shot);
	if (is_one_shot)
		serve_one_shot(listener);
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(EX_OSERR, "getrlimit");
	conns = calloc(limit.rlim_cur, sizeof(*conns));
	if (conns == NULL)
		err(EX_OSERR, NULL);
	serve_kept(listener, conns, limit.rlim_cur);
}
