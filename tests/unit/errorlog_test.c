/* errorlog: messages in a file, whole, and to syslogd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <syslog.h>
#include <unistd.h>

#include "errorlog.h"

#define STAMP "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}" \
    "\\.[0-9]{3}Z"

static int
open_log(struct errorlog *log)
{
	int fd = memfd_create("log", 0);

	assert_return_code(fd, errno);
	assert_return_code(fcntl(fd, F_SETFL, O_APPEND), errno);
	assert_return_code(errorlog_init(log, fd, LOG_DAEMON), errno);
	return fd;
}

/* All of a file that fits size, as text. */
static void
contents(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	assert_return_code(n, errno);
	text[n] = '\0';
}

static void
assert_matches(const char *text, const char *pattern)
{
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB),
	    0);
	if (regexec(&regex, text, 0, NULL, 0) != 0)
		fail_msg("\"%s\" is not \"%s\"", text, pattern);
	regfree(&regex);
}

static void
has_time_priority_and_process(void **state)
{
	struct errorlog log;
	int fd = open_log(&log);
	char text[1024], pattern[512];

	(void)state;
	errno = EDOM;
	errorlog_write(&log, LOG_ERR, "one");
	errorlog_write(&log, LOG_DEBUG, "two %s");
	assert_int_equal(errno, EDOM);
	contents(fd, text, sizeof(text));
	(void)snprintf(pattern, sizeof(pattern), "^" STAMP " err %s\\[%d\\]: "
	    "one\n" STAMP " debug %s\\[%d\\]: two %%s\n$", getprogname(),
	    (int)getpid(), getprogname(), (int)getpid());
	assert_matches(text, pattern);
	close(fd);
}

static void
is_json_where_it_is_wanted(void **state)
{
	struct errorlog log;
	int fd = open_log(&log);
	char text[4096], message[2048];

	(void)state;
	log.is_json = true;
	errorlog_write(&log, LOG_WARNING, "a \"b\" \\ \t \xff \xc3\xa4");
	contents(fd, text, sizeof(text));
	assert_matches(text, "^\\{\"time\":\"" STAMP "\",\"level\":"
	    "\"warning\",\"program\":\"[^\"]+\",\"pid\":[0-9]+,\"message\":"
	    "\"a \\\\\"b\\\\\" \\\\\\\\ \\\\u0009 "
	    "\xef\xbf\xbd \xc3\xa4\"\\}\n$");
	assert_return_code(ftruncate(fd, 0), errno);
	memset(message, '"', sizeof(message));
	message[sizeof(message) - 1] = '\0';
	errorlog_write(&log, LOG_ERR, message);
	contents(fd, text, sizeof(text));
	assert_in_range(strlen(text), 1100, 1152);
	assert_matches(text, "message\":\"(\\\\\")+\"\\}\n$");
	errorlog_free(&log);
	close(fd);
}

static void
cuts_what_is_too_long(void **state)
{
	struct errorlog log;
	int fd = open_log(&log);
	char text[8192], message[4096];

	(void)state;
	memset(message, 'm', sizeof(message));
	message[sizeof(message) - 1] = '\0';
	errorlog_write(&log, LOG_ERR, message);
	contents(fd, text, sizeof(text));
	assert_in_range(strlen(text), 1023, 1152);
	assert_string_equal(text + strlen(text) - 2, "m\n");
	close(fd);
}

/* Each of many processes writes whole lines. */
static void
is_shared_by_processes(void **state)
{
	enum { PROCESSES = 4, MESSAGES = 500 };
	struct errorlog log;
	int fd = open_log(&log), i, j, lines = 0;
	size_t size = PROCESSES * MESSAGES * 300;
	char message[200], *line, *text = malloc(size);

	(void)state;
	assert_non_null(text);
	memset(message, 'm', sizeof(message));
	message[sizeof(message) - 1] = '\0';
	for (i = 0; i < PROCESSES; i++) {
		if (fork() != 0)
			continue;
		for (j = 0; j < MESSAGES; j++)
			errorlog_write(&log, LOG_INFO, message);
		_exit(0);
	}
	for (i = 0; i < PROCESSES; i++)
		(void)wait(NULL);
	contents(fd, text, size);
	for (line = strtok(text, "\n"); line != NULL;
	    line = strtok(NULL, "\n")) {
		assert_matches(line, "^" STAMP " info [^ ]+: m{199}$");
		lines++;
	}
	assert_int_equal(lines, PROCESSES * MESSAGES);
	free(text);
	close(fd);
}

static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_return_code(getrlimit(RLIMIT_FSIZE, &limit), errno);
	limit.rlim_cur = bytes;
	assert_return_code(setrlimit(RLIMIT_FSIZE, &limit), errno);
	(void)signal(SIGXFSZ, SIG_IGN);
}

/* That is said once, elsewhere, and counted; half a line stays alone. */
static void
survives_a_full_disk(void **state)
{
	struct errorlog log;
	int elsewhere[2], fd = open_log(&log), saved;
	char text[1024];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe2(elsewhere, O_NONBLOCK), 0);
	saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_return_code(dup2(elsewhere[1], STDERR_FILENO), errno);
	limit_files(10);
	errorlog_write(&log, LOG_ERR, "one");
	errorlog_write(&log, LOG_ERR, "two");
	limit_files(RLIM_INFINITY);
	errorlog_write(&log, LOG_ERR, "three");
	assert_return_code(dup2(saved, STDERR_FILENO), errno);
	contents(fd, text, sizeof(text));
	assert_matches(text, "^.{10}\n" STAMP " err [^\n]*: three\n" STAMP
	    " err [^\n]*: error log: works again, 2 messages were lost\n$");
	n = read(elsewhere[0], text, sizeof(text) - 1);
	assert_return_code(n, errno);
	text[n] = '\0';
	assert_matches(text, "^[^\n]*: error log: messages are lost: "
	    "No space left on device\n$");
	close(saved);
	close(elsewhere[0]);
	close(elsewhere[1]);
	close(fd);
}

static void
write_elsewhere(struct errorlog *log, const char *message)
{
	if (fork() == 0) {
		errorlog_write(log, LOG_ERR, message);
		_exit(0);
	}
	(void)wait(NULL);
}

/* Nor once a process, or continued by another one. */
static void
is_one_in_its_losses(void **state)
{
	struct errorlog log;
	int elsewhere[2], fd = open_log(&log), saved;
	char text[1024];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe2(elsewhere, O_NONBLOCK), 0);
	saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_return_code(dup2(elsewhere[1], STDERR_FILENO), errno);
	limit_files(10);
	write_elsewhere(&log, "one");
	write_elsewhere(&log, "two");
	errorlog_write(&log, LOG_ERR, "three");
	limit_files(RLIM_INFINITY);
	write_elsewhere(&log, "four");
	assert_return_code(dup2(saved, STDERR_FILENO), errno);
	contents(fd, text, sizeof(text));
	assert_matches(text, "^.{10}\n" STAMP " err [^\n]*: four\n" STAMP
	    " err [^\n]*: error log: works again, 3 messages were lost\n$");
	n = read(elsewhere[0], text, sizeof(text) - 1);
	assert_return_code(n, errno);
	text[n] = '\0';
	assert_matches(text, "^[^\n]*: messages are lost: [^\n]*\n$");
	errorlog_free(&log);
	close(saved);
	close(elsewhere[0]);
	close(elsewhere[1]);
	close(fd);
}

static void
goes_to_syslog(void **state)
{
	struct errorlog log;
	char text[256];
	ssize_t n;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	assert_int_equal(errorlog_init(&log, fds[0], LOG_LOCAL1), 0);
	errorlog_write(&log, LOG_WARNING, "message");
	n = recv(fds[1], text, sizeof(text) - 1, MSG_DONTWAIT);
	assert_return_code(n, errno);
	text[n] = '\0';
	assert_matches(text, "^<140>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} "
	    "[^ ]+\\[[0-9]+\\]: message$");
	close(fds[0]);
	close(fds[1]);
}

static void
goes_on_in_another_file(void **state)
{
	struct errorlog log;
	int before = open_log(&log), after = memfd_create("log", 0);
	int old = fcntl(before, F_DUPFD_CLOEXEC, 3);
	char text[256];

	(void)state;
	errorlog_write(&log, LOG_ERR, "one");
	assert_int_equal(errorlog_reopen(&log, after), 0);
	errorlog_write(&log, LOG_ERR, "two");
	contents(old, text, sizeof(text));
	assert_matches(text, "^[^\n]*: one\n$");
	contents(after, text, sizeof(text));
	assert_matches(text, "^[^\n]*: two\n$");
	assert_int_equal(errorlog_reopen(&log, -1), -1);
	close(before);
	close(after);
	close(old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_time_priority_and_process),
		cmocka_unit_test(is_json_where_it_is_wanted),
		cmocka_unit_test(cuts_what_is_too_long),
		cmocka_unit_test(is_shared_by_processes),
		cmocka_unit_test(survives_a_full_disk),
		cmocka_unit_test(is_one_in_its_losses),
		cmocka_unit_test(goes_to_syslog),
		cmocka_unit_test(goes_on_in_another_file),
	};

	return cmocka_run_group_tests_name("errorlog", tests, NULL, NULL);
}
