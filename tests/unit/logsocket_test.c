/* logsocket: datagrams to syslogd, who may be slow, gone, or another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "logsocket.h"

#define WHEN 784111777

static struct sockaddr_un address;

static int
setup(void **state)
{
	static char dir[] = "/tmp/logsocket_test.XXXXXX";

	(void)state;
	(void)setenv("TZ", "UTC", 1);
	tzset();
	if (mkdtemp(dir) == NULL)
		return -1;
	address.sun_family = AF_UNIX;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/log",
	    dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(address.sun_path);
	*strrchr(address.sun_path, '/') = '\0';
	return rmdir(address.sun_path);
}

/* A syslogd that has just been started. */
static int
start_syslogd(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_return_code(fd, errno);
	(void)unlink(address.sun_path);
	assert_return_code(bind(fd, (struct sockaddr *)&address,
	    sizeof(address)), errno);
	return fd;
}

static int
connect_to_syslogd(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	assert_return_code(fd, errno);
	assert_return_code(connect(fd, (struct sockaddr *)&address,
	    sizeof(address)), errno);
	return fd;
}

static void
assert_received(int syslogd, const char *priority_and_date, const char *text)
{
	char datagram[8192], want[8192];
	ssize_t n = recv(syslogd, datagram, sizeof(datagram) - 1, 0);

	assert_return_code(n, errno);
	datagram[n] = '\0';
	(void)snprintf(want, sizeof(want), "%s %.24s[%d]: %s",
	    priority_and_date, getprogname(), (int)getpid(), text);
	assert_string_equal(datagram, want);
}

static void
knows_its_kind(void **state)
{
	int dgram[2], stream[2], fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, dgram), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, stream), 0);
	assert_int_equal(pipe(fds), 0);
	assert_true(logsocket_is(dgram[0]));
	assert_false(logsocket_is(stream[0]));
	assert_false(logsocket_is(fds[1]));
	assert_false(logsocket_is(-1));
	close(dgram[0]);
	close(dgram[1]);
	close(stream[0]);
	close(stream[1]);
	close(fds[0]);
	close(fds[1]);
}

static void
sends_as_syslog_does(void **state)
{
	int syslogd = start_syslogd(), fd = connect_to_syslogd();
	struct logsocket s;

	(void)state;
	logsocket_init(&s, fd);
	assert_int_equal(logsocket_send(&s, LOG_DAEMON | LOG_INFO, WHEN,
	    "a line", 6), 0);
	assert_received(syslogd, "<30>Nov  6 08:49:37", "a line");
	assert_int_equal(logsocket_send(&s, LOG_LOCAL7 | LOG_ERR, WHEN,
	    "b", 1), 0);
	assert_received(syslogd, "<187>Nov  6 08:49:37", "b");
	assert_int_equal(logsocket_send(&s, LOG_LOCAL7 | LOG_ERR,
	    WHEN + 86400 * 20, "", 0), 0);
	assert_received(syslogd, "<187>Nov 26 08:49:37", "");
	close(fd);
	close(syslogd);
}

/* One that is slow, by a socket that would block: told apart, and no wait. */
static void
waits_for_nobody(void **state)
{
	int syslogd = start_syslogd(), fd = connect_to_syslogd(), sent = 0;
	struct logsocket s;

	(void)state;
	logsocket_init(&s, fd);
	while (logsocket_send(&s, LOG_INFO, WHEN, "x", 1) == 0)
		sent++;
	assert_int_equal(errno, EAGAIN);
	assert_in_range(sent, 1, 100000);
	assert_received(syslogd, "<6>Nov  6 08:49:37", "x");
	assert_int_equal(logsocket_send(&s, LOG_INFO, WHEN, "y", 1), 0);
	close(fd);
	close(syslogd);
}

static void
finds_the_next_syslogd(void **state)
{
	int syslogd = start_syslogd(), fd = connect_to_syslogd(), shared;
	struct logsocket s, other;

	(void)state;
	logsocket_init(&s, fd);
	shared = dup(fd);
	logsocket_init(&other, shared);
	close(syslogd);
	assert_int_equal(logsocket_send(&s, LOG_INFO, WHEN, "x", 1), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(logsocket_send(&s, LOG_INFO, WHEN, "x", 1), -1);
	syslogd = start_syslogd();
	assert_int_equal(logsocket_send(&s, LOG_INFO, WHEN, "y", 1), 0);
	assert_received(syslogd, "<6>Nov  6 08:49:37", "y");
	assert_int_equal(logsocket_send(&other, LOG_INFO, WHEN, "z", 1), 0);
	assert_received(syslogd, "<6>Nov  6 08:49:37", "z");

	/* With one there in time nothing is lost. */
	close(syslogd);
	syslogd = start_syslogd();
	assert_int_equal(logsocket_send(&s, LOG_INFO, WHEN, "y", 1), 0);
	assert_received(syslogd, "<6>Nov  6 08:49:37", "y");
	close(shared);
	close(fd);
	close(syslogd);
}

static void
opens_without_a_syslogd(void **state)
{
	int fd = logsocket_open();

	(void)state;
	assert_return_code(fd, errno);
	assert_true(logsocket_is(fd));
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_its_kind),
		cmocka_unit_test(sends_as_syslog_does),
		cmocka_unit_test(waits_for_nobody),
		cmocka_unit_test(finds_the_next_syslogd),
		cmocka_unit_test(opens_without_a_syslogd),
	};

	return cmocka_run_group_tests_name("logsocket", tests, setup,
	    teardown);
}
