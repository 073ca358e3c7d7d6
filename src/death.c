#include "death.h"

#include <sys/wait.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "clock.h"
#include "log.h"
#include "scoreboard.h"

/* As much of a log's line as what is served may take, before it is escaped. */
#define MAX_TEXT	sizeof(((struct scoreboard_slot *)0)->request)
#define SERVED_SIZE	(2 * MAX_TEXT * 4 + 64)

/* A slot's text may be half written, and came from a peer. */
static void
quote(char *dst, const char *text, size_t max)
{
	char copy[MAX_TEXT + 1];

	memcpy(copy, text, max);
	copy[max] = '\0';
	(void)strvis(dst, copy, VIS_CSTYLE | VIS_NL | VIS_TAB | VIS_DQ);
}

/* " while serving ...", or nothing where it is not inside a handler. */
static const char *
served(char dst[SERVED_SIZE], const struct scoreboard_slot *slot)
{
	char request[sizeof(slot->request) * 4 + 1];
	char client[sizeof(slot->client) * 4 + 1];
	uint64_t now_ms = clock_ms(CLOCK_MONOTONIC);
	uint64_t since_ms = atomic_load(&slot->serving_ms);

	dst[0] = '\0';
	if (!atomic_load(&slot->serving))
		return dst;
	quote(request, slot->request, sizeof(slot->request));
	quote(client, slot->client, sizeof(slot->client));
	(void)snprintf(dst, SERVED_SIZE, " while serving %s \"%s\" for %ju ms",
	    client, request,
	    (uintmax_t)(since_ms < now_ms ? now_ms - since_ms : 0));
	return dst;
}

static void
log_signal(const struct scoreboard_slot *slot, size_t number, pid_t pid,
    int status)
{
	char what[SERVED_SIZE];
	int sig = WTERMSIG(status);

	log_message(LOG_ERR, "child %zu (pid %d) died of signal %d (%s%s)%s",
	    number, (int)pid, sig, strsignal(sig),
	    WCOREDUMP(status) ? ", core dumped" : "", served(what, slot));
}

void
death_log(const struct scoreboard_slot *slot, size_t number, pid_t pid,
    int status)
{
	const char *why = slot->failure;

	if (WIFSIGNALED(status))
		log_signal(slot, number, pid, status);
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		log_message(LOG_ERR, "child %zu (pid %d) gave up: %s", number,
		    (int)pid, why[0] != '\0' ? why :
		    "exited without a reason");
	else
		log_message(LOG_DEBUG, "child %zu (pid %d) left", number,
		    (int)pid);
}

void
death_log_hang(const struct scoreboard_slot *slot, size_t number, pid_t pid,
    const char *how, uint64_t since_ms, const char *what)
{
	char serving[SERVED_SIZE];

	log_message(LOG_ERR, "child %zu (pid %d) %s for %ju ms%s: %s", number,
	    (int)pid, how, (uintmax_t)since_ms, served(serving, slot), what);
}
