/* content: bytes of one version of a file, in memory or by a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "handlers/content.h"
#include "response.h"

/* The largest file that is kept as bytes. */
#define SMALL	32768

static char path[] = "/tmp/content_test.XXXXXX";

/* Byte i of a file is this. */
static char
byte_at(off_t i)
{
	return (char)('a' + i % 23);
}

/* Makes the file anew, and opens and stats it. */
static int
open_file(size_t size, struct stat *st)
{
	char *bytes;
	size_t i;
	int fd;

	assert_non_null(bytes = malloc(size + 1));
	for (i = 0; i < size; i++)
		bytes[i] = byte_at((off_t)i);
	fd = open(path, O_RDWR | O_TRUNC);
	assert_return_code(fd, errno);
	assert_int_equal(write(fd, bytes, size), size);
	assert_return_code(fstat(fd, st), errno);
	free(bytes);
	return fd;
}

static struct content *
new_content(size_t size)
{
	struct content *c;
	struct stat st;
	int fd = open_file(size, &st);

	assert_non_null(c = content_new(fd, &st));
	return c;
}

static int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static int
make_file(void **state)
{
	int fd;

	(void)state;
	return (fd = mkstemp(path)) == -1 ? -1 : close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

/* The descriptor is the content's: closed at once, or at its end. */
static void
small_ones_are_bytes_and_large_ones_open(void **state)
{
	static const struct {
		size_t	size;
		int	is_small;
	} rows[] = {
		{ 0, 1 }, { 1, 1 }, { 4096, 1 }, { SMALL - 1, 1 },
		{ SMALL, 1 }, { SMALL + 1, 0 }, { 10 * SMALL, 0 },
	};
	struct content *c;
	struct stat st;
	size_t i, overhead = 0;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = open_file(rows[i].size, &st);
		assert_non_null(c = content_new(fd, &st));
		assert_int_equal(c->st.st_size, rows[i].size);
		assert_int_equal(is_open(fd), !rows[i].is_small);
		assert_int_equal(c->fd, rows[i].is_small ? -1 : fd);
		if (i == 0)
			overhead = content_size(c);
		assert_int_equal(content_size(c),
		    overhead + (rows[i].is_small ? rows[i].size : 0));
		content_release(c);
		assert_false(is_open(fd));
	}
	assert_in_range(overhead, sizeof(struct stat), 4096);
}

static void
assert_read(const struct content *c, size_t size, off_t offset, ssize_t want)
{
	char *buf;
	ssize_t i;

	assert_non_null(buf = malloc(size + 1));
	assert_int_equal(content_read(c, buf, size, offset), want);
	for (i = 0; i < want; i++)
		assert_int_equal(buf[i], byte_at(offset + i));
	free(buf);
}

static void
any_part_can_be_read(void **state)
{
	static const ssize_t sizes[] = { 100, SMALL, SMALL + 1, 5 * SMALL };
	struct content *c;
	ssize_t size;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size = sizes[i];
		c = new_content((size_t)size);
		assert_read(c, (size_t)size, 0, size);
		assert_read(c, 10, 0, 10);
		assert_read(c, 10, 7, 10);
		assert_read(c, 0, 7, 0);
		assert_read(c, 10, size - 10, 10);
		assert_read(c, 10, size - 4, 4);
		assert_read(c, (size_t)size + 10, 0, size);
		assert_read(c, 10, size, 0);
		assert_read(c, 10, size + 100, 0);
		content_release(c);
	}
}

static void
what_changes_while_it_is_read_is_not_taken(void **state)
{
	struct stat st, was;
	int fd;

	(void)state;
	/* It has shrunk since its status was taken. */
	fd = open_file(100, &was);
	assert_int_equal(ftruncate(fd, 99), 0);
	errno = 0;
	assert_null(content_new(fd, &was));
	assert_int_equal(errno, EAGAIN);
	assert_false(is_open(fd));
	/* Its time is another. */
	fd = open_file(100, &st);
	st.st_mtim.tv_nsec = (st.st_mtim.tv_nsec + 1) % 1000000000;
	errno = 0;
	assert_null(content_new(fd, &st));
	assert_int_equal(errno, EAGAIN);
	assert_false(is_open(fd));
}

static void
what_can_not_be_read_is_an_error(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	(void)close(open_file(100, &st));
	fd = open(path, O_WRONLY);
	assert_return_code(fd, errno);
	assert_null(content_new(fd, &st));
	assert_int_equal(errno, EBADF);
	assert_false(is_open(fd));
}

static void
bytes_stay_current_and_files_do_not(void **state)
{
	static const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	struct content *large, *small;

	(void)state;
	small = new_content(100);
	large = new_content(SMALL + 1);
	assert_true(content_is_current(small));
	assert_true(content_is_current(large));
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_true(content_is_current(small));
	assert_false(content_is_current(large));
	assert_read(small, 100, 0, 100);
	content_release(small);
	content_release(large);
}

static void
who_holds_it_keeps_it(void **state)
{
	struct content *c = new_content(SMALL + 1);
	int fd = c->fd;

	(void)state;
	assert_ptr_equal(content_hold(c), c);
	content_release(c);
	assert_true(is_open(fd));
	assert_read(c, 10, 5, 10);
	content_release(c);
	assert_false(is_open(fd));
	content_release(NULL);
}

/* The content outlives the cache that had it, in an answer. */
static void
answers_hold_what_they_send(void **state)
{
	struct http_response res;
	struct content *c;
	int fd;

	(void)state;
	response_init(&res);
	c = new_content(100);
	assert_int_equal(content_send(&res, c, 10, 50), 0);
	content_release(c);
	assert_int_equal(res.kind, RESPONSE_LENT);
	assert_int_equal(res.left, 50);
	assert_int_equal(res.lent[0], byte_at(10));
	assert_int_equal(res.lent[49], byte_at(59));

	response_reset(&res);
	c = new_content(SMALL + 1);
	fd = c->fd;
	assert_int_equal(content_send(&res, c, 10, 50), 0);
	assert_int_equal(res.kind, RESPONSE_FILE);
	assert_int_equal(res.fd, fd);
	assert_int_equal(res.offset, 10);
	assert_int_equal(res.left, 50);
	assert_int_equal(res.version.size, SMALL + 1);
	content_release(c);
	assert_true(is_open(fd));
	response_free(&res);
	assert_false(is_open(fd));
}

static ssize_t
read_nothing(void *arg, char *buf, size_t size)
{
	(void)arg;
	(void)buf;
	(void)size;
	return 0;
}

static void
answers_that_fail_do_not_hold(void **state)
{
	struct content *c = new_content(SMALL + 1);
	const struct http_source source = { read_nothing, NULL, NULL };
	struct http_response res;

	(void)state;
	response_init(&res);
	assert_int_equal(http_response_send_source(&res, &source, 1), 0);
	assert_int_equal(content_send(&res, c, 0, 1), -1);
	assert_int_equal(c->refs, 1);
	response_free(&res);
	content_release(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_ones_are_bytes_and_large_ones_open),
		cmocka_unit_test(any_part_can_be_read),
		cmocka_unit_test(what_changes_while_it_is_read_is_not_taken),
		cmocka_unit_test(what_can_not_be_read_is_an_error),
		cmocka_unit_test(bytes_stay_current_and_files_do_not),
		cmocka_unit_test(who_holds_it_keeps_it),
		cmocka_unit_test(answers_hold_what_they_send),
		cmocka_unit_test(answers_that_fail_do_not_hold),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
