#include "accesslog.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/*
 * A line has to fit PIPE_BUF whatever a peer sends: each of its three texts is
 * cut so that it can't take more than this when every byte of it is escaped.
 */
#define MAX_TEXT ((PIPE_BUF - 256) / 3)

/* And so much for a reader who has stopped. */
#define BACKLOG_BYTES 1048576

/* Lines wait for their turn to be written, unless there are this many bytes. */
#define FLUSH_BYTES 32768

void
accesslog_init(struct accesslog *log, int fd)
{
	struct stat st;

	memset(log, 0, sizeof(*log));
	log->fd = fd > 0 ? fd : -1;
	log->stamp_time = -1;
	if (log->fd == -1)
		return;
	log->can_stall = fstat(fd, &st) == -1 || !S_ISREG(st.st_mode);
	log->write_max = log->can_stall ? PIPE_BUF : SIZE_MAX;
}

/*
 * Bytes that could end the quotes, the line or a terminal's patience become
 * \xHH, as Apache and nginx write them, so that every reader of such logs
 * knows them.
 */
static char *
escape(char *dst, const char *end, const char *s, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len && end - dst >= 4; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			*dst++ = (char)c;
			continue;
		}
		*dst++ = '\\';
		*dst++ = 'x';
		*dst++ = hex[c >> 4];
		*dst++ = hex[c & 15];
	}
	return dst;
}

static void
append_text(struct accesslog *log, const char *s)
{
	char text[MAX_TEXT], *end;

	if (s == NULL || *s == '\0') {
		(void)buffer_append(&log->lines, "-", 1);
		return;
	}
	end = escape(text, text + sizeof(text), s, strlen(s));
	(void)buffer_append(&log->lines, text, (size_t)(end - text));
}

/* A request that can't be read: its first line, as it came. */
static char *
escape_line(char *dst, const char *end, const struct accesslog_entry *e)
{
	const char *cr = memchr(e->line, '\r', e->line_len);
	size_t len = cr == NULL ? e->line_len : (size_t)(cr - e->line);

	if (len == 0)
		*dst++ = '-';
	return escape(dst, end, e->line, len);
}

static void
append_request(struct accesslog *log, const struct accesslog_entry *e)
{
	char text[MAX_TEXT], *at = text;
	const char *end = text + sizeof(text) - sizeof(" HTTP/1.x");

	if (e->method == NULL) {
		at = escape_line(at, end, e);
	} else {
		at = escape(at, end, e->method, strlen(e->method));
		*at++ = ' ';
		at = escape(at, end, e->target, strlen(e->target));
		memcpy(at, " HTTP/1.", 8);
		at[8] = (char)('0' + e->minor);
		at += 9;
	}
	(void)buffer_append(&log->lines, text, (size_t)(at - text));
}

static const char *
stamp(struct accesslog *log, time_t now)
{
	if (log->stamp_time != now) {
		httpdate_format_log(log->stamp, now);
		log->stamp_time = now;
	}
	return log->stamp;
}

/* Room for the line is made first, so that it is there whole or not at all. */
void
accesslog_add(struct accesslog *log, const struct accesslog_entry *e)
{
	if (log->fd == -1)
		return;
	if (buffer_reserve(&log->lines, PIPE_BUF) == -1) {
		log->lost++;
		return;
	}
	(void)buffer_append_string(&log->lines, e->remote_addr);
	(void)buffer_append_string(&log->lines, " - - [");
	(void)buffer_append_string(&log->lines, stamp(log, e->time));
	(void)buffer_append_string(&log->lines, "] \"");
	append_request(log, e);
	(void)buffer_append_string(&log->lines, "\" ");
	(void)buffer_append_decimal(&log->lines, (uintmax_t)e->status);
	(void)buffer_append_string(&log->lines, " ");
	(void)buffer_append_decimal(&log->lines, e->bytes);
	(void)buffer_append_string(&log->lines, " \"");
	append_text(log, e->referer);
	(void)buffer_append(&log->lines, "\" \"", 3);
	append_text(log, e->user_agent);
	(void)buffer_append(&log->lines, "\"\n", 2);
	if (log->lines.len >= FLUSH_BYTES)
		accesslog_flush(log);
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

static void
note_lost(struct accesslog *log, const char *s, size_t len)
{
	if (log->lost == 0)
		log_errno(LOG_ERR, "access log: lines are lost");
	log->lost += count_lines(s, len);
}

static void
note_works(struct accesslog *log)
{
	if (log->lost == 0)
		return;
	log_message(LOG_ERR, "access log: works again, %" PRIu64
	    " lines were lost", log->lost);
	log->lost = 0;
}

/* A pipe with room for PIPE_BUF bytes takes them without blocking: pipe(7). */
static bool
is_stalled(const struct accesslog *log)
{
	struct pollfd pfd = { .fd = log->fd, .events = POLLOUT };

	return log->can_stall && poll(&pfd, 1, 0) == 0;
}

/* One write: how much of it has gone, 0 for later, or -1 and errno. */
static ssize_t
write_lines(const struct accesslog *log, const char *s, size_t len)
{
	ssize_t n;

	if (is_stalled(log)) {
		errno = EAGAIN;
		return len > BACKLOG_BYTES ? -1 : 0;
	}
	do
		n = write(log->fd, s, whole_lines(s, len, log->write_max));
	while (n == -1 && errno == EINTR);
	return n;
}

/*
 * A short write is what a disk does that just filled up: the rest of its line
 * goes first next time, if there is a next time.
 */
void
accesslog_flush(struct accesslog *log)
{
	size_t at = 0;
	ssize_t n = 1;

	while (at < log->lines.len && n > 0) {
		n = write_lines(log, log->lines.data + at, log->lines.len - at);
		if (n > 0)
			note_works(log);
		else if (n == -1)
			note_lost(log, log->lines.data + at,
			    log->lines.len - at);
		at += n == -1 ? log->lines.len - at : (size_t)n;
	}
	buffer_consume(&log->lines, at);
	if (log->lines.len == 0)
		buffer_reset(&log->lines, (size_t)FLUSH_BYTES * 2);
}

void
accesslog_free(struct accesslog *log)
{
	buffer_free(&log->lines);
}
