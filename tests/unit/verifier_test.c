/* verifier: passwords are compared by a thread, and few wait for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>

#include "handlers/verifier.h"

/* "right" by bcrypt: of cost 4, a millisecond, and of cost 12. */
#define QUICK "$2b$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC"
#define SLOW "$2y$12$abcdefghijklmnopqrstuu3ZNTWactmkRXVB8K.1w4IlxX.O8lI12"
/* "gr\xc3\xbcn" by the first. */
#define OTHER "$2b$04$abcdefghijklmnopqrstuuQYEk91mE9jD3s0Fa6l8hqSxfClgS2VO"

static struct verifier_id
id(uint64_t n)
{
	return (struct verifier_id){ { n, n } };
}

static struct verifier_job *
submit(uint64_t n, const char *hash, const char *password)
{
	struct verifier_id i = id(n);

	return verifier_submit(&i, hash, password);
}

/* Waits for a job, and gives it up. */
static bool
is_right(struct verifier_job *job)
{
	bool rv;

	assert_non_null(job);
	while (!verifier_is_done(job))
		(void)sched_yield();
	rv = verifier_is_right(job);
	verifier_release(job);
	return rv;
}

static void
tells_right_from_wrong(void **state)
{
	(void)state;
	assert_true(is_right(submit(1, QUICK, "right")));
	assert_false(is_right(submit(1, QUICK, "wrong")));
	assert_false(is_right(submit(1, QUICK, "")));
	assert_true(is_right(submit(1, OTHER, "gr\xc3\xbcn")));
	/* What crypt(3) can't do is never right, also when it is the same. */
	assert_false(is_right(submit(1, "*0", "right")));
	assert_false(is_right(submit(1, "*1", "right")));
	assert_false(is_right(submit(1, "", "")));
}

static void
one_that_is_under_way_is_waited_for(void **state)
{
	struct verifier_job *a, *b, *c, *d;

	(void)state;
	a = submit(1, SLOW, "right");
	b = submit(1, SLOW, "right");
	assert_ptr_equal(a, b);
	/* But not one of another login, or of a file before it has changed. */
	c = submit(2, SLOW, "wrong");
	d = submit(1, QUICK, "wrong");
	assert_ptr_not_equal(a, c);
	assert_ptr_not_equal(a, d);
	assert_true(is_right(a));
	assert_true(is_right(b));
	assert_false(is_right(c));
	assert_false(is_right(d));
}

/* One is compared, and so many wait; more where that is done meanwhile. */
static void
few_wait(void **state)
{
	struct verifier_job *jobs[64] = { NULL };
	size_t n = 0, i;

	(void)state;
	while (n < 64 && (jobs[n] = submit(n, SLOW, "right")) != NULL)
		n++;
	assert_in_range(n, VERIFIER_MAX_WAITING + 1, 63);
	/* Who joins another does not wait for a place. */
	assert_ptr_equal(submit(n - 1, SLOW, "right"), jobs[n - 1]);
	verifier_release(jobs[n - 1]);
	/* Nor is there any work for those that have gone. */
	for (i = 1; i < n; i++)
		verifier_release(jobs[i]);
	assert_true(is_right(jobs[0]));
	assert_true(is_right(submit(100, QUICK, "right")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_right_from_wrong),
		cmocka_unit_test(one_that_is_under_way_is_waited_for),
		cmocka_unit_test(few_wait),
	};

	return cmocka_run_group_tests_name("verifier", tests, NULL, NULL);
}
