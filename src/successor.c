#include "successor.h"

#include <sys/wait.h>

#include <signal.h>

#include "log.h"

void
successor_start(struct successor *s, pid_t (*start)(void *arg), void *arg)
{
	pid_t pid;

	if (s->pid != 0) {
		log_message(LOG_NOTICE, "upgrade: process %d is starting",
		    (int)s->pid);
		return;
	}
	pid = start(arg);
	s->pid = pid == -1 ? 0 : pid;
}

void
successor_signal(const struct successor *s, int sig)
{
	if (s->pid != 0)
		(void)kill(s->pid, sig);
}

void
successor_release(struct successor *s)
{
	s->pid = 0;
}

void
successor_reap(struct successor *s)
{
	int status = 0;

	if (s->pid == 0 || waitpid(s->pid, &status, WNOHANG) == 0)
		return;
	if (WIFSIGNALED(status))
		log_message(LOG_ERR, "upgrade: process %d died of signal %d: "
		    "going on as before", (int)s->pid, WTERMSIG(status));
	else
		log_message(LOG_ERR, "upgrade: process %d left with status "
		    "%d: going on as before", (int)s->pid,
		    WEXITSTATUS(status));
	s->pid = 0;
}
