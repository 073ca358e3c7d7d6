/* response: the bytes of its head, by RFC 9110, 6, and its three bodies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "request.h"
#include "answer.h"
#include "response.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define DATE_LINE "Date: " DATE "\r\n"
#define OK "HTTP/1.1 200 OK\r\n" DATE_LINE
#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"

/* What http_response_send_file() may read ahead of the socket. */
#define READ_BYTES 32768

/* One response, and where it is written to. */
static struct http_response res;
static struct buffer out;
static const struct answer_context kept = { DATE, false, true, 1 };

static int
setup(void **state)
{
	(void)state;
	response_init(&res);
	memset(&out, 0, sizeof(out));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	response_free(&res);
	buffer_free(&out);
	return 0;
}

static void
assert_out(const char *want)
{
	if (out.len != strlen(want) || memcmp(out.data, want, out.len) != 0)
		fail_msg("\"%.*s\" is not \"%s\"", (int)out.len, out.data,
		    want);
}

/* A source of so many bytes of 'x', in pieces; what it is asked is kept. */
struct xs {
	size_t	left;
	size_t	piece;
	int	fails;
	int	released;
	size_t	asked;
};

static ssize_t
read_xs(void *arg, char *buf, size_t size)
{
	struct xs *xs = arg;
	size_t n = size < xs->piece ? size : xs->piece;

	xs->asked = size;
	if (xs->fails)
		return -1;
	if (n > xs->left)
		n = xs->left;
	memset(buf, 'x', n);
	xs->left -= n;
	return (ssize_t)n;
}

static void
release_xs(void *arg)
{
	((struct xs *)arg)->released++;
}

static int
send_xs(struct xs *xs, off_t length)
{
	const struct http_source source = { read_xs, release_xs, xs };

	return http_response_send_source(&res, &source, length);
}

/* A file with so many bytes of 'f'. */
static int
file_of(size_t len)
{
	char *bytes = malloc(len + 1);
	int fd = memfd_create("file", 0);

	assert_non_null(bytes);
	assert_int_not_equal(fd, -1);
	memset(bytes, 'f', len + 1);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	free(bytes);
	return fd;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* RFC 9112, 9.3, and RFC 9110, 6.4.1, 8.6, 9.3.2. */
static void
writes_heads(void **state)
{
	static const struct {
		int		 status;
		const char	*body;
		bool		 is_head, keepalive;
		int		 minor;
		const char	*want;
	} rows[] = {
		{ 200, "", false, true, 1,
		    OK "Content-Length: 0\r\n\r\n" },
		{ 200, "hello", false, true, 1,
		    OK TEXT "Content-Length: 5\r\n\r\nhello" },
		{ 200, "hello", false, false, 1,
		    OK TEXT "Content-Length: 5\r\n"
		    "Connection: close\r\n\r\nhello" },
		{ 200, "hello", false, true, 0,
		    OK TEXT "Content-Length: 5\r\n"
		    "Connection: keep-alive\r\n\r\nhello" },
		{ 200, "hello", false, false, 0,
		    OK TEXT "Content-Length: 5\r\n"
		    "Connection: close\r\n\r\nhello" },
		{ 200, "hello", true, true, 1,
		    OK TEXT "Content-Length: 5\r\n\r\n" },
		{ 404, "no", true, false, 1,
		    "HTTP/1.1 404 Not Found\r\n" DATE_LINE TEXT
		    "Content-Length: 2\r\nConnection: close\r\n\r\n" },
		{ 204, "", false, true, 1,
		    "HTTP/1.1 204 No Content\r\n" DATE_LINE "\r\n" },
		{ 304, "", false, false, 1,
		    "HTTP/1.1 304 Not Modified\r\n" DATE_LINE
		    "Connection: close\r\n\r\n" },
		{ 299, "", false, true, 1,
		    "HTTP/1.1 299 Unknown\r\n" DATE_LINE
		    "Content-Length: 0\r\n\r\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct answer_context context = {
			DATE, rows[i].is_head, rows[i].keepalive, rows[i].minor
		};

		assert_int_equal(http_response_set_status(&res,
		    rows[i].status), 0);
		assert_int_equal(http_response_write(&res, rows[i].body,
		    strlen(rows[i].body)), 0);
		assert_int_equal(answer_begin(&res, &context, &out), 0);
		assert_out(rows[i].want);
		assert_true(res.done);
		assert_int_equal(res.sent, strstr(rows[i].want, "\r\n\r\nh") !=
		    NULL ? strlen(rows[i].body) : 0);
		response_reset(&res);
		out.len = 0;
	}
}

/* RFC 9110, 8.8.2.1: what is from the future is as new as the message. */
static void
dates_what_is_of_the_future(void **state)
{
	(void)state;
	res.is_modified_now = true;
	assert_int_equal(http_response_set_header(&res, "Last-Modifier", "x"),
	    0);
	assert_int_equal(http_response_set_status(&res, 304), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out("HTTP/1.1 304 Not Modified\r\n" DATE_LINE
	    "Last-Modified: " DATE "\r\nLast-Modifier: x\r\n\r\n");
	response_restart(&res, 0);
	assert_false(res.is_modified_now);
	res.is_modified_now = true;
	response_reset(&res);
	assert_false(res.is_modified_now);
	/* Who says another date means it. */
	res.is_modified_now = true;
	assert_int_equal(http_response_set_header(&res, "last-modified", "x"),
	    0);
	out.len = 0;
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK "last-modified: x\r\nContent-Length: 0\r\n\r\n");
}

/* RFC 9110, 7.8: Upgrade is an option of Connection, too. */
static void
lists_upgrade_in_connection(void **state)
{
	static const struct answer_context closed = { DATE, false, false, 1 };

	(void)state;
	assert_int_equal(http_response_set_header(&res, "upgrade", "h2c"), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK "upgrade: h2c\r\nContent-Length: 0\r\n"
	    "Connection: upgrade\r\n\r\n");
	response_reset(&res);
	out.len = 0;

	assert_int_equal(http_response_add_header(&res, "Upgrade", "h2c"), 0);
	assert_int_equal(answer_begin(&res, &closed, &out), 0);
	assert_out(OK "Upgrade: h2c\r\nContent-Length: 0\r\n"
	    "Connection: close\r\nConnection: upgrade\r\n\r\n");
	response_reset(&res);
	out.len = 0;

	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK "Content-Length: 0\r\n\r\n");
	response_reset(&res);
	out.len = 0;
}

/* These have no content, whatever the handler gave. */
static void
sends_no_content_with_204_and_304(void **state)
{
	static const int statuses[] = { 204, 304 };
	struct xs xs = { .left = 9, .piece = 9 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		http_response_set_status(&res, statuses[i]);
		assert_int_equal(http_response_write(&res, "hello", 5), 0);
		assert_int_equal(answer_begin(&res, &kept, &out), 0);
		assert_true(res.done);
		assert_null(memmem(out.data, out.len, "hello", 5));
		assert_null(memmem(out.data, out.len, "Content-Length", 14));
		response_reset(&res);
		out.len = 0;

		http_response_set_status(&res, statuses[i]);
		assert_int_equal(send_xs(&xs, -1), 0);
		assert_int_equal(answer_begin(&res, &kept, &out), 0);
		assert_true(res.done);
		assert_null(memmem(out.data, out.len, "Transfer", 8));
		response_reset(&res);
		out.len = 0;
	}
	assert_int_equal(xs.released, 2);
	assert_int_equal(xs.left, 9);
}

static void
sets_and_adds_fields(void **state)
{
	(void)state;
	assert_int_equal(http_response_add_header(&res, "A", "1"), 0);
	assert_int_equal(http_response_add_header(&res, "AB", "2"), 0);
	assert_int_equal(http_response_add_header(&res, "a", ""), 0);
	assert_int_equal(http_response_add_header(&res, "B", "A: 3"), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK "A: 1\r\nAB: 2\r\na: \r\nB: A: 3\r\n"
	    "Content-Length: 0\r\n\r\n");
	out.len = 0;

	assert_int_equal(http_response_set_header(&res, "a", "4"), 0);
	assert_int_equal(http_response_set_header(&res, "b", "5"), 0);
	assert_int_equal(http_response_set_header(&res, "b", "6"), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK "AB: 2\r\na: 4\r\nb: 6\r\nContent-Length: 0\r\n\r\n");
}

static void
a_type_replaces_the_default(void **state)
{
	(void)state;
	assert_int_equal(http_response_set_header(&res, "content-type",
	    "text/html"), 0);
	assert_int_equal(http_response_write(&res, "<p>", 3), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK "content-type: text/html\r\nContent-Length: 3\r\n\r\n"
	    "<p>");
}

/* No line is smuggled in, and the framing is nobody else's. */
static void
refuses_fields(void **state)
{
	static const char *const rows[][2] = {
		{ "", "x" }, { "A B", "x" }, { "A:", "x" }, { "A\r\nB", "x" },
		{ "A\x80", "x" }, { " A", "x" }, { "A", "x\r\nB: y" },
		{ "A", "x\n" }, { "A", "\r" }, { "A", "\x01" },
		{ "A", "\x7f" }, { "Content-Length", "5" },
		{ "content-length", "5" }, { "Transfer-Encoding", "chunked" },
		{ "CONNECTION", "close" }, { "Date", DATE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		errno = 0;
		assert_int_equal(http_response_set_header(&res, rows[i][0],
		    rows[i][1]), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(http_response_add_header(&res, rows[i][0],
		    rows[i][1]), -1);
	}
	assert_int_equal(http_response_redirect(&res, 302, "/\r\nA: b"), -1);
	assert_int_equal(res.fields.len, 0);
	assert_int_equal(http_response_set_header(&res, "A", "\t\x80\xff ~"),
	    0);
}

static void
checks_statuses(void **state)
{
	static const struct {
		int	status, want;
	} rows[] = {
		{ 200, 0 }, { 599, 0 }, { 199, -1 }, { 100, -1 }, { 101, -1 },
		{ 600, -1 }, { 0, -1 }, { -1, -1 }, { 1000, -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(http_response_set_status(&res,
		    rows[i].status), rows[i].want);
		assert_int_equal(http_response_error(&res, rows[i].status),
		    rows[i].want);
	}
	assert_int_equal(http_response_status(&res), 599);
	assert_int_equal(http_response_redirect(&res, 200, "/"), -1);
	assert_int_equal(http_response_redirect(&res, 400, "/"), -1);
	assert_string_equal(http_status_text(413), "Content Too Large");
	assert_string_equal(http_status_text(299), "Unknown");
}

static void
an_error_replaces_the_body(void **state)
{
	(void)state;
	http_response_set_header(&res, "Allow", "GET");
	http_response_set_header(&res, "Content-Type", "text/html");
	http_response_write(&res, "<p>", 3);
	assert_int_equal(http_response_error(&res, 405), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out("HTTP/1.1 405 Method Not Allowed\r\n" DATE_LINE
	    "Vary: Accept\r\nAllow: GET\r\n" TEXT
	    "X-Content-Type-Options: nosniff\r\n"
	    "Content-Length: 23\r\n\r\n405 Method Not Allowed\n");
}

/* The page of an error does, also with more behind it, and no other body. */
static void
what_is_negotiated_varies(void **state)
{
	(void)state;
	http_response_add_header(&res, "Vary", "Origin");
	assert_int_equal(http_response_error(&res, 404), 0);
	assert_int_equal(http_response_error(&res, 200), 0);
	assert_int_equal(http_response_write(&res, "and\n", 4), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK "Vary: Accept\r\nVary: Origin\r\n" TEXT
	    "X-Content-Type-Options: nosniff\r\n"
	    "Content-Length: 11\r\n\r\n200 OK\nand\n");
	out.len = 0;
	assert_int_equal(http_response_error(&res, 200), 0);
	assert_int_equal(http_response_send_file(&res, file_of(1), 0, 1), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK "Vary: Origin\r\n" TEXT
	    "X-Content-Type-Options: nosniff\r\n"
	    "Content-Length: 1\r\n\r\nf");
}

/* HTML is for who asks for it by name; nothing of the request is in it. */
static void
an_error_is_html_for_browsers(void **state)
{
	static const struct {
		const char	*accept, *type;
	} rows[] = {
		{ NULL, "text/plain" }, { "*/*", "text/plain" },
		{ "", "text/plain" }, { "image/png", "text/plain" },
		{ "text/html", "text/html" },
		{ "text/html,application/xhtml+xml,*/*;q=0.8", "text/html" },
		{ "image/png, TEXT/HTML;q=0.5", "text/html" },
	};
	struct http_request req = { .minor = 1 };
	const char *type;
	size_t i;

	(void)state;
	req.fields[0].name = (char[]){ "Accept" };
	req.fields[0].name_len = 6;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char accept[64] = "";

		req.nfields = rows[i].accept != NULL;
		if (rows[i].accept != NULL)
			(void)strlcpy(accept, rows[i].accept, sizeof(accept));
		req.fields[0].value = accept;
		req.fields[0].value_len = strlen(accept);
		res.req = &req;
		assert_int_equal(http_response_error(&res, 404), 0);
		assert_int_equal(answer_begin(&res, &kept, &out), 0);
		type = memmem(out.data, out.len, "Content-Type: ", 14);
		assert_non_null(type);
		assert_memory_equal(type + 14, rows[i].type,
		    strlen(rows[i].type));
		assert_int_equal(memmem(out.data, out.len, "<h1>404", 7) !=
		    NULL, strcmp(rows[i].type, "text/html") == 0);
		response_reset(&res);
		out.len = 0;
	}
}

static void
redirects(void **state)
{
	(void)state;
	assert_int_equal(http_response_redirect(&res, 301, "/a/"), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out("HTTP/1.1 301 Moved Permanently\r\n" DATE_LINE
	    "Vary: Accept\r\nLocation: /a/\r\n" TEXT
	    "X-Content-Type-Options: nosniff\r\n"
	    "Content-Length: 22\r\n\r\n301 Moved Permanently\n");
}

/* A body is one of three; what is given and not taken is released. */
static void
takes_one_body(void **state)
{
	struct xs xs = { 0 };
	int fd = file_of(1), other;

	(void)state;
	assert_int_equal(http_response_send_file(&res, fd, 0, 1), 0);
	assert_int_equal(http_response_write(&res, "x", 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(http_response_printf(&res, "x"), -1);
	assert_int_equal(send_xs(&xs, -1), -1);
	assert_int_equal(xs.released, 1);
	other = file_of(1);
	assert_int_equal(http_response_send_file(&res, other, 0, 1), -1);
	assert_false(is_open(other));
	assert_true(is_open(fd));
	response_reset(&res);
	assert_false(is_open(fd));

	assert_int_equal(http_response_write(&res, "gone", 4), 0);
	assert_int_equal(send_xs(&xs, 0), 0);
	assert_int_equal(res.memory.len, 0);
	assert_int_equal(http_response_error(&res, 500), 0);
	assert_int_equal(xs.released, 2);
	response_reset(&res);
	assert_int_equal(xs.released, 2);
}

static void
refuses_bodies(void **state)
{
	const struct http_source none = { NULL, release_xs, NULL };
	struct http_source source = none;
	struct xs xs = { 0 };
	int fd;

	(void)state;
	assert_int_equal(http_response_send_file(&res, -1, 0, 0), -1);
	fd = file_of(1);
	assert_int_equal(http_response_send_file(&res, fd, -1, 1), -1);
	assert_false(is_open(fd));
	fd = file_of(1);
	assert_int_equal(http_response_send_file(&res, fd, 0, -1), -1);
	assert_false(is_open(fd));
	assert_int_equal(send_xs(&xs, -2), -1);
	assert_int_equal(xs.released, 1);
	source.arg = &xs;
	assert_int_equal(http_response_send_source(&res, &source, 0), -1);
	assert_int_equal(xs.released, 2);
	assert_int_equal(res.kind, RESPONSE_MEMORY);
}

/* A small file is in the first write; a large one is the connection's. */
static void
reads_small_files(void **state)
{
	static const struct {
		size_t	size;
		off_t	offset, length;
		bool	done;
	} rows[] = {
		{ 0, 0, 0, true }, { 10, 0, 10, true }, { 10, 4, 3, true },
		{ READ_BYTES, 0, READ_BYTES, true },
		{ READ_BYTES + 1, 1, READ_BYTES, true },
		{ READ_BYTES + 1, 0, READ_BYTES + 1, false },
	};
	char want[128];
	size_t head, i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(http_response_send_file(&res,
		    file_of(rows[i].size), rows[i].offset, rows[i].length), 0);
		assert_int_equal(answer_begin(&res, &kept, &out), 0);
		head = (size_t)snprintf(want, sizeof(want),
		    OK "Content-Length: %jd\r\n\r\n",
		    (intmax_t)rows[i].length);
		assert_memory_equal(out.data, want, head);
		assert_int_equal(res.done, rows[i].done);
		assert_int_equal(out.len - head,
		    rows[i].done ? rows[i].length : 0);
		assert_int_equal(res.sent, out.len - head);
		response_reset(&res);
		out.len = 0;
	}
}

/* Nothing is left in out of an answer that can't be made. */
static void
a_file_that_has_shrunk_is_no_answer(void **state)
{
	(void)state;
	assert_int_equal(buffer_append(&out, "before", 6), 0);
	assert_int_equal(http_response_send_file(&res, file_of(4), 0, 5), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), -1);
	assert_int_equal(errno, EIO);
	assert_out("before");
}

static void
notes_what_was_sent(void **state)
{
	(void)state;
	assert_int_equal(http_response_send_file(&res, file_of(50000), 100,
	    40000), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	answer_sent(&res, 39999);
	assert_false(res.done);
	assert_int_equal(res.offset, 40099);
	answer_sent(&res, 1);
	assert_true(res.done);
	assert_int_equal(res.sent, 40000);
}

static void
pumps_sources(void **state)
{
	static const struct {
		off_t		 length;
		int		 minor;
		const char	*framing;
		const char	*body;
	} rows[] = {
		{ 5, 1, "Content-Length: 5\r\n", "xxxxx" },
		{ 0, 1, "Content-Length: 0\r\n", "" },
		{ -1, 1, "Transfer-Encoding: chunked\r\n",
		    "00000003\r\nxxx\r\n00000002\r\nxx\r\n0\r\n\r\n" },
		/* RFC 9112, 6.1: a 1.0 client knows no chunks. */
		{ -1, 0, "Connection: close\r\n", "xxxxx" },
		{ 5, 0, "Content-Length: 5\r\nConnection: close\r\n",
		    "xxxxx" },
	};
	char want[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct answer_context context = {
			DATE, false, rows[i].minor == 1, rows[i].minor
		};
		struct xs xs = {
			.left = rows[i].length == 0 ? 0 : 5, .piece = 3
		};

		assert_int_equal(send_xs(&xs, rows[i].length), 0);
		assert_int_equal(response_needs_close(&res, false,
		    rows[i].minor),
		    rows[i].length == -1 && rows[i].minor == 0);
		assert_int_equal(answer_begin(&res, &context, &out), 0);
		while (!res.done)
			assert_int_equal(answer_pump(&res, &out, 100), 0);
		(void)snprintf(want, sizeof(want), OK "%s\r\n%s",
		    rows[i].framing, rows[i].body);
		assert_out(want);
		assert_int_equal(res.sent, rows[i].length == 0 ? 0 : 5);
		response_reset(&res);
		assert_int_equal(xs.released, 1);
		out.len = 0;
	}
}

/*
 * HEAD has the fields of GET, but for those that only the content tells, and
 * asks the source for nothing.
 */
static void
heads_of_sources_and_files(void **state)
{
	const struct answer_context context = { DATE, true, true, 1 };
	const struct answer_context kept_0 = { DATE, true, true, 0 };
	struct xs xs = { .left = 5, .piece = 5 };

	(void)state;
	assert_int_equal(send_xs(&xs, -1), 0);
	assert_int_equal(answer_begin(&res, &context, &out), 0);
	assert_out(OK "\r\n");
	assert_true(res.done);
	assert_int_equal(xs.asked, 0);
	response_reset(&res);
	out.len = 0;
	assert_int_equal(send_xs(&xs, -1), 0);
	assert_false(response_needs_close(&res, true, 0));
	assert_int_equal(answer_begin(&res, &kept_0, &out), 0);
	assert_out(OK "Connection: keep-alive\r\n\r\n");
	assert_true(res.done);
	response_reset(&res);
	out.len = 0;
	assert_int_equal(http_response_send_file(&res, file_of(9), 0, 9), 0);
	assert_int_equal(answer_begin(&res, &context, &out), 0);
	assert_out(OK "Content-Length: 9\r\n\r\n");
	assert_true(res.done);
}

/* A source is asked for what it promised at the most, and held to it. */
static void
holds_sources_to_their_word(void **state)
{
	struct xs xs = { .left = 100, .piece = 100 };

	(void)state;
	assert_int_equal(send_xs(&xs, 7), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_int_equal(answer_pump(&res, &out, 100), 0);
	assert_int_equal(xs.asked, 7);
	while (!res.done)
		assert_int_equal(answer_pump(&res, &out, 100), 0);
	assert_int_equal(xs.left, 93);
	response_reset(&res);

	xs = (struct xs){ .left = 6, .piece = 6 };
	assert_int_equal(send_xs(&xs, 7), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_int_equal(answer_pump(&res, &out, 100), 0);
	assert_int_equal(answer_pump(&res, &out, 100), -1);
	assert_int_equal(errno, EIO);
	response_reset(&res);

	xs = (struct xs){ .fails = 1 };
	assert_int_equal(send_xs(&xs, -1), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_int_equal(answer_pump(&res, &out, 100), -1);
	response_reset(&res);
}

static ssize_t
read_too_much(void *arg, char *buf, size_t size)
{
	(void)arg;
	memset(buf, 'x', size);
	return (ssize_t)size + 1;
}

static ssize_t
read_nonsense(void *arg, char *buf, size_t size)
{
	(void)arg;
	(void)buf;
	(void)size;
	return -2;
}

static void
refuses_counts_that_can_not_be(void **state)
{
	const struct http_source rows[] = {
		{ read_too_much, NULL, NULL }, { read_nonsense, NULL, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(http_response_send_source(&res, &rows[i], -1),
		    0);
		assert_int_equal(answer_begin(&res, &kept, &out), 0);
		assert_int_equal(answer_pump(&res, &out, 100), -1);
		response_reset(&res);
	}
}

static void
forgets(void **state)
{
	struct xs xs = { .left = 5, .piece = 5 };

	(void)state;
	http_response_set_status(&res, 404);
	http_response_set_header(&res, "Content-Type", "a/b");
	assert_int_equal(send_xs(&xs, -1), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_int_equal(answer_pump(&res, &out, 100), 0);
	response_reset(&res);
	out.len = 0;
	assert_int_equal(http_response_write(&res, "hello", 5), 0);
	assert_int_equal(answer_begin(&res, &kept, &out), 0);
	assert_out(OK TEXT "Content-Length: 5\r\n\r\nhello");
}

static void
finish(struct http_response *r, struct http_request *req, void *arg)
{
	(void)req;
	assert_int_equal(http_response_set_header(r, "X-Last", arg), 0);
}

static void
finishes_once(void **state)
{
	char one[] = "1", two[] = "2";

	(void)state;
	http_response_set_finish(&res, finish, one);
	http_response_set_finish(&res, finish, two);
	response_finish(&res, NULL);
	assert_memory_equal(res.fields.data, "X-Last: 2\r\n", 11);
	assert_null(res.finish);
	http_response_set_finish(&res, finish, one);
	response_reset(&res);
	assert_null(res.finish);
}

static void
copies_its_type(void **state)
{
	char type[12];

	(void)state;
	response_copy_type(&res, type, sizeof(type));
	assert_string_equal(type, "");
	assert_int_equal(http_response_printf(&res, "a"), 0);
	response_copy_type(&res, type, sizeof(type));
	assert_string_equal(type, "text/plain");
	assert_int_equal(http_response_add_header(&res, "X-A", "a"), 0);
	assert_int_equal(http_response_add_header(&res, "content-type",
	    "text/html; charset=utf-8"), 0);
	assert_int_equal(http_response_add_header(&res, "X-B", "b"), 0);
	response_copy_type(&res, type, sizeof(type));
	assert_string_equal(type, "text/html; ");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_heads),
		TEST(dates_what_is_of_the_future),
		TEST(lists_upgrade_in_connection),
		TEST(sends_no_content_with_204_and_304),
		TEST(sets_and_adds_fields),
		TEST(a_type_replaces_the_default),
		TEST(refuses_fields),
		TEST(checks_statuses),
		TEST(an_error_replaces_the_body),
		TEST(what_is_negotiated_varies),
		TEST(an_error_is_html_for_browsers),
		TEST(redirects),
		TEST(takes_one_body),
		TEST(refuses_bodies),
		TEST(reads_small_files),
		TEST(a_file_that_has_shrunk_is_no_answer),
		TEST(notes_what_was_sent),
		TEST(pumps_sources),
		TEST(heads_of_sources_and_files),
		TEST(holds_sources_to_their_word),
		TEST(refuses_counts_that_can_not_be),
		TEST(forgets),
		TEST(finishes_once),
		TEST(copies_its_type),
	};

	return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}
