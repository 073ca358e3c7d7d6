#include "scoreboard.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "httpserve.h"

#define TURN_MS 1000

/* Newer than Debian 12's headers: nobody executes it, Linux 6.3. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static size_t
board_size(size_t nslots)
{
	return sizeof(struct scoreboard) +
	    nslots * sizeof(struct scoreboard_slot);
}

/* A size above the limit on files would be answered by SIGXFSZ. */
static bool
may_be_a_file(size_t size)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && size <= limit.rlim_cur;
}

/* A file of that size without a name: -1 where there can't be one. */
static int
open_file(size_t size)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd;

	if (!may_be_a_file(size))
		return -1;
	fd = memfd_create(SCOREBOARD_NAME, flags | MFD_NOEXEC_SEAL);
	if (fd == -1)
		fd = memfd_create(SCOREBOARD_NAME, flags);
	if (fd != -1 && ftruncate(fd, (off_t)size) == -1) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void
write_head(struct scoreboard *board, size_t nslots)
{
	board->head = (struct scoreboard_head){
		.magic = SCOREBOARD_MAGIC,
		.version = HTTPSERVE_VERSION,
		.layout = SCOREBOARD_LAYOUT,
		.board_size = sizeof(struct scoreboard),
		.slot_size = sizeof(struct scoreboard_slot),
		.nslots = (uint32_t)nslots,
		.master = getpid(),
		.start_time = time(NULL),
		.start_ms = clock_ms(CLOCK_MONOTONIC),
	};
	board->nslots = nslots;
}

/* It is sealed when it is written: so a reader sees all of the head. */
struct scoreboard *
scoreboard_new(size_t nslots, int *fd)
{
	size_t size = board_size(nslots);
	struct scoreboard *board;

	*fd = open_file(size);
	board = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    *fd == -1 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, *fd, 0);
	if (board == MAP_FAILED) {
		if (*fd != -1)
			(void)close(*fd);
		*fd = -1;
		return NULL;
	}
	write_head(board, nslots);
	if (*fd != -1)
		(void)fcntl(*fd, F_ADD_SEALS,
		    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	return board;
}

void
scoreboard_free(struct scoreboard *board)
{
	if (board != NULL)
		(void)munmap(board, board_size(board->nslots));
}

static size_t
fail(int error)
{
	errno = error;
	return 0;
}

static bool
is_same_layout(const struct scoreboard_head *head)
{
	return strncmp(head->version, HTTPSERVE_VERSION,
	    sizeof(head->version)) == 0 &&
	    head->layout == SCOREBOARD_LAYOUT &&
	    head->board_size == sizeof(struct scoreboard) &&
	    head->slot_size == sizeof(struct scoreboard_slot);
}

size_t
scoreboard_map(int fd, const struct scoreboard **board,
    struct scoreboard_head *head)
{
	const int wanted = F_SEAL_SHRINK | F_SEAL_GROW;
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	size_t size;
	void *map;

	if (seals == -1 || (seals & wanted) != wanted ||
	    pread(fd, head, sizeof(*head), 0) != (ssize_t)sizeof(*head) ||
	    memcmp(head->magic, SCOREBOARD_MAGIC, sizeof(head->magic)) != 0)
		return fail(EINVAL);
	head->version[sizeof(head->version) - 1] = '\0';
	if (!is_same_layout(head))
		return fail(EPROTO);
	if (fstat(fd, &st) == -1)
		return 0;
	size = (size_t)st.st_size;
	if (head->nslots > SCOREBOARD_MAX_SLOTS ||
	    size != board_size(head->nslots))
		return fail(EINVAL);
	map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return 0;
	*board = map;
	return size;
}

void
scoreboard_unmap(const struct scoreboard *board, size_t size)
{
	(void)munmap((void *)(uintptr_t)board, size);
}

size_t
scoreboard_slots(size_t size)
{
	return (size - sizeof(struct scoreboard)) /
	    sizeof(struct scoreboard_slot);
}

uint64_t
scoreboard_oldest(const struct scoreboard *board)
{
	uint64_t oldest = UINT64_MAX, started;
	size_t i;

	for (i = 0; i < board->nslots; i++) {
		started = atomic_load(&board->slots[i].started_ms);
		if (atomic_load(&board->slots[i].pid) != 0 && started < oldest)
			oldest = started;
	}
	return oldest;
}

uint64_t
scoreboard_lines_lost(const struct scoreboard *board)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < SCOREBOARD_LOGS; i++)
		sum += atomic_load(&board->logs[i].lost_ever);
	return sum;
}

unsigned int
scoreboard_connections(const struct scoreboard *board)
{
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < board->nslots; i++)
		sum += atomic_load(&board->slots[i].connections);
	return sum;
}

bool
scoreboard_has_room(const struct scoreboard *board, unsigned int full)
{
	const struct scoreboard_slot *slot;
	size_t i;

	for (i = 0; i < board->nslots; i++) {
		slot = &board->slots[i];
		if (atomic_load(&slot->accepting) &&
		    !atomic_load(&slot->leaving) &&
		    atomic_load(&slot->connections) < full)
			return true;
	}
	return false;
}

bool
scoreboard_take_turn(struct scoreboard *board, uint64_t now_ms)
{
	uint64_t turn_ms = atomic_load(&board->turn_ms);

	if (turn_ms != 0 && now_ms < turn_ms + TURN_MS)
		return false;
	return atomic_compare_exchange_strong(&board->turn_ms, &turn_ms,
	    now_ms);
}

void
scoreboard_end_turn(struct scoreboard *board)
{
	atomic_store(&board->turn_ms, 0);
}

void
scoreboard_clear(struct scoreboard_slot *slot)
{
	memset(slot, 0, sizeof(*slot));
}

static uint32_t
interval_of(uint64_t now_ms)
{
	return (uint32_t)(now_ms / SCOREBOARD_INTERVAL_MS);
}

static void
add_to(_Atomic uint64_t *sum, uint64_t n)
{
	atomic_store(sum, atomic_load(sum) + n);
}

/* What was counted in an interval of before the oldest is forgotten. */
static void
bury_history(struct scoreboard_ended *ended,
    const struct scoreboard_counts counts[SCOREBOARD_INTERVALS],
    uint64_t now_ms)
{
	uint32_t interval = interval_of(now_ms) - (SCOREBOARD_INTERVALS - 1);
	struct scoreboard_mark *mark;
	size_t i;

	for (i = 0; i < SCOREBOARD_INTERVALS; i++, interval++) {
		mark = &ended->marks[interval % SCOREBOARD_INTERVALS];
		if (atomic_load(&mark->interval) != interval) {
			atomic_store(&mark->requests, 0);
			atomic_store(&mark->bytes, 0);
			atomic_store(&mark->interval, interval);
		}
		add_to(&mark->requests, counts[i].requests);
		add_to(&mark->bytes, counts[i].bytes);
	}
}

/*
 * The state counts its changes above the number of the slot that is moved, 0
 * for none; each move changes it twice, the first time to the other sum.
 */
static uint64_t
state_of(uint32_t changes, uint32_t number)
{
	return (uint64_t)changes << 32 | number;
}

static size_t
sum_of(uint32_t changes)
{
	return (changes + 1) / 2 % 2;
}

void
scoreboard_bury(struct scoreboard *board, struct scoreboard_slot *slot,
    uint64_t now_ms)
{
	struct scoreboard_counts counts[SCOREBOARD_INTERVALS] = { { 0 } };
	struct scoreboard_ended *ended = &board->ended;
	uint32_t changes = (uint32_t)(atomic_load(&ended->state) >> 32);
	size_t from = sum_of(changes), to = sum_of(changes + 1);

	scoreboard_add_history(slot, now_ms, counts);
	bury_history(ended, counts, now_ms);
	atomic_store(&ended->sums[to].requests,
	    atomic_load(&ended->sums[from].requests) +
	    atomic_load(&slot->requests));
	atomic_store(&ended->sums[to].bytes,
	    atomic_load(&ended->sums[from].bytes) +
	    atomic_load(&slot->bytes));
	atomic_store(&ended->state, state_of(changes + 1,
	    (uint32_t)(slot - board->slots) + 1));
	scoreboard_clear(slot);
	atomic_store(&ended->state, state_of(changes + 2, 0));
}

uint64_t
scoreboard_read_ended(const struct scoreboard *board,
    struct scoreboard_counts *sum, size_t *moved)
{
	const struct scoreboard_ended *ended = &board->ended;
	uint64_t state = atomic_load(&ended->state);
	size_t i = sum_of((uint32_t)(state >> 32));

	sum->requests = atomic_load(&ended->sums[i].requests);
	sum->bytes = atomic_load(&ended->sums[i].bytes);
	/* 0 becomes SIZE_MAX. */
	*moved = (size_t)(uint32_t)state - 1;
	return state;
}

void
scoreboard_occupy(struct scoreboard_slot *slot, pid_t pid, uint64_t now_ms)
{
	atomic_store(&slot->pid, pid);
	atomic_store(&slot->started_ms, now_ms);
}

/*
 * The last byte of a text in a slot is never written, so that it ends whatever
 * becomes of its writer.  What could not be read is NULL, and no bytes.
 */
static size_t
slot_put(char *dst, size_t size, size_t at, const char *src, size_t len)
{
	if (len > size - 1 - at)
		len = size - 1 - at;
	if (len > 0)
		memcpy(dst + at, src, len);
	if (at + len < size - 1)
		dst[at + len] = '\0';
	return at + len;
}

void
scoreboard_begin(struct scoreboard_slot *slot,
    const struct scoreboard_request *req, uint64_t now_ms)
{
	const size_t size = sizeof(slot->request);
	size_t at;

	slot_put(slot->client, sizeof(slot->client), 0, req->client,
	    req->client_len);
	at = slot_put(slot->request, size, 0, req->method, req->method_len);
	if (at < size - 1)
		slot->request[at++] = ' ';
	slot_put(slot->request, size, at, req->target, req->target_len);
	atomic_store_explicit(&slot->serving_ms, now_ms, memory_order_relaxed);
	atomic_store_explicit(&slot->serving, true, memory_order_release);
}

void
scoreboard_end(struct scoreboard_slot *slot)
{
	atomic_store_explicit(&slot->serving, false, memory_order_release);
}

/* One writer a slot: a load and a store will do, without a locked add. */
void
scoreboard_count(struct scoreboard_slot *slot, unsigned int requests,
    uint64_t bytes)
{
	uint64_t r, b;

	r = atomic_load_explicit(&slot->requests, memory_order_relaxed);
	b = atomic_load_explicit(&slot->bytes, memory_order_relaxed);
	atomic_store_explicit(&slot->requests, r + requests,
	    memory_order_relaxed);
	atomic_store_explicit(&slot->bytes, b + bytes, memory_order_relaxed);
}

/* The interval last: what is there before it belongs to none that is read. */
void
scoreboard_tick(struct scoreboard_slot *slot, uint64_t now_ms)
{
	uint32_t interval = interval_of(now_ms);
	struct scoreboard_mark *mark =
	    &slot->marks[interval % SCOREBOARD_INTERVALS];

	if (atomic_load_explicit(&mark->interval, memory_order_relaxed) ==
	    interval)
		return;
	atomic_store(&mark->requests, atomic_load(&slot->requests));
	atomic_store(&mark->bytes, atomic_load(&slot->bytes));
	atomic_store(&mark->interval, interval);
}

/* A child counts on while it is read: then its mark is of later. */
static uint64_t
since(uint64_t mark, uint64_t until)
{
	return until > mark ? until - mark : 0;
}

/* Backwards, as each mark's counts go until the next one's. */
void
scoreboard_add_history(const struct scoreboard_slot *slot, uint64_t now_ms,
    struct scoreboard_counts sums[SCOREBOARD_INTERVALS])
{
	uint64_t requests = atomic_load(&slot->requests), requests_before;
	uint64_t bytes = atomic_load(&slot->bytes), bytes_before;
	uint32_t interval = interval_of(now_ms);
	const struct scoreboard_mark *mark;
	size_t i;

	for (i = SCOREBOARD_INTERVALS; i-- > 0; interval--) {
		mark = &slot->marks[interval % SCOREBOARD_INTERVALS];
		if (atomic_load(&mark->interval) != interval)
			continue;
		requests_before = atomic_load(&mark->requests);
		bytes_before = atomic_load(&mark->bytes);
		sums[i].requests += since(requests_before, requests);
		sums[i].bytes += since(bytes_before, bytes);
		requests = requests_before;
		bytes = bytes_before;
	}
}

void
scoreboard_add_ended(const struct scoreboard_ended *ended, uint64_t now_ms,
    struct scoreboard_counts sums[SCOREBOARD_INTERVALS])
{
	uint32_t interval = interval_of(now_ms);
	const struct scoreboard_mark *mark;
	size_t i;

	for (i = SCOREBOARD_INTERVALS; i-- > 0; interval--) {
		mark = &ended->marks[interval % SCOREBOARD_INTERVALS];
		if (atomic_load(&mark->interval) != interval)
			continue;
		sums[i].requests += atomic_load(&mark->requests);
		sums[i].bytes += atomic_load(&mark->bytes);
	}
}
