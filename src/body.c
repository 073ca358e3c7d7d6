#include "body.h"

#include <string.h>

#include "headscan.h"
#include "hex.h"

/* A chunk's size line, and a trailer line, are this long at the most. */
#define MAX_LINE	255
/* As many as a size can hold: leading zeros are legal, but not for ever. */
#define MAX_DIGITS	16
/*
 * Framing may cost this much, and an eighth of the data beside it: a client
 * that sends a body in chunks of one byte is at work on us, not on the body.
 */
#define MAX_OVERHEAD	8192

void
body_init(struct body *b, enum body_framing framing, uint64_t length)
{
	memset(b, 0, offsetof(struct body, text));
	b->framing = framing;
	if (framing == BODY_CHUNKED)
		b->state = BODY_SIZE;
	else if (framing == BODY_LENGTH && length > 0)
		b->state = BODY_DATA;
	else
		b->state = BODY_DONE;
	b->left = framing == BODY_LENGTH ? length : 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int
size_byte(struct body *b, char c)
{
	int digit = hex_value(c);

	if (digit != -1) {
		b->left = b->left << 4 | (uint64_t)digit;
		return ++b->digits > MAX_DIGITS ? -1 : 0;
	}
	if (b->digits == 0)
		return -1;
	if (c == '\r')
		b->state = BODY_SIZE_LF;
	else if (c == ';' || is_blank(c))
		b->state = BODY_EXTENSION;
	else
		return -1;
	return 0;
}

static int
extension_byte(struct body *b, char c)
{
	if (c == '\r')
		b->state = BODY_SIZE_LF;
	else if (!headscan_is_value(&c, 1))
		return -1;
	return 0;
}

static const char *
skip_blanks(const char *s, const char *end)
{
	while (s < end && is_blank(*s))
		s++;
	return s;
}

/* These return what is behind the token or string at s, NULL without one. */
static const char *
skip_token(const char *s, const char *end)
{
	const char *start = s;

	while (s < end && headscan_is_token(s, 1))
		s++;
	return s == start ? NULL : s;
}

static const char *
skip_string(const char *s, const char *end)
{
	for (s++; s < end && *s != '"'; s++)
		if (*s == '\\' && s + 1 < end)
			s++;
	return s == end ? NULL : s + 1;
}

/*
 * Extensions are ignored (RFC 9112, 7.1.1), as long as they are some:
 * *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
 */
static bool
are_extensions(const char *s, const char *end)
{
	const char *value;

	while (s != NULL && s < end) {
		s = skip_blanks(s, end);
		if (s == end || *s != ';')
			return false;
		s = skip_token(skip_blanks(s + 1, end), end);
		if (s == NULL)
			return false;
		value = skip_blanks(s, end);
		if (value == end || *value != '=')
			continue;
		s = skip_blanks(value + 1, end);
		s = s < end && *s == '"' ?
		    skip_string(s, end) : skip_token(s, end);
	}
	return s != NULL;
}

static int
size_lf_byte(struct body *b, char c)
{
	if (c != '\n' ||
	    !are_extensions(b->text + b->digits, b->text + b->line - 2))
		return -1;
	b->state = b->left == 0 ? BODY_TRAILER : BODY_DATA;
	b->line = 0;
	b->digits = 0;
	return 0;
}

static int
data_cr_byte(struct body *b, char c)
{
	b->state = BODY_DATA_LF;
	return c == '\r' ? 0 : -1;
}

static int
data_lf_byte(struct body *b, char c)
{
	b->state = BODY_SIZE;
	b->line = 0;
	return c == '\n' ? 0 : -1;
}

static int
trailer_byte(struct body *b, char c)
{
	if (c == '\r')
		b->state = BODY_TRAILER_LF;
	else if (!headscan_is_value(&c, 1))
		return -1;
	return 0;
}

/*
 * Trailers are checked as fields are, and discarded: nobody here asked for
 * them, and merged into the head they would rewrite it (RFC 9110, 6.5.1).
 */
static int
trailer_lf_byte(struct body *b, char c)
{
	size_t len = b->line - 2;
	const char *colon = memchr(b->text, ':', len);

	if (c != '\n')
		return -1;
	b->line = 0;
	b->state = len == 0 ? BODY_DONE : BODY_TRAILER;
	if (len == 0)
		return 0;
	if (colon == NULL ||
	    !headscan_is_token(b->text, (size_t)(colon - b->text)))
		return -1;
	return 0;
}

static int
framing_byte(struct body *b, char c)
{
	if (++b->line > MAX_LINE ||
	    ++b->overhead > MAX_OVERHEAD + b->total / 8)
		return -1;
	b->text[b->line - 1] = c;
	switch (b->state) {
	case BODY_SIZE:
		return size_byte(b, c);
	case BODY_EXTENSION:
		return extension_byte(b, c);
	case BODY_SIZE_LF:
		return size_lf_byte(b, c);
	case BODY_DATA_CR:
		return data_cr_byte(b, c);
	case BODY_DATA_LF:
		return data_lf_byte(b, c);
	case BODY_TRAILER:
		return trailer_byte(b, c);
	case BODY_TRAILER_LF:
		return trailer_lf_byte(b, c);
	case BODY_DATA:
	case BODY_DONE:
		break;
	}
	return -1;
}

static size_t
take_data(struct body *b, size_t len)
{
	if (len > b->left)
		len = (size_t)b->left;
	b->left -= len;
	b->total += len;
	if (b->left == 0)
		b->state = b->framing == BODY_LENGTH ? BODY_DONE : BODY_DATA_CR;
	b->line = 0;
	return len;
}

ssize_t
body_read(struct body *b, const char *in, size_t len, const char **data,
    size_t *data_len)
{
	size_t i;

	for (i = 0; i < len && b->state != BODY_DATA && b->state != BODY_DONE;
	    i++)
		if (framing_byte(b, in[i]) == -1)
			return -1;
	*data = in + i;
	*data_len = 0;
	if (b->state == BODY_DATA)
		*data_len = take_data(b, len - i);
	return (ssize_t)(i + *data_len);
}
