#include "procstatus.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long
procstatus_number(pid_t pid, const char *name)
{
	char path[64], text[4096], wanted[64];
	const char *found;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	(void)snprintf(wanted, sizeof(wanted), "\n%s:", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	found = strstr(text, wanted);
	return found == NULL ? 0 : strtol(found + strlen(wanted), NULL, 10);
}
