#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listener_test.h"

#define NOBODY	65534
/* What a child says when the system does not let it test. */
#define SKIP	77

static int
get_option(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value;

	assert_return_code(getsockopt(fd, level, name, &value, &len), errno);
	return value;
}

/* The port a listener is bound to, or 0. */
static in_port_t
get_port(int fd)
{
	char addr[LISTENER_ADDRESS_SIZE];
	const char *colon;

	listener_address(fd, addr);
	colon = strrchr(addr, ':');
	if (colon == NULL)
		return 0;
	return (in_port_t)strtonum(colon + 1, 1, 65535, NULL);
}

/* The number in a file of /proc/sys, or -1. */
static long long
get_sysctl(const char *path)
{
	char line[32];
	long long value = -1;
	FILE *fp;

	fp = fopen(path, "re");
	if (fp == NULL)
		return -1;
	if (fgets(line, sizeof(line), fp) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		value = strtonum(line, 0, INT_MAX, NULL);
	}
	fclose(fp);
	return value;
}

static int
has_ipv6(void)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd, status;

	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return 0;
	status = bind(fd, (struct sockaddr *)&in6, sizeof(in6));
	close(fd);
	return status == 0;
}

static void
require_ipv6(void)
{
	if (!has_ipv6()) {
		print_message("# no IPv6 here\n");
		skip();
	}
}

/* Runs a function in a child: it returns 0, SKIP or what went wrong. */
static void
assert_child(int (*function)(void))
{
	pid_t pid;
	int status;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(function());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIP)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_forms(void **state)
{
	static const struct {
		const char	*addr;
		const char	*bound;
		int		 ipv6;
	} rows[] = {
		{ "127.0.0.1:0", "127.0.0.1:", 0 },
		{ "0.0.0.0:0", "0.0.0.0:", 0 },
		{ "localhost:0", "127.0.0.1:", 0 },
		{ ":0", "[::]:", 1 },
		{ "[::]:0", "[::]:", 1 },
		{ "[::1]:0", "[::1]:", 1 },
		{ "[::ffff:127.0.0.1]:0", "[::ffff:127.0.0.1]:", 1 }
	};
	char addr[LISTENER_ADDRESS_SIZE];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].ipv6 && !has_ipv6())
			continue;
		fd = open_listener(rows[i].addr);
		listener_address(fd, addr);
		assert_memory_equal(addr, rows[i].bound,
		    strlen(rows[i].bound));
		assert_int_not_equal(get_port(fd), 0);
		assert_int_equal(listener_check(fd), 0);
		close(fd);
	}
}

static void
test_refused(void **state)
{
	static const struct {
		const char	*addr;
		int		 error;
		const char	*text;
	} rows[] = {
		{ "127.0.0.1", EINVAL, "address 127.0.0.1: missing port; "
		    "write 127.0.0.1:8080" },
		{ "127.0.0.1:", EINVAL, "write 127.0.0.1:8080" },
		{ "localhost", EINVAL, "write localhost:8080" },
		{ ":", EINVAL, "missing port; write :8080" },
		{ "9000", EINVAL, "write :9000" },
		{ "/run/s", EINVAL, "write unix:/run/s" },
		{ "[::1]", EINVAL, "missing port; write [::1]:8080" },
		{ "[::1]:", EINVAL, "write [::1]:8080" },
		{ "[::1]80", EINVAL, "write [::1]:8080" },
		{ "[::1", EINVAL, "missing ']'" },
		{ "[]:80", EINVAL, "no IPv6 address" },
		{ "[localhost]:80", EINVAL, "no IPv6 address" },
		{ "[127.0.0.1]:80", EINVAL, "no IPv6 address" },
		{ "[fe80::1%nosuch]:80", EINVAL, "no IPv6 address" },
		{ "::1:80", EINVAL, "write [::1]:80" },
		{ "fe80::1:8080", EINVAL, "write [fe80::1]:8080" },
		{ "http://localhost:80", EINVAL, "too many colons" },
		{ "a:b:c", EINVAL, "too many colons; write host:port" },
		{ ":65536", EINVAL, "port 65536 is too large" },
		{ ":99999999999999999999", EINVAL, "is too large" },
		{ ":-1", EINVAL, "bad port -1" },
		{ ":+80", EINVAL, "bad port +80" },
		{ ": 80", EINVAL, "bad port  80" },
		{ ":80x", EINVAL, "unknown service 80x" },
		{ ":0x50", EINVAL, "unknown service 0x50" },
		{ ":nosuchservice", EINVAL, "write a port's number" },
		{ "host..name:80", EADDRNOTAVAIL, "unknown host host..name" },
		{ "127.0.0.1 :80", EADDRNOTAVAIL, "unknown host" },
		{ "203.0.113.77:0", EADDRNOTAVAIL,
		    "no interface here has that address" },
		{ "unix:", EINVAL, "empty path; write unix:/path" },
		{ "unix:s", EINVAL, "relative path; write unix:/path" },
		{ "unix:@s", EINVAL, "relative path" },
		{ "unix:/no/such/s", ENOENT, "make its directory first" }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(rows[i].addr, rows[i].error, rows[i].text);
}

static void
test_long_host(void **state)
{
	char addr[2000];

	(void)state;
	memset(addr, 'a', sizeof(addr));
	strlcpy(addr + sizeof(addr) - sizeof(":80"), ":80", sizeof(":80"));
	assert_refused(addr, EINVAL, "the host is too long");
}

/* Whether this address opens at that port in an empty network. */
static int
opens_at(const char *addr, in_port_t port)
{
	in_port_t bound;
	int fd;

	fd = listener_open(addr, 0, why, sizeof(why));
	if (fd == -1) {
		print_error("%s\n", why);
		return 0;
	}
	bound = get_port(fd);
	close(fd);
	return bound == port;
}

static int
open_services(void)
{
	if (unshare(CLONE_NEWNET) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1) {
		print_message("# no network namespace: %s\n",
		    strerror(errno));
		return SKIP;
	}
	return !opens_at("", 80) || !opens_at(":http", 80) ||
	    !opens_at(":https", 443) || !opens_at(":http-alt", 8080) ||
	    !opens_at(":00080", 80);
}

static void
test_services(void **state)
{
	(void)state;
	assert_child(open_services);
}

static void
test_options(void **state)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	long long somaxconn;
	int fd;

	(void)state;
	fd = listener_open("127.0.0.1:0", 7, why, sizeof(why));
	assert_int_not_equal(fd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	assert_int_not_equal(get_option(fd, SOL_SOCKET, SO_REUSEADDR), 0);
	assert_int_not_equal(get_option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	/* The kernel rounds it to its own retransmissions: tcp(7). */
	assert_in_range(get_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 7, 15);
	assert_return_code(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len),
	    errno);
	/* The backlog of a listener, which is the system's: listen(2). */
	somaxconn = get_sysctl("/proc/sys/net/core/somaxconn");
	assert_int_equal(info.tcpi_sacked,
	    somaxconn < 65535 ? somaxconn : 65535);
	close(fd);

	fd = open_listener("127.0.0.1:0");
	assert_int_equal(get_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
	close(fd);
}

static void
assert_connects(const struct sockaddr *sa, socklen_t len, int listener)
{
	int accepted, fd;

	fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(fd, errno);
	assert_return_code(connect(fd, sa, len), errno);
	accepted = accept(listener, NULL, NULL);
	assert_return_code(accepted, errno);
	assert_int_not_equal(get_option(accepted, IPPROTO_TCP, TCP_NODELAY),
	    0);
	close(accepted);
	close(fd);
}

static void
test_dual_stack(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	static const char *const addrs[] = { ":0", "[::]:0" };
	size_t i;
	int fd;

	(void)state;
	require_ipv6();
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 0; i < 2; i++) {
		fd = open_listener(addrs[i]);
		in.sin_port = in6.sin6_port = htons(get_port(fd));
		assert_connects((struct sockaddr *)&in, sizeof(in), fd);
		assert_connects((struct sockaddr *)&in6, sizeof(in6), fd);
		close(fd);
	}
}

static int
open_without_ipv6(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	};
	const struct sock_fprog prog = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter
	};
	char addr[LISTENER_ADDRESS_SIZE];
	int fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == -1) {
		print_message("# no seccomp: %s\n", strerror(errno));
		return SKIP;
	}
	if (listener_open("[::1]:0", 0, why, sizeof(why)) != -1 ||
	    errno != EAFNOSUPPORT)
		return 1;
	fd = listener_open(":0", 0, why, sizeof(why));
	if (fd == -1)
		return 2;
	listener_address(fd, addr);
	return strncmp(addr, "0.0.0.0:", 8) == 0 ? 0 : 3;
}

static void
test_no_ipv6(void **state)
{
	(void)state;
	assert_child(open_without_ipv6);
}

/* Writes "[fe80::1%eth0]:0" of an interface here: 0, or -1 without one. */
static int
link_local(char *dst, size_t size)
{
	struct ifaddrs *all, *ifa;
	const struct sockaddr_in6 *in6;
	char host[128];
	int status = -1;

	assert_return_code(getifaddrs(&all), errno);
	for (ifa = all; ifa != NULL && status == -1; ifa = ifa->ifa_next) {
		in6 = (const struct sockaddr_in6 *)ifa->ifa_addr;
		if (in6 == NULL || in6->sin6_family != AF_INET6 ||
		    !IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) ||
		    inet_ntop(AF_INET6, &in6->sin6_addr, host,
		    sizeof(host)) == NULL)
			continue;
		snprintf(dst, size, "[%s%%%s]:0", host, ifa->ifa_name);
		status = 0;
	}
	freeifaddrs(all);
	return status;
}

static void
test_zone(void **state)
{
	char addr[256], bound[LISTENER_ADDRESS_SIZE];
	int fd;

	(void)state;
	if (link_local(addr, sizeof(addr)) == -1) {
		print_message("# no link-local address here\n");
		skip();
	}
	fd = open_listener(addr);
	listener_address(fd, bound);
	assert_memory_equal(bound, addr, strlen(addr) - 1);
	close(fd);
}

static void
test_in_use(void **state)
{
	char addr[LISTENER_ADDRESS_SIZE];
	int fd;

	(void)state;
	fd = open_listener("127.0.0.1:0");
	listener_address(fd, addr);
	assert_refused(addr, EADDRINUSE, "Address already in use; another "
	    "program listens there");
	assert_memory_equal(why, "listen on 127.0.0.1:", 20);
	close(fd);
}

static int
open_port_1(void)
{
	if (get_sysctl("/proc/sys/net/ipv4/ip_unprivileged_port_start") <= 1) {
		print_message("# port 1 is everybody's here\n");
		return SKIP;
	}
	if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) == -1)
		return 1;
	if (listener_open("127.0.0.1:1", 0, why, sizeof(why)) != -1)
		return 2;
	if (errno != EACCES)
		return 3;
	return strcmp(why, "listen on 127.0.0.1:1: Permission denied; ports "
	    "below 1024 need root or CAP_NET_BIND_SERVICE, a port such as "
	    "8080 does not") == 0 ? 0 : 4;
}

static void
test_no_permission(void **state)
{
	(void)state;
	assert_child(open_port_1);
}

static void
assert_unchecked(int fd, int error)
{
	errno = 0;
	assert_int_equal(listener_check(fd), -1);
	assert_int_equal(errno, error);
	if (fd != -1)
		close(fd);
}

static void
test_check(void **state)
{
	(void)state;
	assert_unchecked(-1, EBADF);
	assert_unchecked(open("/dev/null", O_RDONLY | O_CLOEXEC), ENOTSOCK);
	assert_unchecked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    EINVAL);
	assert_unchecked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	    EINVAL);
}

static void
test_address(void **state)
{
	char addr[LISTENER_ADDRESS_SIZE];
	int fd;

	(void)state;
	listener_address(-1, addr);
	assert_string_equal(addr, "?");
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_return_code(fd, errno);
	listener_address(fd, addr);
	assert_string_equal(addr, "?");
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long_host),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_dual_stack),
		cmocka_unit_test(test_no_ipv6),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_no_permission),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_address)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
