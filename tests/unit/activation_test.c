#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/activation.h"

/*
 * The protocol's descriptors are 3 and up, and those the test may have in use:
 * every case runs in a process of its own, whose standard error shows why it
 * failed.
 */
#define FIRST 3

static char why[256];
static struct activation activation;

/* Runs a case in a process that has only its standard streams. */
static void
run_apart(void (*run)(const void *), const void *arg)
{
	int status;
	pid_t pid;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		closefrom(FIRST);
		run(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* assert() of a case. */
#define EXPECT(condition) do {						\
	if (!(condition)) {						\
		print_error("%s:%d: %s: %s\n", __FILE__, __LINE__,	\
		    #condition, why);					\
		_exit(1);						\
	}								\
} while (0)

static void
give(int fds, const char *names)
{
	char number[24];

	snprintf(number, sizeof(number), "%ld", (long)getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof(number), "%d", fds);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_PIDFDID", "1", 1);
	if (names == NULL)
		unsetenv("LISTEN_FDNAMES");
	else
		setenv("LISTEN_FDNAMES", names, 1);
}

static int
take(void)
{
	int rv;

	why[0] = '\0';
	rv = activation_take(&activation, why, sizeof(why));
	EXPECT(getenv("LISTEN_PID") == NULL);
	EXPECT(getenv("LISTEN_FDS") == NULL);
	EXPECT(getenv("LISTEN_FDNAMES") == NULL);
	EXPECT(getenv("LISTEN_PIDFDID") == NULL);
	EXPECT((rv == -1) == (why[0] != '\0'));
	return rv;
}

/* Opens a listener as the lowest descriptor that is free; its port. */
static unsigned int
listen_tcp(const char *host)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd;

	EXPECT(inet_pton(AF_INET, host, &sin.sin_addr) == 1);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	EXPECT(fd != -1);
	EXPECT(bind(fd, (struct sockaddr *)&sin, len) == 0);
	EXPECT(listen(fd, 1) == 0);
	EXPECT(getsockname(fd, (struct sockaddr *)&sin, &len) == 0);
	return ntohs(sin.sin_port);
}

static unsigned int
listen_tcp6(const char *host)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(sin6);
	int fd;

	EXPECT(inet_pton(AF_INET6, host, &sin6.sin6_addr) == 1);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	EXPECT(fd != -1);
	EXPECT(bind(fd, (struct sockaddr *)&sin6, len) == 0);
	EXPECT(listen(fd, 1) == 0);
	EXPECT(getsockname(fd, (struct sockaddr *)&sin6, &len) == 0);
	return ntohs(sin6.sin6_port);
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void
run_none(const void *arg)
{
	(void)arg;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	EXPECT(take() == 0 && activation.nsockets == 0);
	EXPECT(activation_claim(&activation, NULL) == NULL);
	EXPECT(activation_claim(&activation, ":80") == NULL);
	EXPECT(activation_unclaimed(&activation) == NULL);
	give(0, "");
	EXPECT(take() == 0 && activation.nsockets == 0);
	give(1, NULL);
	setenv("LISTEN_PID", "1", 1);
	EXPECT(take() == 0 && activation.nsockets == 0);
}

static void
test_none(void **state)
{
	(void)state;
	run_apart(run_none, NULL);
}

static void
run_several(const void *arg)
{
	int fd;

	(void)arg;
	listen_tcp("127.0.0.1");
	listen_tcp("127.0.0.2");
	listen_tcp6("::1");
	give(3, "web.socket:web.socket:admin");
	EXPECT(take() == 0);
	EXPECT(activation.nsockets == 3);
	for (fd = FIRST; fd < FIRST + 3; fd++) {
		EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
		EXPECT(activation.sockets[fd - FIRST].fd == fd);
	}
	EXPECT(strcmp(activation.sockets[1].name, "web.socket") == 0);
	EXPECT(strcmp(activation.sockets[2].name, "admin") == 0);
	EXPECT(strncmp(activation.sockets[2].address, "[::1]:", 6) == 0);
	EXPECT(activation_claim(&activation, "fd:web.socket")->fd == FIRST);
	EXPECT(activation_unclaimed(&activation)->fd == FIRST + 1);
	EXPECT(activation_claim(&activation, NULL)->fd == FIRST + 1);
	EXPECT(activation_claim(&activation, "fd:web.socket") == NULL);
	activation_free(&activation);
	EXPECT(is_open(FIRST) && is_open(FIRST + 1) && !is_open(FIRST + 2));
}

static void
test_several(void **state)
{
	(void)state;
	run_apart(run_several, NULL);
}

struct wrong_row {
	const char	*pid;		/* NULL is this process */
	const char	*fds;
	const char	*names;
	const char	*text;		/* in why */
};

static void
run_wrong(const void *arg)
{
	const struct wrong_row *row = arg;

	listen_tcp("127.0.0.1");
	listen_tcp("127.0.0.1");
	give(2, row->names);
	setenv("LISTEN_FDS", row->fds, 1);
	if (row->pid != NULL)
		setenv("LISTEN_PID", row->pid, 1);
	errno = 0;
	EXPECT(take() == -1);
	EXPECT(errno == (strstr(row->text, "Bad") == NULL ? EINVAL : EBADF));
	EXPECT(strstr(why, row->text) != NULL);
	EXPECT(activation.nsockets == 0);
}

static void
test_wrong(void **state)
{
	static const struct wrong_row rows[] = {
		{ "x", "2", NULL, "LISTEN_PID=x: invalid" },
		{ "0", "2", NULL, "LISTEN_PID=0: too small" },
		{ NULL, "", NULL, "LISTEN_FDS=: invalid" },
		{ NULL, "-1", NULL, "LISTEN_FDS=-1: too small" },
		{ NULL, "99999999999", NULL, "too large" },
		{ NULL, "3", NULL, "descriptor 5 of LISTEN_FDS=3: Bad file" },
		{ NULL, "2", "", "not one name for each of 2" },
		{ NULL, "2", "a", "not one name for each of 2" },
		{ NULL, "2", "a:b:c", "not one name for each of 2" },
		{ NULL, "2", "a:b:", "not one name for each of 2" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_apart(run_wrong, &rows[i]);
}

struct socket_row {
	int	family;
	int	type;
	bool	is_connected;
};

/* What a socket unit with another Accept= or Listen...= passes. */
static void
run_no_listener(const void *arg)
{
	const struct socket_row *row = arg;
	int fds[2] = { -1, -1 };

	if (row->is_connected)
		EXPECT(socketpair(row->family, row->type, 0, fds) == 0);
	else
		fds[0] = socket(row->family, row->type, 0);
	EXPECT(fds[0] == FIRST);
	give(1, "odd");
	errno = 0;
	EXPECT(take() == -1 && errno == EINVAL);
	EXPECT(strstr(why, "descriptor 3 (odd)") != NULL);
	EXPECT(strstr(why, "Accept=no") != NULL);
	EXPECT(!is_open(FIRST));
}

static void
run_file(const void *arg)
{
	int fd;

	(void)arg;
	fd = open("/dev/null", O_RDWR);
	EXPECT(fd == FIRST);
	give(1, NULL);
	EXPECT(take() == -1 && errno == EINVAL);
	EXPECT(strstr(why, "descriptor 3 (unknown)") != NULL);
}

static void
test_no_listener(void **state)
{
	static const struct socket_row rows[] = {
		{ AF_UNIX, SOCK_STREAM, true },
		{ AF_INET, SOCK_STREAM, false },
		{ AF_INET, SOCK_DGRAM, false },
		{ AF_UNIX, SOCK_SEQPACKET, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_apart(run_no_listener, &rows[i]);
	run_apart(run_file, NULL);
}

/* Whether -l of this host and the listener's port, or another, finds it. */
struct address_row {
	const char	*bound;
	const char	*host;
	unsigned int	 off;
	bool		 is_found;
};

static void
run_address(const void *arg)
{
	const struct address_row *row = arg;
	char addr[64];
	unsigned int port;

	port = strchr(row->bound, ':') == NULL ? listen_tcp(row->bound) :
	    listen_tcp6(row->bound);
	give(1, NULL);
	EXPECT(take() == 0);
	snprintf(addr, sizeof(addr), "%s:%u", row->host, port + row->off);
	snprintf(why, sizeof(why), "%s at %s", addr, row->bound);
	EXPECT((activation_claim(&activation, addr) != NULL) ==
	    row->is_found);
}

static void
test_addresses(void **state)
{
	static const struct address_row rows[] = {
		{ "127.0.0.1", "127.0.0.1", 0, true },
		{ "127.0.0.1", "127.0.0.1", 1, false },
		{ "127.0.0.1", "127.0.0.2", 0, false },
		{ "127.0.0.1", "localhost", 0, true },
		{ "127.0.0.1", "", 0, false },
		{ "127.0.0.1", "0.0.0.0", 0, false },
		{ "127.0.0.1", "[127.0.0.1", 0, false },
		{ "127.0.0.1", "no such host", 0, false },
		{ "0.0.0.0", "", 0, true },
		{ "0.0.0.0", "0.0.0.0", 0, true },
		{ "0.0.0.0", "127.0.0.1", 0, false },
		{ "0.0.0.0", "[]", 0, false },
		{ "::", "", 0, true },
		{ "::", "[::]", 0, true },
		{ "::", "0.0.0.0", 0, false },
		{ "::1", "[::1]", 0, true },
		{ "::1", "[0:0::1]", 0, true },
		{ "::1", "[::]", 0, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_apart(run_address, &rows[i]);
}

static void
run_odd_addresses(const void *arg)
{
	static const char *const odd[] = {
		"", ":", "[", "[:", "[]:", "80", "host", "unix:", "unix:/x",
		"fd:", "fd:4", "fd:x", "fd: 3", ":99999", "[::1", ":::",
	};
	size_t i;

	(void)arg;
	listen_tcp("127.0.0.1");
	give(1, "name");
	EXPECT(take() == 0);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		snprintf(why, sizeof(why), "%s", odd[i]);
		EXPECT(activation_claim(&activation, odd[i]) == NULL);
	}
	EXPECT(activation_claim(&activation, "fd:3") != NULL);
}

static void
test_odd_addresses(void **state)
{
	(void)state;
	run_apart(run_odd_addresses, NULL);
}

static void
run_unix(const void *arg)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char addr[128];
	int fd;

	(void)arg;
	snprintf(sun.sun_path, sizeof(sun.sun_path),
	    "/tmp/activation_test.%ld", (long)getpid());
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	EXPECT(bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0);
	EXPECT(listen(fd, 1) == 0);
	EXPECT(unlink(sun.sun_path) == 0);
	give(1, NULL);
	EXPECT(take() == 0);
	snprintf(addr, sizeof(addr), "unix:%s", sun.sun_path);
	EXPECT(activation_claim(&activation, "unix:/tmp") == NULL);
	EXPECT(activation_claim(&activation, addr) != NULL);
}

static void
test_unix(void **state)
{
	(void)state;
	run_apart(run_unix, NULL);
}

/* A stored one is the predecessor's: an address that is gone must not stay. */
static void
run_stored(const void *arg)
{
	char addr[32];

	(void)arg;
	listen_tcp("127.0.0.1");
	snprintf(addr, sizeof(addr), "127.0.0.1:%u", listen_tcp("127.0.0.1"));
	give(2, ACTIVATION_STORED ":" ACTIVATION_STORED);
	EXPECT(take() == 0);
	EXPECT(activation_claim(&activation, NULL) == NULL);
	EXPECT(activation_claim(&activation, "fd:" ACTIVATION_STORED) == NULL);
	EXPECT(activation_claim(&activation, "fd:3") == NULL);
	EXPECT(activation_unclaimed(&activation) == NULL);
	EXPECT(activation_claim(&activation, addr)->fd == FIRST + 1);
	activation_free(&activation);
	EXPECT(!is_open(FIRST) && is_open(FIRST + 1));
}

static void
test_stored(void **state)
{
	(void)state;
	run_apart(run_stored, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_no_listener),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_odd_addresses),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
