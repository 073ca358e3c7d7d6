#include "childsignals.h"

#include <sys/eventfd.h>
#include <sys/prctl.h>

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

/* A wedged child without a master has this much longer than its drain. */
#define ORPHAN_S	2
/*
 * What the kernel sends when the master has died, and others, too: one that
 * reaches a child that is stopped.
 */
#define ORPHAN_SIGNAL	SIGCONT

/* The hardest one so far; signals meet any of the child's threads. */
static _Atomic int order = ORDER_NONE;
/* Set before the handlers that read them. */
static volatile sig_atomic_t own_pid;
static volatile sig_atomic_t master_pid;
static volatile sig_atomic_t wake_fd;
static timer_t orphan_timer;
static struct itimerspec orphan_time;

static enum childsignals_order
order_of(int sig)
{
	if (sig == CHILD_RETIRE_SIGNAL)
		return ORDER_RETIRE;
	return sig == SIGQUIT ? ORDER_CLOSE : ORDER_DRAIN;
}

/*
 * The loop does the work.  Runs in any of the child's threads; and in what a
 * handler has forked, which shares wake_fd but is none of them.
 */
static void
on_signal(int sig)
{
	int error = errno, so_far = atomic_load(&order);

	if (getpid() != own_pid)
		return;
	while ((int)order_of(sig) > so_far &&
	    !atomic_compare_exchange_weak(&order, &so_far, (int)order_of(sig)))
		;
	(void)eventfd_write(wake_fd, 1);
	errno = error;
}

/*
 * Should the loop never come back from a handler, nobody is there to kill it
 * once the master is dead, so a timer will.
 */
static void
on_orphan_signal(int sig)
{
	int error = errno;

	if (getpid() == own_pid && getppid() != master_pid) {
		on_signal(sig);
		(void)timer_settime(orphan_timer, 0, &orphan_time, NULL);
	}
	errno = error;
}

/*
 * What is the master's affair is ignored, wherever it comes from; SIGPIPE is
 * what sendfile(2) has for a dead peer, and EPIPE says the same; SIGXFSZ that
 * a log is as large as it may be (setrlimit(2)), and so does EFBIG.
 */
static void
ignore_others(void)
{
	static const int others[] = { SIGINT, SIGHUP, SIGPIPE, SIGXFSZ,
	    SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU };
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		(void)signal(others[i], SIG_IGN);
}

int
childsignals_catch(pid_t master, int fd, unsigned int drain_ms)
{
	struct sigevent kill = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGKILL,
	};
	struct sigaction sa = {
		.sa_handler = on_signal,
		.sa_flags = SA_RESTART,
	};

	if (timer_create(CLOCK_MONOTONIC, &kill, &orphan_timer) == -1)
		return -1;
	orphan_time.it_value.tv_sec = drain_ms / 1000 + ORPHAN_S;
	own_pid = getpid();
	master_pid = master;
	wake_fd = fd;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGQUIT, &sa, NULL);
	(void)sigaction(CHILD_RETIRE_SIGNAL, &sa, NULL);
	sa.sa_handler = on_orphan_signal;
	(void)sigaction(ORPHAN_SIGNAL, &sa, NULL);
	ignore_others();
	(void)sigemptyset(&sa.sa_mask);
	(void)sigprocmask(SIG_SETMASK, &sa.sa_mask, NULL);
	return 0;
}

/* The master may have died before. */
int
childsignals_follow(void)
{
	if (prctl(PR_SET_PDEATHSIG, ORPHAN_SIGNAL) == -1)
		return -1;
	(void)raise(ORPHAN_SIGNAL);
	return 0;
}

enum childsignals_order
childsignals_order(void)
{
	return (enum childsignals_order)atomic_load(&order);
}
