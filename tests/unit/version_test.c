/* version: what tells that an open file is no longer what it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "version.h"

/* The file has 10 bytes, and was changed at second 1000, nanosecond 500. */
#define SIZE	10
#define SEC	1000
#define NSEC	500

static int
open_file(void **state)
{
	static const struct timespec times[2] = {
		{ SEC, NSEC }, { SEC, NSEC }
	};
	char path[] = "/tmp/version_test.XXXXXX";
	static int fd;

	fd = mkstemp(path);
	*state = &fd;
	if (fd == -1 || unlink(path) == -1 || ftruncate(fd, SIZE) == -1)
		return -1;
	return futimens(fd, times);
}

static int
close_file(void **state)
{
	return close(*(int *)*state);
}

static void
has_size_and_mtime(void **state)
{
	struct version v;
	struct stat st;

	assert_int_equal(fstat(*(int *)*state, &st), 0);
	v = version_of(&st);
	assert_int_equal(v.size, SIZE);
	assert_int_equal(v.mtime.tv_sec, SEC);
	assert_int_equal(v.mtime.tv_nsec, NSEC);
}

static void
is_current_until_it_changes(void **state)
{
	static const struct {
		struct version	v;
		bool		is_current;
	} rows[] = {
		{ { SIZE, { SEC, NSEC } }, true },
		/* Another time, of the same size. */
		{ { SIZE, { SEC, NSEC + 1 } }, false },
		{ { SIZE, { SEC, NSEC - 1 } }, false },
		{ { SIZE, { SEC + 1, NSEC } }, false },
		{ { SIZE, { SEC - 1, NSEC } }, false },
		/* It has shrunk. */
		{ { SIZE + 1, { SEC, NSEC } }, false },
		/* It has grown, and that at any time. */
		{ { SIZE - 1, { SEC, NSEC } }, true },
		{ { SIZE - 1, { SEC - 1, NSEC } }, true },
		{ { 0, { 0, 0 } }, true },
		/* What is not known is not gone, either. */
		{ { -1, { 0, 0 } }, true },
	};
	int fd = *(int *)*state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (version_is_current(&rows[i].v, fd) != rows[i].is_current)
			fail_msg("row %zu: %scurrent", i,
			    rows[i].is_current ? "not " : "");
}

static void
is_not_current_where_nobody_can_tell(void **state)
{
	const struct version v = { SIZE, { SEC, NSEC } };

	(void)state;
	assert_false(version_is_current(&v, -1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_size_and_mtime),
		cmocka_unit_test(is_current_until_it_changes),
		cmocka_unit_test(is_not_current_where_nobody_can_tell),
	};

	return cmocka_run_group_tests(tests, open_file, close_file);
}
