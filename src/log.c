#include <sys/types.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* A line without its newline, with its NUL; what is longer is cut. */
#define LOG_LINE_SIZE 1024

static struct {
	log_sink_fn	*sink;
	void		*arg;
	int		 least;
} log_state = { .least = LOG_INFO };

void
log_set_sink(log_sink_fn *sink, void *arg, int least)
{
	log_state.sink = sink;
	log_state.arg = arg;
	log_state.least = least;
}

/* Writes a message to standard error. */
static void
log_write(const char *line)
{
	const char *name = getprogname();
	const struct iovec iov[] = {
		{ (void *)name, strlen(name) },
		{ (void *)": ", 2 },
		{ (void *)line, strlen(line) },
		{ (void *)"\n", 1 }
	};
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };

	/* A pipe that nobody reads must not stop us: the line is lost. */
	if (poll(&pfd, 1, 0) == 0)
		return;
	/* Any other failure is final, and there is nobody left to tell. */
	while (writev(STDERR_FILENO, iov, 4) == -1 && errno == EINTR)
		continue;
}

/* Makes one line of it: a newline inside could pass for another message. */
static void
log_flatten(char *line)
{
	for (; *line != '\0'; line++) {
		if ((unsigned char)*line < ' ' || *line == '\177')
			*line = '?';
	}
}

/* Formats a message, with the reason behind it unless error is 0. */
static void __attribute__((format(printf, 3, 0)))
log_format(char line[LOG_LINE_SIZE], int error, const char *fmt, va_list ap)
{
	int n;

	n = vsnprintf(line, LOG_LINE_SIZE, fmt, ap);
	if (n < 0)
		n = (int)strlcpy(line, fmt, LOG_LINE_SIZE);
	if (n < LOG_LINE_SIZE && error != 0)
		n += snprintf(line + n, LOG_LINE_SIZE - n, ": %s",
		    strerror(error));
	if (n >= LOG_LINE_SIZE)
		(void)strlcpy(line + LOG_LINE_SIZE - 4, "...", 4);
	log_flatten(line);
}

static void __attribute__((format(printf, 3, 0)))
log_line(int priority, int error, const char *fmt, va_list ap)
{
	char line[LOG_LINE_SIZE];

	if (priority > log_state.least)
		return;
	log_format(line, error, fmt, ap);
	if (log_state.sink == NULL)
		log_write(line);
	else
		log_state.sink(log_state.arg, priority, line);
}

void
log_message(int priority, const char *fmt, ...)
{
	va_list ap;
	int error = errno;

	va_start(ap, fmt);
	log_line(priority, 0, fmt, ap);
	va_end(ap);
	errno = error;
}

void
log_errno(int priority, const char *fmt, ...)
{
	va_list ap;
	int error = errno;

	va_start(ap, fmt);
	log_line(priority, error, fmt, ap);
	va_end(ap);
	errno = error;
}
