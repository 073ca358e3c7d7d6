#include "death.h"

#include <sys/wait.h>

#include <stdatomic.h>
#include <string.h>
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "log.h"
#include "scoreboard.h"

/* A slot's text may be half written, and came from a peer. */
static void
quote(char *dst, const char *text, size_t max)
{
	char copy[sizeof(((struct scoreboard_slot *)0)->request) + 1];

	memcpy(copy, text, max);
	copy[max] = '\0';
	(void)strvis(dst, copy, VIS_CSTYLE | VIS_NL | VIS_TAB | VIS_DQ);
}

static void
log_signal(const struct scoreboard_slot *slot, size_t number, pid_t pid,
    int sig)
{
	char request[sizeof(slot->request) * 4 + 1];
	char client[sizeof(slot->client) * 4 + 1];

	if (!atomic_load(&slot->serving)) {
		log_message(LOG_ERR, "child %zu (pid %d) died of signal %d "
		    "(%s)", number, (int)pid, sig, strsignal(sig));
		return;
	}
	quote(request, slot->request, sizeof(slot->request));
	quote(client, slot->client, sizeof(slot->client));
	log_message(LOG_ERR, "child %zu (pid %d) died of signal %d (%s) while "
	    "serving %s \"%s\"", number, (int)pid, sig, strsignal(sig), client,
	    request);
}

void
death_log(const struct scoreboard_slot *slot, size_t number, pid_t pid,
    int status)
{
	const char *why = slot->failure;

	if (WIFSIGNALED(status))
		log_signal(slot, number, pid, WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		log_message(LOG_ERR, "child %zu (pid %d) gave up: %s", number,
		    (int)pid, why[0] != '\0' ? why :
		    "exited without a reason");
	else
		log_message(LOG_DEBUG, "child %zu (pid %d) left", number,
		    (int)pid);
}
