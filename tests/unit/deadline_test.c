/* deadline: queues of deadlines of one length each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "deadline.h"

/* What a queue says at each of these times, in order. */
static void
assert_expiry(const struct deadline_queue *q, uint64_t when,
    const struct deadline *which)
{
	assert_true(deadline_next(q) == when);
	if (when == DEADLINE_NEVER) {
		assert_null(deadline_expired(q, UINT64_MAX - 1));
		return;
	}
	assert_null(deadline_expired(q, when - 1));
	assert_ptr_equal(deadline_expired(q, when), which);
	assert_ptr_equal(deadline_expired(q, when + 1000), which);
}

static void
expires_in_order(void **state)
{
	struct deadline a = { .queue = NULL }, b = a, c = a;
	struct deadline_queue q;

	(void)state;
	deadline_queue_init(&q, 100);
	assert_expiry(&q, DEADLINE_NEVER, NULL);
	deadline_set(&a, &q, 1000);
	deadline_set(&b, &q, 1000);
	deadline_set(&c, &q, 1050);
	assert_expiry(&q, 1100, &a);
	deadline_clear(&a);
	assert_expiry(&q, 1100, &b);
	deadline_clear(&b);
	assert_expiry(&q, 1150, &c);
	deadline_clear(&c);
	assert_expiry(&q, DEADLINE_NEVER, NULL);
}

static void
progress_starts_it_anew(void **state)
{
	struct deadline a = { .queue = NULL }, b = a;
	struct deadline_queue q;

	(void)state;
	deadline_queue_init(&q, 100);
	deadline_set(&a, &q, 1000);
	deadline_set(&b, &q, 1010);
	deadline_set(&a, &q, 1020);
	assert_expiry(&q, 1110, &b);
	deadline_clear(&b);
	assert_expiry(&q, 1120, &a);
}

static void
is_in_one_queue(void **state)
{
	struct deadline a = { .queue = NULL };
	struct deadline_queue q, r;

	(void)state;
	deadline_queue_init(&q, 100);
	deadline_queue_init(&r, 5);
	deadline_set(&a, &q, 1000);
	assert_ptr_equal(a.queue, &q);
	deadline_set(&a, &r, 1000);
	assert_ptr_equal(a.queue, &r);
	assert_expiry(&q, DEADLINE_NEVER, NULL);
	assert_expiry(&r, 1005, &a);
}

static void
clears_what_is_not_set(void **state)
{
	struct deadline a = { .queue = NULL }, b = a;
	struct deadline_queue q;

	(void)state;
	deadline_queue_init(&q, 100);
	deadline_set(&b, &q, 1000);
	deadline_clear(&a);
	assert_expiry(&q, 1100, &b);
	deadline_clear(&b);
	deadline_clear(&b);
	assert_null(b.queue);
	assert_expiry(&q, DEADLINE_NEVER, NULL);
}

/* Those in the middle go without trace, those at the ends too. */
static void
clears_anywhere(void **state)
{
	struct deadline d[5] = { { .queue = NULL } };
	struct deadline_queue q;
	size_t i;

	(void)state;
	deadline_queue_init(&q, 100);
	for (i = 0; i < 5; i++)
		deadline_set(&d[i], &q, 1000 + i);
	deadline_clear(&d[2]);
	deadline_clear(&d[4]);
	deadline_clear(&d[0]);
	assert_expiry(&q, 1101, &d[1]);
	deadline_clear(&d[1]);
	assert_expiry(&q, 1103, &d[3]);
	deadline_set(&d[0], &q, 1010);
	deadline_clear(&d[3]);
	assert_expiry(&q, 1110, &d[0]);
}

static void
a_new_length_is_for_all(void **state)
{
	struct deadline a = { .queue = NULL };
	struct deadline_queue q;

	(void)state;
	deadline_queue_init(&q, 100);
	deadline_set(&a, &q, 1000);
	q.length_ms = 10;
	assert_expiry(&q, 1010, &a);
	q.length_ms = 0;
	assert_expiry(&q, 1000, &a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expires_in_order),
		cmocka_unit_test(progress_starts_it_anew),
		cmocka_unit_test(is_in_one_queue),
		cmocka_unit_test(clears_what_is_not_set),
		cmocka_unit_test(clears_anywhere),
		cmocka_unit_test(a_new_length_is_for_all),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
