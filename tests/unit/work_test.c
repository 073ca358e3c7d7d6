/* work: signs of life, and who is woken by them; procstatus: of a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/eventfd.h>

#include <unistd.h>

#include <cmocka.h>

#include "procstatus.h"
#include "work.h"

static _Atomic uint64_t working_ms;
static _Atomic bool watched;
static int wake_fd;

static int
setup(void **state)
{
	(void)state;
	atomic_store(&working_ms, 0);
	atomic_store(&watched, false);
	wake_fd = eventfd(0, EFD_NONBLOCK);
	if (wake_fd == -1)
		return -1;
	work_share(&working_ms, &watched, wake_fd);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return close(wake_fd);
}

/* How often the master was woken since the last look. */
static uint64_t
wakes(void)
{
	eventfd_t n;

	return eventfd_read(wake_fd, &n) == -1 ? 0 : n;
}

static void
work_is_seen_from_its_begin_to_its_end(void **state)
{
	(void)state;
	work_begin(1234);
	assert_true(atomic_load(&working_ms) == 1234);
	work_end();
	assert_true(atomic_load(&working_ms) == 0);
}

static void
the_first_step_has_the_time_of_the_begin(void **state)
{
	uint64_t now_ms;

	(void)state;
	work_begin(1);
	assert_true(work_step() == 1);
	assert_true(atomic_load(&working_ms) == 1);
	now_ms = work_step();
	assert_true(now_ms > 1);
	assert_true(atomic_load(&working_ms) == now_ms);
	work_end();
	work_begin(2);
	assert_true(work_step() == 2);
}

static void
who_begins_wakes_the_master_unless_it_looks(void **state)
{
	(void)state;
	work_begin(1);
	assert_true(atomic_load(&watched));
	assert_true(wakes() == 1);
	work_end();
	work_begin(2);
	(void)work_step();
	work_end();
	assert_true(wakes() == 0);
	atomic_store(&watched, false);
	work_begin(3);
	assert_true(wakes() == 1);
}

static void
a_process_has_numbers_of_its_own(void **state)
{
	(void)state;
	assert_true(procstatus_number(getpid(), "Pid") == getpid());
	assert_true(procstatus_number(getpid(), "PPid") == getppid());
	assert_true(procstatus_number(getpid(), "CoreDumping") == 0);
	assert_true(procstatus_number(getpid(), "NoSuchName") == 0);
	assert_true(procstatus_number(0, "Pid") == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    work_is_seen_from_its_begin_to_its_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_first_step_has_the_time_of_the_begin, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_begins_wakes_the_master_unless_it_looks, setup,
		    teardown),
		cmocka_unit_test(a_process_has_numbers_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
