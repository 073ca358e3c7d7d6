#include "headscan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* RFC 9112, 2.2: "at least one empty line" before a request is ignored. */
#define MAX_BLANKS 2
/* No field that anybody has defined has a name of more than 40 bytes. */
#define MAX_NAME 256
/* No method that http-parser knows is longer. */
#define MAX_METHOD (sizeof("UNSUBSCRIBE") - 1)

enum { TOKEN = 1, VALUE = 2, TARGET = 4 };

#define T (TOKEN | VALUE | TARGET)
#define V (VALUE | TARGET)

/* What a byte may be part of.  Rows of 16. */
static const uint8_t class[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, VALUE, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	VALUE, T, V, T, T, T, T, T, V, V, T, T, V, T, T, V,
	T, T, T, T, T, T, T, T, T, T, V, V, V, V, V, V,
	V, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T,
	T, T, T, T, T, T, T, T, T, T, T, V, V, V, T, T,
	T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T,
	T, T, T, T, T, T, T, T, T, T, T, V, T, V, T, 0,
#define X VALUE, VALUE, VALUE, VALUE, VALUE, VALUE, VALUE, VALUE
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X
#undef X
};

#undef T
#undef V

/* The first byte from s on that is not of that class, or end. */
static const char *
span(const char *s, const char *end, uint8_t kind)
{
	while (s < end && (class[(unsigned char)*s] & kind) != 0)
		s++;
	return s;
}

/* The same in a line, whose CR is of no class. */
static const char *
span_in_line(const char *s, uint8_t kind)
{
	while ((class[(unsigned char)*s] & kind) != 0)
		s++;
	return s;
}

/* The byte b in each byte of a word. */
#define EACH(b)		(UINT64_MAX / 255 * (b))

/*
 * Whether any of eight bytes is below ' ' or DEL: a subtraction borrows from
 * the high bit of such a byte, and one that had it set is another.
 */
static bool
has_control(uint64_t word)
{
	uint64_t del = word ^ EACH(0x7f);

	return (((word - EACH(' ')) & ~word) | ((del - EACH(1)) & ~del)) &
	    EACH(0x80);
}

/* span() for values, of which most of a head consists: eight at a time. */
static const char *
span_value(const char *s, const char *end)
{
	uint64_t word;

	for (; end - s >= (ptrdiff_t)sizeof(word); s += sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		if (has_control(word))
			break;
	}
	return span(s, end, VALUE);
}

int
headscan_is_token(const char *s, size_t len)
{
	return len > 0 && span(s, s + len, TOKEN) == s + len;
}

int
headscan_is_value(const char *s, size_t len)
{
	return span_value(s, s + len) == s + len;
}

/* RFC 9112, 2.3: "HTTP/" DIGIT "." DIGIT; we speak major version 1. */
static enum http_status
scan_version(const char *s, const char *end)
{
	if (end - s != 8 || memcmp(s, "HTTP/", 5) != 0 || s[6] != '.' ||
	    s[5] < '0' || s[5] > '9' || s[7] < '0' || s[7] > '9')
		return HTTP_BAD_REQUEST;
	return s[5] == '1' ? HTTP_OK : HTTP_VERSION_NOT_SUPPORTED;
}

static enum http_status
scan_request_line(const char *s, const char *end)
{
	const char *method_end, *target_end;

	method_end = span_in_line(s, TOKEN);
	if (method_end == s || method_end == end || *method_end != ' ')
		return HTTP_BAD_REQUEST;
	target_end = span_in_line(method_end + 1, TARGET);
	if (target_end == method_end + 1 || target_end == end ||
	    *target_end != ' ')
		return HTTP_BAD_REQUEST;
	return scan_version(target_end + 1, end);
}

/* A leading space is no token: that refuses folded lines, too. */
static enum http_status
scan_field_line(const char *s, const char *end)
{
	const char *name_end = span_in_line(s, TOKEN);

	if (name_end - s > MAX_NAME)
		return HTTP_FIELDS_TOO_LARGE;
	if (name_end == s || name_end == end || *name_end != ':' ||
	    span_value(name_end + 1, end) != end)
		return HTTP_BAD_REQUEST;
	return HTTP_CONTINUE;
}

/* Scans one line without its CRLF; an empty one is the end of the head. */
static enum http_status
scan_line(struct headscan *hs, const struct headscan_limits *limits,
    const char *s, const char *end)
{
	enum http_status status;

	if (hs->line == hs->start) {
		if (s == end)
			return ++hs->blanks > MAX_BLANKS ?
			    HTTP_BAD_REQUEST : HTTP_CONTINUE;
		status = scan_request_line(s, end);
		return status == HTTP_OK ? HTTP_CONTINUE : status;
	}
	if (s == end)
		return HTTP_OK;
	if (++hs->fields > limits->fields)
		return HTTP_FIELDS_TOO_LARGE;
	return scan_field_line(s, end);
}

/* RFC 9112, 3: what is too long is the method, or else the target. */
static enum http_status
refuse_request_line(const char *s, size_t max)
{
	size_t len = (size_t)(span(s, s + max, TOKEN) - s);

	if (len > MAX_METHOD && (len == max || s[len] == ' '))
		return HTTP_NOT_IMPLEMENTED;
	return HTTP_URI_TOO_LONG;
}

/* Whether a line of so many bytes is too long already, ended or not. */
static enum http_status
check_size(const struct headscan *hs, const struct headscan_limits *limits,
    const char *s, size_t len)
{
	if (hs->line == hs->start && len > limits->request_line)
		return refuse_request_line(s, limits->request_line);
	if (len > limits->field_line && hs->line != hs->start)
		return HTTP_FIELDS_TOO_LARGE;
	if (hs->line - hs->start + len > limits->head)
		return HTTP_FIELDS_TOO_LARGE;
	return HTTP_OK;
}

/*
 * What can be said of a line whose end is not in yet: a peer that speaks
 * another protocol (TLS, say) is told at once, not at its deadline, and so is
 * one whose CR has no LF behind it.
 */
static enum http_status
check_partial(const struct headscan *hs, const char *s, size_t len)
{
	const char *cr = memchr(s, '\r', len);

	if (cr != NULL && cr + 1 < s + len)
		return HTTP_BAD_REQUEST;
	if (len > 0 && hs->line == hs->start && *s != '\r' &&
	    (class[(unsigned char)*s] & TOKEN) == 0)
		return HTTP_BAD_REQUEST;
	return HTTP_CONTINUE;
}

enum http_status
headscan(struct headscan *hs, const struct headscan_limits *limits,
    const char *data, size_t len)
{
	enum http_status status;
	const char *s, *lf;
	size_t line_len;

	for (;;) {
		s = data + hs->line;
		lf = memchr(s, '\n', len - hs->line);
		line_len = lf == NULL ? len - hs->line : (size_t)(lf - s) + 1;
		status = check_size(hs, limits, s, line_len);
		if (status != HTTP_OK)
			return status;
		if (lf == NULL)
			return check_partial(hs, s, line_len);
		if (line_len < 2 || lf[-1] != '\r')
			return HTTP_BAD_REQUEST;
		status = scan_line(hs, limits, s, lf - 1);
		if (hs->line == hs->start && line_len == 2)
			hs->start += line_len;
		hs->line += line_len;
		if (status != HTTP_CONTINUE)
			return status;
	}
}
