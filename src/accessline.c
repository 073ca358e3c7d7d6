#include "accessline.h"

#include <stdbool.h>
#include <string.h>

#include "httpdate.h"
#include "utf8.h"

/*
 * Texts of peers are cut so that all of them fit, each byte of them escaped:
 * three of this size, and two short ones.
 */
#define MAX_TEXT	1040
#define MAX_SHORT	256

/* The longest escape: a character beyond U+FFFF in JSON. */
#define MAX_ESCAPE	12

/* Printable ASCII but the quote and the backslash. */
static const bool is_plain[256] = {
	[0x20 ... 0x21] = true,
	[0x23 ... 0x5b] = true,
	[0x5d ... 0x7e] = true,
};

static inline char *
put(char *at, const char *s)
{
	size_t len = strlen(s);

	return (char *)memcpy(at, s, len) + len;
}

static char *
put_number(char *at, uint64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return (char *)memcpy(at, digits + i, sizeof(digits) - i) +
	    sizeof(digits) - i;
}

static char *
put_milliseconds(char *at, unsigned int ms)
{
	*at++ = '.';
	*at++ = (char)('0' + ms / 100 % 10);
	*at++ = (char)('0' + ms / 10 % 10);
	*at++ = (char)('0' + ms % 10);
	return at;
}

static char *
put_hex(char *at, unsigned int n, int digits)
{
	while (digits-- > 0)
		*at++ = "0123456789abcdef"[n >> 4 * digits & 15];
	return at;
}

/* The first line of a request that can't be read. */
static size_t
first_line(const struct accesslog_entry *e)
{
	const char *cr = memchr(e->line, '\r', e->line_len);

	return cr == NULL ? e->line_len : (size_t)(cr - e->line);
}

/*
 * Bytes of a peer, cut to max bytes of the line.  Escapes are those of Apache
 * and nginx, so that every reader of such logs knows them.
 */
static char *
put_combined(char *at, size_t max, const char *s, size_t len)
{
	const char *end = at + max - MAX_ESCAPE;
	size_t i;

	for (i = 0; i < len && at <= end; i++) {
		if (is_plain[(unsigned char)s[i]])
			*at++ = s[i];
		else
			at = put_hex(put(at, "\\x"), (unsigned char)s[i], 2);
	}
	return at;
}

static char *
put_combined_text(char *at, const char *s)
{
	if (s == NULL || *s == '\0')
		return put(at, "-");
	return put_combined(at, MAX_TEXT, s, strlen(s));
}

/* A field without quotes: a blank would end it, and "-" says there is none. */
static char *
put_combined_user(char *at, const char *user)
{
	const char *end = at + MAX_SHORT - MAX_ESCAPE;

	if (*user == '\0')
		return put(at, "-");
	if (strcmp(user, "-") == 0)
		return put(at, "\\x2d");
	for (; *user != '\0' && at <= end; user++) {
		if (is_plain[(unsigned char)*user] && *user != ' ')
			*at++ = *user;
		else
			at = put_hex(put(at, "\\x"), (unsigned char)*user, 2);
	}
	return at;
}

static char *
put_combined_request(char *at, const struct accesslog_entry *e)
{
	const char *begin = at;
	size_t len;

	if (e->method == NULL) {
		len = first_line(e);
		return len == 0 ? put(at, "-") :
		    put_combined(at, MAX_TEXT, e->line, len);
	}
	at = put_combined(at, MAX_SHORT, e->method, strlen(e->method));
	*at++ = ' ';
	at = put_combined(at, MAX_TEXT - (size_t)(at - begin), e->target,
	    strlen(e->target));
	at = put(at, " HTTP/1.");
	*at++ = (char)('0' + e->minor);
	return at;
}

size_t
accessline_combined(char dst[ACCESSLINE_SIZE], const char *stamp,
    const struct accesslog_entry *e)
{
	char *at = dst;

	at = put(at, e->remote_addr);
	at = put(at, " - ");
	at = put_combined_user(at, e->user);
	at = put(at, " [");
	at = put(at, stamp);
	at = put(at, "] \"");
	at = put_combined_request(at, e);
	at = put(at, "\" ");
	at = put_number(at, (uint64_t)e->status);
	*at++ = ' ';
	at = put_number(at, e->bytes);
	at = put(at, " \"");
	at = put_combined_text(at, e->referer);
	at = put(at, "\" \"");
	at = put_combined_text(at, e->user_agent);
	at = put(at, "\"\n");
	return (size_t)(at - dst);
}

static char *
put_json_unit(char *at, unsigned int unit)
{
	return put_hex(put(at, "\\u"), unit, 4);
}

/* A character of two bytes or more in UTF-8: RFC 8259, 7. */
static char *
put_json_character(char *at, const char *s, size_t len)
{
	unsigned int c = (unsigned char)*s & 0xffu >> (len + 1);
	size_t i;

	for (i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	if (c < 0x10000)
		return put_json_unit(at, c);
	c -= 0x10000;
	return put_json_unit(put_json_unit(at, 0xd800 + (c >> 10)),
	    0xdc00 + (c & 0x3ff));
}

/* What is one byte, or has to be taken byte by byte. */
static char *
put_json_byte(char *at, const char *s, size_t left)
{
	if (*s == '"')
		return put(at, "\\\"");
	if (*s == '\\' && left > 1 && s[1] != 'x')
		return put(at, "\\\\");
	return put_hex(put(at, "\\\\x"), (unsigned char)*s, 2);
}

/* utf8_length() of what may end before its NUL. */
static size_t
character_length(const char *s, size_t left)
{
	char head[5] = "";

	memcpy(head, s, left < 4 ? left : 4);
	return utf8_length(head);
}

/* Whether a character of two bytes or more controls a terminal. */
static bool
is_c1(const char *s)
{
	return (unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0;
}

static char *
put_json(char *at, size_t max, const char *s, size_t len)
{
	const char *end = at + max - MAX_ESCAPE;
	size_t i, n;

	for (i = 0; i < len && at <= end; i += n) {
		n = 1;
		if (is_plain[(unsigned char)s[i]]) {
			*at++ = s[i];
			continue;
		}
		n = character_length(s + i, len - i);
		/* U+0080 to U+009F are controls, too. */
		if (n >= 2 && !is_c1(s + i)) {
			at = put_json_character(at, s + i, n);
			continue;
		}
		n = 1;
		at = put_json_byte(at, s + i, len - i);
	}
	return at;
}

/* A member, ready to be followed by another. */
static char *
put_json_bytes(char *at, const char *name, size_t max, const char *s,
    size_t len)
{
	at = put(at, name);
	*at++ = '"';
	at = put_json(at, max, s, len);
	return put(at, "\",");
}

static char *
put_json_text(char *at, const char *name, size_t max, const char *s)
{
	if (s == NULL)
		return put(put(at, name), "null,");
	return put_json_bytes(at, name, max, s, strlen(s));
}

static char *
put_json_request(char *at, const struct accesslog_entry *e)
{
	size_t len;

	if (e->method == NULL) {
		at = put(at, "\"method\":null,");
		len = first_line(e);
		at = len == 0 ? put(at, "\"target\":null,") :
		    put_json_bytes(at, "\"target\":", MAX_TEXT, e->line, len);
		return put(at, "\"protocol\":null,");
	}
	at = put_json_text(at, "\"method\":", MAX_SHORT / 2, e->method);
	at = put_json_text(at, "\"target\":", MAX_TEXT, e->target);
	at = put(at, "\"protocol\":\"HTTP/1.");
	*at++ = (char)('0' + e->minor);
	return put(at, "\",");
}

size_t
accessline_json(char dst[ACCESSLINE_SIZE], const char *stamp,
    const struct accesslog_entry *e)
{
	char *at = dst;

	at = put(at, "{\"time\":\"");
	at = put(at, stamp);
	at = put_milliseconds(at, e->time_ms);
	at = put(at, "Z\",\"remote_addr\":\"");
	at = put(at, e->remote_addr);
	at = put(at, "\",");
	at = put_json_text(at, "\"user\":", MAX_SHORT,
	    *e->user == '\0' ? NULL : e->user);
	at = put_json_request(at, e);
	at = put(at, "\"status\":");
	at = put_number(at, (uint64_t)e->status);
	at = put(at, ",\"bytes\":");
	at = put_number(at, e->bytes);
	at = put(at, ",\"duration\":");
	at = put_number(at, e->duration_ms / 1000);
	at = put_milliseconds(at, (unsigned int)(e->duration_ms % 1000));
	*at++ = ',';
	at = put_json_text(at, "\"host\":", MAX_SHORT, e->host);
	at = put_json_text(at, "\"referer\":", MAX_TEXT, e->referer);
	at = put_json_text(at, "\"user_agent\":", MAX_TEXT, e->user_agent);
	/* In place of the last comma. */
	return (size_t)(put(at - 1, "}\n") - dst);
}

void
accessline_stamp_combined(char dst[ACCESSLINE_STAMP_SIZE], time_t t)
{
	httpdate_format_log(dst, t);
}

/* A year has four digits in RFC 3339: beyond, time stands still. */
void
accessline_stamp_json(char dst[ACCESSLINE_STAMP_SIZE], time_t t)
{
	static const time_t last = 253402300799;
	struct tm tm;

	t = t < 0 ? 0 : t > last ? last : t;
	(void)gmtime_r(&t, &tm);
	(void)strftime(dst, ACCESSLINE_STAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
}
