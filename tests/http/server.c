#include "server.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The server does not outlive us, however we end. */
static void
run(char *const argv[], int err)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(err, STDERR_FILENO) != -1)
		(void)execv(argv[0], argv);
	_exit(127);
}

/* Reads the next line that it says, without its newline: 0, or -1. */
static int
read_line(int fd, char *line, size_t size)
{
	size_t len = 0;

	while (len < size - 1 && read(fd, line + len, 1) == 1) {
		if (line[len] == '\n') {
			line[len] = '\0';
			return 0;
		}
		len++;
	}
	line[len] = '\0';
	return -1;
}

/* The port of "name: listening on 127.0.0.1:port, ...", or 0. */
static int
port_of(const char *line)
{
	static const char ready[] = ": listening on 127.0.0.1:";
	const char *s = strstr(line, ready);

	if (s == NULL)
		return 0;
	return (int)strtol(s + sizeof(ready) - 1, NULL, 10);
}

int
server_start(struct server *s, char *const argv[])
{
	char line[1024];
	int fds[2];

	memset(s, 0, sizeof(*s));
	if (pipe(fds) == -1 || (s->pid = fork()) == -1) {
		warn("%s", argv[0]);
		return -1;
	}
	if (s->pid == 0)
		run(argv, fds[1]);
	(void)close(fds[1]);
	s->err = fds[0];
	while (s->port == 0 && read_line(s->err, line, sizeof(line)) == 0) {
		s->port = port_of(line);
		if (s->port == 0)
			(void)printf("# %s\n", line);
	}
	if (s->port == 0)
		warnx("%s: not ready: %s", argv[0], line);
	return s->port == 0 ? -1 : 0;
}

static int
is_report(const char *line)
{
	return strstr(line, "Sanitizer") != NULL ||
	    strstr(line, "runtime error:") != NULL;
}

int
server_stop(struct server *s)
{
	char line[1024];
	int rv = 0, status;

	(void)kill(s->pid, SIGTERM);
	while (read_line(s->err, line, sizeof(line)) == 0) {
		(void)printf("# %s\n", line);
		if (is_report(line))
			rv = -1;
	}
	(void)close(s->err);
	if (waitpid(s->pid, &status, 0) == -1 || status != 0)
		rv = -1;
	return rv;
}
