/*
 * headscan: RFC 9112, 2 to 5, byte by byte; and that http-parser, which reads
 * the head behind it, sees in what it accepts what we see.  A number in a
 * comment is the case's in the list of what http-parser lets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Both headers have an enum of this name; here it is ours. */
#define http_status http_parser_status
#include <http_parser.h>
#undef http_status

#include "bytes.h"
#include "headscan.h"

#define LINE "GET / HTTP/1.1\r\n"
#define END "\r\n\r\n"

#define DIGITS "0123456789"
#define ALPHAS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
/* RFC 9110, 5.6.2. */
#define TCHARS "!#$%&'*+-.^_`|~" DIGITS ALPHAS

static const struct headscan_limits limits = {
	.request_line = 8192,
	.field_line = 8192,
	.head = 32768,
	.fields = 100,
};

/* Heads that are right; what follows one is not looked at. */
static const struct bytes accepted[] = {
	B("GET / HTTP/1.1" END),
	B("GET / HTTP/1.0" END),
	B("GET / HTTP/1.9" END),			/* 7 */
	B(LINE "Host: h" END),
	B(LINE "Host:h" END),
	B(LINE "Host:   h" END),
	B(LINE "Host:\th\t \r\n\r\n"),			/* 33 */
	B(LINE "A:\r\nB: \r\nC: \t\r\nD: d" END),
	B(LINE "A: a b\tc" END),
	B(LINE "A: \x80\xff" END),
	B(LINE "a!#$%&'*+-.^_`|~0Z: x" END),
	B(LINE "A: :b:c:" END),
	B(LINE "A: \"b\\\"c\", d; e=f" END),
	B(LINE "Content_Length: 5" END),		/* 40 */
	B(LINE "A: 1\r\na: 2\r\nA: 3" END),
	B("OPTIONS * HTTP/1.1" END),
	B("CONNECT h:443 HTTP/1.1" END),
	B("GET http://h:80/a?b=c HTTP/1.1\r\nHost: h" END),
	B("GET //evil/x HTTP/1.1" END),			/* 24 */
	B("GET /../x HTTP/1.1" END),			/* 25 */
	B("GET /a#b HTTP/1.1" END),			/* 15: uri's */
	B("M-SEARCH * HTTP/1.1" END),
	/* 1: two empty lines, and no more. */
	B("\r\n" LINE "Host: h" END),
	B("\r\n\r\n" LINE "Host: h" END),
	/* Not in this head. */
	B("GET / HTTP/1.1" END "\n\0 bad"),
	B("GET / HTTP/1.1" END "GET / HTTP/1.1" END),
};

static const struct {
	struct bytes	 head;
	enum http_status want;
} refused[] = {
	/* 1: what may stand before a request line. */
	{ B("\r\n\r\n\r\n" LINE END), 400 },
	{ B("\r\r\n" LINE END), 400 },
	{ B("\n" LINE END), 400 },
	{ B("\rGET / HTTP/1.1" END), 400 },
	{ B(" \r\n" LINE END), 400 },
	{ B(" GET / HTTP/1.1" END), 400 },
	{ B("\tGET / HTTP/1.1" END), 400 },
	{ B("\0GET / HTTP/1.1" END), 400 },
	{ B("\xef\xbb\xbfGET / HTTP/1.1" END), 400 },
	/* 2: RFC 9112, 3: single spaces. */
	{ B("GET  / HTTP/1.1" END), 400 },
	{ B("GET /  HTTP/1.1" END), 400 },
	{ B("GET\t/ HTTP/1.1" END), 400 },
	{ B("GET / HTTP/1.1 \r\n\r\n"), 400 },		/* 13 */
	{ B("GET / HTTP/1.1\t\r\n\r\n"), 400 },
	{ B("GET / x HTTP/1.1" END), 400 },
	{ B("GET / HTTP/1.1 HTTP/1.1" END), 400 },
	{ B("GET /\tHTTP/1.1" END), 400 },		/* 3 */
	{ B("GET /\x0bHTTP/1.1" END), 400 },
	/* 4: bytes that no target has. */
	{ B("GET /\x0c HTTP/1.1" END), 400 },
	{ B("GET /\x80 HTTP/1.1" END), 400 },
	{ B("GET /\xff HTTP/1.1" END), 400 },
	{ B("GET /\x7f HTTP/1.1" END), 400 },
	{ B("GET /\0 HTTP/1.1" END), 400 },
	{ B("GET /a\rb HTTP/1.1" END), 400 },
	/* 5: no version, and what is none. */
	{ B("GET /" END), 400 },
	{ B("GET / " END), 400 },
	{ B("GET /\r\nHost: h" END), 400 },
	{ B("GET" END), 400 },
	{ B("GET " END), 400 },
	{ B("GET  HTTP/1.1" END), 400 },
	{ B("/ HTTP/1.1" END), 400 },
	{ B("HTTP/1.1 200 OK" END), 400 },
	{ B("GET / HTTP/" END), 400 },
	{ B("GET / HTTP/1" END), 400 },
	{ B("GET / HTTP/1." END), 400 },
	{ B("GET / HTTP/.1" END), 400 },
	{ B("GET / HTTP/11" END), 400 },
	{ B("GET / HTTP/1.10" END), 400 },
	{ B("GET / HTTP/01.1" END), 400 },
	{ B("GET / HTTP/1,1" END), 400 },
	{ B("GET / HTTP/-1.1" END), 400 },
	{ B("GET / HTTP/a.b" END), 400 },
	{ B("GET / http/1.1" END), 400 },
	{ B("GET / HTTP /1.1" END), 400 },
	{ B("GET / HTTPS/1.1" END), 400 },
	/* 6: versions that are not ours. */
	{ B("GET / HTTP/0.1" END), 505 },
	{ B("GET / HTTP/0.9" END), 505 },
	{ B("GET / HTTP/2.0" END), 505 },
	{ B("GET / HTTP/9.9" END), 505 },
	{ B("PRI * HTTP/2.0" END "SM" END), 505 },	/* 14 */
	{ B("GET / HXYZ!1.1" END), 400 },		/* 8 */
	{ B("SOURCE / ICE/1.0" END), 400 },		/* 9 */
	/* 10: no tokens. */
	{ B("G\x80T / HTTP/1.1" END), 400 },
	{ B("G(T / HTTP/1.1" END), 400 },
	{ B("G:T / HTTP/1.1" END), 400 },
	{ B("\"GET\" / HTTP/1.1" END), 400 },
	/* 11: LF alone ends no line. */
	{ B("GET / HTTP/1.1\n\n"), 400 },
	{ B("GET / HTTP/1.1\nHost: h" END), 400 },
	{ B(LINE "Host: h\n\r\n"), 400 },
	{ B(LINE "Host: h\r\n\n"), 400 },
	/* 12: CR alone neither. */
	{ B("GET / HTTP/1.1\r\r\n\r\n"), 400 },
	{ B("GET / HTTP/1.1\rX\n\r\n"), 400 },
	{ B("GET / HTTP/1.1\r\rHost: h" END), 400 },
	/* 26, 27: no space before the colon. */
	{ B(LINE "Foo : x" END), 400 },
	{ B(LINE "Host : h" END), 400 },
	{ B(LINE "Host\t: h" END), 400 },
	{ B(LINE "Content-Length : 5" END), 400 },
	{ B(LINE "Transfer-Encoding : chunked" END), 400 },
	/* 28: nor within the name, nor before it. */
	{ B(LINE "Foo Bar: x" END), 400 },
	{ B(LINE " Foo: x" END), 400 },
	{ B(LINE "\tFoo: x" END), 400 },
	{ B(LINE " Content-Length: 5" END "hello"), 400 },
	/* 29: no names. */
	{ B(LINE ": x" END), 400 },
	{ B(LINE "Foo" END), 400 },
	{ B(LINE "Foo[]: x" END), 400 },
	{ B(LINE "F\x80: x" END), 400 },
	{ B(LINE "F\0: x" END), 400 },
	{ B(LINE "F(o: x" END), 400 },
	{ B(LINE "F/o: x" END), 400 },
	{ B(LINE "F,o: x" END), 400 },
	{ B(LINE "\"Foo\": x" END), 400 },
	/* 30, 31, 43, 48: obs-fold, wherever. */
	{ B(LINE "Foo: a\r\n b" END), 400 },
	{ B(LINE "Foo: a\r\n\tb" END), 400 },
	{ B(LINE "Foo:\r\n b" END), 400 },
	{ B(LINE "Foo: a\r\n \r\n\r\n"), 400 },
	{ B(LINE "Host:\r\n h" END), 400 },
	{ B(LINE "Content-Length:\r\n 5" END), 400 },
	{ B(LINE "Transfer-Encoding:\r\n chunked" END), 400 },
	{ B(LINE "Transfer-Encoding: gzip,\r\n chunked" END), 400 },
	{ B(LINE "Connection: close\r\n , foo" END), 400 },
	/* 32: control bytes in a value. */
	{ B(LINE "Foo: \0b" END), 400 },
	{ B(LINE "Foo: a\0b" END), 400 },
	{ B(LINE "Foo: \x01" END), 400 },
	{ B(LINE "Foo: \x1f" END), 400 },
	{ B(LINE "Foo: a\x0b" END), 400 },
	{ B(LINE "Foo: \x7f" END), 400 },
	/* 34: a second field by a bare CR. */
	{ B(LINE "Foo:\rXBar: y" END), 400 },
	{ B(LINE "Foo:\r Content-Length: 5" END), 400 },
	{ B(LINE "\rFoo: x" END), 400 },
	/* 35: the end of the head. */
	{ B(LINE "Foo: x\r\n\rX"), 400 },
	{ B(LINE "Foo: x\r\n\rX\n"), 400 },
	{ B(LINE "Foo: x\r\n\r\r\n"), 400 },
	{ B(LINE "Foo: x\r\n \r\n"), 400 },
	/* 36: a bare CR elsewhere. */
	{ B(LINE "Foo: a\rb" END), 400 },
	{ B(LINE "Foo: a\r\r\n\r\n"), 400 },
	{ B(LINE "Fo\ro: a" END), 400 },
};

/* What the scan says of these bytes, which hs has seen a part of. */
static enum http_status
scan(struct headscan *hs, const struct headscan_limits *l, const char *head,
    size_t len)
{
	char *copy = exactly(head, len);
	enum http_status status = headscan(hs, l, copy, len);

	free(copy);
	return status;
}

/* Scans byte by byte until that gives a verdict. */
static enum http_status
scan_bytewise(struct headscan *hs, const struct headscan_limits *l,
    const char *head, size_t len)
{
	enum http_status status = HTTP_CONTINUE;
	size_t n;

	memset(hs, 0, sizeof(*hs));
	for (n = 0; n <= len && status == HTTP_CONTINUE; n++)
		status = scan(hs, l, head, n);
	return status;
}

/* Scans up to a place, and then the rest if that is missed. */
static enum http_status
scan_split(struct headscan *hs, const struct headscan_limits *l,
    const char *head, size_t len, size_t at)
{
	enum http_status status;

	memset(hs, 0, sizeof(*hs));
	status = scan(hs, l, head, at);
	if (status == HTTP_CONTINUE && at < len)
		status = scan(hs, l, head, len);
	return status;
}

/* Fails unless a head has this verdict and this end, however it comes in. */
static void
assert_scan(const struct headscan_limits *l, const struct bytes *head,
    enum http_status want, size_t end)
{
	struct headscan hs;
	size_t at;

	if (scan_bytewise(&hs, l, head->data, head->len) != want)
		fail_msg("\"%s\" byte by byte", head->data);
	if (want == HTTP_OK && hs.line != end)
		fail_msg("\"%s\" byte by byte: ends at %zu", head->data,
		    hs.line);
	for (at = 0; at <= head->len; at++) {
		if (scan_split(&hs, l, head->data, head->len, at) != want)
			fail_msg("\"%s\" split at %zu", head->data, at);
		if (want == HTTP_OK && hs.line != end)
			fail_msg("\"%s\" split at %zu: ends at %zu",
			    head->data, at, hs.line);
	}
}

/* Where the head ends, found in another way than by the scan. */
static size_t
head_end(const struct bytes *head)
{
	const char *start = head->data, *end;

	while (start[0] == '\r')
		start += 2;
	end = strstr(start, "\r\n\r\n");
	assert_non_null(end);
	return (size_t)(end - head->data) + 4;
}

static void
accepts(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++)
		assert_scan(&limits, &accepted[i], HTTP_OK,
		    head_end(&accepted[i]));
}

static void
refuses(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_scan(&limits, &refused[i].head, refused[i].want, 0);
}

/* 66: half a head is none, wherever it ends. */
static void
waits_for_the_rest(void **state)
{
	size_t end, i, n;

	(void)state;
	for (i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		end = head_end(&accepted[i]);
		for (n = 0; n < end; n++) {
			struct headscan hs = { 0 };

			assert_int_equal(scan(&hs, &limits, accepted[i].data,
			    n), HTTP_CONTINUE);
		}
	}
}

/* TLS, say: nothing of it is a method, so nobody waits for its line's end. */
static void
refuses_at_the_first_byte(void **state)
{
	static const struct bytes rows[] = {
		B("\x16\x03\x01"), B("\0"), B(" "), B("\x80"), B("\""),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct headscan hs = { 0 };

		assert_int_equal(scan(&hs, &limits, rows[i].data, rows[i].len),
		    HTTP_BAD_REQUEST);
	}
}

/* Values are scanned a word at a time: every byte at every place of three. */
static void
takes_the_bytes_of_long_values(void **state)
{
	char value[24];
	size_t at;
	int c, want;

	(void)state;
	for (at = 0; at < sizeof(value); at++) {
		for (c = 0; c < 256; c++) {
			memset(value, 'x', sizeof(value));
			value[at] = (char)c;
			want = (c >= ' ' && c != 0x7f) || c == '\t';
			if (headscan_is_value(value, sizeof(value)) != want)
				fail_msg("byte %d at %zu", c, at);
			/* Behind a tab it goes on byte by byte. */
			value[0] = at == 0 ? value[0] : '\t';
			if (headscan_is_value(value, sizeof(value)) != want)
				fail_msg("byte %d at %zu, tab", c, at);
		}
	}
}

/* Which of all bytes stand where: one by one, between two others. */
static void
takes_the_bytes_of_each_part(void **state)
{
	static const struct {
		const char	*before, *after;
		int		 first, last;	/* visible ones, or none */
		const char	*others;
	} rows[] = {
		{ "G", "T / HTTP/1.1" END, 1, 0, TCHARS },
		{ "", "GT / HTTP/1.1" END, 1, 0, TCHARS },
		{ "GET /", "a HTTP/1.1" END, 0x21, 0x7e, "" },
		{ "GET / HTTP/1.", END, '0', '9', "" },
		{ LINE, "F: x" END, 1, 0, TCHARS },
		{ LINE "F", "o: x" END, 1, 0, TCHARS ":" },
		{ LINE "F", ": x" END, 1, 0, TCHARS ":" },
		{ LINE "F:", END, 0x20, 0x7e, "\t" },
		{ LINE "F: a", "b" END, 0x20, 0x7e, "\t" },
	};
	char head[64];
	struct headscan hs;
	size_t at, i;
	int c, len, want;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (c = 0; c < 256; c++) {
			len = snprintf(head, sizeof(head), "%s?%s",
			    rows[i].before, rows[i].after);
			at = strlen(rows[i].before);
			head[at] = (char)c;
			want = (c >= rows[i].first && c <= rows[i].last) ||
			    (c >= 0x80 && rows[i].first == 0x20) ||
			    (c != 0 && strchr(rows[i].others, c) != NULL);
			memset(&hs, 0, sizeof(hs));
			if ((scan(&hs, &limits, head, (size_t)len) ==
			    HTTP_OK) != want)
				fail_msg("%s and byte %d", rows[i].before, c);
		}
	}
}

/* Every one of these sizes just fits, and not with one byte more. */
static void
holds_its_limits(void **state)
{
	static const struct bytes head =
	    B("\r\nGET /abc HTTP/1.1\r\nFoo: 567\r\nBa: 4\r\n\r\n");
	static const struct {
		struct headscan_limits	 limits;
		enum http_status	 want;
	} rows[] = {
		{ { 19, 10, 38, 2 }, HTTP_OK },
		{ { 18, 10, 38, 2 }, HTTP_URI_TOO_LONG },
		{ { 19, 9, 38, 2 }, HTTP_FIELDS_TOO_LARGE },
		{ { 19, 10, 37, 2 }, HTTP_FIELDS_TOO_LARGE },
		{ { 19, 10, 38, 1 }, HTTP_FIELDS_TOO_LARGE },
		{ { 19, 10, 38, 0 }, HTTP_FIELDS_TOO_LARGE },
		{ { 0, 0, 0, 0 }, HTTP_URI_TOO_LONG },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_scan(&rows[i].limits, &head, rows[i].want, head.len);
}

/* 38: a name has 256 bytes at the most, however long the line may be. */
static void
bounds_the_names_of_fields(void **state)
{
	char head[512];
	struct bytes whole = { head, 0 };
	int len;

	(void)state;
	for (len = 255; len <= 257; len++) {
		whole.len = (size_t)snprintf(head, sizeof(head),
		    LINE "%0*d: x" END, len, 0);
		assert_scan(&limits, &whole, len <= 256 ? HTTP_OK :
		    HTTP_FIELDS_TOO_LARGE, whole.len);
	}
}

/* 38, 39: a line that has no end is refused where it is too long. */
static void
does_not_wait_for_the_end_of_a_long_line(void **state)
{
	static const struct {
		const char	*start;
		enum http_status want;
	} rows[] = {
		{ "GET /", HTTP_URI_TOO_LONG },
		{ "", HTTP_NOT_IMPLEMENTED },
		{ "a/", HTTP_URI_TOO_LONG },
		{ "abcdefghijk /", HTTP_URI_TOO_LONG },
		{ "abcdefghijkl /", HTTP_NOT_IMPLEMENTED },
		{ "abcdefghijkl/", HTTP_URI_TOO_LONG },
		{ "abcdefghijkl\t", HTTP_URI_TOO_LONG },
		{ LINE, HTTP_FIELDS_TOO_LARGE },
		{ LINE "Foo: ", HTTP_FIELDS_TOO_LARGE },
	};
	char head[8192 + 64];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct headscan hs = { 0 };

		memset(head, 'a', sizeof(head));
		memcpy(head, rows[i].start, strlen(rows[i].start));
		len = 8192;
		if (strncmp(rows[i].start, LINE, strlen(LINE)) == 0)
			len += strlen(LINE);
		assert_int_equal(scan(&hs, &limits, head, len), HTTP_CONTINUE);
		assert_int_equal(scan(&hs, &limits, head, len + 1),
		    rows[i].want);
	}
}

/* RFC 9112, 3: who sends a longer one is told that, and not 414. */
static void
knows_the_longest_method(void **state)
{
	static const struct headscan_limits tight = { 32, 32, 64, 2 };
	char head[64];
	struct bytes whole = { head, 0 };
	const char *method;
	size_t longest = 0;
	int i;

	(void)state;
	for (i = HTTP_DELETE; i <= HTTP_SOURCE; i++) {
		method = http_method_str((enum http_method)i);
		longest = strlen(method) > longest ? strlen(method) : longest;
		whole.len = (size_t)snprintf(head, sizeof(head),
		    "%s /%032d HTTP/1.1" END, method, 0);
		assert_scan(&tight, &whole, HTTP_URI_TOO_LONG, 0);
	}
	whole.len = (size_t)snprintf(head, sizeof(head),
	    "%0*d /%032d HTTP/1.1" END, (int)longest + 1, 0, 0);
	assert_scan(&tight, &whole, HTTP_NOT_IMPLEMENTED, 0);
}

/* The names and values of a head, as "name=value|", found by us or by it. */
struct tokens {
	char	text[1024];
	size_t	len;
};

static void
add_token(struct tokens *t, const char *s, size_t len, char end)
{
	assert_true(t->len + len + 1 < sizeof(t->text));
	memcpy(t->text + t->len, s, len);
	t->text[t->len + len] = end;
	t->len += len + 1;
}

static int
on_name(http_parser *parser, const char *s, size_t len)
{
	add_token(parser->data, s, len, '=');
	return 0;
}

static int
on_value(http_parser *parser, const char *s, size_t len)
{
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	add_token(parser->data, s, len, '|');
	return 0;
}

static int
on_end(http_parser *parser)
{
	http_parser_pause(parser, 1);
	return 0;
}

static enum http_errno
parser_tokens(struct tokens *t, const char *head, size_t len)
{
	static const http_parser_settings settings = {
		.on_url = on_value,
		.on_header_field = on_name,
		.on_header_value = on_value,
		.on_headers_complete = on_end,
	};
	http_parser parser;

	http_parser_init(&parser, HTTP_REQUEST);
	parser.data = t;
	t->len = 0;
	(void)http_parser_execute(&parser, &settings, head, len);
	return HTTP_PARSER_ERRNO(&parser);
}

/* The same, from the lines that the scan has let through. */
static void
own_tokens(struct tokens *t, const char *head)
{
	const char *cr, *s;
	size_t len;

	t->len = 0;
	s = strchr(head, ' ') + 1;
	add_token(t, s, strcspn(s, " "), '|');
	s = strstr(s, "\r\n") + 2;
	for (; (cr = strchr(s, '\r')) != s; s = cr + 2) {
		len = strcspn(s, ":");
		add_token(t, s, len, '=');
		s += len + 1;
		s += strspn(s, " \t");
		if (s > cr)
			s = cr;
		len = (size_t)(cr - s);
		while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
			len--;
		add_token(t, s, len, '|');
	}
}

static void
http_parser_reads_what_is_accepted_as_we_do(void **state)
{
	struct tokens own, its;
	struct headscan hs;
	const char *head;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		memset(&hs, 0, sizeof(hs));
		assert_int_equal(headscan(&hs, &limits, accepted[i].data,
		    accepted[i].len), HTTP_OK);
		head = accepted[i].data + hs.start;
		own_tokens(&own, head);
		if (parser_tokens(&its, head, hs.line - hs.start) !=
		    HPE_PAUSED)
			fail_msg("\"%s\": refused", head);
		if (own.len != its.len ||
		    memcmp(own.text, its.text, own.len) != 0)
			fail_msg("\"%s\": %.*s and %.*s", head, (int)own.len,
			    own.text, (int)its.len, its.text);
	}
}

/*
 * 8: Debian builds the library without HTTP_PARSER_STRICT, whatever its header
 * says, and all that is refused above counts on no help from it.  Should this
 * fail, the library has changed: see what else has.
 */
static void
http_parser_is_the_lax_build(void **state)
{
	static const struct bytes rows[] = {
		B("GET / HXYZ!1.1" END),
		B(LINE "Foo : x" END),
		B(LINE "Foo:\rXBar: y" END),
	};
	struct tokens t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(parser_tokens(&t, rows[i].data, rows[i].len),
		    HPE_PAUSED);
	assert_int_equal(http_parser_version(), 0x020904);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(waits_for_the_rest),
		cmocka_unit_test(refuses_at_the_first_byte),
		cmocka_unit_test(takes_the_bytes_of_each_part),
		cmocka_unit_test(takes_the_bytes_of_long_values),
		cmocka_unit_test(holds_its_limits),
		cmocka_unit_test(bounds_the_names_of_fields),
		cmocka_unit_test(does_not_wait_for_the_end_of_a_long_line),
		cmocka_unit_test(knows_the_longest_method),
		cmocka_unit_test(http_parser_reads_what_is_accepted_as_we_do),
		cmocka_unit_test(http_parser_is_the_lax_build),
	};

	return cmocka_run_group_tests_name("headscan", tests, NULL, NULL);
}
