/*
 * body: RFC 9112, 6.2 and 7.1, in one piece, byte by byte, and split at every
 * place.  A number in a comment is the case's in the list of what http-parser
 * lets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "body.h"
#include "bytes.h"

#define X8 "xxxxxxxx"
#define X64 X8 X8 X8 X8 X8 X8 X8 X8

/* A body as it is read, from pieces of its own exact size. */
struct reader {
	struct body	 body;
	char		 data[4096];
	size_t		 len;
	size_t		 taken;
};

static void
start(struct reader *r, enum body_framing framing, uint64_t length)
{
	memset(&r->body, 0xa5, sizeof(r->body));
	body_init(&r->body, framing, length);
	r->len = r->taken = 0;
}

/* Reads a piece, as far as the body goes: 0 or -1. */
static int
read_piece(struct reader *r, const char *piece, size_t len)
{
	const char *data;
	char *in = exactly(piece, len);
	size_t at = 0, data_len;
	ssize_t n = 0;

	while (at < len && !body_is_done(&r->body)) {
		n = body_read(&r->body, in + at, len - at, &data, &data_len);
		if (n == -1)
			break;
		assert_true(n > 0);
		assert_true((size_t)n <= len - at);
		assert_ptr_equal(data + data_len, in + at + n);
		assert_true(r->len + data_len <= sizeof(r->data));
		memcpy(r->data + r->len, data, data_len);
		r->len += data_len;
		at += (size_t)n;
	}
	free(in);
	r->taken += at;
	return n == -1 ? -1 : 0;
}

/* Fails unless what was read is this body, to its end; NULL: none. */
static void
assert_body(const struct reader *r, int rv, const struct bytes *wire,
    const char *want, size_t rest)
{
	if (want == NULL) {
		if (rv != -1)
			fail_msg("\"%s\": accepted", wire->data);
		return;
	}
	if (rv == -1 || !body_is_done(&r->body))
		fail_msg("\"%s\": %s", wire->data,
		    rv == -1 ? "refused" : "not at its end");
	if (r->len != strlen(want) || memcmp(r->data, want, r->len) != 0)
		fail_msg("\"%s\": not \"%s\"", wire->data, want);
	assert_int_equal(r->body.total, r->len);
	assert_int_equal(wire->len - r->taken, rest);
}

/* One piece is the split at 0. */
static void
assert_reads(enum body_framing framing, uint64_t length,
    const struct bytes *wire, const char *want, size_t rest)
{
	struct reader r;
	size_t at;
	int rv = 0;

	start(&r, framing, length);
	for (at = 0; at < wire->len && rv == 0; at++)
		rv = read_piece(&r, wire->data + at, 1);
	assert_body(&r, rv, wire, want, rest);
	for (at = 0; at <= wire->len; at++) {
		start(&r, framing, length);
		rv = read_piece(&r, wire->data, at);
		if (rv == 0)
			rv = read_piece(&r, wire->data + at, wire->len - at);
		assert_body(&r, rv, wire, want, rest);
	}
}

static void
counts_a_length_down(void **state)
{
	static const struct {
		uint64_t	 length;
		struct bytes	 wire;
		const char	*want;
		size_t		 rest;
	} rows[] = {
		{ 0, B(""), "", 0 },
		{ 0, B("GET"), "", 3 },
		{ 1, B("a"), "a", 0 },
		{ 5, B("helloGET / HTTP/1.1\r\n"), "hello", 16 },
		{ 5, B("0\r\n\r\n"), "0\r\n\r\n", 0 },
	};
	struct reader r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_reads(BODY_LENGTH, rows[i].length, &rows[i].wire,
		    rows[i].want, rows[i].rest);
	start(&r, BODY_NONE, 7);
	assert_true(body_is_done(&r.body));
	start(&r, BODY_LENGTH, INT64_MAX);
	assert_int_equal(read_piece(&r, "hello", 5), 0);
	assert_int_equal(r.len, 5);
	assert_false(body_is_done(&r.body));
}

static void
decodes_chunks(void **state)
{
	static const struct {
		struct bytes	 wire;
		const char	*want;
		size_t		 rest;
	} rows[] = {
		{ B("0\r\n\r\n"), "", 0 },
		{ B("5\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		{ B("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), "hello world",
		    0 },
		{ B("A\r\n0123456789\r\n0\r\n\r\n"), "0123456789", 0 },
		{ B("a\r\n0123456789\r\n0\r\n\r\n"), "0123456789", 0 },
		{ B("10\r\n0123456789abcdef\r\n0\r\n\r\n"),
		    "0123456789abcdef", 0 },
		{ B("4\r\n\r\n\r\n\r\n0\r\n\r\n"), "\r\n\r\n", 0 },
		{ B("5\r\n0\r\n\r\n\r\n0\r\n\r\n"), "0\r\n\r\n", 0 },
		{ B("0\r\n\r\nGET / HTTP/1.1\r\n"), "", 16 },
		/* 58: leading zeros, up to sixteen digits in all. */
		{ B("05\r\nhello\r\n000\r\n\r\n"), "hello", 0 },
		{ B("0000000000000005\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		/* RFC 9112, 7.1.1: extensions are ignored. */
		{ B("5;a\r\nhello\r\n0;b\r\n\r\n"), "hello", 0 },
		{ B("5;a=b\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		{ B("5;a=\"b\"\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		{ B("5;a=\"\"\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		{ B("5;a=\"b\\\"c;\\\\\"\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		{ B("5;a=\"\t\x80\xff\"\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		{ B("5;a;b=c;d=\"e\"\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		/* 55; RFC 9110, 5.6.3: bad white space is parsed. */
		{ B("5 ;a\r\nhello\r\n0\r\n\r\n"), "hello", 0 },
		{ B("5\t ;\ta \t=\t b ; c\r\nhello\r\n0\r\n\r\n"), "hello",
		    0 },
		/* 59: trailers are discarded, whatever they say. */
		{ B("0\r\nA: b\r\n\r\n"), "", 0 },
		{ B("0\r\nA:\r\nB: c\t\x80\r\n\r\nX"), "", 1 },
		{ B("0\r\nHost: evil\r\nContent-Length: 5\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n"), "", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_reads(BODY_CHUNKED, 0, &rows[i].wire, rows[i].want,
		    rows[i].rest);
}

static void
refuses_bad_chunks(void **state)
{
	static const struct bytes rows[] = {
		/* RFC 9112, 7.1: what is no size. */
		B("\r\n"), B("g\r\n"), B("0x5\r\nhello"), B("+5\r\nhello"),
		B("-1\r\n"), B(" 5\r\nhello"), B("\t5\r\nhello"),
		B(";a\r\n"), B("5.0\r\n"), B("5,5\r\n"), B("5_0\r\n"),
		B("\0"), B("5\0\r\n"), B("\x80"), B("hello"), B("'5'\r\n"),
		/* 51: bare CR and bare LF behind the size. */
		B("5\rXhello\r\n"), B("5\nhello\r\n"), B("5\r\rhello"),
		B("5\r\r\nhello"), B("0\n\n"),
		/* 52: what ends the data. */
		B("5\r\nhelloXX0\r\n\r\n"), B("5\r\nhello0\r\n\r\n"),
		B("5\r\nhello\n0\r\n\r\n"), B("5\r\nhello\rX0\r\n\r\n"),
		B("5\r\nhelloX\n0\r\n\r\n"),
		B("5\r\nhello\r\r\n0\r\n\r\n"), B("4\r\nhello\r\n0\r\n\r\n"),
		B("6\r\nhello\r\n0\r\n\r\n"),
		B("5\r\nhello\r\n\r\n0\r\n\r\n"),
		/* 53, 54: the end. */
		B("0\r\n\rX"), B("0\r\n\n"), B("0\r\n\r\r\n"),
		B("0\r\nA: b\n\r\n"), B("0\r\nA: b\r\n\n"),
		B("0\r\n \r\n\r\n"),
		/* 55: what is no extension. */
		B("5;a\nb\r\nhello"), B("5;a\0b\r\nhello"), B("5;\x01\r\n"),
		B("5;a\x7f\r\nhello"), B("5;a\rb\r\nhello"), B("5;\r\nhello"),
		B("5 junk\r\nhello"), B("5 \r\nhello"), B("5\t\r\nhello"),
		B("5 5\r\nhello"), B("5;a=\r\nhello"), B("5;=b\r\nhello"),
		B("5;a;\r\nhello"), B("5;;a\r\nhello"), B("5;a b\r\nhello"),
		B("5;a=b c\r\nhello"), B("5;a=\"b\r\nhello"),
		B("5;a=\"b\\\r\nhello"), B("5;a=\"b\"c\r\nhello"),
		B("5;a=b\"c\"\r\nhello"), B("5;a=b=c\r\nhello"),
		B("5;a=\"\x01\"\r\nhello"), B("5;a=\"\nb\"\r\nhello"),
		B("5;a=\"\0\"\r\nhello"), B("5;a=\"\\\x7f\"\r\nhello"),
		B("5;a, b\r\nhello"), B("5;\x80\r\nhello"), B("5;a \r\nhello"),
		/* 58: too many digits. */
		B("10000000000000000\r\n"), B("00000000000000005\r\nhello"),
		B("00000000000000000000000000000000000000005\r\nhello"),
		B("10000000000000005\r\nhello"),
		/* 59: trailers are fields: RFC 9112, 7.1.2. */
		B("0\r\nA\r\n\r\n"), B("0\r\n: b\r\n\r\n"),
		B("0\r\nA : b\r\n\r\n"), B("0\r\n A: b\r\n\r\n"),
		B("0\r\nA: b\r\n c\r\n\r\n"), B("0\r\nA: b\x01\r\n\r\n"),
		B("0\r\nA: \0\r\n\r\n"), B("0\r\nA: b\rc\r\n\r\n"),
		B("0\r\nA: b\r\r\n\r\n"), B("0\r\nA\0: b\r\n\r\n"),
		B("0\r\nA: \x7f\r\n\r\n"), B("0\r\nA[]: b\r\n\r\n"),
		B("0\r\nGET / HTTP/1.1\r\n\r\n"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_reads(BODY_CHUNKED, 0, &rows[i], NULL, 0);
}

/* 57: sizes beyond any body are what they are, and no sum wraps around. */
static void
announces_what_chunks_say(void **state)
{
	struct reader r;

	(void)state;
	start(&r, BODY_CHUNKED, 0);
	assert_int_equal(read_piece(&r, "8000000000000000\r\n", 18), 0);
	assert_true(body_announced(&r.body) == UINT64_C(1) << 63);
	start(&r, BODY_CHUNKED, 0);
	assert_int_equal(read_piece(&r, "5\r\nhello\r\n", 10), 0);
	assert_true(body_announced(&r.body) == 5);
	assert_int_equal(read_piece(&r, "fffffffffffffffb\r\n", 18), 0);
	assert_true(body_announced(&r.body) == UINT64_MAX);
	assert_int_equal(read_piece(&r, "hello", 5), 0);
	assert_true(body_announced(&r.body) == UINT64_MAX);
	start(&r, BODY_CHUNKED, 0);
	assert_int_equal(read_piece(&r, "1\r\nx\r\n", 6), 0);
	assert_int_equal(read_piece(&r, "ffffffffffffffff\r\nx", 19), 0);
	assert_true(body_announced(&r.body) == UINT64_MAX);
}

/* 56: 255 bytes with CRLF just fit, 256 do not. */
static void
bounds_its_lines(void **state)
{
	static const struct {
		const char	*before, *after;
		size_t		 len;
		const char	*want;
	} rows[] = {
		{ "0;", "\r\n\r\n", 251, "" },
		{ "0;", "\r\n\r\n", 252, NULL },
		{ "0;a=\"", "\"\r\n\r\n", 247, "" },
		{ "0;a=\"", "\"\r\n\r\n", 248, NULL },
		{ "0\r\na:", "\r\n\r\n", 251, "" },
		{ "0\r\na:", "\r\n\r\n", 252, NULL },
		{ "0\r\n", ":\r\n\r\n", 252, "" },
		{ "0\r\n", ":\r\n\r\n", 253, NULL },
		{ "0;", "", 300, NULL },
		{ "0\r\n", "", 300, NULL },
	};
	char text[512];
	struct bytes wire = { text, 0 };
	size_t before, i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(text, 'x', sizeof(text));
		before = strlen(rows[i].before);
		memcpy(text, rows[i].before, before);
		(void)strlcpy(text + before + rows[i].len, rows[i].after,
		    sizeof(text) - before - rows[i].len);
		wire.len = strlen(text);
		assert_reads(BODY_CHUNKED, 0, &wire, rows[i].want, 0);
	}
}

/* How many of these pieces are taken before one is refused, or all max. */
static size_t
count_pieces(struct reader *r, const char *piece, size_t max)
{
	size_t i;

	for (i = 0; i < max; i++) {
		if (read_piece(r, piece, strlen(piece)) == -1)
			break;
		r->len = 0;
	}
	return i;
}

/*
 * 56: 8 KiB beside an eighth of the data.  A chunk of 64 bytes costs 6 of
 * framing and may cost 8; one of 1 byte costs 5.
 */
static void
bounds_the_overhead_of_framing(void **state)
{
	struct reader r;
	size_t n;

	(void)state;
	start(&r, BODY_CHUNKED, 0);
	assert_int_equal(count_pieces(&r, "40\r\n" X64 "\r\n", 100000), 100000);
	start(&r, BODY_CHUNKED, 0);
	n = count_pieces(&r, "1\r\nx\r\n", 100000);
	assert_in_range(n, 8192 / 5, 8192 * 8 / (5 * 8 - 1) + 1);
	start(&r, BODY_CHUNKED, 0);
	assert_int_equal(read_piece(&r, "0\r\n", 3), 0);
	assert_in_range(count_pieces(&r, "A: b\r\n", 100000), 8192 / 6 - 1,
	    8192 / 6);
	start(&r, BODY_CHUNKED, 0);
	assert_in_range(count_pieces(&r, "1;" X64 X64 X64 "\r\nx\r\n", 100000),
	    8192 / 198 - 1, 8192 / 198 + 1);
}

/* 66: half a body is none, and nothing of it is taken twice. */
static void
waits_for_the_rest(void **state)
{
	static const char wire[] = "5;a=\"b\"\r\nhello\r\n0\r\nA: b\r\n\r\n";
	struct reader r;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(wire) - 1; n++) {
		start(&r, BODY_CHUNKED, 0);
		assert_int_equal(read_piece(&r, wire, n), 0);
		assert_false(body_is_done(&r.body));
		assert_int_equal(r.taken, n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_a_length_down),
		cmocka_unit_test(decodes_chunks),
		cmocka_unit_test(refuses_bad_chunks),
		cmocka_unit_test(announces_what_chunks_say),
		cmocka_unit_test(bounds_its_lines),
		cmocka_unit_test(bounds_the_overhead_of_framing),
		cmocka_unit_test(waits_for_the_rest),
	};

	return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
