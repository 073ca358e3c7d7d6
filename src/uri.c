#include <sys/socket.h>
#include <sys/types.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string.h>
#include <strings.h>

#include "hex.h"
#include "uri.h"

/* Where a byte may stand. */
#define IN_PATH		0x01	/* of a target */
#define IN_QUERY	0x02	/* of a target */
#define IN_HOST		0x04	/* a reg-name: RFC 3986, 3.2.2 */
#define IN_FUTURE	0x08	/* an IPvFuture, behind its dot */
#define AS_PATH		0x10	/* unescaped in a path that we write */
#define AS_NAME		0x20	/* unescaped in a file name that we write */
#define AS_COMPONENT	0x40	/* unescaped in a part of a query */

/* Where an escape may stand, too. */
#define WITH_ESCAPES	(IN_PATH | IN_QUERY | IN_HOST)

/* sub-delims and unreserved: RFC 3986, 2.2 and 2.3. */
#define EVERYWHERE \
	(IN_PATH | IN_QUERY | IN_HOST | IN_FUTURE | AS_PATH | AS_NAME)
#define UNRESERVED	(EVERYWHERE | AS_COMPONENT)

static const unsigned char uri_class[256] = {
	['A' ... 'Z'] = UNRESERVED,
	['a' ... 'z'] = UNRESERVED,
	['0' ... '9'] = UNRESERVED,
	['-'] = UNRESERVED, ['.'] = UNRESERVED, ['_'] = UNRESERVED,
	['~'] = UNRESERVED,

	['!'] = EVERYWHERE, ['$'] = EVERYWHERE, ['&'] = EVERYWHERE,
	['\''] = EVERYWHERE, ['('] = EVERYWHERE, [')'] = EVERYWHERE,
	['*'] = EVERYWHERE, ['+'] = EVERYWHERE, [','] = EVERYWHERE,
	[';'] = EVERYWHERE, ['='] = EVERYWHERE,

	[':'] = IN_PATH | IN_QUERY | IN_FUTURE | AS_PATH,
	['@'] = IN_PATH | IN_QUERY | AS_PATH | AS_NAME,
	['/'] = IN_PATH | IN_QUERY | AS_PATH,
	['?'] = IN_QUERY,

	/* Not RFC 3986's, but what browsers leave unescaped: see uri.h. */
	['['] = IN_PATH | IN_QUERY, [']'] = IN_PATH | IN_QUERY,
	['^'] = IN_PATH | IN_QUERY, ['|'] = IN_PATH | IN_QUERY,
	['`'] = IN_QUERY, ['{'] = IN_QUERY, ['}'] = IN_QUERY,
};

/* Whether c may stand where class says: 1 or 0. */
static int
uri_is(char c, unsigned char class)
{
	return (uri_class[(unsigned char)c] & class) != 0;
}

/* Returns the byte that the escape at s stands for, or -1 if it is none. */
static int
uri_escape(const char *s, size_t len)
{
	int high, low;

	if (len < 3 || s[0] != '%')
		return -1;
	high = hex_value(s[1]);
	low = hex_value(s[2]);
	if (high == -1 || low == -1)
		return -1;
	return high << 4 | low;
}

/* Returns how many bytes from s on are of class; %00 is of none. */
static size_t
uri_span(const char *s, size_t len, unsigned char class)
{
	size_t i = 0;

	while (i < len) {
		if (uri_is(s[i], class))
			i++;
		else if ((class & WITH_ESCAPES) != 0 &&
		    uri_escape(s + i, len - i) > 0)
			i += 3;
		else
			break;
	}
	return i;
}

/* Splits "/path?query" or "?query", all of it: 0 or -1. */
static int
uri_split_path(struct uri *u, const char *s, size_t len)
{
	u->path = s;
	u->path_len = uri_span(s, len, IN_PATH);
	if (u->path_len < len) {
		if (s[u->path_len] != '?')
			return -1;
		u->query = s + u->path_len + 1;
		u->query_len = len - u->path_len - 1;
		if (uri_span(u->query, u->query_len, IN_QUERY) != u->query_len)
			return -1;
	}
	if (u->path_len == 0) {
		/* RFC 9110, 4.2.3: an empty path is the same as "/". */
		u->path = "/";
		u->path_len = 1;
	}
	return 0;
}

/* Returns the length of "http://" or "https://" in any case, or 0. */
static size_t
uri_scheme(const char *s, size_t len)
{
	if (len >= 7 && strncasecmp(s, "http://", 7) == 0)
		return 7;
	if (len >= 8 && strncasecmp(s, "https://", 8) == 0)
		return 8;
	return 0;
}

/* Splits "http://host:port/path?query": 0 or -1.  RFC 9112, 3.2.2. */
static int
uri_split_absolute(struct uri *u, const char *s, size_t len)
{
	size_t n;

	n = uri_scheme(s, len);
	if (n == 0)
		return -1;
	s += n;
	len -= n;
	for (n = 0; n < len && s[n] != '/' && s[n] != '?'; n++)
		continue;
	if (!uri_check_authority(s, n))
		return -1;
	u->form = URI_ABSOLUTE;
	u->authority = s;
	u->authority_len = n;
	return uri_split_path(u, s + n, len - n);
}

int
uri_split(struct uri *u, const char *target, size_t len)
{
	memset(u, 0, sizeof(*u));
	if (len == 0)
		return -1;
	if (target[0] == '/') {
		u->form = URI_ORIGIN;
		return uri_split_path(u, target, len);
	}
	if (target[0] == '*' && len == 1) {
		u->form = URI_ASTERISK;
		u->path = target;
		u->path_len = 1;
		return 0;
	}
	return uri_split_absolute(u, target, len);
}

/* Whether all of s is an IPv6address of RFC 3986, 3.2.2, without a zone. */
static int
uri_check_ipv6(const char *s, size_t len)
{
	struct in6_addr addr;
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy) || memchr(s, '\0', len) != NULL)
		return 0;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return inet_pton(AF_INET6, copy, &addr) == 1;
}

/* Whether all of s is an IPvFuture: "v1f.what:ever". */
static int
uri_check_future(const char *s, size_t len)
{
	size_t i;

	for (i = 1; i < len && hex_value(s[i]) != -1; i++)
		continue;
	if (i == 1 || i + 1 >= len || s[i] != '.')
		return 0;
	i++;
	return uri_span(s + i, len - i, IN_FUTURE) == len - i;
}

/* Returns the length of the IP literal in brackets at s, or 0. */
static size_t
uri_literal(const char *s, size_t len)
{
	const char *end;
	size_t n;
	int ok;

	end = memchr(s, ']', len);
	if (end == NULL)
		return 0;
	n = (size_t)(end - s) - 1;
	if (s[1] == 'v' || s[1] == 'V')
		ok = uri_check_future(s + 1, n);
	else
		ok = uri_check_ipv6(s + 1, n);
	return ok ? n + 2 : 0;
}

/* Whether all of s is nothing, or a colon and at most a port. */
static int
uri_check_port(const char *s, size_t len)
{
	unsigned int port = 0;
	size_t i;

	if (len == 0)
		return 1;
	if (s[0] != ':')
		return 0;
	for (i = 1; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		port = port * 10 + (unsigned int)(s[i] - '0');
		if (port > 65535)
			return 0;
	}
	return 1;
}

int
uri_check_authority(const char *s, size_t len)
{
	size_t host;

	if (len > 0 && s[0] == '[')
		host = uri_literal(s, len);
	else
		host = uri_span(s, len, IN_HOST);
	return host > 0 && uri_check_port(s + host, len - host);
}

/*
 * Decodes the segment at s to where *out points, and moves that behind it.
 * Returns the end of the segment: its slash or end.
 */
static const char *
uri_decode_segment(char **out, const char *s, const char *end)
{
	char *dst = *out;
	int c;

	while (s < end && *s != '/') {
		c = *s == '%' ? uri_escape(s, (size_t)(end - s)) : 0;
		if (c <= 0) {
			*dst++ = *s++;
			continue;
		}
		s += 3;
		if (c == '/') {
			memcpy(dst, "%2F", 3);
			dst += 3;
		} else
			*dst++ = (char)c;
	}
	*out = dst;
	return s;
}

/* Returns how many dots a dot segment has, 1 or 2, and 0 for any other. */
static int
uri_dots(const char *segment, size_t len)
{
	if (len == 1 && segment[0] == '.')
		return 1;
	if (len == 2 && segment[0] == '.' && segment[1] == '.')
		return 2;
	return 0;
}

/*
 * Returns where the parent's segments end, its slash included, for a path
 * that ends before out in a slash; NULL at the root.
 */
static char *
uri_parent(const char *path, char *out)
{
	if (out - path <= 1)
		return NULL;
	out--;
	while (out > path && out[-1] != '/')
		out--;
	return out;
}

ssize_t
uri_decode_path(char *dst, const char *path, size_t len)
{
	const char *end = path + len;
	char *out = dst, *segment;
	int dots;

	for (;;) {
		segment = out;
		path = uri_decode_segment(&out, path, end);
		dots = uri_dots(segment, (size_t)(out - segment));
		if (dots > 0)
			out = segment;
		if (dots == 2 && (out = uri_parent(dst, out)) == NULL)
			return -1;
		if (path == end)
			break;
		/* A dot segment takes its slash along. */
		if (dots == 0)
			*out++ = '/';
		path++;
	}
	*out = '\0';
	return out - dst;
}

ssize_t
uri_collapse_slashes(char *dst, size_t size, const char *path)
{
	size_t len = 0;

	for (;; path++) {
		if (*path == '/' && len > 0 && dst[len - 1] == '/')
			continue;
		if (len == size)
			return -1;
		dst[len] = *path;
		if (*path == '\0')
			return (ssize_t)len;
		len++;
	}
}

/* Writes c, escaped unless it is of class.  Returns what is behind it. */
static char *
uri_encode_byte(char *dst, char c, unsigned char class)
{
	static const char hex[] = "0123456789ABCDEF";

	if (uri_is(c, class)) {
		*dst++ = c;
		return dst;
	}
	*dst++ = '%';
	*dst++ = hex[(unsigned char)c >> 4];
	*dst++ = hex[(unsigned char)c & 15];
	return dst;
}

size_t
uri_encode_path(char *dst, const char *path)
{
	char *out = dst;

	while (path[0] == '/' && path[1] == '/')
		path++;
	for (; *path != '\0'; path++) {
		if (strncmp(path, "%2F", 3) == 0)
			*out++ = *path;
		else
			out = uri_encode_byte(out, *path, AS_PATH);
	}
	*out = '\0';
	return (size_t)(out - dst);
}

size_t
uri_encode_name(char *dst, const char *name)
{
	char *out = dst;

	for (; *name != '\0'; name++)
		out = uri_encode_byte(out, *name, AS_NAME);
	*out = '\0';
	return (size_t)(out - dst);
}

size_t
uri_encode_component(char *dst, const char *value)
{
	char *out = dst;

	for (; *value != '\0'; value++) {
		if (strncmp(value, "%2F", 3) == 0)
			*out++ = *value;
		else
			out = uri_encode_byte(out, *value, AS_COMPONENT);
	}
	*out = '\0';
	return (size_t)(out - dst);
}
