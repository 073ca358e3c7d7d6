#include "snapshot.h"

#include <inttypes.h>
#include <libutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A server whose children die as fast as they are read is shown as it is. */
#define MAX_TRIES 100

static enum snapshot_state
state_of(const struct scoreboard_slot *slot)
{
	if (atomic_load(&slot->leaving))
		return SNAPSHOT_LEAVING;
	return atomic_load(&slot->accepting) ?
	    SNAPSHOT_ACCEPTING : SNAPSHOT_STARTING;
}

/* The clock of a child is as old as the kernel's last tick. */
static uint64_t
ago(uint64_t now_ms, uint64_t then_ms)
{
	return now_ms > then_ms ? now_ms - then_ms : 0;
}

/* What is younger than the intervals has its rate since it began. */
static struct snapshot_rate
rate_of(const struct scoreboard_counts history[SCOREBOARD_INTERVALS],
    uint64_t now_ms, uint64_t age_ms)
{
	const struct scoreboard_counts *last =
	    &history[SCOREBOARD_INTERVALS - 1];
	uint64_t ms = SCOREBOARD_INTERVAL_MS + now_ms % SCOREBOARD_INTERVAL_MS;
	uint64_t requests = last[-1].requests + last->requests;

	if (age_ms < ms)
		ms = age_ms < 1000 ? 1000 : age_ms;
	return (struct snapshot_rate){
		.requests_10 = (requests * 10000 + ms / 2) / ms,
		.bytes = (last[-1].bytes + last->bytes) * 1000 / ms,
	};
}

/* The slot's text may be half written, and has no end where it is full. */
static void
copy_text(char *dst, const char *src, size_t size)
{
	memcpy(dst, src, size);
	dst[size] = '\0';
}

static void
read_child(struct snapshot_child *child, const struct scoreboard_slot *slot,
    uint64_t now_ms)
{
	struct scoreboard_counts history[SCOREBOARD_INTERVALS] = { { 0 } };

	child->pid = atomic_load(&slot->pid);
	child->state = state_of(slot);
	child->age_ms = ago(now_ms, atomic_load(&slot->started_ms));
	child->connections = atomic_load(&slot->connections);
	child->total.requests = atomic_load(&slot->requests);
	child->total.bytes = atomic_load(&slot->bytes);
	scoreboard_add_history(slot, now_ms, history);
	child->rate = rate_of(history, now_ms, child->age_ms);
	child->is_serving = atomic_load(&slot->serving);
	child->request_ms = ago(now_ms, atomic_load(&slot->serving_ms));
	copy_text(child->client, slot->client, sizeof(slot->client));
	copy_text(child->request, slot->request, sizeof(slot->request));
}

static void
add_child(struct snapshot *s, const struct snapshot_child *child)
{
	s->states[child->state]++;
	s->serving += child->is_serving;
	s->connections += child->connections;
	s->total.requests += child->total.requests;
	s->total.bytes += child->total.bytes;
}

/* But for one whose counts are among those of the ended. */
static void
read_children(struct snapshot *s, const struct scoreboard *board,
    size_t nslots, size_t moved, size_t room, uint64_t now_ms)
{
	struct snapshot_child child;
	size_t i;

	for (i = 0; i < nslots; i++) {
		if (i == moved || atomic_load(&board->slots[i].pid) == 0)
			continue;
		child.number = (unsigned int)i + 1;
		read_child(&child, &board->slots[i], now_ms);
		add_child(s, &child);
		scoreboard_add_history(&board->slots[i], now_ms, s->history);
		if (s->nchildren < room)
			s->children[s->nchildren++] = child;
	}
}

/* All that changes: whether none has ended meanwhile. */
static bool
read_board(struct snapshot *s, const struct scoreboard *board, size_t nslots,
    size_t room, uint64_t now_ms)
{
	struct snapshot_child *children = s->children;
	uint64_t state;
	size_t moved;

	memset(s, 0, sizeof(*s));
	s->children = children;
	state = scoreboard_read_ended(board, &s->total, &moved);
	s->died = atomic_load(&board->ended.died);
	s->lines_lost = scoreboard_lines_lost(board);
	scoreboard_add_ended(&board->ended, now_ms, s->history);
	read_children(s, board, nslots, moved, room, now_ms);
	return atomic_load(&board->ended.state) == state;
}

static void
read_head(struct snapshot *s, const struct scoreboard *board, uint64_t now_ms)
{
	const struct scoreboard_head *head = &board->head;

	memcpy(s->version, head->version, sizeof(s->version));
	s->version[sizeof(s->version) - 1] = '\0';
	memcpy(s->addresses, board->addresses, sizeof(s->addresses));
	s->addresses[sizeof(s->addresses) - 1] = '\0';
	s->master = head->master;
	s->start_time = head->start_time;
	s->up_ms = ago(now_ms, head->start_ms);
	s->rate = rate_of(s->history, now_ms, s->up_ms);
}

int
snapshot_take(struct snapshot *s, const struct scoreboard *board,
    size_t nslots, uint64_t now_ms)
{
	size_t i, room = 0;
	int tries = 0;

	for (i = 0; i < nslots; i++)
		room += atomic_load(&board->slots[i].pid) != 0;
	/* Some may come meanwhile; more than these are counted, not shown. */
	room += 8;
	s->children = calloc(room, sizeof(*s->children));
	if (s->children == NULL)
		return -1;
	while (!read_board(s, board, nslots, room, now_ms) &&
	    ++tries < MAX_TRIES)
		;
	read_head(s, board, now_ms);
	return 0;
}

void
snapshot_free(struct snapshot *s)
{
	free(s->children);
	s->children = NULL;
	s->nchildren = 0;
}

const char *
snapshot_state_name(enum snapshot_state state)
{
	static const char *const names[SNAPSHOT_STATES] = {
		[SNAPSHOT_STARTING] = "starting",
		[SNAPSHOT_ACCEPTING] = "accepting",
		[SNAPSHOT_LEAVING] = "leaving",
	};

	return names[state];
}

void
snapshot_format_age(char dst[SNAPSHOT_AGE_SIZE], uint64_t ms)
{
	uint64_t s = ms / 1000, minutes = s / 60, hours = minutes / 60;
	uint64_t days = hours / 24;

	if (minutes == 0)
		(void)snprintf(dst, SNAPSHOT_AGE_SIZE, "%" PRIu64 "s", s);
	else if (hours == 0)
		(void)snprintf(dst, SNAPSHOT_AGE_SIZE, "%" PRIu64 "m %" PRIu64
		    "s", minutes, s % 60);
	else if (days == 0)
		(void)snprintf(dst, SNAPSHOT_AGE_SIZE, "%" PRIu64 "h %" PRIu64
		    "m", hours, minutes % 60);
	else
		(void)snprintf(dst, SNAPSHOT_AGE_SIZE, "%" PRIu64 "d %" PRIu64
		    "h", days, hours % 24);
}

void
snapshot_format_bytes(char dst[SNAPSHOT_BYTES_SIZE], uint64_t bytes)
{
	if (bytes > INT64_MAX)
		bytes = INT64_MAX;
	if (humanize_number(dst, SNAPSHOT_BYTES_SIZE, (int64_t)bytes, "B",
	    HN_AUTOSCALE, HN_DECIMAL | HN_IEC_PREFIXES) == -1)
		dst[0] = '\0';
}
