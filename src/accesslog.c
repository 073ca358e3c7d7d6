#include "accesslog.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* So much is kept for a reader who has stopped. */
#define BACKLOG_BYTES 1048576

/* Lines wait for their turn to be written, unless there are this many bytes. */
#define FLUSH_BYTES 32768

/* Finds out what kind of thing the descriptor is. */
static void
look_at(struct accesslog *log)
{
	struct stat st;
	bool known = fstat(log->fd, &st) == 0;

	log->can_stall = !known || !S_ISREG(st.st_mode);
	log->write_max = log->can_stall ? PIPE_BUF : SIZE_MAX;
	log->is_socket = known && S_ISSOCK(st.st_mode) &&
	    logsocket_is(log->fd);
	if (log->is_socket)
		logsocket_init(&log->socket, log->fd);
}

void
accesslog_init(struct accesslog *log, int fd, enum http_log_format format,
    int priority)
{
	memset(log, 0, sizeof(*log));
	log->fd = fd > 0 ? fd : -1;
	log->format = format;
	log->priority = priority;
	log->stamp_time = -1;
	log->number = 1;
	log->shared = &log->own;
	if (log->fd != -1)
		look_at(log);
}

void
accesslog_share(struct accesslog *log, struct scoreboard_log *shared,
    unsigned int number)
{
	log->shared = shared;
	log->number = number;
}

static const char *
stamp(struct accesslog *log, time_t now)
{
	if (log->stamp_time == now)
		return log->stamp;
	if (log->format == HTTP_LOG_JSON)
		accessline_stamp_json(log->stamp, now);
	else
		accessline_stamp_combined(log->stamp, now);
	log->stamp_time = now;
	return log->stamp;
}

static uint64_t
count_lines(const char *s, size_t len)
{
	const char *end = s + len;
	uint64_t n = 0;

	while ((s = memchr(s, '\n', (size_t)(end - s))) != NULL) {
		n++;
		s++;
	}
	return n;
}

/* A blank, if the log has a name. */
static const char *
blank_before(const struct scoreboard_log *shared)
{
	return shared->name[0] == '\0' ? "" : " ";
}

/* Of all children the first says it; errno is the reason. */
static void
note_lost(struct accesslog *log, uint64_t lines)
{
	if (lines == 0)
		return;
	atomic_store(&log->shared->lost_time, log->stamp_time);
	(void)atomic_fetch_add(&log->shared->lost_ever, lines);
	if (atomic_fetch_add(&log->shared->lost, lines) == 0)
		log_errno(LOG_ERR, "access log%s%s: lines are lost",
		    blank_before(log->shared), log->shared->name);
}

static void
say_how_many(struct scoreboard_log *shared, const char *what)
{
	uint64_t lost = atomic_exchange(&shared->lost, 0);

	if (lost > 0)
		log_message(LOG_ERR, "access log%s%s: %s%" PRIu64
		    " line%s lost", blank_before(shared), shared->name, what,
		    lost, lost == 1 ? " was" : "s were");
}

/* On a disk's last bytes one child may fail and the next one not. */
static void
note_works(struct accesslog *log)
{
	if (atomic_load_explicit(&log->shared->lost,
	    memory_order_relaxed) > 0 &&
	    atomic_load(&log->shared->lost_time) != log->stamp_time)
		say_how_many(log->shared, "works again, ");
}

/* Room for the line is made first, so that it is there whole or not at all. */
void
accesslog_add(struct accesslog *log, const struct accesslog_entry *e)
{
	const char *when;
	char *at;

	if (log->fd == -1)
		return;
	if (buffer_reserve(&log->lines, ACCESSLINE_SIZE) == -1) {
		note_lost(log, 1);
		return;
	}
	when = stamp(log, e->time);
	at = log->lines.data + log->lines.len;
	log->lines.len += log->format == HTTP_LOG_JSON ?
	    accessline_json(at, when, e) : accessline_combined(at, when, e);
	if (log->lines.len >= FLUSH_BYTES)
		accesslog_flush(log);
}

/* The length of the line that a text begins with, its newline too. */
static size_t
line_length(const char *s, size_t len)
{
	const char *lf = memchr(s, '\n', len);

	return lf == NULL ? len : (size_t)(lf - s) + 1;
}

/* How much of the buffered lines goes into one write: whole lines. */
static size_t
whole_lines(const char *s, size_t len, size_t max)
{
	const char *lf;

	if (len <= max)
		return len;
	lf = memrchr(s, '\n', max);
	return lf == NULL ? len : (size_t)(lf - s) + 1;
}

/* A pipe with room for PIPE_BUF bytes takes them without blocking: pipe(7). */
static bool
is_stalled(const struct accesslog *log)
{
	struct pollfd pfd = { .fd = log->fd, .events = POLLOUT };

	return log->can_stall && poll(&pfd, 1, 0) == 0;
}

/*
 * Whether another child has to end its half line first.  One that died over it
 * is not waited for: its line ends here.
 */
static bool
must_wait(struct accesslog *log)
{
	unsigned int who = atomic_load_explicit(&log->shared->half,
	    memory_order_relaxed);

	if (who == 0 || log->in_line)
		return false;
	if ((who != log->number && who != SCOREBOARD_NOBODY) ||
	    !atomic_compare_exchange_strong(&log->shared->half, &who,
	    log->number))
		return true;
	if (write(log->fd, "\n", 1) == 1)
		atomic_store(&log->shared->half, 0);
	return atomic_load(&log->shared->half) != 0;
}

static ssize_t
send_line(struct accesslog *log, const char *s, size_t len)
{
	size_t line = line_length(s, len);

	return logsocket_send(&log->socket, log->priority, log->stamp_time, s,
	    line - 1) == -1 ? -1 : (ssize_t)line;
}

/* 0 for lines that can wait; when they are too many, -1 and the reason. */
static ssize_t
later(size_t len, int error)
{
	errno = error;
	return len > BACKLOG_BYTES ? -1 : 0;
}

/* One write: how much of it has gone, 0 for later, or -1 and errno. */
static ssize_t
write_lines(struct accesslog *log, const char *s, size_t len)
{
	ssize_t n;

	if (log->is_socket) {
		n = send_line(log, s, len);
	} else if (must_wait(log)) {
		n = later(len, ENOSPC);
	} else if (is_stalled(log)) {
		n = later(len, EAGAIN);
	} else {
		do
			n = write(log->fd, s,
			    whole_lines(s, len, log->write_max));
		while (n == -1 && errno == EINTR);
	}
	return n == -1 && errno == EAGAIN ? later(len, EAGAIN) : n;
}

/* Where a write ended decides who may go on; s is what has gone. */
static void
note_written(struct accesslog *log, const char *s, size_t len)
{
	bool in_line = s[len - 1] != '\n';

	if (in_line)
		atomic_store(&log->shared->half, log->number);
	else if (log->in_line)
		atomic_store(&log->shared->half, 0);
	log->in_line = in_line;
	note_works(log);
}

/*
 * Drops what can't be written, but for the rest of a line that is written in
 * part: that waits for its chance.
 */
static void
drop_lines(struct accesslog *log)
{
	struct buffer *b = &log->lines;
	size_t keep = log->in_line ? line_length(b->data, b->len) : 0;

	note_lost(log, count_lines(b->data + keep, b->len - keep));
	b->len = keep;
}

/*
 * A short write is what a disk does that just filled up; the next one has the
 * reason.
 */
void
accesslog_flush(struct accesslog *log)
{
	size_t at = 0;
	ssize_t n = 1;

	while (at < log->lines.len && n > 0) {
		n = write_lines(log, log->lines.data + at, log->lines.len - at);
		if (n > 0) {
			note_written(log, log->lines.data + at, (size_t)n);
			at += (size_t)n;
		}
	}
	buffer_consume(&log->lines, at);
	if (n == -1)
		drop_lines(log);
	if (log->lines.len == 0)
		buffer_reset(&log->lines, (size_t)FLUSH_BYTES * 2);
}

/* Gives up a line that was written in part: its file will not be seen again. */
static void
leave_half_line(struct accesslog *log)
{
	if (!log->in_line)
		return;
	buffer_consume(&log->lines,
	    line_length(log->lines.data, log->lines.len));
	log->in_line = false;
	atomic_store(&log->shared->half, 0);
	errno = ENOSPC;
	note_lost(log, 1);
}

int
accesslog_reopen(struct accesslog *log, int fd)
{
	if (log->fd == -1)
		return 0;
	accesslog_flush(log);
	if (dup3(fd, log->fd, O_CLOEXEC) == -1)
		return -1;
	leave_half_line(log);
	look_at(log);
	return 0;
}

void
accesslog_free(struct accesslog *log)
{
	if (log->lines.len > 0) {
		errno = EAGAIN;
		note_lost(log, count_lines(log->lines.data, log->lines.len));
	}
	if (log->in_line)
		atomic_store(&log->shared->half, SCOREBOARD_NOBODY);
	buffer_free(&log->lines);
}

void
accesslog_report(struct scoreboard_log *shared)
{
	say_how_many(shared, "");
}
