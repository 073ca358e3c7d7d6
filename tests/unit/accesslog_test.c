/* accesslog: Combined Log Format, in whole lines, whatever a peer sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "accesslog.h"
#include "bytes.h"
#include "log.h"

#define STAMP "[06/Nov/1994:08:49:37 +0000]"
#define WHEN 784111777

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
		.method = "GET",
		.target = "/",
		.minor = 1,
		.status = 200,
		.bytes = 42,
	};
}

/* Logs one entry to a file and returns what is in it. */
static char *
logged(const struct accesslog_entry *e)
{
	struct accesslog log;
	int fd = memfd_create("log", 0);
	char *text;

	assert_int_not_equal(fd, -1);
	accesslog_init(&log, fd);
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
		accesslog_init(&log, fd);
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
	accesslog_init(&log, fd);
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
	accesslog_init(&log, fds[1]);
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
	const struct accesslog_entry e = entry();
	struct accesslog log;
	char *text;
	int fd, file, i;

	(void)state;
	fd = open("/dev/full", O_WRONLY);
	assert_int_not_equal(fd, -1);
	accesslog_init(&log, fd);
	for (i = 0; i < 3; i++) {
		accesslog_add(&log, &e);
		accesslog_add(&log, &e);
		accesslog_flush(&log);
		assert_int_equal(log.lines.len, 0);
	}
	assert_int_equal(log.lost, 6);
	assert_int_equal(nsaid, 1);
	assert_string_equal(said[0],
	    "access log: lines are lost: No space left on device");

	file = memfd_create("log", 0);
	assert_int_equal(dup2(file, fd), fd);
	accesslog_add(&log, &e);
	accesslog_flush(&log);
	assert_int_equal(log.lost, 0);
	assert_int_equal(nsaid, 2);
	assert_string_equal(said[1],
	    "access log: works again, 6 lines were lost");
	accesslog_free(&log);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	text = read_all(file);
	assert_string_equal(text, "192.0.2.1 - - " STAMP
	    " \"GET / HTTP/1.1\" 200 42 \"-\" \"-\"\n");
	free(text);
	close(fd);
	close(file);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

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
	};

	return cmocka_run_group_tests_name("accesslog", tests, NULL, NULL);
}
