/*
 * The body reader.  In pieces it reads what it reads in one, and what it takes
 * for a chunked body is one to a decoder that knows nothing else.
 */
#include <stdbool.h>

#include "body.h"
#include "fuzz.h"

enum verdict { MORE, DONE, WRONG };

/* What was read: the data, and how many bytes it took. */
struct reading {
	enum verdict	 verdict;
	struct body	 body;
	char		*data;
	size_t		 data_len;
	size_t		 taken;
};

/* Reads a piece, of which nothing may be read beyond its end. */
static void
read_piece(struct reading *r, const char *piece, size_t len)
{
	struct fuzz_input exact = { piece, len };
	char *in = fuzz_copy(&exact);
	const char *data;
	size_t at = 0, data_len;
	ssize_t n;

	while (at < len && r->verdict == MORE) {
		n = body_read(&r->body, in + at, len - at, &data, &data_len);
		if (n == -1) {
			r->verdict = WRONG;
			break;
		}
		CHECK(n > 0 && (size_t)n <= len - at);
		CHECK(data + data_len == in + at + n);
		CHECK(data_len <= (size_t)n);
		memcpy(r->data + r->data_len, data, data_len);
		r->data_len += data_len;
		at += (size_t)n;
		if (body_is_done(&r->body))
			r->verdict = DONE;
	}
	r->taken += at;
	free(in);
}

static void
read_body(struct reading *r, enum body_framing framing, uint64_t length,
    struct fuzz_pieces pieces, const struct fuzz_input *in)
{
	size_t at = 0, n;

	memset(r, 0, sizeof(*r));
	memset(&r->body, 0xa5, sizeof(r->body));
	r->data = malloc(in->len + 1);
	CHECK(r->data != NULL);
	body_init(&r->body, framing, length);
	if (body_is_done(&r->body))
		r->verdict = DONE;
	while (at < in->len && r->verdict == MORE) {
		n = fuzz_piece(&pieces, in->len - at);
		read_piece(r, in->data + at, n);
		at += n;
	}
	CHECK(r->body.total == r->data_len);
}

static void
check_same(const struct reading *a, const struct reading *b)
{
	CHECK(a->verdict == b->verdict);
	CHECK(a->data_len == b->data_len);
	CHECK(memcmp(a->data, b->data, a->data_len) == 0);
	CHECK(a->verdict == WRONG || a->taken == b->taken);
	CHECK(a->body.overhead == b->body.overhead);
}

/* The end of the line at s: its CR, which an LF follows, and none before. */
static const char *
line_end(const char *s, const char *end)
{
	const char *lf = memchr(s, '\n', (size_t)(end - s));

	CHECK(lf != NULL && lf > s && lf[-1] == '\r');
	CHECK(memchr(s, '\r', (size_t)(lf - s)) == lf - 1);
	return lf - 1;
}

/*
 * RFC 9112, 7.1: fails unless what was read of a chunked body is its chunks,
 * and the bytes it took are all of it, trailers included.
 */
static void
check_chunks(const struct reading *r, const struct fuzz_input *in)
{
	const char *s = in->data, *end = s + r->taken;
	char *digits_end;
	size_t at = 0, size;

	do {
		size = strtoull(s, &digits_end, 16);
		CHECK(digits_end > s && strspn(s, " \t+-") == 0);
		CHECK(s[0] != '0' || (s[1] != 'x' && s[1] != 'X'));
		s = line_end(s, end) + 2;
		if (size == 0)
			break;
		CHECK(size <= (size_t)(end - s) && size <= r->data_len - at);
		CHECK(memcmp(s, r->data + at, size) == 0);
		at += size;
		s += size;
		CHECK(end - s >= 2 && s[0] == '\r' && s[1] == '\n');
		s += 2;
	} while (true);
	CHECK(at == r->data_len);
	while (line_end(s, end) != s)
		s = line_end(s, end) + 2;
	CHECK(s + 2 == end);
}

/* A body of a length is so many bytes, whatever they are. */
static void
check_length(const struct reading *r, uint64_t length,
    const struct fuzz_input *in)
{
	size_t n = in->len < length ? in->len : (size_t)length;

	CHECK(r->verdict == (n == length ? DONE : MORE));
	CHECK(r->taken == n && r->data_len == n);
	CHECK(memcmp(r->data, in->data, n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	struct fuzz_pieces pieces = fuzz_pieces(&in), one = { 0 };
	bool chunked = fuzz_byte(&in) != 'l';
	enum body_framing framing = chunked ? BODY_CHUNKED : BODY_LENGTH;
	uint64_t length = chunked ? 0 : fuzz_byte(&in);
	struct reading whole, split_up;

	if (length == 'M')
		length = INT64_MAX;
	read_body(&whole, framing, length, one, &in);
	read_body(&split_up, framing, length, pieces, &in);
	check_same(&whole, &split_up);
	if (!chunked)
		check_length(&whole, length, &in);
	else if (whole.verdict == DONE)
		check_chunks(&whole, &in);
	free(split_up.data);
	free(whole.data);
	return 0;
}
