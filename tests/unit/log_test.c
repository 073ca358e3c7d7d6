#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/log.h"

/* What the sink was given last, and how often it was. */
static struct {
	void	*arg;
	int	 priority;
	int	 calls;
	char	 line[4096];
} got;

static void
sink(void *arg, int priority, const char *line)
{
	got.arg = arg;
	got.priority = priority;
	got.calls++;
	strlcpy(got.line, line, sizeof(got.line));
	errno = ENOTTY;
}

static int
use_sink(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	log_set_sink(sink, &got, LOG_DEBUG);
	return 0;
}

static int
use_stderr(void **state)
{
	(void)state;
	log_set_sink(NULL, NULL, LOG_INFO);
	return 0;
}

static void
test_sink(void **state)
{
	(void)state;
	log_message(LOG_WARNING, "child %d: %s", 7, "gone");
	assert_int_equal(got.calls, 1);
	assert_ptr_equal(got.arg, &got);
	assert_int_equal(got.priority, LOG_WARNING);
	assert_string_equal(got.line, "child 7: gone");
}

static void
test_errno(void **state)
{
	(void)state;
	errno = ENOENT;
	log_errno(LOG_ERR, "open %s", "/x");
	assert_string_equal(got.line, "open /x: No such file or directory");
	assert_int_equal(errno, ENOENT);
	errno = EPIPE;
	log_message(LOG_ERR, "text");
	assert_int_equal(errno, EPIPE);
}

static void
test_least(void **state)
{
	(void)state;
	log_set_sink(sink, NULL, LOG_NOTICE);
	log_message(LOG_INFO, "dropped");
	log_errno(LOG_DEBUG, "dropped");
	assert_int_equal(got.calls, 0);
	log_message(LOG_NOTICE, "kept");
	log_message(LOG_EMERG, "kept");
	assert_int_equal(got.calls, 2);
}

static void
test_control_bytes(void **state)
{
	(void)state;
	log_message(LOG_ERR, "a\nb\tc\033d\177e\xc3\xbc");
	assert_string_equal(got.line, "a?b?c?d?e\xc3\xbc");
}

/* 1023 bytes fit. */
static void
test_cut(void **state)
{
	static const struct {
		int	len;		/* of the message */
		int	errno_too;	/* with ": Broken pipe", 13 bytes */
		int	cut;
	} rows[] = {
		{ 0, 0, 0 }, { 1023, 0, 0 }, { 1024, 0, 1 }, { 3000, 0, 1 },
		{ 0, 1, 0 }, { 1010, 1, 0 }, { 1011, 1, 1 }, { 1023, 1, 1 },
		{ 1024, 1, 1 }, { 3000, 1, 1 }
	};
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		errno = EPIPE;
		if (rows[i].errno_too)
			log_errno(LOG_ERR, "%*s", rows[i].len, "");
		else
			log_message(LOG_ERR, "%*s", rows[i].len, "");
		len = strlen(got.line);
		if (rows[i].cut) {
			assert_int_equal(len, 1023);
			assert_string_equal(got.line + len - 3, "...");
		} else {
			assert_int_equal(len, rows[i].len +
			    13 * rows[i].errno_too);
		}
	}
}

/*
 * Logs with standard error at fd, and puts the old one back; errno is what it
 * was before the message plus what the log did to it.
 */
static void
log_to(int fd, const char *text)
{
	int error, saved;

	saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_return_code(saved, errno);
	if (fd == -1)
		close(STDERR_FILENO);
	else
		assert_return_code(dup2(fd, STDERR_FILENO), errno);
	errno = EDOM;
	log_message(LOG_INFO, "%s", text);
	log_message(LOG_DEBUG, "dropped");
	error = errno;
	assert_return_code(dup2(saved, STDERR_FILENO), errno);
	close(saved);
	errno = error;
}

/* A datagram a write(2): so one is the whole line, and there is one. */
static void
test_one_write(void **state)
{
	char buf[256], line[256];
	ssize_t n;
	int fd[2];

	(void)state;
	assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, fd), errno);
	log_to(fd[0], "started");
	n = recv(fd[1], buf, sizeof(buf) - 1, 0);
	assert_int_not_equal(n, -1);
	buf[n] = '\0';
	snprintf(line, sizeof(line), "%s: started\n", getprogname());
	assert_string_equal(buf, line);
	assert_int_equal(recv(fd[1], buf, sizeof(buf), 0), -1);
	close(fd[0]);
	close(fd[1]);
}

static void
test_no_stderr(void **state)
{
	int fd;

	(void)state;
	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_return_code(fd, errno);
	log_to(fd, "no space");
	assert_int_equal(errno, EDOM);
	close(fd);
	log_to(-1, "closed");
	assert_int_equal(errno, EDOM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_write),
		cmocka_unit_test(test_no_stderr),
		cmocka_unit_test_setup_teardown(test_sink, use_sink,
		    use_stderr),
		cmocka_unit_test_setup_teardown(test_errno, use_sink,
		    use_stderr),
		cmocka_unit_test_setup_teardown(test_least, use_sink,
		    use_stderr),
		cmocka_unit_test_setup_teardown(test_control_bytes, use_sink,
		    use_stderr),
		cmocka_unit_test_setup_teardown(test_cut, use_sink,
		    use_stderr)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
