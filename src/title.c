#include "title.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The length of argv[0] as the kernel has it, until the first title. */
static size_t
name_length(void)
{
	static size_t length;
	static int is_known;
	char name[PATH_MAX];
	ssize_t n;
	int fd;

	if (is_known)
		return length;
	is_known = 1;
	fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return length;
	n = read(fd, name, sizeof(name));
	if (n > 0)
		length = strnlen(name, (size_t)n);
	(void)close(fd);
	return length;
}

/*
 * Behind a title shorter than argv[0], libbsd puts a dot at that one's end,
 * for the kernel to know a title by; blanks in between keep it away.
 */
void
title_set(const char *fmt, ...)
{
	char title[PATH_MAX];
	size_t room = name_length(), used = strlen(getprogname()) + 2;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(title, sizeof(title), fmt, ap);
	va_end(ap);
	setproctitle("%-*s", room > used ? (int)(room - used) : 0, title);
}
