/* buckets: tokens of clients, over all children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "buckets.h"
#include "network.h"

#define SECOND UINT64_C(1000000)
/* Some time after a boot. */
#define START (1000 * SECOND)

static struct buckets *buckets;

static int
teardown(void **state)
{
	(void)state;
	buckets_free(buckets);
	buckets = NULL;
	return 0;
}

static void
start(uint64_t interval_us, unsigned int burst)
{
	buckets = buckets_new(interval_us, burst);
	assert_non_null(buckets);
}

static uint64_t
take(const char *client, uint64_t now_us)
{
	struct address a;

	assert_int_equal(address_parse(&a, client), 0);
	return buckets_take(buckets, &a, now_us);
}

static void
a_bucket_empties_and_fills(void **state)
{
	int i;

	(void)state;
	start(SECOND / 2, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(take("192.0.2.1", START), 0);
	assert_int_equal(take("192.0.2.1", START), SECOND / 2);
	assert_int_equal(take("192.0.2.1", START + SECOND / 4), SECOND / 4);
	assert_int_equal(take("192.0.2.1", START + SECOND / 2 - 1), 1);
	assert_int_equal(take("192.0.2.1", START + SECOND / 2), 0);
	assert_int_equal(take("192.0.2.1", START + SECOND / 2), SECOND / 2);
	/* However long it rests, it holds three. */
	for (i = 0; i < 3; i++)
		assert_int_equal(take("192.0.2.1", 2 * START), 0);
	assert_int_equal(take("192.0.2.1", 2 * START), SECOND / 2);
}

static void
the_rate_holds_over_a_long_time(void **state)
{
	uint64_t now, taken = 0;

	(void)state;
	start(SECOND / 10, 5);
	for (now = START; now < START + 100 * SECOND; now += 1000)
		taken += take("192.0.2.1", now) == 0;
	assert_int_equal(taken, 1000 + 4);
}

/* But for few: of 20,000 two share all of their hash once in twenty runs. */
static void
clients_have_a_bucket_each(void **state)
{
	char client[32];
	int i, refused = 0;

	(void)state;
	start(SECOND, 1);
	for (i = 0; i < 20000; i++) {
		(void)snprintf(client, sizeof(client), "10.0.%d.%d", i / 256,
		    i % 256);
		refused += take(client, START) != 0;
	}
	assert_in_range(refused, 0, 4);
	for (i = 0; i < 20000; i++) {
		(void)snprintf(client, sizeof(client), "10.0.%d.%d", i / 256,
		    i % 256);
		assert_int_equal(take(client, START), SECOND);
	}
}

static void
what_is_given_back_is_there_again(void **state)
{
	struct address a;
	int i;

	(void)state;
	start(SECOND, 2);
	assert_int_equal(address_parse(&a, "192.0.2.1"), 0);
	/* No bucket holds more than two. */
	buckets_give(buckets, &a, START);
	for (i = 0; i < 2; i++)
		assert_int_equal(take("192.0.2.1", START), 0);
	buckets_give(buckets, &a, START);
	assert_int_equal(take("192.0.2.1", START), 0);
	assert_int_equal(take("192.0.2.1", START), SECOND);
	buckets_give(buckets, &a, START + 5 * SECOND);
	for (i = 0; i < 2; i++)
		assert_int_equal(take("192.0.2.1", START + 5 * SECOND), 0);
	assert_int_equal(take("192.0.2.1", START + 5 * SECOND), SECOND);
}

static void
who_is_one_client(void **state)
{
	(void)state;
	start(SECOND, 1);
	assert_int_equal(take("192.0.2.1", START), 0);
	assert_int_equal(take("::ffff:192.0.2.1", START), SECOND);
	assert_int_equal(take("2001:db8:1:2::1", START), 0);
	assert_int_equal(take("2001:db8:1:2:ffff::2", START), SECOND);
	assert_int_equal(take("2001:db8:1:3::1", START), 0);
	assert_int_equal(take("unix:", START), 0);
	assert_int_equal(take("unix:", START), 0);
}

/* Of more clients than there is room for, who is limited is remembered. */
static void
who_sends_most_is_remembered(void **state)
{
	char client[32];
	int i;

	(void)state;
	start(SECOND, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(take("192.0.2.1", START), 0);
	for (i = 0; i < 2000000; i++) {
		(void)snprintf(client, sizeof(client), "10.%d.%d.%d",
		    i / 65536, i / 256 % 256, i % 256);
		(void)take(client, START);
	}
	assert_int_equal(take("192.0.2.1", START), SECOND);
}

static void
children_share_it(void **state)
{
	_Atomic unsigned int *taken;
	unsigned int mine;
	int i, n;

	(void)state;
	start(SECOND, 300000);
	taken = mmap(NULL, sizeof(*taken), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(taken != MAP_FAILED);
	for (i = 0; i < 4; i++) {
		if (fork() != 0)
			continue;
		for (n = mine = 0; n < 100000; n++)
			mine += take("192.0.2.1", START) == 0;
		atomic_fetch_add(taken, mine);
		_exit(0);
	}
	for (i = 0; i < 4; i++)
		assert_true(wait(NULL) > 0);
	assert_int_equal(*taken, 300000);
	(void)munmap(taken, sizeof(*taken));
}

static void
refuses_what_takes_years(void **state)
{
	static const struct {
		uint64_t	interval_us;
		unsigned int	burst;
	} rows[] = {
		{ 0, 1 }, { 1, 0 }, { UINT64_C(1) << 47, 1 },
		{ UINT64_C(1) << 40, 100 }, { UINT64_MAX, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(buckets_new(rows[i].interval_us, rows[i].burst));
		assert_int_equal(errno, EINVAL);
	}
	buckets_free(NULL);
}

static void
others_take_their_place(void **state)
{
	struct buckets *former = buckets_new(SECOND, 1);
	struct address a;

	(void)state;
	assert_non_null(former);
	assert_int_equal(address_parse(&a, "192.0.2.1"), 0);
	assert_int_equal(buckets_take(former, &a, START), 0);
	start(SECOND, 1);
	assert_int_equal(buckets_replace(&buckets, former), 0);
	buckets_free(former);
	assert_int_equal(take("192.0.2.1", START), SECOND);
	assert_int_equal(take("192.0.2.2", START), 0);
	former = buckets_new(SECOND, 2);
	assert_non_null(former);
	assert_int_equal(buckets_replace(&buckets, former), -1);
	assert_int_equal(errno, EINVAL);
	buckets_free(former);
	assert_int_equal(take("192.0.2.1", START), SECOND);
}

#define TEST(test) cmocka_unit_test_teardown(test, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bucket_empties_and_fills),
		TEST(the_rate_holds_over_a_long_time),
		TEST(clients_have_a_bucket_each),
		TEST(what_is_given_back_is_there_again),
		TEST(who_is_one_client),
		TEST(who_sends_most_is_remembered),
		TEST(children_share_it),
		TEST(refuses_what_takes_years),
		TEST(others_take_their_place),
	};

	return cmocka_run_group_tests_name("buckets", tests, NULL, NULL);
}
