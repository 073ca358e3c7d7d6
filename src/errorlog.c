#include "errorlog.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "utf8.h"

/* A message of the library, with what stands in front of it. */
#define LINE_SIZE	1152
#define STAMP_SIZE	32
/* "\u001f" and its NUL. */
#define ESCAPE_SIZE	7

static void
look_at(struct errorlog *log)
{
	log->is_socket = logsocket_is(log->fd);
	if (log->is_socket)
		logsocket_init(&log->socket, log->fd);
}

int
errorlog_init(struct errorlog *log, int fd, int facility)
{
	memset(log, 0, sizeof(*log));
	log->state = mmap(NULL, sizeof(*log->state), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (log->state == MAP_FAILED)
		return -1;
	log->fd = fd;
	log->facility = facility;
	look_at(log);
	return 0;
}

void
errorlog_free(struct errorlog *log)
{
	(void)munmap(log->state, sizeof(*log->state));
	log->state = NULL;
}

int
errorlog_reopen(struct errorlog *log, int fd)
{
	if (dup3(fd, log->fd, O_CLOEXEC) == -1)
		return -1;
	atomic_store(&log->state->in_line, false);
	look_at(log);
	return 0;
}

/* As syslog.conf(5) names them. */
static const char *
level_name(int priority)
{
	static const char *const names[] = {
		"emerg", "alert", "crit", "err", "warning", "notice", "info",
		"debug"
	};

	return names[LOG_PRI(priority)];
}

/* As RFC 3339 has it, in UTC. */
static void
format_time(char dst[STAMP_SIZE])
{
	struct timespec now;
	struct tm tm;
	size_t len;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &tm);
	len = strftime(dst, STAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(dst + len, STAMP_SIZE - len, ".%03dZ",
	    (int)(now.tv_nsec / 1000000));
}

/* Makes the line as a file has it, and returns its length. */
static size_t
format_line(char dst[LINE_SIZE], int priority, const char *message)
{
	char stamp[STAMP_SIZE];
	size_t len;
	int n;

	format_time(stamp);
	n = snprintf(dst, LINE_SIZE, "%s %s %s[%d]: %s", stamp,
	    level_name(priority), getprogname(), (int)getpid(), message);
	len = n < 0 ? 0 : (size_t)n;
	if (len > LINE_SIZE - 1)
		len = LINE_SIZE - 1;
	dst[len] = '\n';
	return len + 1;
}

/*
 * Makes what stands for the character at s in a string of JSON, by RFC 8259, 7,
 * and returns how many bytes of s that is.  There may be no memory, so json.h
 * is no help.
 */
static size_t
escape(char dst[ESCAPE_SIZE], const char *s)
{
	size_t len = utf8_length(s);

	if (len == 0)
		(void)strlcpy(dst, UTF8_REPLACEMENT, ESCAPE_SIZE);
	else if (*s == '"' || *s == '\\')
		(void)snprintf(dst, ESCAPE_SIZE, "\\%c", *s);
	else if ((unsigned char)*s < 0x20 || *s == 0x7f)
		(void)snprintf(dst, ESCAPE_SIZE, "\\u%04x", (unsigned int)*s);
	else
		(void)snprintf(dst, ESCAPE_SIZE, "%.*s", (int)len, s);
	return len == 0 ? 1 : len;
}

/* The same as an object; a message that is too long ends before its quote. */
static size_t
format_json(char dst[LINE_SIZE], int priority, const char *message)
{
	static const char end[] = "\"}\n";
	char stamp[STAMP_SIZE], character[ESCAPE_SIZE];
	size_t len, more;
	int n;

	format_time(stamp);
	n = snprintf(dst, LINE_SIZE, "{\"time\":\"%s\",\"level\":\"%s\","
	    "\"program\":\"%.64s\",\"pid\":%d,\"message\":\"", stamp,
	    level_name(priority), getprogname(), (int)getpid());
	len = n < 0 ? 0 : (size_t)n;
	while (*message != '\0') {
		message += escape(character, message);
		more = strlen(character);
		if (len + more + sizeof(end) > LINE_SIZE)
			break;
		memcpy(dst + len, character, more);
		len += more;
	}
	memcpy(dst + len, end, sizeof(end) - 1);
	return len + sizeof(end) - 1;
}

/* A pipe that nobody reads must not stop us, nor half a line be continued. */
static int
write_line(struct errorlog *log, const char *line, size_t len)
{
	struct pollfd pfd = { .fd = log->fd, .events = POLLOUT };
	ssize_t n;

	if (poll(&pfd, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	if (atomic_load(&log->state->in_line) &&
	    write(log->fd, "\n", 1) == -1)
		return -1;
	atomic_store(&log->state->in_line, false);
	do
		n = write(log->fd, line, len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	if ((size_t)n == len)
		return 0;
	atomic_store(&log->state->in_line, true);
	errno = ENOSPC;
	return -1;
}

static int
write_message(struct errorlog *log, int priority, const char *message)
{
	char line[LINE_SIZE];
	size_t len;

	if (log->is_socket)
		return logsocket_send(&log->socket, log->facility | priority,
		    time(NULL), message, strlen(message));
	len = log->is_json ? format_json(line, priority, message) :
	    format_line(line, priority, message);
	return write_line(log, line, len);
}

static void
note_lost(struct errorlog *log)
{
	if (atomic_fetch_add(&log->state->lost, 1) == 0)
		(void)dprintf(STDERR_FILENO, "%s: error log: messages are "
		    "lost: %s\n", getprogname(), strerror(errno));
}

static void
note_works(struct errorlog *log)
{
	char text[80];
	uint64_t lost;

	if (atomic_load(&log->state->lost) == 0 ||
	    (lost = atomic_exchange(&log->state->lost, 0)) == 0)
		return;
	(void)snprintf(text, sizeof(text), "error log: works again, %" PRIu64
	    " message%s lost", lost, lost == 1 ? " was" : "s were");
	if (write_message(log, LOG_ERR, text) == -1)
		(void)atomic_fetch_add(&log->state->lost, lost);
}

void
errorlog_write(void *errorlog, int priority, const char *line)
{
	struct errorlog *log = errorlog;
	int error = errno;

	if (write_message(log, priority, line) == -1)
		note_lost(log);
	else
		note_works(log);
	errno = error;
}
