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
	assert_int_equal(logids_set(&ids, fds, 2, 1), 0);
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
	assert_int_equal(logids_set(&ids, fds, 2, 1), 0);
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
	assert_int_equal(logids_set(&ids, first, 2, 1), 0);
	access = ids.logs[0].id;
	error = ids.logs[1].id;
	assert_int_equal(logids_set(&ids, next, 2, 1), 0);
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
	assert_int_equal(logids_set(&ids, &first, 1, 1), 0);
	old = ids;
	assert_int_equal(logids_set(&ids, &next, 1, 1), 0);
	assert_int_equal(logids_set(&ids, &first, 1, 1), 0);
	assert_int_equal(ids.logs[0].fd, 5);
	assert_int_equal(logids_find(&old, ids.logs[0].id), -1);
}

static void
test_restore(void **state)
{
	static const int first = 5, failed = 9, next = 9;
	struct logids ids = { 0 }, former, of_failed;

	(void)state;
	assert_int_equal(logids_set(&ids, &first, 1, 1), 0);
	former = ids;
	assert_int_equal(logids_set(&ids, &failed, 1, 1), 0);
	of_failed = ids;
	logids_restore(&ids, &former, 1);
	assert_int_equal(logids_find(&ids, former.logs[0].id), 5);
	assert_int_equal(logids_set(&ids, &next, 1, 1), 0);
	assert_int_equal(logids_find(&of_failed, ids.logs[0].id), -1);
}

/* What has a log twice writes to it as one. */
static void
test_same_descriptor_twice(void **state)
{
	static const int fds[] = { 5, 7, 5 };
	struct logids ids = { 0 };

	(void)state;
	assert_int_equal(logids_set(&ids, fds, 3, 1), 0);
	assert_int_equal(ids.n, 2);
}

/* A child of before that still writes has it to itself. */
static void
test_place_is_given_again_when_its_children_are_gone(void **state)
{
	static const int first[] = { 5, 7 }, next[] = { 9, 7 }, third[] = { 5 };
	struct logids ids = { 0 }, former;
	size_t was, kept;

	(void)state;
	assert_int_equal(logids_set(&ids, first, 2, UINT64_MAX), 0);
	was = logids_place(&ids, 5);
	kept = logids_place(&ids, 7);
	assert_int_not_equal(was, kept);
	former = ids;
	assert_int_equal(logids_set(&ids, next, 2, 100), 0);
	assert_int_equal(logids_place(&ids, 7), kept);
	assert_int_not_equal(logids_place(&ids, 9), was);
	logids_drop(&ids, &former, 200);
	former = ids;
	assert_int_equal(logids_set(&ids, third, 1, 200), 0);
	assert_int_not_equal(logids_place(&ids, 5), was);
	logids_restore(&ids, &former, 300);
	assert_int_equal(logids_set(&ids, third, 1, 201), 0);
	assert_int_equal(logids_place(&ids, 5), was);
}

static void
test_no_places(void **state)
{
	struct logids ids = { 0 }, former;
	int fds[LOGIDS_MAX], next = 3;
	size_t i, n;

	(void)state;
	for (n = 0; n + LOGIDS_MAX <= SCOREBOARD_LOGS; n += LOGIDS_MAX) {
		for (i = 0; i < LOGIDS_MAX; i++)
			fds[i] = next++;
		former = ids;
		assert_int_equal(logids_set(&ids, fds, LOGIDS_MAX, 1), 0);
		logids_drop(&ids, &former, 1);
	}
	for (i = 0; i < LOGIDS_MAX; i++)
		fds[i] = next++;
	former = ids;
	assert_int_equal(logids_set(&ids, fds, LOGIDS_MAX, 1), -1);
	logids_restore(&ids, &former, 1);
	assert_memory_equal(ids.logs, former.logs, sizeof(ids.logs));
	assert_int_equal(logids_set(&ids, fds, LOGIDS_MAX, 2), 0);
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
		cmocka_unit_test(test_same_descriptor_twice),
		cmocka_unit_test(
		    test_place_is_given_again_when_its_children_are_gone),
		cmocka_unit_test(test_no_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
