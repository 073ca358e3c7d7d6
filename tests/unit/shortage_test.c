/* shortage: what runs out is said when it begins and when it is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "shortage.h"

static char said[8][80];
static size_t nsaid;

static void
collect(void *arg, int priority, const char *line)
{
	(void)arg;
	(void)priority;
	assert_true(nsaid < 8);
	(void)strlcpy(said[nsaid++], line, sizeof(said[0]));
}

static int
begin(void **state)
{
	static struct shortages shortages;

	(void)state;
	memset(&shortages, 0, sizeof(shortages));
	shortages_share(&shortages);
	nsaid = 0;
	log_set_sink(collect, NULL, LOG_DEBUG);
	return 0;
}

static void
note(enum shortage what, int error)
{
	errno = error;
	shortage_note(what);
	assert_int_equal(errno, error);
}

static void
begins_once_and_ends_once(void **state)
{
	uint64_t now_ms, next;

	(void)state;
	assert_false(shortages_are_on());
	note(SHORTAGE_ACCEPT, EMFILE);
	note(SHORTAGE_ACCEPT, ENFILE);
	assert_true(shortages_are_on());
	assert_int_equal(nsaid, 1);
	assert_string_equal(said[0], "accept: Too many open files");
	now_ms = clock_ms(CLOCK_MONOTONIC_COARSE);
	next = shortages_check(now_ms);
	assert_true(next > now_ms && next <= now_ms + 3000);
	assert_true(shortages_check(next - 1) == next);
	assert_true(shortages_check(next) == UINT64_MAX);
	assert_int_equal(nsaid, 2);
	assert_string_equal(said[1],
	    "accept: failed 2 times, no more for 3 s");
	assert_false(shortages_are_on());
	assert_true(shortages_check(next + 10000) == UINT64_MAX);
	note(SHORTAGE_ACCEPT, ENFILE);
	assert_int_equal(nsaid, 3);
}

static void
kinds_are_said_by_themselves(void **state)
{
	uint64_t next;

	(void)state;
	note(SHORTAGE_FILES, EIO);
	note(SHORTAGE_EPOLL, ENOSPC);
	assert_int_equal(nsaid, 2);
	next = shortages_check(0);
	assert_true(shortages_check(next + 1000) == UINT64_MAX);
	assert_int_equal(nsaid, 4);
	assert_string_equal(said[3], "files: failed 1 time, no more for 3 s");
}

static void
other_errors_are_none(void **state)
{
	(void)state;
	errno = ECONNRESET;
	shortage_note_if(SHORTAGE_CONNECTION);
	assert_false(shortages_are_on());
	assert_int_equal(nsaid, 0);
	errno = ENOMEM;
	shortage_note_if(SHORTAGE_CONNECTION);
	assert_int_equal(nsaid, 1);
	assert_false(shortage_is(0) || shortage_is(EIO) || shortage_is(EAGAIN));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(begins_once_and_ends_once, begin),
		cmocka_unit_test_setup(kinds_are_said_by_themselves, begin),
		cmocka_unit_test_setup(other_errors_are_none, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
