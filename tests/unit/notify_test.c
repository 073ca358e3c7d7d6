#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../src/notify.h"

static char dir[] = "/tmp/notify_test.XXXXXX";

static int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

/* Binds a service manager's socket and has it found. */
static int
open_manager(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const socklen_t head = offsetof(struct sockaddr_un, sun_path);
	int fd;

	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_return_code(fd, errno);
	assert_return_code(bind(fd, (struct sockaddr *)&sun,
	    head + (socklen_t)strlen(path)), errno);
	assert_return_code(setenv("NOTIFY_SOCKET", path, 1), errno);
	assert_int_equal(notify_open(), 1);
	return fd;
}

/* A manager at a name of this test's own. */
static int
open_abstract(void)
{
	char name[64];

	snprintf(name, sizeof(name), "@notify_test.%ld", (long)getpid());
	return open_manager(name);
}

static void
assert_nothing_told(int manager)
{
	char c;

	assert_int_equal(recv(manager, &c, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

/* One datagram is there, of this and nothing else. */
static void
assert_told(int manager, const char *state)
{
	char buf[8192];
	ssize_t n;

	n = recv(manager, buf, sizeof(buf) - 1, 0);
	assert_int_not_equal(n, -1);
	buf[n] = '\0';
	assert_string_equal(buf, state);
	assert_nothing_told(manager);
}

static void
assert_sends(int manager, const char *state)
{
	assert_int_equal(notify_send(state), 1);
	assert_told(manager, state);
}

static int
count_descriptors(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			n++;
	}
	return n;
}

static void
test_nobody(void **state)
{
	static const int none[1];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_open(), 0);
	assert_int_equal(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	setenv("WATCHDOG_USEC", "1000000", 1);
	assert_int_equal(notify_open(), 0);
	assert_int_equal(notify_send("READY=1"), 0);
	assert_int_equal(notify_sendf("READY=%d", 1), 0);
	assert_int_equal(notify_reloading(), 0);
	assert_int_equal(notify_status("fine"), 0);
	assert_int_equal(notify_alive(), 0);
	assert_int_equal(notify_store("name", none, 1), 0);
	assert_int_equal(notify_watchdog_usec(), 0);
	assert_int_equal(notify_export(), 0);
	assert_null(getenv("NOTIFY_SOCKET"));
}

static void
test_path(void **state)
{
	char path[64], status[4096];
	int before, fd;

	(void)state;
	memset(status, 'x', sizeof(status));
	memcpy(status, "STATUS=", 7);
	status[sizeof(status) - 1] = '\0';
	snprintf(path, sizeof(path), "%s/s", dir);
	fd = open_manager(path);
	before = count_descriptors();
	assert_sends(fd, "READY=1\nSTATUS=4 children");
	assert_sends(fd, status);
	assert_int_equal(count_descriptors(), before);
	close(fd);

	assert_int_equal(notify_send("READY=1"), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(count_descriptors(), before - 1);
	assert_return_code(unlink(path), errno);
	assert_int_equal(notify_send("READY=1"), -1);
	assert_int_equal(errno, ENOENT);
}

static void
test_abstract(void **state)
{
	int fd;

	(void)state;
	fd = open_abstract();
	assert_sends(fd, "STOPPING=1");
	close(fd);
}

/* A name of all 108 bytes is one for an abstract socket: unix(7). */
static void
test_wrong(void **state)
{
	static const struct {
		const char	*value;
		int		 error;
	} rows[] = {
		{ "run/notify", EINVAL },
		{ "/", EINVAL },
		{ "@", EINVAL },
		{ "vsock:2:9999", EAFNOSUPPORT },
		{ "vsock-stream:2:9999", EAFNOSUPPORT },
		{ "/a/path/of/108/bytes/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		    ENAMETOOLONG }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("NOTIFY_SOCKET", rows[i].value, 1);
		errno = 0;
		assert_int_equal(notify_open(), -1);
		assert_int_equal(errno, rows[i].error);
		assert_null(getenv("NOTIFY_SOCKET"));
		assert_int_equal(notify_send("READY=1"), 0);
	}
}

static void
test_alive(void **state)
{
	int fd;

	(void)state;
	setenv("WATCHDOG_USEC", "1000000", 1);
	fd = open_abstract();
	assert_int_equal(notify_alive(), 1);
	assert_told(fd, "WATCHDOG=1");
	close(fd);
}

static void
test_states(void **state)
{
	char big[5000];
	int fd;

	(void)state;
	fd = open_abstract();
	assert_int_equal(notify_sendf("READY=1\nSTATUS=%d %s", 2, "up"), 1);
	assert_told(fd, "READY=1\nSTATUS=2 up");
	assert_int_equal(notify_alive(), 0);
	assert_nothing_told(fd);
	assert_int_equal(notify_status("%u children\nREADY=1", 4), 1);
	assert_told(fd, "STATUS=4 children READY=1");
	assert_int_equal(notify_forget("a name"), 1);
	assert_told(fd, "FDSTOREREMOVE=1\nFDNAME=a name");

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(notify_sendf("STATUS=%s", big), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_nothing_told(fd);
	close(fd);
}

/* Another process tells from now on. */
static void
test_succeeded(void **state)
{
	int fd;

	(void)state;
	setenv("WATCHDOG_USEC", "1000000", 1);
	fd = open_abstract();
	assert_int_equal(notify_succeeded(4711), 1);
	assert_told(fd, "READY=1\nMAINPID=4711");
	assert_int_equal(notify_alive(), 0);
	assert_int_equal(notify_status("%u children", 4), 0);
	assert_int_equal(notify_send("STOPPING=1"), 0);
	assert_nothing_told(fd);
	close(fd);
}

static int64_t
now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
test_reloading(void **state)
{
	static const char head[] = "RELOADING=1\nMONOTONIC_USEC=";
	char buf[128], *end;
	int64_t after, before, said;
	ssize_t n;
	int fd;

	(void)state;
	fd = open_abstract();
	before = now_usec();
	assert_int_equal(notify_reloading(), 1);
	after = now_usec();
	n = recv(fd, buf, sizeof(buf) - 1, 0);
	assert_true(n > (ssize_t)strlen(head));
	buf[n] = '\0';
	assert_memory_equal(buf, head, strlen(head));
	said = strtoll(buf + strlen(head), &end, 10);
	assert_int_equal(*end, '\0');
	assert_in_range(said, before, after);
	close(fd);
}

static void
test_child_is_silent(void **state)
{
	int fd, status;
	pid_t pid;

	(void)state;
	fd = open_abstract();
	assert_null(getenv("NOTIFY_SOCKET"));
	pid = fork();
	if (pid == 0)
		_exit(notify_send("READY=1"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_nothing_told(fd);
	assert_sends(fd, "READY=1");
	close(fd);
}

static void
test_watchdog(void **state)
{
	static const struct {
		const char	*usec;
		const char	*pid;		/* "." is this process */
		uint64_t	 expected;
	} rows[] = {
		{ NULL, NULL, 0 },
		{ "30000000", NULL, 30000000 },
		{ "30000000", ".", 30000000 },
		{ "30000000", "1", 0 },
		{ "30000000", "x", 0 },
		{ "30000000", "", 0 },
		{ "0", ".", 0 },
		{ "-1", ".", 0 },
		{ "3s", ".", 0 },
		{ NULL, ".", 0 }
	};
	char self[24];
	size_t i;

	(void)state;
	snprintf(self, sizeof(self), "%ld", (long)getpid());
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("NOTIFY_SOCKET", "@nobody", 1);
		if (rows[i].usec != NULL)
			setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid != NULL)
			setenv("WATCHDOG_PID", strcmp(rows[i].pid, ".") == 0 ?
			    self : rows[i].pid, 1);
		assert_int_equal(notify_open(), 1);
		assert_int_equal(notify_watchdog_usec(), rows[i].expected);
		assert_null(getenv("WATCHDOG_USEC"));
		assert_null(getenv("WATCHDOG_PID"));
	}
}

/* In the next program everything is as it was here, but for the process. */
static void
test_export(void **state)
{
	char pid[24];

	(void)state;
	setenv("NOTIFY_SOCKET", "@next", 1);
	setenv("WATCHDOG_USEC", "5000000", 1);
	assert_int_equal(notify_open(), 1);
	assert_return_code(notify_export(), errno);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	assert_string_equal(getenv("NOTIFY_SOCKET"), "@next");
	assert_string_equal(getenv("WATCHDOG_USEC"), "5000000");
	assert_string_equal(getenv("WATCHDOG_PID"), pid);
	assert_int_equal(notify_open(), 1);
	assert_int_equal(notify_watchdog_usec(), 5000000);
}

/* Receives one datagram with up to two descriptors; how many there were. */
static int
receive_fds(int manager, char *buf, size_t size, int fds[2])
{
	union {
		struct cmsghdr	header;
		char		bytes[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec iov = { buf, size - 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	size_t bytes;
	ssize_t n;

	n = recvmsg(manager, &message, MSG_CMSG_CLOEXEC);
	assert_int_not_equal(n, -1);
	buf[n] = '\0';
	assert_int_equal(message.msg_flags & MSG_CTRUNC, 0);
	assert_non_null(CMSG_FIRSTHDR(&message));
	assert_int_equal(control.header.cmsg_type, SCM_RIGHTS);
	bytes = control.header.cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(&control.header), bytes);
	return (int)(bytes / sizeof(int));
}

static void
test_store(void **state)
{
	int before, fd, got[2], pipefds[2];
	char buf[128], c = 0;

	(void)state;
	fd = open_abstract();
	assert_return_code(pipe(pipefds), errno);
	before = count_descriptors();
	assert_int_equal(notify_store("two ends", pipefds, 2), 1);
	assert_int_equal(receive_fds(fd, buf, sizeof(buf), got), 2);
	assert_string_equal(buf, "FDSTORE=1\nFDNAME=two ends");
	assert_int_equal(count_descriptors(), before + 2);
	assert_int_equal(write(got[1], "x", 1), 1);
	assert_int_equal(read(pipefds[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	close(got[0]);
	close(got[1]);
	close(pipefds[0]);
	close(pipefds[1]);
	close(fd);
}

static void
test_store_refuses(void **state)
{
	char longest[257];
	const char *const names[] = {
		"", "a:b", "a\nFDPOLL=0", "caf\xc3\xa9", "\x7f", longest
	};
	const int fds[] = { STDIN_FILENO };
	size_t i;
	int fd;

	(void)state;
	fd = open_abstract();
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		errno = 0;
		assert_int_equal(notify_store(names[i], fds, 1), -1);
		assert_int_equal(errno, EINVAL);
		errno = 0;
		assert_int_equal(notify_forget(names[i]), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(notify_store("none", fds, 0), -1);
	assert_int_equal(notify_store("many", fds, NOTIFY_MAX_FDS + 1), -1);
	assert_nothing_told(fd);
	longest[255] = '\0';
	assert_int_equal(notify_store(longest, fds, 1), 1);
	close(fd);
}

/* What comes again anyway does not wait; the rest does, but not for ever. */
static void
test_busy_manager(void **state)
{
	int64_t start;
	int fd, sent = 0;

	(void)state;
	setenv("WATCHDOG_USEC", "1000000", 1);
	fd = open_abstract();
	while (notify_alive() == 1)
		sent++;
	assert_int_equal(errno, EAGAIN);
	assert_true(sent > 0);
	start = now_usec();
	assert_int_equal(notify_status("busy"), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(now_usec() - start < 500000);
	assert_int_equal(notify_send("STOPPING=1"), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(now_usec() - start > 500000);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_abstract),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_alive),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_succeeded),
		cmocka_unit_test(test_reloading),
		cmocka_unit_test(test_child_is_silent),
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_export),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_store_refuses),
		cmocka_unit_test(test_busy_manager)
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
