#include "top.h"

#include <sys/ioctl.h>
#include <sys/signalfd.h>

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "boards.h"
#include "clock.h"
#include "httpserve.h"
#include "snapshot.h"
#include "topview.h"

#define REFRESH_MS	1000
/* Where the terminal does not say how large it is. */
#define COLUMNS		80
#define LINES		24

/*
 * The terminal's other screen, without a cursor, and back: of xterm, and
 * ignored by who knows none.  To its first place; erase all behind it: ECMA-48.
 */
#define ENTER_SCREEN	"\033[?1049h\033[?25l"
#define LEAVE_SCREEN	"\033[?25h\033[?1049l"
#define HOME		"\033[H"
#define ERASE_REST	"\033[J"

struct top {
	const char	*pidfile;
	struct topview	 view;
	struct boards	 boards;
	char		 why[PATH_MAX + 128];	/* nothing was found */
	bool		 is_refused;	/* one is of another version */
	int		 signals;
	struct termios	 before;
	bool		 has_keys;	/* standard input is a terminal, too */
};

/* The process that a pidfile names: 0, or -1 with the reason in why. */
static int
read_pidfile(struct top *t, pid_t *pid)
{
	FILE *file = fopen(t->pidfile, "re");
	const char *problem;
	char line[32] = "";

	if (file == NULL) {
		(void)snprintf(t->why, sizeof(t->why), "pidfile %s: %s",
		    t->pidfile, strerror(errno));
		return -1;
	}
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	(void)fclose(file);
	line[strcspn(line, "\n")] = '\0';
	*pid = (pid_t)strtonum(line, 1, INT_MAX, &problem);
	if (problem == NULL)
		return 0;
	(void)snprintf(t->why, sizeof(t->why), "pidfile %s: holds no process "
	    "id", t->pidfile);
	return -1;
}

/* Finds the servers: 0, or an exit status with the reason in why. */
static int
find_servers(struct top *t)
{
	pid_t pid = 0;
	int n;

	if (t->pidfile != NULL && read_pidfile(t, &pid) == -1)
		return EX_UNAVAILABLE;
	n = boards_find(&t->boards, pid);
	if (n > 0)
		return EX_OK;
	if (n == -1 && errno == EACCES) {
		(void)snprintf(t->why, sizeof(t->why), "process %d: not this "
		    "user's: run as root, or as the user of the server",
		    (int)pid);
		return EX_NOPERM;
	}
	if (pid != 0)
		(void)snprintf(t->why, sizeof(t->why), "pidfile %s: process "
		    "%d is no running httpserve", t->pidfile, (int)pid);
	else
		(void)snprintf(t->why, sizeof(t->why), "no httpserve is "
		    "running, or none that this user may look at: run as "
		    "root, or as the user of the server");
	return EX_UNAVAILABLE;
}

/* Versions that are equal are other builds, of which one has been changed. */
static int
add_refusal(struct top *t, const struct board *board)
{
	char version[sizeof(board->version) * 4 + 1];

	t->is_refused = true;
	(void)strvis(version, board->version, VIS_CSTYLE | VIS_NL | VIS_TAB);
	if (strcmp(version, HTTPSERVE_VERSION) == 0)
		return topview_add_line(&t->view, "process %d: the running "
		    "httpserve is another build of version %s",
		    (int)board->master, version);
	return topview_add_line(&t->view, "process %d: the running "
	    "httpserve is of another version: %s, not %s",
	    (int)board->master, version, HTTPSERVE_VERSION);
}

static int
add_board(struct top *t, const struct board *board)
{
	struct snapshot s;
	int result;

	if (board->map == NULL)
		return add_refusal(t, board);
	if (snapshot_take(&s, board->map, scoreboard_slots(board->size),
	    clock_ms(CLOCK_MONOTONIC)) == -1)
		return -1;
	result = topview_add_server(&t->view, &s);
	snapshot_free(&s);
	return result;
}

/* Writes what there is into the view: an exit status. */
static int
look(struct top *t)
{
	int result = 0, status = find_servers(t);
	size_t i;

	t->is_refused = false;
	for (i = 0; i < t->boards.n && result == 0; i++) {
		if (i > 0)
			result = topview_add_line(&t->view, "%s", "");
		if (result == 0)
			result = add_board(t, &t->boards.found[i]);
	}
	boards_close(&t->boards);
	if (result == -1) {
		(void)strlcpy(t->why, strerror(errno), sizeof(t->why));
		return EX_OSERR;
	}
	return status == EX_OK && t->is_refused ? EX_UNAVAILABLE : status;
}

/* What was written so far goes out: 0, or -1 and errno. */
static int
flush(struct top *t)
{
	struct buffer *out = &t->view.out;
	ssize_t n;

	while (out->len > 0) {
		n = write(STDOUT_FILENO, out->data, out->len);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			buffer_consume(out, (size_t)n);
	}
	return 0;
}

static int
show_once(struct top *t)
{
	int status = look(t);

	if (t->view.out.len == 0)
		warnx("%s", t->why);
	else if (flush(t) == -1) {
		warn("standard output");
		status = EX_IOERR;
	}
	return status;
}

static void
measure(struct top *t)
{
	struct winsize size;

	t->view.columns = COLUMNS;
	t->view.lines = LINES;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1)
		return;
	if (size.ws_col > 0)
		t->view.columns = size.ws_col;
	if (size.ws_row > 0)
		t->view.lines = size.ws_row;
}

/* Servers come and go: that there is none now is no reason to leave. */
static int
refresh(struct top *t)
{
	measure(t);
	if (buffer_append_string(&t->view.out, HOME) == -1)
		return -1;
	if (look(t) != EX_OK && !t->is_refused &&
	    topview_add_line(&t->view, "%s", t->why) == -1)
		return -1;
	if (buffer_append_string(&t->view.out, ERASE_REST) == -1)
		return -1;
	return flush(t);
}

/* Keys come one by one, and are not shown. */
static int
enter(struct top *t)
{
	struct termios mode = t->before;

	mode.c_lflag &= (tcflag_t)~(ICANON | ECHO);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	if (t->has_keys && tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) == -1)
		return -1;
	if (buffer_append_string(&t->view.out, ENTER_SCREEN) == -1)
		return -1;
	return flush(t);
}

static void
leave(struct top *t)
{
	t->view.out.len = 0;
	if (buffer_append_string(&t->view.out, LEAVE_SCREEN) == 0)
		(void)flush(t);
	if (t->has_keys)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &t->before);
}

static int
take_signals(struct top *t)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP,
	    SIGTSTP, SIGWINCH };
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return -1;
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signals == -1 ? -1 : 0;
}

/* Whether to go on after a signal; stopped, the terminal is the shell's. */
static bool
obey_signal(struct top *t)
{
	struct signalfd_siginfo info;

	if (read(t->signals, &info, sizeof(info)) != sizeof(info) ||
	    info.ssi_signo == SIGWINCH)
		return true;
	if (info.ssi_signo != SIGTSTP)
		return false;
	leave(t);
	(void)raise(SIGSTOP);
	return enter(t) == 0;
}

/* Whether to go on after a key; a terminal that is gone has none. */
static bool
obey_key(void)
{
	char key;

	return read(STDIN_FILENO, &key, 1) == 1 && key != 'q' && key != 'Q';
}

/* Waits for the next time to look: false when it is over. */
static bool
wait_for_next(struct top *t)
{
	struct pollfd pfds[] = {
		{ .fd = t->signals, .events = POLLIN },
		{ .fd = t->has_keys ? STDIN_FILENO : -1, .events = POLLIN },
	};

	if (poll(pfds, 2, REFRESH_MS) == -1)
		return errno == EINTR;
	if (pfds[0].revents != 0 && !obey_signal(t))
		return false;
	return pfds[1].revents == 0 || obey_key();
}

static int
show_always(struct top *t)
{
	int status = EX_OK;

	t->has_keys = isatty(STDIN_FILENO) &&
	    tcgetattr(STDIN_FILENO, &t->before) == 0;
	if (take_signals(t) == -1) {
		warn("signals");
		return EX_OSERR;
	}
	if (enter(t) == -1)
		status = EX_IOERR;
	while (status == EX_OK) {
		if (refresh(t) == -1)
			status = EX_IOERR;
		else if (!wait_for_next(t))
			break;
	}
	leave(t);
	(void)close(t->signals);
	return status;
}

/* Where there is nothing to show it says so, and does not begin. */
static bool
is_worth_it(struct top *t)
{
	return find_servers(t) == EX_OK;
}

static bool
has_screen(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

int
top_run(const char *pidfile)
{
	struct top t = { .pidfile = pidfile };
	int status;

	t.view.is_terminal = has_screen() && is_worth_it(&t);
	boards_close(&t.boards);
	status = t.view.is_terminal ? show_always(&t) : show_once(&t);
	buffer_free(&t.view.out);
	return status;
}
