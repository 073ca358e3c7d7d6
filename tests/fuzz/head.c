/*
 * The head of a request.  In pieces it is scanned as in one.  What the scan
 * lets through has one reading: a splitter that knows nothing but CRLF, space
 * and colon sees the same tokens in it as http-parser, and a reader that knows
 * nothing but RFC 9112, 6 the same framing.
 */
#include <sanitizer/asan_interface.h>
#include <stdbool.h>
#include <strings.h>

#include "fuzz.h"
#include "headscan.h"
#include "request.h"

/* Small, so that inputs reach them. */
static const struct headscan_limits limits = {
	.request_line = 128,
	.field_line = 128,
	.head = 512,
	.fields = 12,
};

/* A part of the head, as the splitter sees it. */
struct token {
	const char	*s;
	size_t		 len;
};

struct split_head {
	struct token	 method;
	struct token	 target;
	struct token	 version;
	struct token	 names[12];
	struct token	 values[12];
	size_t		 nfields;
};

static bool
is_refusal(enum http_status status)
{
	return status >= 400;
}

/*
 * Scans a head as it arrives in pieces, none of which may be read beyond its
 * end.
 */
static enum http_status
scan_pieces(struct headscan *hs, struct fuzz_pieces *pieces, const char *data,
    size_t len)
{
	enum http_status status = HTTP_CONTINUE;
	size_t have = 0;

	ASAN_POISON_MEMORY_REGION(data, len);
	while (have < len && status == HTTP_CONTINUE) {
		have += fuzz_piece(pieces, len - have);
		ASAN_UNPOISON_MEMORY_REGION(data, have);
		status = headscan(hs, &limits, data, have);
	}
	ASAN_UNPOISON_MEMORY_REGION(data, len);
	return status;
}

/* The token up to a separator, which is skipped. */
static struct token
split(const char **at, const char *end, char separator)
{
	struct token t = { *at, 0 };
	const char *found = memchr(*at, separator, (size_t)(end - *at));

	CHECK(found != NULL);
	t.len = (size_t)(found - *at);
	*at = found + 1;
	return t;
}

static struct token
trim(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	while (s < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct token){ s, (size_t)(end - s) };
}

static void
split_head(struct split_head *h, const char *head, size_t len)
{
	const char *at = head, *end = head + len;
	struct token line;

	memset(h, 0, sizeof(*h));
	h->method = split(&at, end, ' ');
	h->target = split(&at, end, ' ');
	h->version = split(&at, end, '\r');
	CHECK(h->version.len == 8 && *at == '\n');
	at++;
	while ((line = split(&at, end, '\r')).len > 0) {
		CHECK(h->nfields < 12 && *at == '\n');
		h->names[h->nfields] = split(&line.s, at - 1, ':');
		h->values[h->nfields++] = trim(line.s, at - 1);
		at++;
	}
	CHECK(at == end - 1 && *at == '\n');
}

static bool
is_token(const struct token *t, const char *s, size_t len)
{
	return s[len] == '\0' && t->len == len && memcmp(t->s, s, len) == 0;
}

static void
check_tokens(const struct split_head *h, const struct http_request *req)
{
	const struct request_field *field;
	size_t i;

	CHECK(is_token(&h->method, req->method, strlen(req->method)));
	CHECK(is_token(&h->target, req->target, req->target_len));
	CHECK(memcmp(h->version.s, "HTTP/1.", 7) == 0);
	CHECK(h->version.s[7] == '0' + req->minor);
	CHECK(h->nfields == req->nfields);
	for (i = 0; i < h->nfields; i++) {
		field = &req->fields[i];
		CHECK(is_token(&h->names[i], field->name, field->name_len));
		CHECK(is_token(&h->values[i], field->value, field->value_len));
	}
}

static bool
is_word(const struct token *t, const char *word)
{
	return t->len == strlen(word) && strncasecmp(t->s, word, t->len) == 0;
}

/* The only value of the fields of that name, NULL without any. */
static const struct token *
only_value(const struct split_head *h, const char *name)
{
	const struct token *value = NULL;
	size_t i;

	for (i = 0; i < h->nfields; i++) {
		if (is_word(&h->names[i], name)) {
			CHECK(value == NULL);
			value = &h->values[i];
		}
	}
	return value;
}

/* The last member of a list is that word. */
static bool
ends_in(const struct token *list, const char *word)
{
	const char *end = list->s + list->len;
	size_t len = strlen(word);

	while (end > list->s && strchr(", \t", end[-1]) != NULL)
		end--;
	return (size_t)(end - list->s) >= len &&
	    strncasecmp(end - len, word, len) == 0;
}

/* RFC 9112, 3.2 and 6.3: the faults that no other answer than 400 may hide. */
static void
check_faults(const struct split_head *h, const struct http_request *req)
{
	const struct token *length = only_value(h, "Content-Length");
	const struct token *coding = only_value(h, "Transfer-Encoding");

	CHECK(req->minor == 0 || only_value(h, "Host") != NULL);
	CHECK(length == NULL || coding == NULL);
	CHECK(length == NULL || strspn(length->s, "0123456789") == length->len);
	CHECK(coding == NULL || (req->minor > 0 && ends_in(coding, "chunked")));
}

/* RFC 9112, 6.3, of a request that was accepted. */
static void
check_framing(const struct split_head *h, const struct http_request *req)
{
	const struct token *length = only_value(h, "Content-Length");
	const struct token *coding = only_value(h, "Transfer-Encoding");
	uint64_t n = 0;
	size_t i;

	if (coding != NULL) {
		CHECK(is_word(coding, "chunked"));
		CHECK(req->framing == BODY_CHUNKED);
	} else if (length != NULL) {
		CHECK(length->len > 0 && req->framing == BODY_LENGTH);
		for (i = 0; i < length->len; i++) {
			CHECK(length->s[i] >= '0' && length->s[i] <= '9');
			CHECK(!__builtin_mul_overflow(n, 10, &n));
			CHECK(!__builtin_add_overflow(n, length->s[i] - '0',
			    &n));
		}
		CHECK(n == req->content_length && n <= INT64_MAX);
	} else
		CHECK(req->framing == BODY_NONE);
}

/* RFC 9112, 3.2: a target of a form that fits. */
static void
check_meaning(const struct http_request *req)
{
	CHECK(req->method != NULL && req->target != NULL);
	CHECK(req->host != NULL && req->path != NULL);
	CHECK(req->path[0] == '/' || (strcmp(req->path, "*") == 0 &&
	    strcmp(req->method, "OPTIONS") == 0));
	CHECK(strchr(req->target, '#') == NULL);
	CHECK(strcmp(req->method, "CONNECT") != 0);
	CHECK(!req->expects_continue || req->minor > 0);
	CHECK(req->is_head == (strcmp(req->method, "HEAD") == 0));
}

/* Gives an accepted head to the parser, in memory that ends where it does. */
static void
check_parse(const char *head, size_t len)
{
	static struct http_request req;
	struct fuzz_input whole = { head, len };
	char *copy = fuzz_copy(&whole);
	struct split_head h;
	enum http_status status;

	split_head(&h, head, len);
	status = request_parse(&req, copy, len);
	CHECK(status == 0 || is_refusal(status));
	check_tokens(&h, &req);
	if (status != HTTP_BAD_REQUEST)
		check_faults(&h, &req);
	if (status == 0) {
		check_framing(&h, &req);
		check_meaning(&req);
	}
	request_free(&req);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	struct fuzz_pieces pieces = fuzz_pieces(&in);
	struct headscan whole = { 0 }, split_up = { 0 };
	char *copy = fuzz_copy(&in);
	enum http_status status, split_status;

	status = headscan(&whole, &limits, copy, in.len);
	split_status = scan_pieces(&split_up, &pieces, copy, in.len);
	/* Of two faults, the one that arrives first is told. */
	CHECK(status == split_status ||
	    (is_refusal(status) && is_refusal(split_status)));
	if (status == HTTP_OK) {
		CHECK(whole.line <= in.len && whole.start < whole.line);
		CHECK(whole.line - whole.start <= limits.head);
		CHECK(whole.start == split_up.start);
		CHECK(whole.line == split_up.line);
		check_parse(copy + whole.start, whole.line - whole.start);
	}
	free(copy);
	return 0;
}
