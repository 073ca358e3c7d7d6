/* scoreboard: memory that a child writes and its master reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "httpserve.h"
#include "scoreboard.h"

#define SLOTS 3

static struct scoreboard *board;
static int fd;

static int
setup(void **state)
{
	(void)state;
	board = scoreboard_new(SLOTS, &fd);
	return board == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	scoreboard_free(board);
	(void)close(fd);
	return 0;
}

static void
knows_who_has_room(void **state)
{
	size_t i;

	(void)state;
	assert_false(scoreboard_has_room(board, 2));
	for (i = 0; i < SLOTS; i++) {
		board->slots[i].accepting = true;
		board->slots[i].connections = 2;
	}
	assert_false(scoreboard_has_room(board, 2));
	board->slots[1].connections = 1;
	assert_true(scoreboard_has_room(board, 2));
	board->slots[1].leaving = true;
	assert_false(scoreboard_has_room(board, 2));
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
begin(struct scoreboard_slot *slot, const char *client, const char *method,
    const char *target, uint64_t now_ms)
{
	const struct scoreboard_request req = {
		client, method, target,
		strlen(client), strlen(method), strlen(target)
	};

	scoreboard_begin(slot, &req, now_ms);
}

static void
says_what_is_served(void **state)
{
	struct scoreboard_slot *slot = &board->slots[1];

	(void)state;
	begin(slot, "192.0.2.1", "GET", "/a/long/target", 0);
	assert_true(slot->serving);
	assert_string_equal(slot->client, "192.0.2.1");
	assert_string_equal(slot->request, "GET /a/long/target");
	scoreboard_end(slot);
	assert_false(slot->serving);
	begin(slot, "::1", "PUT", "/", 0);
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
		begin(slot, client, "GET", target, 0);
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
	target[sizeof(target) - 1] = '\0';
	begin(slot, "", target, "/", 0);
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
	begin(&board->slots[0], "a", "GET", "/", 0);
	begin(&board->slots[1], "a", "GET", "/", 0);
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
		begin(&board->slots[0], "192.0.2.1", "GET", "/x", 0);
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
	assert_null(scoreboard_new((SIZE_MAX - sizeof(struct scoreboard)) /
	    sizeof(struct scoreboard_slot), &fd));
	assert_int_equal(fd, -1);
}

/* Another program's eyes: what the file says, and what it shows. */
static void
is_read_from_its_file(void **state)
{
	const struct scoreboard *seen;
	struct scoreboard_head head;
	size_t size;
	int again;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	again = dup(fd);
	size = scoreboard_map(again, &seen, &head);
	(void)close(again);
	assert_int_not_equal(size, 0);
	assert_int_equal(scoreboard_slots(size), SLOTS);
	assert_string_equal(head.magic, SCOREBOARD_MAGIC);
	assert_string_equal(head.version, HTTPSERVE_VERSION);
	assert_int_equal(head.layout, SCOREBOARD_LAYOUT);
	assert_int_equal(head.slot_size, sizeof(struct scoreboard_slot));
	assert_int_equal(head.board_size, sizeof(struct scoreboard));
	assert_int_equal(head.nslots, SLOTS);
	assert_int_equal(head.master, getpid());
	assert_in_range(head.start_time, time(NULL) - 60, time(NULL));
	scoreboard_count(&board->slots[2], 3, 30);
	assert_int_equal(seen->slots[2].requests, 3);
	scoreboard_unmap(seen, size);
}

/* Who maps it may rely on its size. */
static void
is_sealed(void **state)
{
	(void)state;
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 1 << 20), -1);
	assert_int_equal(errno, EPERM);
}

/* A file with this at its head, and so many bytes; sealed or not. */
static int
make_file(const struct scoreboard_head *head, size_t size, int seals)
{
	int file = memfd_create("test", MFD_ALLOW_SEALING);

	assert_int_not_equal(file, -1);
	assert_int_equal(write(file, head, sizeof(*head)), sizeof(*head));
	assert_int_equal(ftruncate(file, (off_t)size), 0);
	assert_int_equal(fcntl(file, F_ADD_SEALS, seals), 0);
	return file;
}

static void
assert_no_board(const struct scoreboard_head *head, size_t size, int seals,
    int error)
{
	const struct scoreboard *seen;
	struct scoreboard_head read_head;
	int file = make_file(head, size, seals);

	errno = 0;
	assert_int_equal(scoreboard_map(file, &seen, &read_head), 0);
	assert_int_equal(errno, error);
	(void)close(file);
}

static void
refuses_what_is_no_board_of_ours(void **state)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	const size_t size = sizeof(struct scoreboard) +
	    SLOTS * sizeof(struct scoreboard_slot);
	struct scoreboard_head head = board->head;

	(void)state;
	assert_no_board(&head, size, 0, EINVAL);
	assert_no_board(&head, size, F_SEAL_GROW, EINVAL);
	assert_no_board(&head, size - 1, seals, EINVAL);
	assert_no_board(&head, size + 1, seals, EINVAL);
	assert_no_board(&head, 10, seals, EINVAL);
	head.nslots = UINT32_MAX;
	assert_no_board(&head, size, seals, EINVAL);
	head.nslots = SCOREBOARD_MAX_SLOTS + 1;
	assert_no_board(&head, sizeof(struct scoreboard) +
	    head.nslots * sizeof(struct scoreboard_slot), seals, EINVAL);
	head = board->head;
	head.magic[0]++;
	assert_no_board(&head, size, seals, EINVAL);
	head = board->head;
	head.layout++;
	assert_no_board(&head, size, seals, EPROTO);
	head = board->head;
	head.slot_size -= 64;
	assert_no_board(&head, size, seals, EPROTO);
	head = board->head;
	head.board_size += 64;
	assert_no_board(&head, size, seals, EPROTO);
	head = board->head;
	memset(head.version, '9', sizeof(head.version));
	assert_no_board(&head, size, seals, EPROTO);
}

/* A limit on files is no reason to have no board, nor to die of SIGXFSZ. */
static void
does_without_a_file(void **state)
{
	struct rlimit before, none = { 0, 0 };
	struct scoreboard *other;
	int file;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	other = scoreboard_new(SLOTS, &file);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(other);
	assert_int_equal(file, -1);
	assert_int_equal(other->nslots, SLOTS);
	scoreboard_free(other);
}

/* Some time in an interval, counted from one that is not the first. */
#define AT(interval, ms) \
	((UINT64_C(1000) + (interval)) * SCOREBOARD_INTERVAL_MS + (ms))
#define LAST (SCOREBOARD_INTERVALS - 1)

static void
counts_in_intervals(void **state)
{
	struct scoreboard_counts sums[SCOREBOARD_INTERVALS] = { { 0 } };
	struct scoreboard_slot *slot = &board->slots[0];
	size_t i;

	(void)state;
	scoreboard_tick(slot, AT(0, 0));
	scoreboard_count(slot, 1, 10);
	scoreboard_tick(slot, AT(0, 4999));
	scoreboard_count(slot, 1, 10);
	scoreboard_tick(slot, AT(1, 0));
	scoreboard_count(slot, 3, 30);
	/* It sleeps for some, and what it does then is of then. */
	scoreboard_tick(slot, AT(5, 1));
	scoreboard_count(slot, 7, 70);
	scoreboard_add_history(slot, AT(6, 0), sums);
	assert_int_equal(sums[LAST].requests, 0);
	assert_int_equal(sums[LAST - 1].requests, 7);
	assert_int_equal(sums[LAST - 1].bytes, 70);
	for (i = 2; i < 5; i++)
		assert_int_equal(sums[LAST - i].requests, 0);
	assert_int_equal(sums[LAST - 5].requests, 3);
	assert_int_equal(sums[LAST - 6].requests, 2);
	assert_int_equal(sums[LAST - 6].bytes, 20);
	/* They are added to what is there. */
	scoreboard_add_history(slot, AT(6, 0), sums);
	assert_int_equal(sums[LAST - 1].requests, 14);
}

static void
forgets_what_is_old(void **state)
{
	struct scoreboard_counts sums[SCOREBOARD_INTERVALS];
	struct scoreboard_slot *slot = &board->slots[0];
	uint64_t i, sum = 0;

	(void)state;
	for (i = 0; i < 200; i++) {
		scoreboard_tick(slot, AT(i, i));
		scoreboard_count(slot, (unsigned int)i, 1);
	}
	memset(sums, 0, sizeof(sums));
	scoreboard_add_history(slot, AT(199, 0), sums);
	for (i = 0; i < SCOREBOARD_INTERVALS; i++)
		assert_int_equal(sums[LAST - i].requests, 199 - i);
	memset(sums, 0, sizeof(sums));
	scoreboard_add_history(slot, AT(199 + SCOREBOARD_INTERVALS, 0), sums);
	for (i = 0; i < SCOREBOARD_INTERVALS; i++)
		sum += sums[i].requests;
	assert_int_equal(sum, 0);
}

static void
assert_ended(uint64_t requests, uint64_t bytes)
{
	struct scoreboard_counts sum;
	size_t moved;

	assert_int_equal(scoreboard_read_ended(board, &sum, &moved),
	    board->ended.state);
	assert_int_equal(sum.requests, requests);
	assert_int_equal(sum.bytes, bytes);
	assert_true(moved == SIZE_MAX);
}

/* Two children that end one after the other, and one that goes on. */
static void
keeps_what_the_ended_have_counted(void **state)
{
	struct scoreboard_counts sums[SCOREBOARD_INTERVALS] = { { 0 } };
	size_t i;

	(void)state;
	for (i = 0; i < SLOTS; i++) {
		scoreboard_tick(&board->slots[i], AT(i, 0));
		scoreboard_count(&board->slots[i], 1, 100);
		scoreboard_tick(&board->slots[i], AT(3, 0));
		scoreboard_count(&board->slots[i], 10, 1000);
	}
	scoreboard_bury(board, &board->slots[0], AT(3, 1));
	assert_int_equal(board->slots[0].requests, 0);
	assert_int_equal(board->slots[0].marks[0].interval, 0);
	assert_ended(11, 1100);
	scoreboard_bury(board, &board->slots[1], AT(4, 0));
	assert_ended(22, 2200);
	scoreboard_add_ended(&board->ended, AT(4, 0), sums);
	assert_int_equal(sums[LAST - 4].requests, 1);
	assert_int_equal(sums[LAST - 3].requests, 1);
	assert_int_equal(sums[LAST - 2].requests, 0);
	assert_int_equal(sums[LAST - 1].requests, 20);
	assert_int_equal(sums[LAST - 1].bytes, 2000);
	assert_int_equal(sums[LAST].requests, 0);
	/* Much later the same places are of other intervals. */
	scoreboard_bury(board, &board->slots[2], AT(63, 0));
	memset(sums, 0, sizeof(sums));
	scoreboard_add_ended(&board->ended, AT(63, 0), sums);
	for (i = 0; i < SCOREBOARD_INTERVALS; i++)
		assert_int_equal(sums[i].requests, 0);
	assert_ended(33, 3300);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(begins_empty),
		TEST(knows_who_has_room),
		TEST(says_what_is_served),
		TEST(cuts_what_is_long),
		TEST(counts),
		TEST(clears_one_slot),
		TEST(is_shared_with_children),
		TEST(is_read_from_its_file),
		TEST(is_sealed),
		TEST(refuses_what_is_no_board_of_ours),
		TEST(does_without_a_file),
		TEST(counts_in_intervals),
		TEST(forgets_what_is_old),
		TEST(keeps_what_the_ended_have_counted),
		cmocka_unit_test(frees_none),
	};

	return cmocka_run_group_tests_name("scoreboard", tests, NULL, NULL);
}
