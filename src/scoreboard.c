#include "scoreboard.h"

#include <sys/mman.h>

#include <string.h>

#define TURN_MS 1000

static size_t
board_size(size_t nslots)
{
	return sizeof(struct scoreboard) +
	    nslots * sizeof(struct scoreboard_slot);
}

struct scoreboard *
scoreboard_new(size_t nslots)
{
	struct scoreboard *board;

	board = mmap(NULL, board_size(nslots), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return NULL;
	board->nslots = nslots;
	return board;
}

void
scoreboard_free(struct scoreboard *board)
{
	if (board != NULL)
		(void)munmap(board, board_size(board->nslots));
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

void
scoreboard_occupy(struct scoreboard_slot *slot, pid_t pid, uint64_t now_ms)
{
	atomic_store(&slot->pid, pid);
	atomic_store(&slot->started_ms, now_ms);
}

/*
 * The last byte of a text in a slot is never written, so that it ends whatever
 * becomes of its writer.
 */
static size_t
slot_put(char *dst, size_t size, size_t at, const char *src)
{
	size_t len = strnlen(src, size - 1 - at);

	memcpy(dst + at, src, len);
	if (at + len < size - 1)
		dst[at + len] = '\0';
	return at + len;
}

void
scoreboard_begin(struct scoreboard_slot *slot, const char *client,
    const char *method, const char *target, uint64_t now_ms)
{
	size_t at;

	slot_put(slot->client, sizeof(slot->client), 0, client);
	at = slot_put(slot->request, sizeof(slot->request), 0, method);
	at = slot_put(slot->request, sizeof(slot->request), at, " ");
	slot_put(slot->request, sizeof(slot->request), at, target);
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
