/*
 * request: what a head means, and which heads could mean two things: RFC 9110
 * and RFC 9112, behind the scan and http-parser.  A number in a comment is the
 * case's in the list of what http-parser lets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "bytes.h"
#include "headscan.h"
#include "request.h"

#define END "\r\n\r\n"
#define HOST "\r\nHost: h"
#define GET "GET / HTTP/1.1" HOST
#define GET0 "GET / HTTP/1.0"
#define POST "POST / HTTP/1.1" HOST
#define CL "\r\nContent-Length: "
#define TE "\r\nTransfer-Encoding: "
#define CONNECTION "\r\nConnection: "

/* A request, the memory its head was read from, and what became of it. */
struct reading {
	struct http_request	 req;
	char			*head;
	enum http_status	 status;	/* 200: it was read */
};

/* Reads a head as a connection does: scanned first, then parsed. */
static struct reading *
read_head(const struct bytes *bytes)
{
	static const struct headscan_limits limits = {
		8192, 8192, 32768, REQUEST_MAX_FIELDS
	};
	struct reading *r = calloc(1, sizeof(*r));
	struct headscan hs = { 0 };
	char *in = exactly(bytes->data, bytes->len);

	assert_non_null(r);
	r->status = headscan(&hs, &limits, in, bytes->len);
	if (r->status == HTTP_OK) {
		r->head = exactly(in + hs.start, hs.line - hs.start);
		r->status = request_parse(&r->req, r->head,
		    hs.line - hs.start);
		if (r->status == 0)
			r->status = HTTP_OK;
	}
	free(in);
	return r;
}

static void
end_reading(struct reading *r)
{
	request_free(&r->req);
	free(r->head);
	free(r);
}

/* Fails unless a head is answered so. */
static void
assert_status(const struct bytes *head, enum http_status want)
{
	struct reading *r = read_head(head);

	if (r->status != want)
		fail_msg("\"%s\": %d, not %d", head->data, (int)r->status,
		    (int)want);
	end_reading(r);
}

struct row {
	struct bytes	 head;
	enum http_status want;
};

static void
assert_statuses(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_status(&rows[i].head, rows[i].want);
}

#define ASSERT_STATUSES(rows) \
	assert_statuses(rows, sizeof(rows) / sizeof((rows)[0]))

/* RFC 9112, 3. */
static void
request_lines(void **state)
{
	static const struct row rows[] = {
		{ B(GET END), 200 },
		/* 1. */
		{ B("\r\n\r\n" GET END), 200 },
		{ B("\r\n\r\n\r\n" GET END), 400 },
		{ B("\r\r\n" GET END), 400 },
		/* 2. */
		{ B("GET  / HTTP/1.1" HOST END), 400 },
		{ B("GET /  HTTP/1.1" HOST END), 400 },
		/* 3. */
		{ B("GET /\tHTTP/1.1" HOST END), 400 },
		/* 4. */
		{ B("GET /a\tb HTTP/1.1" HOST END), 400 },
		{ B("GET /\x0c HTTP/1.1" HOST END), 400 },
		{ B("GET /\x80 HTTP/1.1" HOST END), 400 },
		{ B("GET /\xff HTTP/1.1" HOST END), 400 },
		/* 5. */
		{ B("GET /" END), 400 },
		{ B("GET /" HOST END), 400 },
		/* 6. */
		{ B("GET / HTTP/0.1" HOST END), 505 },
		{ B("GET / HTTP/2.0" HOST END), 505 },
		{ B("GET / HTTP/9.9" HOST END), 505 },
		/* 7. */
		{ B("GET / HTTP/1.2" HOST END), 200 },
		{ B("GET / HTTP/1.9" HOST END), 200 },
		{ B("GET / HTTP/1.9" END), 400 },
		/* 8. */
		{ B("GET / HXYZ!1.1" HOST END), 400 },
		/* 9. */
		{ B("SOURCE / ICE/1.0" HOST END), 400 },
		{ B("SOURCE / HTTP/1.0" HOST END), 200 },
		/* 10: RFC 9110, 9.1. */
		{ B("FOO / HTTP/1.1" HOST END), 501 },
		{ B("QUERY / HTTP/1.1" HOST END), 501 },
		{ B("get / HTTP/1.1" HOST END), 501 },
		{ B("GETX / HTTP/1.1" HOST END), 501 },
		{ B("GE / HTTP/1.1" HOST END), 501 },
		{ B("1 / HTTP/1.1" HOST END), 501 },
		{ B("!#$%&'*+-.^_`|~ / HTTP/1.1" HOST END), 501 },
		{ B("M-SEARCH / HTTP/1.1" HOST END), 200 },
		{ B("G\"T / HTTP/1.1" HOST END), 400 },
		/* 11. */
		{ B("GET / HTTP/1.1\nHost: h\n\n"), 400 },
		{ B("GET / HTTP/1.1\nHost: h" END), 400 },
		/* 12. */
		{ B("GET / HTTP/1.1\r\r\nHost: h" END), 400 },
		{ B("GET / HTTP/1.1\rX\nHost: h" END), 400 },
		/* 13. */
		{ B("GET / HTTP/1.1 " HOST END), 400 },
		/* 14. */
		{ B("PRI * HTTP/2.0" END), 505 },
		{ B("PRI * HTTP/1.1" HOST END), 501 },
		/* RFC 9110, 9.3.6 and 9.3.8; 23. */
		{ B("TRACE / HTTP/1.1" HOST END), 501 },
		{ B("CONNECT h:443 HTTP/1.1" HOST END), 501 },
		{ B("CONNECT /p HTTP/1.1" HOST END), 501 },
		{ B("CONNECT h:443 HTTP/1.1" HOST CL "5" END "hello"), 501 },
	};

	(void)state;
	ASSERT_STATUSES(rows);
}

/* RFC 9112, 3.2. */
static void
targets(void **state)
{
	static const struct row rows[] = {
		/* 15. */
		{ B("GET /a#frag HTTP/1.1" HOST END), 400 },
		{ B("GET /# HTTP/1.1" HOST END), 400 },
		{ B("GET http://h/#f HTTP/1.1" HOST END), 400 },
		/* 16. */
		{ B("GET * HTTP/1.1" HOST END), 400 },
		{ B("OPTIONS * HTTP/1.1" HOST END), 200 },
		{ B("OPTIONS *foo HTTP/1.1" HOST END), 400 },
		{ B("GET *foo HTTP/1.1" HOST END), 400 },
		/* 17. */
		{ B("GET /%zz HTTP/1.1" HOST END), 400 },
		{ B("GET /% HTTP/1.1" HOST END), 400 },
		{ B("GET /%4 HTTP/1.1" HOST END), 400 },
		{ B("GET /%00 HTTP/1.1" HOST END), 400 },
		{ B("GET /?%00 HTTP/1.1" HOST END), 400 },
		{ B("GET /\\ HTTP/1.1" HOST END), 400 },
		{ B("GET /< HTTP/1.1" HOST END), 400 },
		{ B("GET /> HTTP/1.1" HOST END), 400 },
		{ B("GET /\" HTTP/1.1" HOST END), 400 },
		{ B("GET /{} HTTP/1.1" HOST END), 400 },
		{ B("GET /` HTTP/1.1" HOST END), 400 },
		{ B("GET /[]|^ HTTP/1.1" HOST END), 200 },
		/* 18. */
		{ B("GET http://u:p@h/ HTTP/1.1" HOST END), 400 },
		{ B("GET http://u@h/ HTTP/1.1" HOST END), 400 },
		/* 19. */
		{ B("GET ftp://h/ HTTP/1.1" HOST END), 400 },
		{ B("GET javascript://x HTTP/1.1" HOST END), 400 },
		{ B("GET ht-tp://h/ HTTP/1.1" HOST END), 400 },
		{ B("GET HTTPS://h/ HTTP/1.1" HOST END), 421 },
		{ B("OPTIONS https://h HTTP/1.1" HOST END), 421 },
		/* 20. */
		{ B("GET http:///p HTTP/1.1" HOST END), 400 },
		{ B("GET http://x:/ HTTP/1.1" HOST END), 200 },
		{ B("GET http://x:99999/ HTTP/1.1" HOST END), 400 },
		{ B("GET http://x:65535/ HTTP/1.1" HOST END), 200 },
		/* 21: the field is checked nevertheless, but may be empty. */
		{ B("GET http://h/ HTTP/1.1\r\nHost: i" END), 200 },
		{ B("GET http://h/ HTTP/1.1\r\nHost:" END), 200 },
		{ B("GET http://h/ HTTP/1.1\r\nHost:\r\nHost:" END), 400 },
		{ B("OPTIONS * HTTP/1.1\r\nHost:" END), 400 },
		{ B("GET / HTTP/1.0\r\nHost:" END), 400 },
		{ B("GET http://h/ HTTP/1.1" END), 400 },
		{ B("GET http://h/ HTTP/1.1\r\nHost: u@i" END), 400 },
		/* 24, 25. */
		{ B("GET //evil/x HTTP/1.1" HOST END), 200 },
		{ B("GET /../x HTTP/1.1" HOST END), 400 },
		{ B("GET /%2e%2e/x HTTP/1.1" HOST END), 400 },
		{ B("GET /%2e%2e%2fx HTTP/1.1" HOST END), 200 },
		{ B("GET /a/../b HTTP/1.1" HOST END), 200 },
		/* None of the forms. */
		{ B("GET h HTTP/1.1" HOST END), 400 },
		{ B("GET h:80 HTTP/1.1" HOST END), 400 },
		{ B("GET ?q HTTP/1.1" HOST END), 400 },
	};

	(void)state;
	ASSERT_STATUSES(rows);
}

/* RFC 9112, 5; RFC 9110, 5. */
static void
fields(void **state)
{
	static const struct row rows[] = {
		/* 26. */
		{ B(GET "\r\nFoo : x" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost : h" END), 400 },
		/* 27. */
		{ B(POST "\r\nContent-Length : 5" END), 400 },
		{ B(POST "\r\nTransfer-Encoding : chunked" END), 400 },
		/* 28. */
		{ B(GET "\r\nFoo Bar: x" END), 400 },
		{ B("GET / HTTP/1.1\r\n Foo: x" HOST END), 400 },
		{ B("POST / HTTP/1.1\r\n Content-Length: 5" HOST END), 400 },
		/* 29. */
		{ B(GET "\r\nFoo\t: x" END), 400 },
		{ B(GET "\r\n: x" END), 400 },
		{ B(GET "\r\nFoo" END), 400 },
		{ B(GET "\r\nFoo[]: x" END), 400 },
		{ B(GET "\r\nF\x80: x" END), 400 },
		{ B(GET "\r\nF\0: x" END), 400 },
		/* 30. */
		{ B(GET "\r\nFoo: a\r\n b" END), 400 },
		{ B(GET "\r\nFoo: a\r\n\tb" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost:\r\n h" END), 400 },
		{ B(POST "\r\nContent-Length:\r\n 5" END), 400 },
		/* 31. */
		{ B(GET CONNECTION "close\r\n , foo" END), 400 },
		/* 32. */
		{ B(GET "\r\nFoo: \0b" END), 400 },
		{ B(GET "\r\nFoo: \x01" END), 400 },
		{ B(GET "\r\nFoo: \x7f" END), 400 },
		/* 34. */
		{ B(GET "\r\nFoo:\rXBar: y" END), 400 },
		{ B(GET "\r\nFoo:\r Content-Length: 5" END), 400 },
		/* 35. */
		{ B(GET "\r\n\rX"), 400 },
		/* 36. */
		{ B(GET "\r\nFoo: a\rb" END), 400 },
		/* 37: RFC 9112, 3.2. */
		{ B("GET / HTTP/1.1" END), 400 },
		{ B("GET / HTTP/1.0" END), 200 },
		{ B("GET / HTTP/1.1\r\nHost: h\r\nHost: h" END), 400 },
		{ B("GET / HTTP/1.0\r\nHost: h\r\nhost: h" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost:" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: " END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: a, b" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: a b" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: u@h" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: h/p" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: http://h" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: h:x" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: h:65536" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: \x80" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: h#" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: [::1" END), 400 },
		{ B("GET / HTTP/1.1\r\nHost: [::1]:80" END), 200 },
		{ B("GET / HTTP/1.1\r\nHOST:\th:80 \t" END), 200 },
		/* 40: a field like another, but no length. */
		{ B(GET "\r\nContent_Length: 5" END), 200 },
	};

	(void)state;
	ASSERT_STATUSES(rows);
}

/* RFC 9112, 6. */
static void
framing(void **state)
{
	static const struct row rows[] = {
		{ B(POST CL "0" END), 200 },
		{ B(POST CL "00000005" END), 200 },
		{ B(POST CL "9223372036854775799" END), 200 },
		{ B(POST CL END), 400 },
		{ B(POST CL "+5" END), 400 },
		{ B(POST CL "-5" END), 400 },
		{ B(POST CL "-0" END), 400 },
		{ B(POST CL "0x5" END), 400 },
		{ B(POST CL "5.0" END), 400 },
		{ B(POST CL "1_0" END), 400 },
		{ B(POST CL "5 5" END), 400 },
		{ B(POST CL "5,5" END), 400 },
		{ B(POST CL "5, 6" END), 400 },
		{ B(POST CL "5;" END), 400 },
		{ B(POST CL "\"5\"" END), 400 },
		{ B(POST CL "a" END), 400 },
		{ B(POST CL "5" CL "5" END), 400 },
		{ B(POST CL "5" CL "6" END), 400 },
		{ B(POST CL "0" CL "0" END), 400 },
		/* 41. */
		{ B(POST CL "9223372036854775808" END), 413 },
		{ B(POST CL "18446744073709551609" END), 413 },
		{ B(POST CL "18446744073709551615" END), 413 },
		{ B(POST CL "18446744073709551616\t" END), 413 },
		{ B(POST CL "0000000000000000000000000000000000000005" END),
		    200 },
		{ B(POST CL "1000000000000000000000000000000000000000" END),
		    413 },
		{ B(POST CL "1000000000000000000000000000000000000000x" END),
		    400 },
		/* 42. */
		{ B(POST CL "5\t" END), 200 },
		{ B(POST CL "\t 5 \t \t" END), 200 },
		{ B(POST CL "5\t5" END), 400 },
		/* 43. */
		{ B(POST CL "\r\n 5" END), 400 },

		{ B(POST TE "chunked" END), 200 },
		{ B(POST TE "CHUNKED" END), 200 },
		{ B(POST TE END), 400 },
		{ B(POST TE "identity" END), 400 },
		{ B(POST TE "gzip" END), 400 },
		{ B(POST TE "chunked, identity" END), 400 },
		{ B(POST TE "chunked, gzip" END), 400 },
		{ B(POST TE "chunked, chunked" END), 400 },
		{ B(POST TE "chunked," END), 400 },
		{ B(POST TE ",chunked" END), 400 },
		{ B(POST TE ", chunked ," END), 400 },
		{ B(POST TE "chunked;q=1" END), 400 },
		{ B(POST TE "xchunked" END), 400 },
		{ B(POST TE "chunkedx" END), 400 },
		{ B(POST TE "chunk" END), 400 },
		{ B(POST TE "\"chunked\"" END), 400 },
		{ B(POST TE "\x0b" "chunked" END), 400 },
		{ B(POST TE "chunked\0" END), 400 },
		{ B(POST TE "chunked" TE "identity" END), 400 },
		{ B(POST TE "chunked" TE END), 400 },
		{ B(POST TE "chunked" CL "5" END), 400 },
		{ B(POST CL "5" TE "chunked" END), 400 },
		{ B(POST CL "0" TE "chunked" END), 400 },
		/* 44. */
		{ B(POST TE "gzip, chunked" END), 501 },
		{ B(POST TE "foo,chunked" END), 501 },
		{ B(POST TE "identity, chunked" END), 501 },
		/* 45. */
		{ B(POST TE "chunked, foo, chunked" END), 400 },
		/* 46. */
		{ B(POST TE "chunked" TE "chunked" END), 400 },
		{ B(POST TE "identity" TE "chunked" END), 400 },
		/* 47. */
		{ B("POST / HTTP/1.0" TE "chunked" END), 400 },
		{ B("POST / HTTP/1.0" CONNECTION "keep-alive" TE "chunked"
		    END), 400 },
		/* 48. */
		{ B(POST "\r\nTransfer-Encoding:\r\n chunked" END), 400 },
		/* 49. */
		{ B(POST TE "chunked\t" END), 200 },
		{ B(POST TE "gzip,\tchunked" END), 501 },
		/* 50: other fields, though http-parser sees it in them. */
		{ B(POST "\r\nTransfer-Encoding-Foo: x" END), 200 },
		{ B(POST "\r\nTransfer-Encoding-Foo: x" CL "5" END), 200 },
		{ B(POST CL "5\r\nTransfer-Encoding-Foo: x" END), 200 },
		{ B(POST CL "5\r\nTransfer-Encoding-Foo: x" CL "5" END),
		    400 },
		{ B(POST "\r\nX-Transfer-Encoding: x" CL "5" END), 200 },
		{ B(POST "\r\nContent-Length-Foo: x" CL "5" END), 200 },
	};

	(void)state;
	ASSERT_STATUSES(rows);
}

/* RFC 9112, 3.2 and 6.3: what is refused for less hides no fault behind it. */
static void
faults_win(void **state)
{
	static const struct row rows[] = {
		{ B("FOO / HTTP/1.1" END), 400 },
		{ B("FOO / HTTP/1.0" END), 501 },
		{ B("FOO / HTTP/1.1" HOST HOST END), 400 },
		{ B("FOO / HTTP/1.1" HOST CL "x" END), 400 },
		{ B("FOO / HTTP/1.1" HOST TE "gzip" END), 400 },
		{ B("FOO / HTTP/1.1" HOST TE "gzip, chunked" END), 501 },
		{ B("FOO / HTTP/1.1" HOST TE "chunked" CL "5" END), 400 },
		{ B("FOO / HTTP/1.0" TE "chunked" END), 400 },
		{ B("FOO h:443 HTTP/1.1" HOST END), 501 },
		{ B("TRACE / HTTP/1.1" END), 400 },
		{ B("TRACE / HTTP/1.1" HOST CL "x" END), 400 },
		{ B("CONNECT h:443 HTTP/1.1" END), 400 },
		{ B("CONNECT h:443 HTTP/1.1" HOST TE "gzip" END), 400 },
		{ B("POST / HTTP/1.1" CL "5\r\nExpect: x" END), 400 },
		{ B("GET / HTTP/1.1\r\nExpect: x" HOST HOST END), 400 },
		{ B(POST "\r\nExpect: x" CL "x" END), 400 },
		{ B(POST "\r\nExpect: x" TE "gzip" END), 400 },
		{ B("POST / HTTP/1.1" CL "9223372036854775808" END), 400 },
		{ B("POST / HTTP/1.1" CL "9223372036854775808\r\nHost: h\r\n"
		    "Host: h" END), 400 },
		{ B(POST CL "9223372036854775808a" END), 400 },
		{ B(POST CL "9223372036854775808" CL "5" END), 400 },
		{ B(POST CL "9223372036854775808" TE "chunked" END), 400 },
		{ B("POST / HTTP/1.1" CL "18446744073709551616" END), 400 },
		{ B(POST CL "18446744073709551616" CL "5" END), 400 },
		{ B(POST CL "18446744073709551616" TE "chunked" END), 400 },
		{ B("POST / HTTP/1.1" TE "gzip, chunked" END), 400 },
		{ B(POST TE "gzip, chunked" CL "5" END), 400 },
		{ B(POST TE "gzip, chunked" CL "x" END), 400 },
		{ B(POST TE "gzip, chunked" TE "chunked" END), 400 },
		{ B(POST TE "gzip, chunked\r\nExpect: x" END), 501 },
	};

	(void)state;
	ASSERT_STATUSES(rows);
}

/* 67: RFC 9110, 10.1.1. */
static void
expectations(void **state)
{
	static const struct {
		struct bytes	 head;
		enum http_status want;
		bool		 expects;
	} rows[] = {
		{ B(POST CL "5\r\nExpect: 100-continue" END), 200, true },
		{ B(POST CL "5\r\nexpect: 100-Continue" END), 200, true },
		{ B(POST CL "5" END), 200, false },
		{ B(POST CL "5\r\nExpect: 200-ok" END), 417, false },
		{ B(POST CL "5\r\nExpect: 100-continue, x" END), 417, false },
		{ B(POST CL "5\r\nExpect: x,100-continue" END), 417, false },
		{ B(POST CL "5\r\nExpect: x=\",100-continue\"" END), 417,
		    false },
		/* 5.6.1.2. */
		{ B(POST CL "5\r\nExpect: ,100-continue ," END), 200, true },
		{ B(POST CL "5\r\nExpect: 100-continue, 100-continue" END),
		    200, true },
		{ B(POST CL "5\r\nExpect: 100-continue\r\nExpect:" END),
		    200, true },
		{ B(POST CL "5\r\nExpect:" END), 200, false },
		{ B(POST CL "5\r\nExpect: 100-continue;a=b" END), 417, false },
		{ B("POST / HTTP/1.0" CL "5\r\nExpect: 100-continue" END),
		    200, false },
		{ B("POST / HTTP/1.0" CL "5\r\nExpect: x" END), 200, false },
	};
	struct reading *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_status(&rows[i].head, rows[i].want);
		r = read_head(&rows[i].head);
		assert_int_equal(r->req.expects_continue, rows[i].expects);
		end_reading(r);
	}
}

/* RFC 9112, 9.3. */
static void
keeps_alive(void **state)
{
	static const struct {
		struct bytes	head;
		bool		want;
	} rows[] = {
		{ B(GET END), true },
		{ B("GET / HTTP/1.2" HOST END), true },
		{ B(GET0 END), false },
		/* 60. */
		{ B(GET CONNECTION "close" END GET END), false },
		{ B(GET CONNECTION "CLOSE" END), false },
		{ B(GET CONNECTION "keep-alive" END), true },
		{ B(GET CONNECTION "closed" END), true },
		{ B(GET CONNECTION "foo" END), true },
		{ B(GET CONNECTION END), true },
		/* 61. */
		{ B(GET CONNECTION "close\t" END), false },
		{ B(GET CONNECTION "foo,\tclose" END), false },
		{ B(GET CONNECTION "foo, close , bar" END), false },
		{ B(GET CONNECTION ",,close,," END), false },
		{ B(GET CONNECTION "foo" CONNECTION "close" END), false },
		{ B(GET CONNECTION "close" CONNECTION "foo" END), false },
		{ B(GET CONNECTION "foo close" END), true },
		/* 62. */
		{ B(GET0 CONNECTION "keep-alive" END), true },
		{ B(GET0 CONNECTION "Keep-Alive, foo" END), true },
		{ B(GET0 CONNECTION "keep-alive, close" END), false },
		{ B(GET0 CONNECTION "close, keep-alive" END), false },
		{ B(GET CONNECTION "keep-alive" CONNECTION "close" END),
		    false },
		/* 63. */
		{ B(GET "\r\nProxy-Connection: close" END), true },
		{ B(GET0 "\r\nProxy-Connection: keep-alive" END), false },
		{ B(GET0 "\r\nKeep-Alive: 300" END), false },
		/* 64. */
		{ B(GET "\r\nUpgrade: h2c" CONNECTION "Upgrade" END), true },
		{ B(GET "\r\nUpgrade: foo" CONNECTION "Upgrade, close" END),
		    false },
	};
	struct reading *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_status(&rows[i].head, HTTP_OK);
		r = read_head(&rows[i].head);
		if (r->req.keepalive != rows[i].want)
			fail_msg("\"%s\": %d", rows[i].head.data,
			    r->req.keepalive);
		end_reading(r);
	}
}

static void
says_what_was_asked(void **state)
{
	static const struct {
		struct bytes		 head;
		const char		*method, *target, *path, *query;
		const char		*host;
		int			 minor;
		enum body_framing	 framing;
		uint64_t		 length;
	} rows[] = {
		{ B(GET END), "GET", "/", "/", NULL, "h", 1, BODY_NONE, 0 },
		{ B("HEAD /a%20b?c=%41&d HTTP/1.0" END), "HEAD",
		    "/a%20b?c=%41&d", "/a b", "c=%41&d", "", 0, BODY_NONE, 0 },
		{ B("GET /? HTTP/1.7" HOST END), "GET", "/?", "/", "", "h", 7,
		    BODY_NONE, 0 },
		/* 15 to 25. */
		{ B("OPTIONS * HTTP/1.1" HOST END), "OPTIONS", "*", "*", NULL,
		    "h", 1, BODY_NONE, 0 },
		{ B("GET http://h:80/a?b HTTP/1.1\r\nHost: i" END), "GET",
		    "http://h:80/a?b", "/a", "b", "h:80", 1, BODY_NONE, 0 },
		{ B("GET http://h HTTP/1.1\r\nHost: i" END), "GET",
		    "http://h", "/", NULL, "h", 1, BODY_NONE, 0 },
		/* RFC 9112, 3.2.4. */
		{ B("OPTIONS http://h HTTP/1.1\r\nHost: i" END), "OPTIONS",
		    "http://h", "*", NULL, "h", 1, BODY_NONE, 0 },
		{ B("OPTIONS HTTP://h:80 HTTP/1.0" END), "OPTIONS",
		    "HTTP://h:80", "*", NULL, "h:80", 0, BODY_NONE, 0 },
		{ B("OPTIONS http://h/ HTTP/1.1" HOST END), "OPTIONS",
		    "http://h/", "/", NULL, "h", 1, BODY_NONE, 0 },
		{ B("OPTIONS http://h?q HTTP/1.1" HOST END), "OPTIONS",
		    "http://h?q", "/", "q", "h", 1, BODY_NONE, 0 },
		{ B("OPTIONS http://h? HTTP/1.1" HOST END), "OPTIONS",
		    "http://h?", "/", "", "h", 1, BODY_NONE, 0 },
		{ B("GET http://h?q HTTP/1.0" END), "GET", "http://h?q", "/",
		    "q", "h", 0, BODY_NONE, 0 },
		{ B("GET //evil/x HTTP/1.1" HOST END), "GET", "//evil/x",
		    "//evil/x", NULL, "h", 1, BODY_NONE, 0 },
		{ B("GET /a/./b/../c%2fd HTTP/1.1" HOST END), "GET",
		    "/a/./b/../c%2fd", "/a/c%2Fd", NULL, "h", 1, BODY_NONE, 0 },
		{ B("\r\nGET / HTTP/1.1\r\nHost: \t[::1]:8 \t" END), "GET",
		    "/", "/", NULL, "[::1]:8", 1, BODY_NONE, 0 },
		/* 33, 41 to 50. */
		{ B(POST CL "\t0042 \t" END), "POST", "/", "/", NULL, "h", 1,
		    BODY_LENGTH, 42 },
		{ B(POST CL "9223372036854775799" END), "POST", "/", "/", NULL,
		    "h", 1, BODY_LENGTH, 9223372036854775799 },
		{ B(POST TE "\tchunked\t" END), "POST", "/", "/", NULL, "h", 1,
		    BODY_CHUNKED, 0 },
		/* 64, 65: nothing behind the head is taken. */
		{ B(POST "\r\nUpgrade: h2c" CONNECTION "Upgrade" CL "5" END
		    "hello"), "POST", "/", "/", NULL, "h", 1, BODY_LENGTH, 5 },
	};
	struct reading *r;
	const char *query;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_status(&rows[i].head, HTTP_OK);
		r = read_head(&rows[i].head);
		assert_string_equal(http_request_method(&r->req),
		    rows[i].method);
		assert_string_equal(http_request_target(&r->req),
		    rows[i].target);
		assert_string_equal(http_request_path(&r->req), rows[i].path);
		assert_string_equal(http_request_host(&r->req), rows[i].host);
		query = http_request_query(&r->req);
		assert_int_equal(query != NULL, rows[i].query != NULL);
		if (query != NULL)
			assert_string_equal(query, rows[i].query);
		assert_int_equal(http_request_minor_version(&r->req),
		    rows[i].minor);
		assert_int_equal(r->req.framing, rows[i].framing);
		assert_int_equal(r->req.content_length, rows[i].length);
		assert_int_equal(r->req.is_head,
		    strcmp(rows[i].method, "HEAD") == 0);
		end_reading(r);
	}
}

/* 33, and what an empty value is. */
#define FIELDS \
	"\r\nA: 1\r\nEmpty:\r\nBlank: \t \r\na: 2\r\nTrim: \t b\t c \t" \
	"\r\nOWS:d \t "

static void
assert_fields(const struct http_request *req)
{
	static const char *const want[][2] = {
		{ "Host", "h" }, { "A", "1" }, { "Empty", "" },
		{ "Blank", "" }, { "a", "2" }, { "Trim", "b\t c" },
		{ "OWS", "d" },
	};
	const char *name, *value;
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(http_request_header_at(req, i, &name,
		    &value), 1);
		assert_string_equal(name, want[i][0]);
		assert_string_equal(value, want[i][1]);
	}
	assert_int_equal(http_request_header_at(req, i, &name, &value), 0);
	assert_string_equal(http_request_header(req, "a"), "1");
	assert_string_equal(http_request_header(req, "EMPTY"), "");
	assert_null(http_request_header(req, "B"));
	assert_null(http_request_header(req, ""));
}

static void
gives_fields_in_order(void **state)
{
	static const struct bytes head = B(GET FIELDS END);
	struct reading *r;

	(void)state;
	assert_status(&head, HTTP_OK);
	r = read_head(&head);
	assert_fields(&r->req);
	end_reading(r);
}

/* 10: a log has what is known of these. */
static void
reads_what_the_parser_refuses(void **state)
{
	static const struct bytes head = B("FOO /a?b HTTP/1.7" HOST FIELDS END);
	struct reading *r;

	(void)state;
	assert_status(&head, HTTP_NOT_IMPLEMENTED);
	r = read_head(&head);
	assert_string_equal(http_request_method(&r->req), "FOO");
	assert_string_equal(http_request_target(&r->req), "/a?b");
	assert_int_equal(r->req.target_len, 4);
	assert_int_equal(http_request_minor_version(&r->req), 7);
	assert_string_equal(http_request_host(&r->req), "h");
	assert_fields(&r->req);
	end_reading(r);
}

/* 38: as many fields as the scan lets through; 22: a target this long. */
static void
takes_all_that_the_scan_lets_through(void **state)
{
	char text[20000];
	struct bytes head = { text, 0 };
	struct reading *r;
	size_t i, len;

	(void)state;
	len = (size_t)snprintf(text, sizeof(text), "GET /%08150d HTTP/1.1", 0);
	for (i = 0; i < REQUEST_MAX_FIELDS - 1; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "\r\nA%zu:", i);
	len += (size_t)snprintf(text + len, sizeof(text) - len,
	    "\r\nHost:h\r\n\r\n");
	head.len = len;
	assert_status(&head, HTTP_OK);
	r = read_head(&head);
	assert_int_equal(strlen(http_request_path(&r->req)), 8151);
	assert_string_equal(http_request_header(&r->req, "A98"), "");
	assert_string_equal(http_request_header(&r->req, "Host"), "h");
	end_reading(r);
	(void)memcpy(text + len - 2, "B:\r\n\r\n", 7);
	head.len = len + 4;
	assert_status(&head, HTTP_FIELDS_TOO_LARGE);
}

/* 39: http-parser's own limit of 80 KB does not count, the scan's does. */
static void
takes_heads_of_any_size(void **state)
{
	struct http_request req = { .minor = 0 };
	const size_t len = 300000;
	char *head = malloc(len);

	(void)state;
	assert_non_null(head);
	memset(head, 'a', len);
	memcpy(head, "GET / HTTP/1.0\r\nA:", 18);
	memcpy(head + len - 4, "\r\n\r\n", 4);
	assert_int_equal(request_parse(&req, head, len), 0);
	assert_int_equal(strlen(http_request_header(&req, "A")), len - 22);
	free(head);
	request_free(&req);
}

/* One is reused: nothing of a request is left in the next. */
static void
forgets(void **state)
{
	static const char first[] = "HEAD http://i/a?b HTTP/1.0" CONNECTION
	    "close" CL "5" END;
	static const char second[] = "GET / HTTP/1.1\r\nHost: h\r\nExpect: "
	    "100-continue" TE "chunked" END;
	static const char third[] = "GET / HTTP/1.0" END;
	struct http_request req;
	char *head;

	(void)state;
	memset(&req, 0, sizeof(req));
	head = exactly(first, sizeof(first) - 1);
	assert_int_equal(request_parse(&req, head, sizeof(first) - 1), 0);
	assert_string_equal(req.host, "i");
	free(head);
	head = exactly(second, sizeof(second) - 1);
	assert_int_equal(request_parse(&req, head, sizeof(second) - 1), 0);
	assert_string_equal(req.host, "h");
	assert_null(req.query);
	assert_false(req.is_head);
	assert_true(req.keepalive);
	assert_int_equal(req.framing, BODY_CHUNKED);
	assert_int_equal(req.content_length, 0);
	free(head);
	head = exactly(third, sizeof(third) - 1);
	assert_int_equal(request_parse(&req, head, sizeof(third) - 1), 0);
	assert_string_equal(req.host, "");
	assert_false(req.expects_continue);
	assert_int_equal(req.framing, BODY_NONE);
	assert_null(http_request_header(&req, "Host"));
	free(head);
	request_free(&req);
}

static void
then(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)req;
	(void)arg;
}

static void
awaits_a_body_once(void **state)
{
	static const struct bytes head = B(GET END);
	struct reading *r = read_head(&head);
	size_t len;

	(void)state;
	assert_string_equal(http_request_body(&r->req, &len), "");
	assert_int_equal(len, 0);
	assert_int_equal(http_request_await_body(&r->req, NULL, NULL), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(http_request_await_body(&r->req, then, r), 0);
	assert_ptr_equal(r->req.then, then);
	assert_ptr_equal(r->req.then_arg, r);
	errno = 0;
	assert_int_equal(http_request_await_body(&r->req, then, r), -1);
	assert_int_equal(errno, EINVAL);
	end_reading(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_lines),
		cmocka_unit_test(targets),
		cmocka_unit_test(fields),
		cmocka_unit_test(framing),
		cmocka_unit_test(faults_win),
		cmocka_unit_test(expectations),
		cmocka_unit_test(keeps_alive),
		cmocka_unit_test(says_what_was_asked),
		cmocka_unit_test(gives_fields_in_order),
		cmocka_unit_test(reads_what_the_parser_refuses),
		cmocka_unit_test(takes_all_that_the_scan_lets_through),
		cmocka_unit_test(takes_heads_of_any_size),
		cmocka_unit_test(forgets),
		cmocka_unit_test(awaits_a_body_once),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
