/* scoreboard: memory that a child writes and its master reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sys/wait.h>

#include <unistd.h>

#include "scoreboard.h"

#define SLOTS 3

static struct scoreboard *board;

static int
setup(void **state)
{
	(void)state;
	board = scoreboard_new(SLOTS);
	return board == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	scoreboard_free(board);
	return 0;
}

static void
begins_empty(void **state)
{
	const struct scoreboard_slot *slot;
	size_t i;

	(void)state;
	assert_int_equal(board->nslots, SLOTS);
	for (i = 0; i < SLOTS; i++) {
		slot = &board->slots[i];
		assert_int_equal((uintptr_t)slot % 64, 0);
		assert_false(slot->accepting);
		assert_false(slot->serving);
		assert_int_equal(slot->connections, 0);
		assert_int_equal(slot->requests, 0);
		assert_int_equal(slot->bytes, 0);
		assert_string_equal(slot->client, "");
		assert_string_equal(slot->request, "");
	}
}

static void
says_what_is_served(void **state)
{
	struct scoreboard_slot *slot = &board->slots[1];

	(void)state;
	scoreboard_begin(slot, "192.0.2.1", "GET", "/a/long/target", 0);
	assert_true(slot->serving);
	assert_string_equal(slot->client, "192.0.2.1");
	assert_string_equal(slot->request, "GET /a/long/target");
	scoreboard_end(slot);
	assert_false(slot->serving);
	scoreboard_begin(slot, "::1", "PUT", "/", 0);
	assert_string_equal(slot->client, "::1");
	assert_string_equal(slot->request, "PUT /");
	assert_false(board->slots[0].serving);
	assert_string_equal(board->slots[2].request, "");
}

/* Texts of every length around what a slot holds: cut, and always ended. */
static void
cuts_what_is_long(void **state)
{
	struct scoreboard_slot *slot = &board->slots[0];
	char client[256], target[512];
	size_t len, room = sizeof(slot->request) - 1 - strlen("GET ");

	(void)state;
	memset(client, 'c', sizeof(client));
	memset(target, 't', sizeof(target));
	for (len = 0; len < 256; len++) {
		client[len] = target[len] = '\0';
		scoreboard_begin(slot, client, "GET", target, 0);
		assert_int_equal(strlen(slot->client),
		    len < sizeof(slot->client) ? len :
		    sizeof(slot->client) - 1);
		assert_int_equal(strlen(slot->request),
		    4 + (len < room ? len : room));
		assert_memory_equal(slot->request, "GET ", 4);
		client[len] = 'c';
		target[len] = 't';
		assert_string_equal(slot->failure, "");
		assert_int_equal(slot->error, 0);
	}
	scoreboard_begin(slot, "", target, "/", 0);
	assert_int_equal(strlen(slot->request), sizeof(slot->request) - 1);
}

static void
counts(void **state)
{
	struct scoreboard_slot *slot = &board->slots[2];

	(void)state;
	scoreboard_count(slot, 1, 100);
	scoreboard_count(slot, 0, 5);
	scoreboard_count(slot, 2, UINT32_MAX);
	assert_int_equal(slot->requests, 3);
	assert_true(slot->bytes == (uint64_t)UINT32_MAX + 105);
	assert_int_equal(board->slots[1].requests, 0);
}

static void
clears_one_slot(void **state)
{
	(void)state;
	scoreboard_begin(&board->slots[0], "a", "GET", "/", 0);
	scoreboard_begin(&board->slots[1], "a", "GET", "/", 0);
	scoreboard_count(&board->slots[0], 1, 1);
	scoreboard_clear(&board->slots[0]);
	assert_false(board->slots[0].serving);
	assert_int_equal(board->slots[0].requests, 0);
	assert_string_equal(board->slots[0].request, "");
	assert_string_equal(board->slots[1].request, "GET /");
}

/* What a child has written stays when it is gone. */
static void
is_shared_with_children(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		scoreboard_begin(&board->slots[0], "192.0.2.1", "GET", "/x", 0);
		scoreboard_count(&board->slots[0], 7, 70);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(board->slots[0].serving);
	assert_int_equal(board->slots[0].requests, 7);
	assert_string_equal(board->slots[0].request, "GET /x");
}

static void
frees_none(void **state)
{
	(void)state;
	scoreboard_free(NULL);
	assert_null(scoreboard_new(SIZE_MAX / sizeof(struct scoreboard_slot) -
	    1));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(begins_empty),
		TEST(says_what_is_served),
		TEST(cuts_what_is_long),
		TEST(counts),
		TEST(clears_one_slot),
		TEST(is_shared_with_children),
		cmocka_unit_test(frees_none),
	};

	return cmocka_run_group_tests_name("scoreboard", tests, NULL, NULL);
}
