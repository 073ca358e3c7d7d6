#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "logids.h"

static void
test_find(void **state)
{
	static const int fds[LOGIDS_MAX] = { 5, 7 };
	struct logids ids = { 0 };

	(void)state;
	assert_int_equal(logids_find(&ids, 0), -1);
	logids_set(&ids, fds, 2);
	assert_int_equal(ids.n, 2);
	assert_int_equal(logids_find(&ids, ids.logs[0].id), 5);
	assert_int_equal(logids_find(&ids, ids.logs[1].id), 7);
	assert_int_not_equal(ids.logs[0].id, ids.logs[1].id);
	assert_int_equal(logids_find(&ids, 0), -1);
	assert_int_equal(logids_find(&ids, 5), -1);
}

static void
test_none_is_left_out(void **state)
{
	static const int fds[LOGIDS_MAX] = { 0, 7 };
	struct logids ids = { 0 };

	(void)state;
	logids_set(&ids, fds, 2);
	assert_int_equal(ids.n, 1);
	assert_int_equal(logids_find(&ids, ids.logs[0].id), 7);
}

static void
test_same_log_keeps_its_id(void **state)
{
	static const int first[] = { 5, 7 }, next[] = { 9, 7 };
	struct logids ids = { 0 };
	int access, error;

	(void)state;
	logids_set(&ids, first, 2);
	access = ids.logs[0].id;
	error = ids.logs[1].id;
	logids_set(&ids, next, 2);
	assert_int_equal(logids_find(&ids, error), 7);
	assert_int_equal(logids_find(&ids, access), -1);
}

/* The number is there again, the log is another one. */
static void
test_number_that_comes_again(void **state)
{
	static const int first = 5, next = 9;
	struct logids ids = { 0 }, old;

	(void)state;
	logids_set(&ids, &first, 1);
	old = ids;
	logids_set(&ids, &next, 1);
	logids_set(&ids, &first, 1);
	assert_int_equal(ids.logs[0].fd, 5);
	assert_int_equal(logids_find(&old, ids.logs[0].id), -1);
}

static void
test_restore(void **state)
{
	static const int first = 5, failed = 9, next = 9;
	struct logids ids = { 0 }, former, of_failed;

	(void)state;
	logids_set(&ids, &first, 1);
	former = ids;
	logids_set(&ids, &failed, 1);
	of_failed = ids;
	logids_restore(&ids, &former);
	assert_int_equal(logids_find(&ids, former.logs[0].id), 5);
	logids_set(&ids, &next, 1);
	assert_int_equal(logids_find(&of_failed, ids.logs[0].id), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_none_is_left_out),
		cmocka_unit_test(test_same_log_keeps_its_id),
		cmocka_unit_test(test_number_that_comes_again),
		cmocka_unit_test(test_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
