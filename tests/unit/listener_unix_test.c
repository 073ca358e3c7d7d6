#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listener_test.h"

static char dir[] = "/tmp/listener_unix_test.XXXXXX";

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

/* The path "s" in dir, and its address. */
static char unix_path[64], unix_addr[80];

static int
make_path(void **state)
{
	(void)state;
	snprintf(unix_path, sizeof(unix_path), "%s/s", dir);
	snprintf(unix_addr, sizeof(unix_addr), "unix:%s", unix_path);
	return 0;
}

static int
remove_path(void **state)
{
	(void)state;
	return unlink(unix_path) == -1 && errno != ENOENT ? -1 : 0;
}

static int
path_exists(void)
{
	struct stat st;

	return lstat(unix_path, &st) == 0;
}

/* Binds a socket of that type to the path; it does not listen. */
static int
bind_path(int type)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	strlcpy(sun.sun_path, unix_path, sizeof(sun.sun_path));
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	assert_return_code(fd, errno);
	assert_return_code(bind(fd, (struct sockaddr *)&sun, sizeof(sun)),
	    errno);
	return fd;
}

static void
make_file(void)
{
	int fd;

	fd = open(unix_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_return_code(fd, errno);
	close(fd);
}

static void
test_unix(void **state)
{
	char addr[LISTENER_ADDRESS_SIZE];
	int fd;

	(void)state;
	fd = listener_open(unix_addr, 1, why, sizeof(why));
	assert_return_code(fd, errno);
	listener_address(fd, addr);
	assert_string_equal(addr, unix_addr);
	assert_int_equal(listener_check(fd), 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	listener_unlink(fd);
	assert_false(path_exists());
	close(fd);
}

static void
test_unix_stale(void **state)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < 2; i++) {
		close(bind_path(types[i]));
		assert_true(path_exists());
		fd = open_listener(unix_addr);
		listener_unlink(fd);
		assert_false(path_exists());
		close(fd);
	}
}

static void
test_unix_in_use(void **state)
{
	int fd;

	(void)state;
	fd = open_listener(unix_addr);
	assert_refused(unix_addr, EADDRINUSE, "another program listens");
	assert_true(path_exists());
	close(fd);
}

/* A backlog without room makes no difference, and nothing blocks. */
static void
test_unix_busy(void **state)
{
	int client, fd;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	(void)state;
	fd = bind_path(SOCK_STREAM);
	assert_return_code(listen(fd, 0), errno);
	strlcpy(sun.sun_path, unix_path, sizeof(sun.sun_path));
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(client, errno);
	assert_return_code(connect(client, (struct sockaddr *)&sun,
	    sizeof(sun)), errno);
	assert_refused(unix_addr, EADDRINUSE, "another program listens");
	assert_true(path_exists());
	close(client);
	close(fd);
}

static void
test_unix_datagram(void **state)
{
	int fd;

	(void)state;
	fd = bind_path(SOCK_DGRAM);
	assert_refused(unix_addr, EADDRINUSE, "another program listens");
	assert_true(path_exists());
	close(fd);
}

static void
test_unix_no_socket(void **state)
{
	(void)state;
	make_file();
	assert_refused(unix_addr, EEXIST, "it is no socket, remove it");
	assert_true(path_exists());
	assert_return_code(unlink(unix_path), errno);

	assert_return_code(symlink("nowhere", unix_path), errno);
	assert_refused(unix_addr, EEXIST, "it is no socket");
	assert_true(path_exists());
}

static void
test_unix_long_path(void **state)
{
	/* sun_path, with its NUL: unix(7). */
	char addr[sizeof("unix:") + 108], bound[LISTENER_ADDRESS_SIZE];
	size_t len;
	int fd;

	(void)state;
	len = (size_t)snprintf(addr, sizeof(addr), "unix:%s/", dir);
	memset(addr + len, 'x', sizeof(addr) - len);
	addr[sizeof(addr) - 1] = '\0';
	assert_refused(addr, ENAMETOOLONG, "has 108 bytes; write one of at "
	    "most 107");
	addr[sizeof(addr) - 2] = '\0';
	fd = open_listener(addr);
	listener_address(fd, bound);
	assert_string_equal(bound, addr);
	assert_return_code(unlink(addr + 5), errno);
	close(fd);
}

/* The path belongs to another server by now. */
static void
test_unlink_replaced(void **state)
{
	int fd, ready[2], status;
	char byte;
	pid_t pid;

	(void)state;
	fd = open_listener(unix_addr);
	assert_return_code(unlink(unix_path), errno);
	assert_return_code(pipe2(ready, O_CLOEXEC), errno);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (listener_open(unix_addr, 0, why, sizeof(why)) != -1 &&
		    write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	listener_unlink(fd);
	assert_true(path_exists());
	close(ready[0]);
	close(fd);
	assert_return_code(kill(pid, SIGKILL), errno);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void
test_unlink_others(void **state)
{
	int fd;

	(void)state;
	fd = open_listener(unix_addr);
	assert_return_code(unlink(unix_path), errno);
	listener_unlink(fd);
	make_file();
	listener_unlink(fd);
	assert_true(path_exists());
	close(fd);

	fd = open_listener("127.0.0.1:0");
	listener_unlink(fd);
	close(fd);
	listener_unlink(-1);
	assert_true(path_exists());
}

static void
test_seqpacket(void **state)
{
	int fd;

	(void)state;
	fd = bind_path(SOCK_SEQPACKET);
	assert_return_code(listen(fd, 1), errno);
	assert_int_equal(listener_check(fd), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
}

static void
test_abstract(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const socklen_t path = offsetof(struct sockaddr_un, sun_path);
	char addr[LISTENER_ADDRESS_SIZE];
	int fd;

	(void)state;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(fd, errno);
	listener_address(fd, addr);
	assert_string_equal(addr, "?");
	/* An abstract name that fills all there is, and has no NUL. */
	memset(sun.sun_path, 'n', sizeof(sun.sun_path));
	sun.sun_path[0] = '\0';
	assert_return_code(bind(fd, (struct sockaddr *)&sun, path +
	    sizeof(sun.sun_path)), errno);
	listener_address(fd, addr);
	assert_memory_equal(addr, "unix:@nnn", 9);
	assert_int_equal(strlen(addr), 5 + sizeof(sun.sun_path));
	listener_unlink(fd);
	close(fd);
}

#define unix_test(f) \
	cmocka_unit_test_setup_teardown(f, make_path, remove_path)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unix_test(test_unix),
		unix_test(test_unix_stale),
		unix_test(test_unix_in_use),
		unix_test(test_unix_busy),
		unix_test(test_unix_datagram),
		unix_test(test_unix_no_socket),
		unix_test(test_unix_long_path),
		unix_test(test_unlink_replaced),
		unix_test(test_unlink_others),
		unix_test(test_seqpacket),
		cmocka_unit_test(test_abstract)
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
