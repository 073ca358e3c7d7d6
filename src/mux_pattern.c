#include "mux_pattern.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "headscan.h"
#include "hex.h"
#include "uri.h"

/* A pattern that is being read: from at, and into its memory at store. */
struct mux_reader {
	struct mux_pattern	*p;
	const char		*at;
	char			*store;
	struct mux_fault	*fault;
};

/* Notes what is wrong at a byte of the text.  Returns -1. */
static int
reader_fail(struct mux_reader *r, const char *at, const char *why)
{
	r->fault->why = why;
	r->fault->at = (size_t)(at - r->p->text);
	errno = EINVAL;
	return -1;
}

/* Keeps len bytes from at on as a string, and moves behind them. */
static const char *
reader_keep(struct mux_reader *r, size_t len)
{
	char *kept = r->store;

	memcpy(kept, r->at, len);
	kept[len] = '\0';
	r->store += len + 1;
	r->at += len;
	return kept;
}

/* Reads the method and the blanks behind it, if there is one. */
static int
read_method(struct mux_reader *r)
{
	size_t len = strcspn(r->at, " \t");

	r->p->method = "";
	if (r->at[len] == '\0')
		return 0;
	if (!headscan_is_token(r->at, len))
		return reader_fail(r, r->at, "this is no method");
	r->p->method = reader_keep(r, len);
	r->at += strspn(r->at, " \t");
	return 0;
}

size_t
mux_host_len(const char *s, size_t len)
{
	const char *end;

	end = memchr(s, s[0] == '[' ? ']' : ':', len);
	if (end == NULL)
		return len;
	return (size_t)(end - s) + (s[0] == '[' ? 1 : 0);
}

/* Reads the host up to the path's slash, if there is one. */
static int
read_host(struct mux_reader *r)
{
	size_t len = strcspn(r->at, "/");
	char *host = r->store;

	if (r->at[len] == '\0')
		return reader_fail(r, r->at + len,
		    "there is no path: it begins with a slash");
	if (memchr(r->at, '{', len) != NULL)
		return reader_fail(r, r->at,
		    "a host has no wildcards, and a path begins with a slash");
	if (len >= MUX_HOST_SIZE ||
	    (len > 0 && !uri_check_authority(r->at, len)))
		return reader_fail(r, r->at, "this is no host");
	if (len > 0 && mux_host_len(r->at, len) < len)
		return reader_fail(r, r->at + mux_host_len(r->at, len),
		    "a host is matched without its port");
	r->p->host = reader_keep(r, len);
	for (; *host != '\0'; host++)
		*host = (char)tolower((unsigned char)*host);
	return 0;
}

/* Whether a name can stand in a wildcard: an identifier, as of C. */
static int
is_name(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] != '_' && !isalpha((unsigned char)s[i]) &&
		    (i == 0 || !isdigit((unsigned char)s[i])))
			return 0;
	return len > 0;
}

static int
has_wildcard(const struct mux_pattern *p, const char *name, size_t len)
{
	const struct mux_segment *seg;
	size_t i;

	for (i = 0; i < p->nsegments; i++) {
		seg = &p->segments[i];
		if ((seg->kind == MUX_WILD || seg->kind == MUX_MULTI) &&
		    seg->len == len && memcmp(seg->text, name, len) == 0)
			return 1;
	}
	return 0;
}

/* What the braces at s say, and the length of the name in them. */
static enum mux_kind
wildcard_kind(const char *s, size_t len, size_t *name_len)
{
	if (len == 3 && s[1] == '$') {
		*name_len = 0;
		return MUX_DOLLAR;
	}
	*name_len = len - 2;
	if (len < 5 || memcmp(s + len - 4, "...", 3) != 0)
		return MUX_WILD;
	*name_len -= 3;
	return MUX_MULTI;
}

/* Reads a segment that has a brace. */
static int
read_wildcard(struct mux_reader *r, struct mux_segment *seg, size_t len)
{
	const char *start = r->at;

	if (*start != '{')
		return reader_fail(r, memchr(start, '{', len),
		    "a wildcard is a whole segment: it follows a slash");
	if (len < 2 || start[len - 1] != '}')
		return reader_fail(r, start + len,
		    "a wildcard is a whole segment: it ends in a brace");
	seg->kind = wildcard_kind(start, len, &seg->len);
	if (seg->kind != MUX_WILD && start[len] != '\0')
		return reader_fail(r, start,
		    "{$} and {name...} can only stand at the end");
	if (seg->kind != MUX_DOLLAR) {
		if (!is_name(start + 1, seg->len))
			return reader_fail(r, start + 1,
			    "a wildcard's name is letters, digits and _");
		if (has_wildcard(r->p, start + 1, seg->len))
			return reader_fail(r, start + 1,
			    "there is a wildcard of this name already");
		r->p->nwild++;
	}
	r->at = start + 1;
	seg->text = reader_keep(r, seg->len);
	r->at = start + len;
	return 0;
}

/* What is wrong with the byte or escape at s, or NULL. */
static const char *
literal_fault(const char *s, size_t len)
{
	if (*s == '?' || *s == '#')
		return "a pattern has neither query nor fragment";
	if ((unsigned char)*s <= ' ' || *s == 0x7f)
		return "blanks and control bytes are written as escapes";
	if (*s == '%' && (len < 3 || hex_value(s[1]) == -1 ||
	    hex_value(s[2]) == -1 || memcmp(s, "%00", 3) == 0))
		return "this is no escape: % stands before two hex digits";
	return NULL;
}

/*
 * Reads any other segment.  It is decoded as requests' paths are, so that
 * every spelling of a pattern matches every spelling of a target.
 */
static int
read_literal(struct mux_reader *r, struct mux_segment *seg, size_t len)
{
	const char *why;
	ssize_t decoded;
	size_t i;

	for (i = 0; i < len; i++)
		if ((why = literal_fault(r->at + i, len - i)) != NULL)
			return reader_fail(r, r->at + i, why);
	decoded = uri_decode_path(r->store, r->at, len);
	if (decoded <= 0)
		return reader_fail(r, r->at, "paths are matched without "
		    "empty segments and dot segments");
	seg->kind = MUX_LITERAL;
	seg->text = r->store;
	seg->len = (size_t)decoded;
	r->store += decoded + 1;
	r->at += len;
	return 0;
}

/* Reads what follows a slash. */
static int
read_segment(struct mux_reader *r)
{
	struct mux_segment *seg = &r->p->segments[r->p->nsegments];
	size_t len = strcspn(r->at, "/");
	int rv;

	if (r->p->nsegments == MUX_MAX_SEGMENTS)
		return reader_fail(r, r->at, "there are too many segments");
	if (*r->at == '\0') {
		seg->kind = MUX_MULTI;
		seg->text = "";
		seg->len = 0;
		rv = 0;
	} else if (memchr(r->at, '{', len) != NULL)
		rv = read_wildcard(r, seg, len);
	else
		rv = read_literal(r, seg, len);
	r->p->nsegments++;
	return rv;
}

static int
read_pattern(struct mux_reader *r)
{
	if (read_method(r) == -1 || read_host(r) == -1)
		return -1;
	while (*r->at == '/') {
		r->at++;
		if (read_segment(r) == -1)
			return -1;
	}
	return 0;
}

/*
 * Makes room for a pattern, its text, and its parts as strings: these are not
 * longer than the text, and each segment has taken a slash for its NUL.
 */
static struct mux_pattern *
pattern_alloc(const char *text, struct mux_reader *r)
{
	size_t len = strlen(text), slashes = 0, i;
	struct mux_pattern *p;

	for (i = 0; i < len; i++)
		slashes += text[i] == '/';
	p = calloc(1, sizeof(*p) + slashes * sizeof(p->segments[0]) +
	    2 * len + 4);
	if (p == NULL)
		return NULL;
	r->store = (char *)&p->segments[slashes];
	p->text = memcpy(r->store, text, len + 1);
	r->store += len + 1;
	r->at = p->text;
	r->p = p;
	return p;
}

struct mux_pattern *
mux_pattern_parse(const char *text, struct mux_fault *fault)
{
	struct mux_reader r = { .fault = fault };

	if (pattern_alloc(text, &r) == NULL)
		return NULL;
	if (read_pattern(&r) == -1) {
		free(r.p);
		errno = EINVAL;
		return NULL;
	}
	return r.p;
}
