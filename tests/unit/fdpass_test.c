#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "fdpass.h"

/* A channel as the master makes it, and a file. */
/* What the last descriptor was sent as. */
static int number;

static int ends[2], file;

static int
make_channel(void **state)
{
	(void)state;
	file = memfd_create("file", MFD_CLOEXEC);
	return file == -1 || socketpair(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1 ?
	    -1 : 0;
}

static int
end_channel(void **state)
{
	(void)state;
	(void)close(file);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return 0;
}

static void
assert_same_file(int a, int b)
{
	struct stat st_a, st_b;

	assert_return_code(fstat(a, &st_a), errno);
	assert_return_code(fstat(b, &st_b), errno);
	assert_true(st_a.st_dev == st_b.st_dev);
	assert_true(st_a.st_ino == st_b.st_ino);
}

static void
assert_nothing_received(int error)
{
	errno = 0;
	assert_int_equal(fdpass_receive(ends[1], &number), -1);
	assert_int_equal(errno, error);
}

/* The number of the next free descriptor: it shows what was left open. */
static int
next_free(void)
{
	int fd = dup(file), lowest = fd;

	assert_return_code(fd, errno);
	(void)close(fd);
	return lowest;
}

static void
test_pass(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(fdpass_send(ends[0], file, 7), 0);
	fd = fdpass_receive(ends[1], &number);
	assert_return_code(fd, errno);
	assert_int_not_equal(fd, file);
	assert_same_file(fd, file);
	close(fd);
}

static void
test_close_on_exec(void **state)
{
	int fd;

	(void)state;
	assert_return_code(fcntl(file, F_SETFD, 0), errno);
	assert_int_equal(fdpass_send(ends[0], file, 7), 0);
	fd = fdpass_receive(ends[1], &number);
	assert_return_code(fd, errno);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}

/* The sender may close it at once: it lives in the message. */
static void
test_sender_closes(void **state)
{
	int fd, copy;

	(void)state;
	copy = dup(file);
	assert_return_code(copy, errno);
	assert_int_equal(fdpass_send(ends[0], copy, 7), 0);
	close(copy);
	fd = fdpass_receive(ends[1], &number);
	assert_return_code(fd, errno);
	assert_same_file(fd, file);
	close(fd);
}

static void
test_in_order(void **state)
{
	int fd, i, other = memfd_create("other", MFD_CLOEXEC);

	(void)state;
	assert_return_code(other, errno);
	for (i = 0; i < 4; i++)
		assert_int_equal(fdpass_send(ends[0], i % 2 == 0 ? file :
		    other, 7), 0);
	for (i = 0; i < 4; i++) {
		fd = fdpass_receive(ends[1], &number);
		assert_return_code(fd, errno);
		assert_same_file(fd, i % 2 == 0 ? file : other);
		close(fd);
	}
	assert_nothing_received(EAGAIN);
	close(other);
}

static void
test_nothing_there(void **state)
{
	(void)state;
	assert_nothing_received(EAGAIN);
}

static void
test_no_descriptor(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(send(ends[0], "x", 1, 0), 1);
	assert_int_equal(fdpass_send(ends[0], file, 7), 0);
	assert_nothing_received(EBADMSG);
	fd = fdpass_receive(ends[1], &number);
	assert_return_code(fd, errno);
	assert_same_file(fd, file);
	close(fd);
}

/* What was sent before the end comes before it. */
static void
test_end(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(fdpass_send(ends[0], file, 7), 0);
	close(ends[0]);
	ends[0] = -1;
	fd = fdpass_receive(ends[1], &number);
	assert_return_code(fd, errno);
	close(fd);
	assert_nothing_received(EPIPE);
	assert_nothing_received(EPIPE);
}

/* A stream's peer is gone: SIGPIPE would be the end of this test. */
static void
test_send_to_nobody(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    ends), errno);
	close(ends[1]);
	ends[1] = -1;
	errno = 0;
	assert_int_equal(fdpass_send(ends[0], file, 7), -1);
	assert_int_equal(errno, EPIPE);
}

static void
test_send_what_is_none(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(fdpass_send(ends[0], -1, 7), -1);
	assert_int_equal(errno, EBADF);
	assert_nothing_received(EAGAIN);
}

/* A child that reads nothing does not stop the master. */
static void
test_send_until_full(void **state)
{
	int before = next_free(), fd, n = 0;

	(void)state;
	while (fdpass_send(ends[0], file, 7) == 0)
		n++;
	assert_int_equal(errno, EAGAIN);
	assert_true(n > 0);
	while ((fd = fdpass_receive(ends[1], &number)) != -1) {
		close(fd);
		n--;
	}
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(n, 0);
	assert_int_equal(next_free(), before);
}

#define channel_test(f) \
	cmocka_unit_test_setup_teardown(f, make_channel, end_channel)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		channel_test(test_pass),
		channel_test(test_close_on_exec),
		channel_test(test_sender_closes),
		channel_test(test_in_order),
		channel_test(test_nothing_there),
		channel_test(test_no_descriptor),
		channel_test(test_end),
		channel_test(test_send_to_nobody),
		channel_test(test_send_what_is_none),
		channel_test(test_send_until_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
