#include "watch.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "children.h"
#include "clock.h"
#include "death.h"
#include "log.h"
#include "procstatus.h"
#include "scoreboard.h"
#include "work.h"

#define NEVER		UINT64_MAX
/*
 * Who seems to hang is looked at once more: if all of us have been stopped,
 * such as by a debugger of the machine, children get their time, too.
 */
#define CONFIRM_MS	1000
/* SIGABRT, which may be caught or blocked, has this long to end a child. */
#define ABORT_MS	2000

enum watch_state {
	WATCHED,
	SUSPECTED,
	SPARED,			/* a debugger has it */
	ABORTED,
	KILLED			/* nothing more can be done */
};

struct watched {
	enum watch_state state;
	pid_t		 pid;		/* whom all of this is about */
	uint64_t	 since_ms;	/* its last sign of life */
	uint64_t	 next_ms;	/* when the next step is due */
};

int
watch_init(struct watch *w, struct children *children,
    struct scoreboard *board, uint64_t timeout_ms)
{
	*w = (struct watch){
		.children = children,
		.board = board,
	};
	w->watched = calloc(board->nslots, sizeof(*w->watched));
	watch_set_timeout(w, timeout_ms);
	return w->watched == NULL ? -1 : 0;
}

void
watch_set_timeout(struct watch *w, uint64_t timeout_ms)
{
	w->timeout_ms = timeout_ms;
	w->ends_ms = 0;
	/* Nobody is to wake a master that does not look. */
	if (timeout_ms == NEVER)
		atomic_store(&w->board->watched, true);
}

void
watch_free(struct watch *w)
{
	free(w->watched);
	w->watched = NULL;
}

/* Nobody else would notice one that gets stuck there: a reload waits for it. */
static bool
is_starting(const struct watch *w, size_t i)
{
	return !atomic_load(&w->board->slots[i].accepting);
}

/* Since when a child has been expected to get on, or 0. */
static uint64_t
silent_since(const struct watch *w, size_t i)
{
	const struct place *place = &w->children->places[i];

	if (place->stopped_ms != 0)
		return place->stopped_ms;
	if (is_starting(w, i))
		return place->started_ms;
	return atomic_load(&w->board->slots[i].working_ms);
}

static void
watch_say(const struct watch *w, size_t i, uint64_t now_ms, const char *what)
{
	const struct place *place = &w->children->places[i];

	const char *how = is_starting(w, i) ? "hangs as it starts, silent" :
	    "hangs, silent";

	death_log_hang(&w->board->slots[i], i + 1, place->pid,
	    place->stopped_ms != 0 ? "has been stopped" : how,
	    now_ms - w->watched[i].since_ms, what);
}

/* One that is stopped takes a signal when it goes on. */
static void
watch_abort(struct watch *w, size_t i, uint64_t now_ms)
{
	pid_t pid = w->children->places[i].pid;

	watch_say(w, i, now_ms, "aborted");
	(void)kill(pid, SIGABRT);
	(void)kill(pid, SIGCONT);
	children_give_up(w->children, i);
	w->watched[i].state = ABORTED;
	w->watched[i].next_ms = now_ms + ABORT_MS;
}

/* Someone looks at it, and will see to it. */
static void
watch_spare(struct watch *w, size_t i, uint64_t now_ms, long tracer)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "left to process %ld, which "
	    "traces it", tracer);
	watch_say(w, i, now_ms, what);
	w->watched[i].state = SPARED;
}

/* What is to be done about a child that has shown no sign for too long. */
static void
watch_silent(struct watch *w, size_t i, uint64_t now_ms)
{
	struct watched *of = &w->watched[i];
	long tracer;

	switch (of->state) {
	case WATCHED:
		of->state = SUSPECTED;
		of->next_ms = now_ms + CONFIRM_MS;
		return;
	case SUSPECTED:
	case SPARED:
		tracer = procstatus_number(of->pid, "TracerPid");
		if (tracer == 0) {
			watch_abort(w, i, now_ms);
			return;
		}
		if (of->state == SUSPECTED)
			watch_spare(w, i, now_ms, tracer);
		of->next_ms = now_ms + w->timeout_ms;
		return;
	case ABORTED:
	case KILLED:
		return;
	}
}

/* A core takes as long as it takes; SIGKILL would leave half of it. */
static void
watch_end(struct watch *w, size_t i, uint64_t now_ms)
{
	struct watched *of = &w->watched[i];

	if (procstatus_number(of->pid, "CoreDumping") != 0) {
		of->next_ms = now_ms + ABORT_MS;
		return;
	}
	log_message(LOG_ERR, "child %zu (pid %d) is not ended by SIGABRT: "
	    "killed", i + 1, (int)of->pid);
	(void)kill(of->pid, SIGKILL);
	of->state = KILLED;
	of->next_ms = NEVER;
}

/* Returns when to look at this one again. */
static uint64_t
watch_child(struct watch *w, size_t i, uint64_t now_ms)
{
	struct watched *of = &w->watched[i];
	pid_t pid = w->children->places[i].pid;
	uint64_t since_ms;

	if (of->pid != pid)
		*of = (struct watched){ .pid = pid };
	if (pid == 0)
		return NEVER;
	if (of->state >= ABORTED) {
		if (now_ms >= of->next_ms)
			watch_end(w, i, now_ms);
		return of->next_ms;
	}
	since_ms = silent_since(w, i);
	if (since_ms != of->since_ms)
		*of = (struct watched){ .pid = pid, .since_ms = since_ms };
	if (since_ms == 0)
		return NEVER;
	if (of->state == WATCHED)
		of->next_ms = since_ms + w->timeout_ms;
	if (now_ms >= of->next_ms)
		watch_silent(w, i, now_ms);
	return of->next_ms;
}

static uint64_t
watch_children(struct watch *w, uint64_t now_ms)
{
	uint64_t next = NEVER, of_child;
	size_t i;

	for (i = 0; i < w->children->nplaces; i++) {
		of_child = watch_child(w, i, now_ms);
		if (of_child < next)
			next = of_child;
	}
	return next;
}

/*
 * A watch that a child has begun lasts for so long that under load there are
 * few of them, and is over when nobody is found at work at its end.
 */
uint64_t
watch_look(struct watch *w)
{
	uint64_t next, now_ms = clock_ms(CLOCK_MONOTONIC);

	if (w->timeout_ms == NEVER)
		return NEVER;
	next = watch_children(w, now_ms);
	if (!atomic_load(&w->board->watched))
		return next;
	if (w->ends_ms == 0)
		w->ends_ms = now_ms + w->timeout_ms;
	if (next == NEVER && now_ms >= w->ends_ms) {
		w->ends_ms = 0;
		atomic_store(&w->board->watched, false);
		return watch_children(w, now_ms);
	}
	return next < w->ends_ms || now_ms >= w->ends_ms ? next : w->ends_ms;
}
