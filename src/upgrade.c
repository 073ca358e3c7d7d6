#include "upgrade.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify.h"

/*
 * Process id, number of listeners, and a line for each: "own " or "kept ", and
 * its address.
 */
#define VARIABLE	"HTTPSERVE_SUCCEEDS"
#define OWN		"own "
#define KEPT		"kept "
/* More is a mistake: the addresses of options.h, and activation.h's sockets. */
#define MAX_LISTENERS	2048
/* Where they are, one after the other. */
#define FIRST_FD	3
/* execve(2) failed: sh(1)'s status for that. */
#define EXIT_NO_PROGRAM	127

/* setproctitle(3) writes over what it finds. */
static char **
copy_strings(char *const strings[])
{
	size_t i, n = 0;
	char **copy;

	while (strings[n] != NULL)
		n++;
	if ((copy = calloc(n + 1, sizeof(*copy))) == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		if ((copy[i] = strdup(strings[i])) == NULL)
			break;
	if (i == n)
		return copy;
	while (i > 0)
		free(copy[--i]);
	free(copy);
	return NULL;
}

/* What /proc/self/exe leads to now, before another file takes its place. */
int
upgrade_note(struct upgrade *u, char *argv[])
{
	char path[PATH_MAX];
	struct sigaction hangup;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n == -1)
		return -1;
	path[n] = '\0';
	u->program = strdup(path);
	u->dir = getcwd(NULL, 0);
	u->argv = copy_strings(argv);
	u->ignores_hangup = sigaction(SIGHUP, NULL, &hangup) == 0 &&
	    hangup.sa_handler == SIG_IGN;
	return u->program == NULL || u->dir == NULL || u->argv == NULL ?
	    -1 : 0;
}

/* The variable's value: NULL when memory is short. */
static char *
describe(const struct upgrade_listener *listeners, size_t n)
{
	char *text, *longer;
	size_t i;

	if (asprintf(&text, "%d %zu", (int)getppid(), n) == -1)
		return NULL;
	for (i = 0; i < n; i++) {
		if (asprintf(&longer, "%s\n%s%s", text,
		    listeners[i].is_kept ? KEPT : OWN,
		    listeners[i].address) == -1)
			longer = NULL;
		free(text);
		if (longer == NULL)
			return NULL;
		text = longer;
	}
	return text;
}

/* First out of the way of each other, then where they are looked for. */
static int
place_listeners(const struct upgrade_listener *listeners, size_t n)
{
	int *moved = calloc(n + 1, sizeof(*moved));
	int result = -1;
	size_t i;

	if (moved == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		moved[i] = fcntl(listeners[i].fd, F_DUPFD_CLOEXEC,
		    FIRST_FD + (int)n);
		if (moved[i] == -1)
			goto out;
	}
	for (i = 0; i < n; i++)
		if (dup2(moved[i], FIRST_FD + (int)i) == -1)
			goto out;
	result = 0;
out:
	free(moved);
	return result;
}

/*
 * What may go to all processes of a server at once, as by systemctl(1), must
 * not end one that has only just started: it waits.
 */
static void
hold_signals(void)
{
	static const int signals[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGTTIN,
	    SIGTTOU };
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaddset(&set, signals[i]);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
}

static _Noreturn void
become_successor(const struct upgrade *u,
    const struct upgrade_listener *listeners, size_t n)
{
	char *text = describe(listeners, n);

	if (text == NULL || setenv(VARIABLE, text, 1) == -1 ||
	    place_listeners(listeners, n) == -1 || chdir(u->dir) == -1 ||
	    notify_export() == -1) {
		warn("upgrade");
		_exit(EXIT_NO_PROGRAM);
	}
	/* The master takes it, so that it is not ignored any more. */
	if (u->ignores_hangup)
		(void)signal(SIGHUP, SIG_IGN);
	hold_signals();
	(void)execv(u->program, u->argv);
	warn("upgrade: %s", u->program);
	_exit(EXIT_NO_PROGRAM);
}

pid_t
upgrade_start(const struct upgrade *u,
    const struct upgrade_listener *listeners, size_t n)
{
	pid_t pid = fork();

	if (pid == 0)
		become_successor(u, listeners, n);
	return pid;
}

/* Cuts the next line off. */
static char *
next_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	if (end != NULL)
		*end++ = '\0';
	*text = end;
	return line;
}

/* One listener's line: 0, or -1 for what is none. */
static int
read_line(struct upgrade_listener *listener, const char *line)
{
	listener->is_kept = strncmp(line, KEPT, strlen(KEPT)) == 0;
	if (!listener->is_kept && strncmp(line, OWN, strlen(OWN)) != 0)
		return -1;
	listener->address = line + strlen(listener->is_kept ? KEPT : OWN);
	return 0;
}

static int
read_text(struct inheritance *i, char *text)
{
	char *line = next_line(&text), *blank = strchr(line, ' ');
	const char *problem;
	size_t k;

	if (blank == NULL)
		goto malformed;
	*blank++ = '\0';
	i->from = (pid_t)strtonum(line, 1, INT_MAX, &problem);
	if (problem != NULL || i->from != getppid())
		goto malformed;
	i->n = (size_t)strtonum(blank, 0, MAX_LISTENERS, &problem);
	if (problem != NULL)
		goto malformed;
	i->listeners = calloc(i->n + 1, sizeof(*i->listeners));
	if (i->listeners == NULL)
		return -1;
	for (k = 0; k < i->n; k++) {
		if (text == NULL ||
		    read_line(&i->listeners[k], next_line(&text)) == -1)
			goto malformed;
		i->listeners[k].fd = FIRST_FD + (int)k;
		if (fcntl(i->listeners[k].fd, F_SETFD, FD_CLOEXEC) == -1)
			return -1;
	}
	return 0;
malformed:
	errno = EINVAL;
	return -1;
}

int
upgrade_inherit(struct inheritance *i)
{
	const char *value = getenv(VARIABLE);

	*i = (struct inheritance){ 0 };
	if (value == NULL)
		return 0;
	if ((i->text = strdup(value)) == NULL)
		return -1;
	(void)unsetenv(VARIABLE);
	return read_text(i, i->text);
}

void
upgrade_disclaim(struct inheritance *i)
{
	size_t k;

	for (k = 0; k < i->n; k++)
		if (i->listeners[k].fd != -1)
			(void)close(i->listeners[k].fd);
	free(i->listeners);
	free(i->text);
	i->n = 0;
	i->listeners = NULL;
	i->text = NULL;
}
