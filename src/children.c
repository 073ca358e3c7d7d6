#include "children.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "childsignals.h"
#include "clock.h"
#include "death.h"
#include "fdpass.h"
#include "log.h"
#include "scoreboard.h"
#include "spawn.h"

/* A child that lived shorter is replaced after a pause. */
#define SHORT_LIFE_MS	1000

int
children_init(struct children *c, const struct children_config *config)
{
	size_t i;

	*c = (struct children){ .config = *config };
	c->places = calloc(config->board->nslots, sizeof(*c->places));
	if (c->places == NULL)
		return -1;
	c->nplaces = config->board->nslots;
	for (i = 0; i < c->nplaces; i++)
		c->places[i].channel = -1;
	return 0;
}

void
children_free(struct children *c)
{
	free(c->places);
	c->places = NULL;
	c->nplaces = 0;
}

static struct scoreboard_slot *
slot_of(const struct children *c, size_t i)
{
	return &c->config.board->slots[i];
}

static struct place *
find_free(struct children *c)
{
	size_t i;

	for (i = 0; i < c->nplaces; i++)
		if (c->places[i].state == PLACE_FREE)
			return &c->places[i];
	return NULL;
}

static unsigned int
count_state(const struct children *c, enum place_state state)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < c->nplaces; i++)
		n += c->places[i].state == state;
	return n;
}

bool
children_have_places(const struct children *c, unsigned int wanted)
{
	return count_state(c, PLACE_FREE) >= wanted;
}

int
children_begin(struct children *c, unsigned int wanted)
{
	unsigned int i;

	if (!children_have_places(c, wanted)) {
		errno = EAGAIN;
		return -1;
	}
	for (i = 0; i < wanted; i++)
		place_claim(find_free(c), PLACE_COMING);
	c->former_wanted = c->wanted;
	c->wanted = wanted;
	c->is_coming = true;
	c->coming_failed = false;
	return 0;
}

static bool
all_accept(const struct children *c, enum place_state state)
{
	size_t i;

	for (i = 0; i < c->nplaces; i++)
		if (c->places[i].state == state && (c->places[i].pid == 0 ||
		    !atomic_load(&slot_of(c, i)->accepting)))
			return false;
	return true;
}

bool
children_have_come(const struct children *c)
{
	return c->is_coming && !c->coming_failed &&
	    all_accept(c, PLACE_COMING);
}

/* Brings the present generation to the number that is wanted. */
static void
meet_wanted(struct children *c)
{
	unsigned int n = count_state(c, PLACE_PRESENT);
	struct place *place;
	size_t i = c->nplaces;

	while (n < c->wanted && (place = find_free(c)) != NULL) {
		place_claim(place, PLACE_PRESENT);
		n++;
	}
	for (; i > 0 && n > c->wanted; i--) {
		if (c->places[i - 1].state != PLACE_PRESENT)
			continue;
		place_retire(&c->places[i - 1], CHILD_RETIRE_SIGNAL);
		n--;
	}
}

void
children_commit(struct children *c)
{
	size_t i;

	for (i = 0; i < c->nplaces; i++) {
		if (c->places[i].state == PLACE_PRESENT ||
		    c->places[i].state == PLACE_RELIEVED)
			place_retire(&c->places[i], CHILD_RETIRE_SIGNAL);
		else if (c->places[i].state == PLACE_COMING)
			c->places[i].state = PLACE_PRESENT;
	}
	c->is_coming = false;
	meet_wanted(c);
}

void
children_abort(struct children *c)
{
	size_t i;

	for (i = 0; i < c->nplaces; i++)
		if (c->places[i].state == PLACE_COMING)
			place_retire(&c->places[i], SIGQUIT);
	c->is_coming = false;
	c->coming_failed = false;
	c->wanted = c->former_wanted;
	meet_wanted(c);
}

static bool
is_spent(const struct children *c, size_t i)
{
	return c->places[i].state == PLACE_PRESENT &&
	    c->places[i].pid != 0 && atomic_load(&slot_of(c, i)->spent);
}

static void
retire_relieved(struct children *c, size_t i)
{
	log_message(LOG_INFO, "child %zu (pid %d) retires after %ju requests",
	    i + 1, (int)c->places[i].pid,
	    (uintmax_t)atomic_load(&slot_of(c, i)->requests));
	place_retire(&c->places[i], CHILD_RETIRE_SIGNAL);
}

/*
 * There is one at a time, and only while there are places for a reload, too:
 * those that have retired may take long to finish.
 */
void
children_relieve(struct children *c)
{
	size_t i;

	if (c->is_coming || !all_accept(c, PLACE_PRESENT))
		return;
	for (i = 0; i < c->nplaces; i++)
		if (c->places[i].state == PLACE_RELIEVED)
			retire_relieved(c, i);
	for (i = 0; i < c->nplaces && !is_spent(c, i); i++)
		;
	if (i == c->nplaces || !children_have_places(c, c->wanted + 1))
		return;
	place_claim(find_free(c), PLACE_PRESENT);
	c->places[i].state = PLACE_RELIEVED;
}

bool
children_are_stale(const struct children *c)
{
	size_t i;

	for (i = 0; i < c->nplaces && !c->is_coming; i++)
		if (c->places[i].state == PLACE_PRESENT &&
		    c->places[i].pid != 0 && atomic_load(&slot_of(c, i)->stale))
			return true;
	return false;
}

bool
children_adjust(struct children *c, int change)
{
	if (change < 0 ? c->wanted <= 1 : count_state(c, PLACE_FREE) == 0)
		return false;
	c->wanted = (unsigned int)((int)c->wanted + change);
	if (change > 0 || c->former_wanted > 1)
		c->former_wanted = (unsigned int)((int)c->former_wanted +
		    change);
	if (!c->is_coming)
		meet_wanted(c);
	return true;
}

static void __attribute__((format(printf, 3, 4)))
fail_coming(struct children *c, int error, const char *fmt, ...)
{
	va_list ap;

	if (c->coming_failed)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
	c->error = error;
	c->coming_failed = true;
}

/*
 * Whether this is news: what keeps a child from starting keeps it, and others,
 * until it has passed.
 */
static bool
note_failure(struct children *c, int error)
{
	bool is_news = c->failures == 0 || c->failure != error;

	c->failures++;
	c->failure = error;
	return is_news;
}

/* Says that what has kept children from starting is over. */
static void
check_recovery(struct children *c)
{
	if (c->failures == 0 || count_state(c, PLACE_PRESENT) == 0 ||
	    !all_accept(c, PLACE_PRESENT))
		return;
	log_message(LOG_NOTICE, "all children are there again, after %u "
	    "failed start%s", c->failures, c->failures == 1 ? "" : "s");
	c->failures = 0;
}

/* Where it serves already, it is tried again. */
static void
fail_spawn(struct children *c, size_t i)
{
	if (c->places[i].state == PLACE_COMING) {
		fail_coming(c, errno, "fork: %s", strerror(errno));
		return;
	}
	if (note_failure(c, errno))
		log_errno(LOG_ERR, "child %zu: fork", i + 1);
	place_postpone(&c->places[i]);
}

/* What a new generation would start with may not fit the present one. */
static bool
is_due(const struct children *c, const struct place *place, uint64_t now_ms)
{
	if (place->pid != 0 || place->respawn_ms > now_ms)
		return false;
	return c->is_coming ? place->state == PLACE_COMING :
	    place->state == PLACE_PRESENT;
}

void
children_spawn_due(struct children *c)
{
	uint64_t now_ms = clock_ms(CLOCK_MONOTONIC);
	size_t i;

	for (i = 0; i < c->nplaces && !c->coming_failed; i++) {
		if (!is_due(c, &c->places[i], now_ms))
			continue;
		if (spawn_child(c, i) == -1)
			fail_spawn(c, i);
	}
}

static void
respawn_later(struct place *place, size_t number, bool is_news)
{
	uint64_t lived_ms = clock_ms(CLOCK_MONOTONIC) - place->started_ms;

	place->respawn_ms = 0;
	if (lived_ms >= SHORT_LIFE_MS) {
		place->pause_ms = 0;
		return;
	}
	place_postpone(place);
	if (is_news)
		log_message(LOG_NOTICE, "child %zu lived %ju ms: replaced "
		    "in %u ms", number, (uintmax_t)lived_ms, place->pause_ms);
}

/* A child that could not start has left its reason. */
static bool
could_not_start(const struct children *c, size_t i, int status)
{
	const struct scoreboard_slot *slot = slot_of(c, i);

	return WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
	    slot->failure[0] != '\0' && !atomic_load(&slot->accepting);
}

/* Of a generation that failed for a reason that is said already. */
static bool
never_came(const struct children *c, size_t i, int status)
{
	return !WIFSIGNALED(status) && c->places[i].state == PLACE_LEAVING &&
	    !atomic_load(&slot_of(c, i)->accepting);
}

void
children_give_up(struct children *c, size_t i)
{
	if (c->places[i].state == PLACE_COMING) {
		if (!atomic_load(&slot_of(c, i)->accepting))
			fail_coming(c, ETIMEDOUT, "child %zu hung as it "
			    "started", i + 1);
		return;
	}
	c->places[i].state = PLACE_LEAVING;
	if (!c->is_coming)
		meet_wanted(c);
}

/* A place that is free may be one that a present child waits for. */
static void
free_place(struct children *c, size_t i)
{
	c->places[i].state = PLACE_FREE;
	if (!c->is_coming)
		meet_wanted(c);
}

static void
children_lose(struct children *c, size_t i, int status)
{
	struct scoreboard_slot *slot = slot_of(c, i);
	struct place *place = &c->places[i];
	bool no_start = could_not_start(c, i, status), is_news = true;
	pid_t pid = place->pid;

	place->pid = 0;
	place_end_channel(place);
	c->alive--;
	if (no_start && place->state == PLACE_PRESENT)
		is_news = note_failure(c, slot->error);
	if (no_start && place->state == PLACE_COMING)
		fail_coming(c, slot->error, "%s", slot->failure);
	else if (is_news && !c->is_killing && !never_came(c, i, status))
		death_log(slot, i + 1, pid, status);
	/* Who serves goes on; a server that starts tries again. */
	if (place->state == PLACE_COMING && count_state(c, PLACE_PRESENT) > 0)
		fail_coming(c, ECHILD, "child %zu ended before it was ready",
		    i + 1);
	c->config.gone(c->config.arg, (unsigned int)i + 1);
	if (status != 0 && !c->is_killing)
		(void)atomic_fetch_add(&c->config.board->ended.died, 1);
	scoreboard_bury(c->config.board, slot, clock_ms(CLOCK_MONOTONIC));
	if (place->state == PLACE_LEAVING || place->state == PLACE_RELIEVED)
		free_place(c, i);
	else
		respawn_later(place, i + 1, is_news && !c->coming_failed);
}

/*
 * One that is stopped may go on, at any time and for any reason.  One that
 * somebody else has waited for is gone, we don't know how.
 */
static void
reap_place(struct children *c, size_t i)
{
	struct place *place = &c->places[i];
	int status = 0;
	pid_t pid;

	while (place->pid != 0) {
		pid = waitpid(place->pid, &status,
		    WNOHANG | WUNTRACED | WCONTINUED);
		if (pid == 0 || (pid == -1 && errno != ECHILD))
			return;
		if (pid > 0 && WIFSTOPPED(status))
			place->stopped_ms = clock_ms(CLOCK_MONOTONIC);
		else if (pid > 0 && WIFCONTINUED(status))
			place->stopped_ms = 0;
		else
			children_lose(c, i, status);
	}
}

/* Children of the program that are none of ours are not waited for. */
void
children_reap(struct children *c)
{
	size_t i;

	for (i = 0; i < c->nplaces && c->alive > 0; i++)
		reap_place(c, i);
	check_recovery(c);
}

uint64_t
children_next(const struct children *c)
{
	uint64_t next = UINT64_MAX;
	size_t i;

	for (i = 0; i < c->nplaces; i++)
		if (is_due(c, &c->places[i], UINT64_MAX) &&
		    c->places[i].respawn_ms < next)
			next = c->places[i].respawn_ms;
	return next;
}

void
children_signal(struct children *c, int sig)
{
	size_t i;

	c->is_killing = sig == SIGKILL;

	for (i = 0; i < c->nplaces; i++)
		if (c->places[i].pid != 0)
			(void)kill(c->places[i].pid, sig);
}

size_t
children_send(const struct children *c, int fd, int id)
{
	size_t i, missed = 0;

	for (i = 0; i < c->nplaces; i++)
		if (c->places[i].channel != -1 &&
		    fdpass_send(c->places[i].channel, fd, id) == -1) {
			missed++;
			if (c->places[i].state != PLACE_LEAVING)
				(void)kill(c->places[i].pid, SIGTERM);
		}
	return missed;
}

void
children_dismiss(struct children *c)
{
	size_t i;

	for (i = 0; i < c->nplaces; i++)
		c->places[i].state = c->places[i].pid != 0 ?
		    PLACE_LEAVING : PLACE_FREE;
	c->wanted = 0;
	c->is_coming = false;
}
