/* snapshot: a scoreboard, as it is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sys/wait.h>

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "snapshot.h"

#define SLOTS 4

/* Some time in an interval, counted from one that is not the first. */
#define AT(interval, ms) \
	((UINT64_C(1000) + (interval)) * SCOREBOARD_INTERVAL_MS + (ms))

static struct scoreboard *board;
static struct snapshot snapshot;

static int
setup(void **state)
{
	int fd;

	(void)state;
	board = scoreboard_new(SLOTS, &fd);
	if (board == NULL)
		return -1;
	(void)close(fd);
	board->head.start_ms = AT(0, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	snapshot_free(&snapshot);
	scoreboard_free(board);
	return 0;
}

static void
take(uint64_t now_ms)
{
	snapshot_free(&snapshot);
	assert_int_equal(snapshot_take(&snapshot, board, board->nslots,
	    now_ms), 0);
}

static void
shows_nobody(void **state)
{
	(void)state;
	take(AT(0, 1234));
	assert_int_equal(snapshot.nchildren, 0);
	assert_int_equal(snapshot.master, getpid());
	assert_int_equal(snapshot.up_ms, 1234);
	assert_int_equal(snapshot.total.requests, 0);
	assert_int_equal(snapshot.rate.requests_10, 0);
}

static void
shows_who_is_there(void **state)
{
	const struct scoreboard_request first = {
		"192.0.2.1", "GET", "/a", 9, 3, 2
	}, second = {
		"::1", "PUT", "/b", 3, 3, 2
	};
	const struct snapshot_child *child;

	(void)state;
	scoreboard_occupy(&board->slots[1], 11, AT(0, 100));
	scoreboard_occupy(&board->slots[2], 12, AT(0, 200));
	scoreboard_occupy(&board->slots[3], 13, AT(0, 300));
	board->slots[1].accepting = true;
	board->slots[1].connections = 5;
	board->slots[2].accepting = board->slots[2].leaving = true;
	board->slots[2].connections = 7;
	scoreboard_begin(&board->slots[1], &first, AT(0, 400));
	scoreboard_begin(&board->slots[2], &second, AT(0, 500));
	scoreboard_end(&board->slots[2]);
	take(AT(0, 1000));
	assert_int_equal(snapshot.nchildren, 3);
	assert_int_equal(snapshot.connections, 12);
	assert_int_equal(snapshot.serving, 1);
	assert_int_equal(snapshot.states[SNAPSHOT_STARTING], 1);
	assert_int_equal(snapshot.states[SNAPSHOT_ACCEPTING], 1);
	assert_int_equal(snapshot.states[SNAPSHOT_LEAVING], 1);
	child = &snapshot.children[0];
	assert_int_equal(child->number, 2);
	assert_int_equal(child->pid, 11);
	assert_int_equal(child->state, SNAPSHOT_ACCEPTING);
	assert_int_equal(child->age_ms, 900);
	assert_true(child->is_serving);
	assert_int_equal(child->request_ms, 600);
	assert_string_equal(child->client, "192.0.2.1");
	assert_string_equal(child->request, "GET /a");
	child = &snapshot.children[1];
	assert_int_equal(child->state, SNAPSHOT_LEAVING);
	assert_false(child->is_serving);
	assert_string_equal(child->request, "PUT /b");
	assert_string_equal(snapshot.children[2].request, "");
}

/* A child that died over it may leave a text without an end. */
static void
ends_texts_that_do_not(void **state)
{
	struct scoreboard_slot *slot = &board->slots[0];

	(void)state;
	scoreboard_occupy(slot, 1, AT(0, 0));
	memset(slot->client, 'c', sizeof(slot->client));
	memset(slot->request, 'r', sizeof(slot->request));
	memset(board->addresses, 'a', sizeof(board->addresses));
	take(AT(0, 0));
	assert_int_equal(strlen(snapshot.children[0].client),
	    sizeof(slot->client));
	assert_int_equal(strlen(snapshot.children[0].request),
	    sizeof(slot->request));
	assert_int_equal(strlen(snapshot.addresses),
	    sizeof(board->addresses) - 1);
}

/* Over the interval before and the present one, or since it began. */
static void
rates_are_of_the_last_seconds(void **state)
{
	struct scoreboard_slot *slot = &board->slots[0];

	(void)state;
	scoreboard_occupy(slot, 1, AT(0, 0));
	scoreboard_tick(slot, AT(0, 0));
	scoreboard_count(slot, 10, 2000);
	take(AT(0, 0));
	assert_int_equal(snapshot.rate.requests_10, 100);
	take(AT(0, 2000));
	assert_int_equal(snapshot.rate.requests_10, 50);
	assert_int_equal(snapshot.rate.bytes, 1000);
	assert_int_equal(snapshot.children[0].rate.requests_10, 50);
	take(AT(1, 3000));
	assert_int_equal(snapshot.rate.requests_10, 13);
	scoreboard_tick(slot, AT(1, 3000));
	scoreboard_count(slot, 6, 0);
	take(AT(1, 3000));
	assert_int_equal(snapshot.rate.requests_10, 20);
	take(AT(2, 1000));
	assert_int_equal(snapshot.rate.requests_10, 10);
	take(AT(3, 0));
	assert_int_equal(snapshot.rate.requests_10, 0);
	assert_int_equal(snapshot.total.requests, 16);
}

static void
shows_the_ended_in_totals_alone(void **state)
{
	(void)state;
	scoreboard_occupy(&board->slots[0], 1, AT(0, 0));
	scoreboard_occupy(&board->slots[1], 2, AT(0, 0));
	scoreboard_tick(&board->slots[0], AT(0, 0));
	scoreboard_tick(&board->slots[1], AT(0, 0));
	scoreboard_count(&board->slots[0], 3, 30);
	scoreboard_count(&board->slots[1], 4, 40);
	scoreboard_bury(board, &board->slots[0], AT(0, 1000));
	take(AT(0, 1000));
	assert_int_equal(snapshot.nchildren, 1);
	assert_int_equal(snapshot.total.requests, 7);
	assert_int_equal(snapshot.total.bytes, 70);
	assert_int_equal(snapshot.rate.requests_10, 70);
	assert_int_equal(snapshot.history[SCOREBOARD_INTERVALS - 1].requests,
	    7);
}

/* A master that was killed before it could clear the slot that it moved. */
static void
counts_nothing_twice(void **state)
{
	struct scoreboard_slot before;

	(void)state;
	scoreboard_occupy(&board->slots[0], 1, AT(0, 0));
	scoreboard_occupy(&board->slots[2], 2, AT(0, 0));
	scoreboard_count(&board->slots[0], 3, 30);
	scoreboard_count(&board->slots[2], 5, 50);
	memcpy(&before, &board->slots[2], sizeof(before));
	scoreboard_bury(board, &board->slots[2], AT(0, 0));
	memcpy(&board->slots[2], &before, sizeof(before));
	board->ended.state = board->ended.state - (UINT64_C(1) << 32) + 3;
	take(AT(0, 0));
	assert_int_equal(snapshot.total.requests, 8);
	assert_int_equal(snapshot.nchildren, 1);
}

/* Children that count, end and come again. */
static _Noreturn void
be_restless(void)
{
	struct scoreboard_slot *slot;
	unsigned int i, n;

	for (;;)
		for (i = 0; i < SLOTS; i++) {
			slot = &board->slots[i];
			for (n = 0; n < 1000; n++)
				scoreboard_count(slot, 1, 1);
			scoreboard_bury(board, slot, AT(0, 0));
			scoreboard_occupy(slot, 1, AT(0, 0));
		}
}

static void
never_shows_less(void **state)
{
	uint64_t last = 0;
	int i, status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		be_restless();
	while (atomic_load(&board->ended.state) == 0)
		(void)sched_yield();
	for (i = 0; i < 20000; i++) {
		take(AT(0, 0));
		if (snapshot.total.requests < last)
			break;
		last = snapshot.total.requests;
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	assert_int_equal(i, 20000);
	assert_true(last > 0);
}

static void
formats_ages(void **state)
{
	static const struct {
		uint64_t	 ms;
		const char	*text;
	} rows[] = {
		{ 0, "0s" }, { 999, "0s" }, { 1000, "1s" }, { 59999, "59s" },
		{ 60000, "1m 0s" }, { 3599999, "59m 59s" },
		{ 3600000, "1h 0m" }, { 86399999, "23h 59m" },
		{ 86400000, "1d 0h" },
		{ UINT64_C(8640000000000), "100000d 0h" },
		{ UINT64_MAX, "213503982334d 14h" },
	};
	char text[SNAPSHOT_AGE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snapshot_format_age(text, rows[i].ms);
		assert_string_equal(text, rows[i].text);
	}
}

static void
formats_bytes(void **state)
{
	static const struct {
		uint64_t	 bytes;
		const char	*text;
	} rows[] = {
		{ 0, "0 B" }, { 999, "999 B" }, { 1024, "1.0 KiB" },
		{ 1536, "1.5 KiB" }, { 1 << 20, "1.0 MiB" },
		{ UINT64_C(999) << 30, "999 GiB" }, { UINT64_MAX, "8.0 EiB" },
	};
	char text[SNAPSHOT_BYTES_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snapshot_format_bytes(text, rows[i].bytes);
		assert_string_equal(text, rows[i].text);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_nobody),
		TEST(shows_who_is_there),
		TEST(ends_texts_that_do_not),
		TEST(rates_are_of_the_last_seconds),
		TEST(shows_the_ended_in_totals_alone),
		TEST(counts_nothing_twice),
		TEST(never_shows_less),
		cmocka_unit_test(formats_ages),
		cmocka_unit_test(formats_bytes),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
