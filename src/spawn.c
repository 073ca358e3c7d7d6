#include "spawn.h"

#include <sys/socket.h>

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "children.h"
#include "childsignals.h"
#include "clock.h"
#include "log.h"
#include "scoreboard.h"

/*
 * The master's signals stay blocked until the child has its own handlers: one
 * that comes at once is not lost, and does not kill it.
 */
static _Noreturn void
become_child(struct children *c, size_t number, int channel)
{
	const struct children_config config = c->config;
	size_t i;

	for (i = 0; i < c->nplaces; i++) {
		c->places[i].pid = 0;
		place_end_channel(&c->places[i]);
	}
	config.leave(config.leave_arg);
	_exit(config.child(config.arg, (unsigned int)number, config.ready_fd,
	    channel));
}

/*
 * A child that is told to leave before it has its handlers must not die of
 * that: the signal waits until it has them, as the master's do.
 */
static pid_t
fork_child(void)
{
	sigset_t retire, before;
	pid_t pid;

	(void)sigemptyset(&retire);
	(void)sigaddset(&retire, CHILD_RETIRE_SIGNAL);
	(void)sigprocmask(SIG_BLOCK, &retire, &before);
	pid = fork();
	if (pid != 0)
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

int
spawn_child(struct children *c, size_t i)
{
	struct scoreboard_slot *slot = &c->config.board->slots[i];
	struct place *place = &c->places[i];
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, ends) == -1)
		return -1;
	scoreboard_clear(slot);
	pid = fork_child();
	if (pid == 0) {
		(void)close(ends[0]);
		become_child(c, i + 1, ends[1]);
	}
	(void)close(ends[1]);
	if (pid == -1) {
		(void)close(ends[0]);
		return -1;
	}
	place->pid = pid;
	place->channel = ends[0];
	place->started_ms = clock_ms(CLOCK_MONOTONIC);
	place->stopped_ms = 0;
	scoreboard_occupy(slot, pid, place->started_ms);
	c->alive++;
	log_message(LOG_DEBUG, "child %zu (pid %d) started", i + 1, (int)pid);
	return 0;
}
