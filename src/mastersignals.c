#include "mastersignals.h"

#include <sys/signalfd.h>

#include <stddef.h>
#include <unistd.h>

/*
 * What was ignored when the program started stays ignored: nohup(1) and
 * shells' background jobs rely on that.
 */
static bool
is_ignored(int sig)
{
	struct sigaction sa;

	return sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

static void
choose(struct mastersignals *s, const struct mastersignals_wanted *wanted)
{
	(void)sigemptyset(&s->taken);
	(void)sigaddset(&s->taken, SIGCHLD);
	(void)sigaddset(&s->taken, SIGTERM);
	(void)sigaddset(&s->taken, SIGQUIT);
	if (!is_ignored(SIGINT))
		(void)sigaddset(&s->taken, SIGINT);
	s->reloads = wanted->reload;
	s->survives_hangup = is_ignored(SIGHUP);
	if (!s->survives_hangup || wanted->reload)
		(void)sigaddset(&s->taken, SIGHUP);
	if (wanted->reload) {
		(void)sigaddset(&s->taken, SIGTTIN);
		(void)sigaddset(&s->taken, SIGTTOU);
	}
	if (wanted->reopen)
		(void)sigaddset(&s->taken, SIGUSR1);
	if (wanted->upgrade)
		(void)sigaddset(&s->taken, SIGUSR2);
}

/* One that is ignored is not even pending: signalfd(2) never sees it. */
int
mastersignals_take(struct mastersignals *s,
    const struct mastersignals_wanted *wanted)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };

	choose(s, wanted);
	(void)sigprocmask(SIG_BLOCK, &s->taken, &s->old_mask);
	(void)sigemptyset(&sa.sa_mask);
	/* An ignored SIGCHLD would reap children without us: wait(2). */
	(void)sigaction(SIGCHLD, &sa, &s->old_sigchld);
	(void)sigaction(SIGHUP, wanted->reload ? &sa : NULL, &s->old_sighup);
	/*
	 * Whoever reads our messages may go away, and their file be as large
	 * as it may: that must not end us.
	 */
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, &s->old_sigpipe);
	(void)sigaction(SIGXFSZ, &sa, &s->old_sigxfsz);
	s->fd = signalfd(-1, &s->taken, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->fd == -1 ? -1 : 0;
}

/* The terminal's end is the server's, too, unless nohup(1) is before it. */
static enum master_order
order_of_hangup(const struct mastersignals *s, bool is_terminal)
{
	if (!is_terminal && s->reloads)
		return MASTER_RELOAD;
	return is_terminal && s->survives_hangup ? MASTER_NOTHING :
	    MASTER_DRAIN;
}

static enum master_order
order_of(const struct mastersignals *s, const struct signalfd_siginfo *info)
{
	switch (info->ssi_signo) {
	case SIGTERM:
	case SIGINT:
		return MASTER_STOP;
	case SIGQUIT:
		return MASTER_CLOSE;
	case SIGHUP:
		return order_of_hangup(s, info->ssi_code == SI_KERNEL);
	case SIGUSR1:
		return MASTER_REOPEN;
	case SIGUSR2:
		return MASTER_UPGRADE;
	case SIGTTIN:
		return MASTER_ADD;
	case SIGTTOU:
		return MASTER_REMOVE;
	default:
		return MASTER_NOTHING;
	}
}

bool
mastersignals_next(const struct mastersignals *s, enum master_order *order)
{
	struct signalfd_siginfo info;

	if (read(s->fd, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo == SIGTERM && info.ssi_code == SI_QUEUE)
		*order = (enum master_order)info.ssi_int;
	else
		*order = order_of(s, &info);
	return true;
}

int
mastersignals_request(pid_t master, enum master_order order)
{
	return sigqueue(master, SIGTERM,
	    (union sigval){ .sival_int = (int)order });
}

void
mastersignals_restore(struct mastersignals *s)
{
	static const struct timespec none;

	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = -1;
	while (sigtimedwait(&s->taken, NULL, &none) != -1)
		;
	(void)sigaction(SIGCHLD, &s->old_sigchld, NULL);
	(void)sigaction(SIGHUP, &s->old_sighup, NULL);
	(void)sigaction(SIGPIPE, &s->old_sigpipe, NULL);
	(void)sigaction(SIGXFSZ, &s->old_sigxfsz, NULL);
	(void)sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
}

void
mastersignals_leave(struct mastersignals *s)
{
	(void)close(s->fd);
	s->fd = -1;
	(void)sigaction(SIGCHLD, &s->old_sigchld, NULL);
}
