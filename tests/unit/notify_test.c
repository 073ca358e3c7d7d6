#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Binds a service manager's socket and leads notify_send() to it. */
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
	return fd;
}

static void
assert_told(int manager, const char *state)
{
	char buf[8192];
	ssize_t n;

	assert_int_equal(notify_send(state), 1);
	n = recv(manager, buf, sizeof(buf), 0);
	assert_int_equal(n, strlen(state));
	assert_memory_equal(buf, state, strlen(state));
	assert_int_equal(recv(manager, buf, sizeof(buf), 0), -1);
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
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	assert_int_equal(notify_send("READY=1"), 0);
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
	assert_told(fd, "READY=1\nSTATUS=4 children");
	assert_told(fd, status);
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
	char name[64];
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@notify_test.%ld", (long)getpid());
	fd = open_manager(name);
	assert_told(fd, "STOPPING=1");
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
		{ "vsock:2:9999", EINVAL },
		{ "/a/path/of/108/bytes/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		    ENAMETOOLONG }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("NOTIFY_SOCKET", rows[i].value, 1);
		errno = 0;
		assert_int_equal(notify_send("READY=1"), -1);
		assert_int_equal(errno, rows[i].error);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_abstract),
		cmocka_unit_test(test_wrong)
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
