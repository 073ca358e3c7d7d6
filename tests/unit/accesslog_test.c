/* accesslog: whole lines, whatever peers send and wherever they go. */
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

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "accesslog.h"
#include "bytes.h"
#include "log.h"

#define STAMP "[06/Nov/1994:08:49:37 +0000]"
#define WHEN 784111777

#define LINE "192.0.2.1 - - " STAMP " \"GET / HTTP/1.1\" 200 42 \"-\" \"-\"\n"
#define LINE_LEN (sizeof(LINE) - 1)

/* As accesslog.c has it. */
#define FLUSH_BYTES 32768

/* What was said to the error log. */
static char said[4][256];
static size_t nsaid;

static void
note_error(void *arg, int priority, const char *line)
{
	(void)arg;
	(void)priority;
	assert_true(nsaid < sizeof(said) / sizeof(said[0]));
	(void)snprintf(said[nsaid++], sizeof(said[0]), "%s", line);
}

static int
setup(void **state)
{
	(void)state;
	(void)setenv("TZ", "UTC", 1);
	tzset();
	nsaid = 0;
	log_set_sink(note_error, NULL, LOG_DEBUG);
	return 0;
}

/* All that a descriptor has from its offset on, as text for free(3). */
static char *
read_all(int fd)
{
	struct buffer b = { 0 };
	ssize_t n;

	do {
		assert_int_equal(buffer_reserve(&b, 65536), 0);
		n = read(fd, b.data + b.len, 65535);
		b.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	b.data[b.len] = '\0';
	return b.data;
}

static struct accesslog_entry
entry(void)
{
	return (struct accesslog_entry){
		.time = WHEN,
		.remote_addr = "192.0.2.1",
		.user = "",
		.method = "GET",
		.target = "/",
		.minor = 1,
		.status = 200,
		.bytes = 42,
	};
}

static void
init(struct accesslog *log, int fd)
{
	accesslog_init(log, fd, HTTP_LOG_COMBINED, LOG_LOCAL3 | LOG_INFO);
}

/* Logs one entry to a file and returns what is in it. */
static char *
logged(const struct accesslog_entry *e)
{
	struct accesslog log;
	int fd = memfd_create("log", 0);
	char *text;

	assert_int_not_equal(fd, -1);
	init(&log, fd);
	assert_true(accesslog_is_on(&log));
	accesslog_add(&log, e);
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	accesslog_flush(&log);
	accesslog_free(&log);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	text = read_all(fd);
	close(fd);
	return text;
}

static void
assert_logged(const struct accesslog_entry *e, const char *want)
{
	char *text = logged(e);

	assert_string_equal(text, want);
	free(text);
}

static void
writes_combined_log_format(void **state)
{
	struct accesslog_entry e = entry();

	(void)state;
	assert_logged(&e, "192.0.2.1 - - " STAMP
	    " \"GET / HTTP/1.1\" 200 42 \"-\" \"-\"\n");
	e.remote_addr = "2001:db8::1";
	e.method = "M-SEARCH";
	e.target = "http://h/a?b=c";
	e.minor = 0;
	e.status = 404;
	e.bytes = UINT64_MAX;
	e.referer = "http://h/";
	e.user_agent = "curl/8 (x; y)";
	assert_logged(&e, "2001:db8::1 - - " STAMP
	    " \"M-SEARCH http://h/a?b=c HTTP/1.0\" 404 18446744073709551615"
	    " \"http://h/\" \"curl/8 (x; y)\"\n");
	e = entry();
	e.time = WHEN - 86400 * 365;
	e.referer = e.user_agent = "";
	assert_logged(&e, "192.0.2.1 - - [06/Nov/1993:08:49:37 +0000]"
	    " \"GET / HTTP/1.1\" 200 42 \"-\" \"-\"\n");
}

/* What could end the quotes or the line, or speak to a terminal. */
static void
escapes_what_peers_send(void **state)
{
	struct accesslog_entry e = entry();

	(void)state;
	e.target = "/\"\\";
	e.referer = "a\"\r\nb\t\x1b[0m";
	e.user_agent = "\x7f\x80\xff ~";
	assert_logged(&e, "192.0.2.1 - - " STAMP
	    " \"GET /\\x22\\x5c HTTP/1.1\" 200 42"
	    " \"a\\x22\\x0d\\x0ab\\x09\\x1b[0m\" \"\\x7f\\x80\\xff ~\"\n");
}

/* The line of a request that can't be read, from memory of just its size. */
static void
writes_lines_as_they_came(void **state)
{
	static const struct {
		struct bytes	 line;
		const char	*want;
	} rows[] = {
		{ B("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), "GET  / HTTP/1.1" },
		{ B("GET"), "GET" },
		{ B("\x16\x03\0\"\n"), "\\x16\\x03\\x00\\x22\\x0a" },
		{ B("GET /\0a\r"), "GET /\\x00a" },
		{ B(""), "-" },
		{ B("\r\n\r\n"), "-" },
	};
	struct accesslog_entry e = entry();
	char *copy, want[256];
	size_t i;

	(void)state;
	e.method = e.target = NULL;
	e.status = 400;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		copy = exactly(rows[i].line.data, rows[i].line.len);
		e.line = copy;
		e.line_len = rows[i].line.len;
		(void)snprintf(want, sizeof(want), "192.0.2.1 - - " STAMP
		    " \"%s\" 400 42 \"-\" \"-\"\n", rows[i].want);
		assert_logged(&e, want);
		free(copy);
	}
}

/* However long its texts are, a line fits one atomic write to a pipe. */
static void
a_line_fits_a_pipe(void **state)
{
	static const char bytes[] = { 'a', '"', '\x80' };
	struct accesslog_entry e = entry();
	char *text, *line;
	size_t i, len = 20000;

	(void)state;
	text = malloc(len + 1);
	assert_non_null(text);
	for (i = 0; i < sizeof(bytes); i++) {
		memset(text, bytes[i], len);
		text[len] = '\0';
		e = entry();
		e.target = e.referer = e.user_agent = text;
		e.remote_addr = "2001:db8:1111:2222:3333:4444:5555:6666";
		e.bytes = UINT64_MAX;
		line = logged(&e);
		assert_in_range(strlen(line), 1000, PIPE_BUF);
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		assert_non_null(strstr(line, " HTTP/1.1\" 200 18446744"));
		free(line);
		e.method = text;
		line = logged(&e);
		assert_in_range(strlen(line), 1000, PIPE_BUF);
		free(line);
		e.method = e.target = NULL;
		e.line = text;
		e.line_len = len;
		line = logged(&e);
		assert_in_range(strlen(line), 1000, PIPE_BUF);
		free(line);
	}
	free(text);
}

static void
is_off_without_a_descriptor(void **state)
{
	const struct accesslog_entry e = entry();
	struct accesslog log;
	int fd;

	(void)state;
	for (fd = -1; fd <= 0; fd++) {
		init(&log, fd);
		assert_false(accesslog_is_on(&log));
		accesslog_add(&log, &e);
		accesslog_flush(&log);
		assert_int_equal(log.lines.len, 0);
		accesslog_free(&log);
	}
}

/* A file gets all in one write, and without a flush when there is much. */
static void
flushes_when_there_is_much(void **state)
{
	const struct accesslog_entry e = entry();
	struct accesslog log;
	int fd = memfd_create("log", 0);
	off_t size;

	(void)state;
	init(&log, fd);
	do {
		accesslog_add(&log, &e);
		size = lseek(fd, 0, SEEK_END);
	} while (size == 0 && log.lines.len < 2 * FLUSH_BYTES);
	assert_in_range(size, FLUSH_BYTES, FLUSH_BYTES + PIPE_BUF);
	assert_int_equal(log.lines.len, 0);
	accesslog_free(&log);
	close(fd);
}

/*
 * Lines longer than what is left of PIPE_BUF begin the next write: a pipe in
 * packet mode keeps the writes apart.
 */
static void
writes_whole_lines_to_a_pipe(void **state)
{
	struct accesslog_entry e = entry();
	char packet[PIPE_BUF + 1], target[1000];
	struct accesslog log;
	size_t lines = 0;
	ssize_t n;
	int fds[2], i;

	(void)state;
	assert_int_equal(pipe2(fds, O_DIRECT | O_NONBLOCK), 0);
	memset(target, 't', sizeof(target));
	target[999] = '\0';
	e.target = target;
	init(&log, fds[1]);
	for (i = 0; i < 20; i++)
		accesslog_add(&log, &e);
	accesslog_flush(&log);
	accesslog_free(&log);
	while ((n = read(fds[0], packet, sizeof(packet))) > 0) {
		assert_in_range(n, 1000, PIPE_BUF);
		assert_memory_equal(packet, "192.0.2.1 - - ", 14);
		assert_int_equal(packet[n - 1], '\n');
		for (i = 0; i < n; i++)
			lines += packet[i] == '\n';
	}
	assert_int_equal(lines, 20);
	close(fds[0]);
	close(fds[1]);
}

/* Once when lines are lost, and once when it works again. */
static void
says_that_lines_are_lost(void **state)
{
	struct accesslog_entry e = entry();
	struct accesslog log;
	char *text;
	int fd, file, i;

	(void)state;
	fd = open("/dev/full", O_WRONLY);
	assert_int_not_equal(fd, -1);
	init(&log, fd);
	for (i = 0; i < 3; i++) {
		accesslog_add(&log, &e);
		accesslog_add(&log, &e);
		accesslog_flush(&log);
		assert_int_equal(log.lines.len, 0);
	}
	assert_int_equal(log.shared->lost, 6);
	assert_int_equal(nsaid, 1);
	assert_string_equal(said[0],
	    "access log: lines are lost: No space left on device");

	file = memfd_create("log", 0);
	assert_int_equal(dup2(file, fd), fd);
	accesslog_add(&log, &e);
	accesslog_flush(&log);
	assert_int_equal(nsaid, 1);
	assert_int_equal(lseek(file, 0, SEEK_END), LINE_LEN);
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	e.time++;
	accesslog_add(&log, &e);
	accesslog_flush(&log);
	assert_int_equal(log.shared->lost, 0);
	assert_int_equal(nsaid, 2);
	assert_string_equal(said[1],
	    "access log: works again, 6 lines were lost");
	accesslog_free(&log);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	text = read_all(file);
	assert_string_equal(text, "192.0.2.1 - - [06/Nov/1994:08:49:38 +0000]"
	    " \"GET / HTTP/1.1\" 200 42 \"-\" \"-\"\n");
	free(text);
	close(fd);
	close(file);
}

/* A disk of so many bytes: what is beyond is EFBIG, after a short write. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_return_code(getrlimit(RLIMIT_FSIZE, &limit), errno);
	limit.rlim_cur = bytes;
	assert_return_code(setrlimit(RLIMIT_FSIZE, &limit), errno);
	(void)signal(SIGXFSZ, SIG_IGN);
}

static int
unlimit_files(void **state)
{
	(void)state;
	limit_files(RLIM_INFINITY);
	return 0;
}

/* A file that several logs append to, and what they share. */
static int
shared_file(struct accesslog *logs, size_t n, struct scoreboard_log *shared)
{
	int fd = memfd_create("log", 0);
	size_t i;

	assert_return_code(fd, errno);
	assert_return_code(fcntl(fd, F_SETFL, O_APPEND), errno);
	for (i = 0; i < n; i++) {
		init(&logs[i], fd);
		accesslog_share(&logs[i], shared, (unsigned int)i + 1);
	}
	return fd;
}

static void
assert_contents(int fd, const char *want)
{
	char *text;

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	text = read_all(fd);
	assert_string_equal(text, want);
	free(text);
}

/* Who left half a line ends it before another one writes. */
static void
a_full_disk_tears_no_line(void **state)
{
	struct accesslog_entry e = entry();
	struct scoreboard_log shared = { 0 };
	struct accesslog logs[2];
	int fd = shared_file(logs, 2, &shared), i;

	(void)state;
	limit_files(LINE_LEN + 10);
	for (i = 0; i < 3; i++)
		accesslog_add(&logs[0], &e);
	accesslog_flush(&logs[0]);
	assert_int_equal(lseek(fd, 0, SEEK_END), LINE_LEN + 10);
	assert_int_equal(logs[0].lines.len, LINE_LEN - 10);
	assert_int_equal(shared.lost, 1);
	assert_string_equal(said[0], "access log: lines are lost: "
	    "File too large");
	accesslog_add(&logs[1], &e);
	accesslog_flush(&logs[1]);
	accesslog_add(&logs[0], &e);
	accesslog_flush(&logs[0]);
	assert_int_equal(shared.lost, 2);
	assert_int_equal(nsaid, 1);

	limit_files(RLIM_INFINITY);
	accesslog_flush(&logs[1]);
	assert_int_equal(lseek(fd, 0, SEEK_END), LINE_LEN + 10);
	accesslog_flush(&logs[0]);
	accesslog_flush(&logs[1]);
	assert_contents(fd, LINE LINE LINE);
	assert_int_equal(nsaid, 1);
	e.time++;
	accesslog_add(&logs[1], &e);
	accesslog_flush(&logs[1]);
	assert_int_equal(nsaid, 2);
	assert_string_equal(said[1],
	    "access log: works again, 2 lines were lost");
	accesslog_free(&logs[0]);
	accesslog_free(&logs[1]);
	close(fd);
}

/* Its successor ends the line of a child that died over it. */
static void
half_a_line_of_the_dead_is_ended(void **state)
{
	const struct accesslog_entry e = entry();
	struct scoreboard_log shared = { .half = 2 };
	struct accesslog logs[2];
	int fd = shared_file(logs, 2, &shared);

	(void)state;
	assert_int_equal(write(fd, "half", 4), 4);
	accesslog_add(&logs[0], &e);
	accesslog_flush(&logs[0]);
	assert_int_equal(lseek(fd, 0, SEEK_END), 4);
	accesslog_add(&logs[1], &e);
	accesslog_flush(&logs[1]);
	accesslog_flush(&logs[0]);
	assert_contents(fd, "half\n" LINE LINE);
	assert_int_equal(shared.half, 0);
	accesslog_free(&logs[0]);
	accesslog_free(&logs[1]);
	close(fd);
}

/* Nor is it waited for where there will be no successor. */
static void
half_a_line_of_nobody_is_ended(void **state)
{
	const struct accesslog_entry e = entry();
	struct scoreboard_log shared = { 0 };
	struct accesslog logs[2];
	int fd = shared_file(logs, 2, &shared);

	(void)state;
	limit_files(10);
	accesslog_add(&logs[0], &e);
	accesslog_flush(&logs[0]);
	accesslog_free(&logs[0]);
	assert_int_equal(shared.half, SCOREBOARD_NOBODY);
	accesslog_add(&logs[1], &e);
	accesslog_flush(&logs[1]);
	limit_files(RLIM_INFINITY);
	accesslog_flush(&logs[1]);
	assert_contents(fd, "192.0.2.1 \n" LINE);
	assert_int_equal(shared.half, 0);
	accesslog_free(&logs[1]);
	close(fd);
}

/* While another one has half a line, too many lines are lost. */
static void
half_a_line_is_waited_for_with_so_much(void **state)
{
	const struct accesslog_entry e = entry();
	struct scoreboard_log shared = { .half = 7 };
	struct accesslog logs[1];
	int fd = shared_file(logs, 1, &shared);
	size_t i, n = 1048576 / LINE_LEN + 1;

	(void)state;
	for (i = 0; i < n; i++)
		accesslog_add(&logs[0], &e);
	assert_int_equal(logs[0].lines.len, 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	assert_int_equal(shared.lost, n);
	assert_int_equal(shared.half, 7);
	assert_string_equal(said[0],
	    "access log: lines are lost: No space left on device");
	accesslog_free(&logs[0]);
	close(fd);
}

static void
goes_on_in_another_file(void **state)
{
	const struct accesslog_entry e = entry();
	struct scoreboard_log shared = { 0 };
	struct accesslog log[1];
	int after, before = shared_file(log, 1, &shared);
	int fd = fcntl(before, F_DUPFD_CLOEXEC, 3);

	(void)state;
	init(&log[0], fd);
	after = memfd_create("log", 0);
	accesslog_add(&log[0], &e);
	assert_int_equal(accesslog_reopen(&log[0], after), 0);
	assert_int_equal(log[0].fd, fd);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	accesslog_add(&log[0], &e);
	accesslog_add(&log[0], &e);
	accesslog_flush(&log[0]);
	assert_contents(before, LINE);
	assert_contents(after, LINE LINE);
	assert_int_equal(accesslog_reopen(&log[0], -1), -1);
	assert_int_equal(errno, EBADF);
	accesslog_free(&log[0]);
	close(fd);
	close(before);
	close(after);
}

/* What began in the old file does not end in the new one. */
static void
leaves_half_a_line_behind(void **state)
{
	struct accesslog_entry e = entry();
	struct scoreboard_log shared = { 0 };
	struct accesslog log[1];
	int after, before = shared_file(log, 1, &shared);

	(void)state;
	limit_files(10);
	accesslog_add(&log[0], &e);
	accesslog_flush(&log[0]);
	assert_int_equal(shared.half, 1);
	after = memfd_create("log", 0);
	assert_int_equal(accesslog_reopen(&log[0], after), 0);
	limit_files(RLIM_INFINITY);
	assert_int_equal(shared.half, 0);
	accesslog_add(&log[0], &e);
	accesslog_flush(&log[0]);
	assert_contents(after, LINE);
	e.time++;
	accesslog_add(&log[0], &e);
	accesslog_flush(&log[0]);
	assert_string_equal(said[nsaid - 1],
	    "access log: works again, 1 line was lost");
	accesslog_free(&log[0]);
	close(before);
	close(after);
}

/* What no reader has taken by the end, and what all children lost. */
static void
counts_what_is_lost_at_the_end(void **state)
{
	const struct accesslog_entry e = entry();
	struct scoreboard_log shared = { 0 };
	struct accesslog log;
	int fds[2], i;

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	while (write(fds[1], "x", 1) == 1)
		continue;
	init(&log, fds[1]);
	accesslog_share(&log, &shared, 1);
	for (i = 0; i < 5; i++)
		accesslog_add(&log, &e);
	accesslog_flush(&log);
	assert_int_equal(nsaid, 0);
	accesslog_free(&log);
	assert_int_equal(nsaid, 1);
	accesslog_report(&shared);
	accesslog_report(&shared);
	assert_int_equal(nsaid, 2);
	assert_string_equal(said[1], "access log: 5 lines were lost");
	close(fds[0]);
	close(fds[1]);
}

/* A datagram a line, and those that are too many wait. */
static void
sends_lines_to_syslog(void **state)
{
	const struct accesslog_entry e = entry();
	char datagram[4096], want[256];
	struct accesslog log;
	size_t got = 0, sent = 0;
	ssize_t n;
	int fds[2];

	(void)state;
	(void)snprintf(want, sizeof(want),
	    "<158>Nov  6 08:49:37 %.24s[%d]: %.*s", getprogname(),
	    (int)getpid(), (int)LINE_LEN - 1, LINE);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	init(&log, fds[0]);
	while (log.lines.len < FLUSH_BYTES / 2) {
		accesslog_add(&log, &e);
		accesslog_add(&log, &e);
		accesslog_flush(&log);
		sent += 2;
	}
	while (got < sent) {
		n = recv(fds[1], datagram, sizeof(datagram) - 1, 0);
		if (n == -1) {
			accesslog_flush(&log);
			n = recv(fds[1], datagram, sizeof(datagram) - 1, 0);
		}
		assert_return_code(n, errno);
		datagram[n] = '\0';
		assert_string_equal(datagram, want);
		got++;
	}
	assert_int_equal(log.lines.len, 0);
	assert_int_equal(nsaid, 0);
	close(fds[1]);
	accesslog_add(&log, &e);
	accesslog_flush(&log);
	assert_int_equal(nsaid, 1);
	accesslog_free(&log);
	close(fds[0]);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)
#define LIMITED(f) cmocka_unit_test_setup_teardown(f, setup, unlimit_files)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_combined_log_format),
		TEST(escapes_what_peers_send),
		TEST(writes_lines_as_they_came),
		TEST(a_line_fits_a_pipe),
		TEST(is_off_without_a_descriptor),
		TEST(flushes_when_there_is_much),
		TEST(writes_whole_lines_to_a_pipe),
		TEST(says_that_lines_are_lost),
		LIMITED(a_full_disk_tears_no_line),
		TEST(half_a_line_of_the_dead_is_ended),
		LIMITED(half_a_line_of_nobody_is_ended),
		TEST(half_a_line_is_waited_for_with_so_much),
		TEST(goes_on_in_another_file),
		LIMITED(leaves_half_a_line_behind),
		TEST(counts_what_is_lost_at_the_end),
		TEST(sends_lines_to_syslog),
	};

	return cmocka_run_group_tests_name("accesslog", tests, NULL, NULL);
}
