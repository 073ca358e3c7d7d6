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

/* Process id, number of listeners, and a line for each one's address. */
#define VARIABLE	"HTTPSERVE_SUCCEEDS"
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
describe(const char *const *addresses, size_t n)
{
	char *text, *longer;
	size_t i;

	if (asprintf(&text, "%d %zu", (int)getppid(), n) == -1)
		return NULL;
	for (i = 0; i < n; i++) {
		if (asprintf(&longer, "%s\n%s", text, addresses[i]) == -1)
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
place_listeners(const int *fds, size_t n)
{
	int *moved = calloc(n + 1, sizeof(*moved));
	int result = -1;
	size_t i;

	if (moved == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		moved[i] = fcntl(fds[i], F_DUPFD_CLOEXEC,
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

static _Noreturn void
become_successor(const struct upgrade *u, const int *fds,
    const char *const *addresses, size_t n)
{
	char *text = describe(addresses, n);
	sigset_t none;

	if (text == NULL || setenv(VARIABLE, text, 1) == -1 ||
	    place_listeners(fds, n) == -1 || chdir(u->dir) == -1 ||
	    notify_export() == -1) {
		warn("upgrade");
		_exit(EXIT_NO_PROGRAM);
	}
	/* The master takes it, so that it is not ignored any more. */
	if (u->ignores_hangup)
		(void)signal(SIGHUP, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv(u->program, u->argv);
	warn("upgrade: %s", u->program);
	_exit(EXIT_NO_PROGRAM);
}

pid_t
upgrade_start(const struct upgrade *u, const int *fds,
    const char *const *addresses, size_t n)
{
	pid_t pid = fork();

	if (pid == 0)
		become_successor(u, fds, addresses, n);
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
	i->n = (size_t)strtonum(blank, 0, 1024, &problem);
	if (problem != NULL)
		goto malformed;
	i->fds = calloc(i->n + 1, sizeof(*i->fds));
	i->addresses = calloc(i->n + 1, sizeof(*i->addresses));
	if (i->fds == NULL || i->addresses == NULL)
		return -1;
	for (k = 0; k < i->n; k++) {
		if (text == NULL)
			goto malformed;
		i->addresses[k] = next_line(&text);
		i->fds[k] = FIRST_FD + (int)k;
		if (fcntl(i->fds[k], F_SETFD, FD_CLOEXEC) == -1)
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

int
upgrade_take(struct inheritance *i, const char *address)
{
	size_t k;
	int fd;

	for (k = 0; k < i->n; k++) {
		fd = i->fds[k];
		if (fd != -1 && strcmp(i->addresses[k], address) == 0) {
			i->fds[k] = -1;
			return fd;
		}
	}
	return -1;
}

void
upgrade_disclaim(struct inheritance *i)
{
	size_t k;

	for (k = 0; k < i->n; k++)
		if (i->fds[k] != -1)
			(void)close(i->fds[k]);
	free(i->fds);
	free(i->addresses);
	free(i->text);
	i->n = 0;
	i->fds = NULL;
	i->addresses = NULL;
	i->text = NULL;
}
