/*
 * Whether an answer is right: whether one of the versions that were there
 * while it was asked for and read explains it.  What is remembered of answers
 * serves later requests as validators, and holds the tags to their promise.
 */
#ifndef VERSIONS_CHECK_H
#define VERSIONS_CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "httpdate.h"
#include "versions_client.h"
#include "versions_model.h"

#define MAX_SPANS	3
#define MAX_PARTS	16

enum ask {
	ASK_GET,
	ASK_HEAD,
	ASK_RANGE,
	ASK_RANGES,
	ASK_IF_NONE_MATCH,
	ASK_IF_MODIFIED_SINCE,
	ASK_IF_RANGE,
	ASK_IF_RANGE_DATE,
	ASK_IF_MATCH,
	ASK_IF_UNMODIFIED_SINCE,
	NASKS
};

/* What a client keeps of an answer: the bytes, as a number, and validators. */
struct memory {
	bool		 used;
	struct content	 content;
	int		 coding;
	uint64_t	 version;	/* 0: one of several */
	char		 etag[MAX_FIELD];
	char		 last_modified[MAX_FIELD];
	bool		 dates;		/* the date is as good as a tag */
};

/* Bytes that are asked for; first -1: the last bytes, last -1: to the end. */
struct span {
	int64_t		 first;
	int64_t		 last;
};

struct request {
	enum ask	 ask;
	struct object	*object;
	struct span	 spans[MAX_SPANS];
	int		 nspans;
	bool		 accepts[NCODINGS];
	bool		 names_none;	/* of these: RFC 9110, 12.5.3 */
	struct memory	 memory;	/* for what has a condition */
	uint64_t	 from;		/* the versions it may see */
	uint64_t	 to;
	char		 text[1024];
};

/* Bytes of an answer that has parts of a file. */
struct part {
	int64_t		 first;
	int64_t		 last;
	int64_t		 size;
	const char	*bytes;
	size_t		 len;		/* less where it was cut */
};

struct parts {
	int		 n;		/* -1: malformed */
	struct part	 part[MAX_PARTS];
};

/* Why a version does not explain an answer. */
static char reason[200];

__attribute__((format(printf, 1, 2)))
static bool
no(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return false;
}

/* RFC 9110, 14.1.2: false where no byte of the file is meant. */
static bool
span_resolve(const struct span *s, int64_t size, int64_t *first,
    int64_t *last)
{
	*first = s->first;
	*last = s->last;
	if (s->first == -1) {
		*first = s->last < size ? size - s->last : 0;
		*last = size - 1;
		return s->last > 0 && size > 0;
	}
	if (*last == -1 || *last >= size)
		*last = size - 1;
	return *first < size;
}

/* How many bytes a request asks for of a file of some size, or -1: of none. */
static int64_t
request_bytes(const struct request *r, int64_t size)
{
	int64_t first, last, sum = -1;
	int i;

	for (i = 0; i < r->nspans; i++)
		if (span_resolve(&r->spans[i], size, &first, &last))
			sum += last - first + 1 + (sum == -1);
	return sum;
}

static bool
part_parse(struct part *p, const char *range)
{
	return read_number(&range, "bytes ", &p->first) &&
	    read_number(&range, "-", &p->last) &&
	    read_number(&range, "/", &p->size) &&
	    p->first <= p->last && p->last < p->size;
}

/* Reads the next part of multipart/byteranges at *s, and moves *s behind it. */
static bool
part_read(struct part *p, const char **s, const char *end, const char *mark)
{
	const char *body, *range;

	if (strncmp(*s, "\r\n", 2) == 0)
		*s += 2;
	if (strncmp(*s, "--", 2) != 0 ||
	    strncmp(*s + 2, mark, strlen(mark)) != 0 ||
	    (body = strstr(*s, "\r\n\r\n")) == NULL ||
	    (range = strstr(*s, "Content-Range: ")) == NULL || range > body ||
	    !part_parse(p, range + strlen("Content-Range: ")))
		return false;
	p->bytes = body + 4;
	p->len = (size_t)(p->last - p->first + 1);
	*s = p->bytes + p->len;
	return *s < end;
}

/* Finds the parts in the body of a 206. */
static void
parts_read(struct parts *ps, const struct answer *a)
{
	const char *mark = strstr(a->type, "boundary=");
	const char *s = a->body, *end = a->body + a->body_len;
	char last[MAX_FIELD + 12];

	ps->n = -1;
	if (mark == NULL) {
		ps->part[0].bytes = a->body;
		ps->part[0].len = a->body_len;
		if (part_parse(&ps->part[0], a->range) && a->length ==
		    ps->part[0].last - ps->part[0].first + 1)
			ps->n = 1;
		return;
	}
	mark += strlen("boundary=");
	(void)snprintf(last, sizeof(last), "\r\n--%s--\r\n", mark);
	for (ps->n = 0; strcmp(s, last) != 0; ps->n++)
		if (ps->n == MAX_PARTS ||
		    !part_read(&ps->part[ps->n], &s, end, mark)) {
			ps->n = -1;
			return;
		}
}

static int
coding_of(const struct answer *a)
{
	int i;

	for (i = 0; i < NCODINGS; i++)
		if (strcmp(a->coding, codings[i].name) == 0)
			return i;
	return -1;
}

/* Whether a sidecar may be sent for the file. */
static bool
is_eligible(const struct request *r, const struct version *v, int coding)
{
	const struct content *file = &v->files[CODING_NONE];
	const struct content *c = &v->files[coding];

	return r->accepts[coding] && c->size != ABSENT &&
	    (file->size == ABSENT || c->mtime_ns >= file->mtime_ns);
}

/* Who names no coding gets any, but only where there is no file without. */
static bool
is_accepted(const struct request *r, const struct version *v, int coding)
{
	return r->accepts[coding] || (r->names_none &&
	    (r->from != r->to || v->files[CODING_NONE].size == ABSENT));
}

/*
 * Whether a version is answered with that file of it.  A server looks at file
 * and sidecars one after another, so of several versions any file will do.
 */
static bool
selects(const struct request *r, const struct version *v, int coding)
{
	int i;

	if (coding == -1)
		return no("an unknown coding");
	if (v->files[coding].size == ABSENT)
		return no("absent");
	if (v->hidden)
		return no("not to be read");
	if (!is_accepted(r, v, coding))
		return no("a coding that was not accepted");
	if (r->from != r->to)
		return true;
	if (coding != CODING_NONE && r->accepts[coding] &&
	    !is_eligible(r, v, coding))
		return no("a sidecar that is too old");
	for (i = CODING_NONE + 1; coding == CODING_NONE && i < NCODINGS; i++)
		if (is_eligible(r, v, i))
			return no("%s is due", codings[i].name);
	return true;
}

static bool
remembers(const struct request *r, const struct version *v, int coding)
{
	return r->memory.used && r->memory.coding == coding &&
	    content_equals(&r->memory.content, &v->files[coding]);
}

/* Whether an answer says itself that it is what the client has. */
static bool
is_remembered(const struct request *r, const struct answer *a)
{
	return r->memory.used && a->etag[0] != '\0' &&
	    strcmp(a->etag, r->memory.etag) == 0;
}

static bool
has_if_range(const struct request *r)
{
	return r->ask == ASK_IF_RANGE || r->ask == ASK_IF_RANGE_DATE;
}

/*
 * Whether a date says nothing yet: truncate(2) takes no lock that stat(2)
 * waits for, and a file can have its new size and still its old date.
 */
static bool
is_being_truncated(const struct request *r, const struct version *v,
    int coding)
{
	return r->from != r->to && r->ask == ASK_IF_RANGE_DATE &&
	    r->memory.content.key == v->files[coding].key;
}

/* Whether the whole file is no right answer to what was asked. */
static bool
whole_is_due(const struct request *r, const struct answer *a,
    const struct content *c)
{
	int64_t bytes;

	if (r->ask == ASK_IF_NONE_MATCH && is_remembered(r, a))
		return no("304 is due");
	if (r->nspans == 0 || c->size == 0)
		return true;
	if (has_if_range(r) && (!is_remembered(r, a) ||
	    strncmp(a->etag, "W/", 2) == 0))
		return true;
	/* In a change's own second Last-Modified is a second too early. */
	if (r->ask == ASK_IF_RANGE_DATE)
		return true;
	bytes = request_bytes(r, c->size);
	if (bytes == -1)
		return no("416 is due");
	return bytes > c->size ? true : no("206 is due");
}

static bool
explains_whole(const struct request *r, const struct answer *a,
    const struct version *v)
{
	const int coding = coding_of(a);
	const struct content *c = &v->files[coding == -1 ? 0 : coding];
	int64_t at;

	if (!selects(r, v, coding))
		return false;
	if (a->length != c->size)
		return no("%lld bytes", (long long)c->size);
	at = content_differs(c->key, 0, a->body, a->body_len);
	if (at != -1)
		return no("differs at byte %lld", (long long)at);
	return whole_is_due(r, a, c);
}

/* Whether each span that was asked for is in one of the parts. */
static bool
covers(const struct request *r, const struct parts *ps, int64_t size)
{
	int64_t first, last;
	int i, j;

	for (i = 0; i < r->nspans; i++) {
		if (!span_resolve(&r->spans[i], size, &first, &last))
			continue;
		for (j = 0; j < ps->n; j++)
			if (ps->part[j].first <= first &&
			    ps->part[j].last >= last)
				break;
		if (j == ps->n)
			return no("%lld-%lld is missing", (long long)first,
			    (long long)last);
		if (r->nspans == 1 && (ps->part[0].first != first ||
		    ps->part[0].last != last))
			return no("%lld-%lld is asked for", (long long)first,
			    (long long)last);
	}
	return true;
}

static bool
explains_parts(const struct request *r, const struct answer *a,
    const struct version *v)
{
	const int coding = coding_of(a);
	const struct content *c = &v->files[coding == -1 ? 0 : coding];
	struct parts ps;
	int64_t at;
	int i;

	if (!selects(r, v, coding))
		return false;
	if (r->nspans == 0)
		return no("no range was asked for");
	if (has_if_range(r) && !remembers(r, v, coding) &&
	    !is_being_truncated(r, v, coding))
		return no("not what If-Range says");
	if (a->cut && r->nspans > 1)
		return true;
	parts_read(&ps, a);
	if (ps.n < 1)
		return no("malformed parts");
	for (i = 0; i < ps.n; i++) {
		if (ps.part[i].size != c->size)
			return no("%lld bytes", (long long)c->size);
		at = content_differs(c->key, ps.part[i].first,
		    ps.part[i].bytes, ps.part[i].len);
		if (at != -1)
			return no("part %d differs at byte %lld", i,
			    (long long)at);
	}
	return covers(r, &ps, c->size);
}

static bool
explains_not_modified(const struct request *r, const struct answer *a,
    const struct version *v)
{
	const char *tag = r->memory.etag;

	if (r->ask != ASK_IF_NONE_MATCH && r->ask != ASK_IF_MODIFIED_SINCE)
		return no("no condition was given");
	if (!selects(r, v, r->memory.coding))
		return false;
	if (!remembers(r, v, r->memory.coding))
		return no("not what the client has: %lld bytes",
		    (long long)v->files[r->memory.coding].size);
	if (r->ask == ASK_IF_NONE_MATCH && a->etag[0] != '\0' &&
	    strcmp(a->etag, tag) != 0)
		return no("another tag than was asked with: %s", tag);
	return true;
}

/* Whether what was sent is what the client wants, by the answer's own word. */
static bool
is_wanted(const struct request *r, const struct answer *a)
{
	time_t date, modified;

	if (r->ask == ASK_IF_MATCH && (!is_remembered(r, a) ||
	    strncmp(a->etag, "W/", 2) == 0))
		return no("not what If-Match says");
	if (r->ask == ASK_IF_UNMODIFIED_SINCE &&
	    (httpdate_parse(&date, r->memory.last_modified) == -1 ||
	    httpdate_parse(&modified, a->last_modified) == -1 ||
	    modified > date))
		return no("not what If-Unmodified-Since says");
	return true;
}

/*
 * Whether a condition may fail for what the client has: shortly after a change
 * the tag is another than later, and Last-Modified a second too early.  A weak
 * tag is none for If-Match: RFC 9110, 13.1.1.
 */
static bool
has_weak_condition(const struct request *r)
{
	return r->memory.content.mtime_ns == 0 ||
	    (r->ask == ASK_IF_MATCH && strncmp(r->memory.etag, "W/", 2) == 0);
}

/* Of a version with sidecars alone the client may have another than is due. */
static bool
explains_unwanted(const struct request *r, const struct version *v)
{
	int i, coding = -1, n = 0;

	if (r->ask != ASK_IF_MATCH && r->ask != ASK_IF_UNMODIFIED_SINCE)
		return no("no condition was given");
	for (i = 0; i < NCODINGS; i++)
		if (selects(r, v, i)) {
			coding = i;
			n++;
		}
	if (n == 1 && coding == r->memory.coding && !has_weak_condition(r) &&
	    r->from == r->to && r->memory.version == r->from)
		return no("what the client has");
	return n > 0;
}

static bool
explains_missing(const struct request *r, const struct version *v)
{
	int i;

	if (v->files[CODING_NONE].size != ABSENT)
		return no("present");
	for (i = CODING_NONE + 1; i < NCODINGS; i++)
		if (r->from == r->to && is_eligible(r, v, i))
			return no("present as %s", codings[i].name);
	return true;
}

static bool
explains_unsatisfiable(const struct request *r, const struct answer *a,
    const struct version *v)
{
	const char *range = a->range;
	int64_t size;
	int i;

	if (r->nspans == 0)
		return no("no range was asked for");
	if (!read_number(&range, "bytes */", &size))
		return no("malformed Content-Range");
	if (request_bytes(r, size) != -1)
		return no("a range of it was asked for");
	for (i = 0; i < NCODINGS; i++)
		if (v->files[i].size == size && selects(r, v, i))
			return true;
	return no("%lld bytes", (long long)v->files[CODING_NONE].size);
}

/* Fields that hold only when one version was there all the time. */
static bool
explains_fields(const struct request *r, const struct answer *a,
    const struct version *v)
{
	const int coding = a->status == 304 ? r->memory.coding : coding_of(a);
	const int64_t mtime_ns = v->files[coding].mtime_ns;
	char date[HTTPDATE_SIZE];
	int i;

	if (r->from != r->to)
		return true;
	for (i = CODING_NONE + 1; i < NCODINGS; i++)
		if (v->files[i].size != ABSENT && !a->varies)
			return no("has a sidecar, but Vary is missing");
	httpdate_format(date, mtime_ns / 1000000000);
	if (mtime_ns != 0 && strcmp(a->last_modified, date) != 0)
		return no("Last-Modified should be %s", date);
	return true;
}

static bool
explains(const struct request *r, const struct answer *a,
    const struct version *v)
{
	switch (a->status) {
	case 200:
		return explains_whole(r, a, v) && explains_fields(r, a, v) &&
		    is_wanted(r, a);
	case 206:
		return explains_parts(r, a, v) && explains_fields(r, a, v) &&
		    is_wanted(r, a);
	case 304:
		return explains_not_modified(r, a, v) &&
		    explains_fields(r, a, v);
	case 403:
		return v->hidden || no("to be read");
	case 404:
	case 406:
		return explains_missing(r, v);
	case 412:
		return explains_unwanted(r, v);
	case 416:
		return explains_unsatisfiable(r, a, v);
	default:
		return no("no status for that");
	}
}

/* Marks the bytes that are those of a version. */
static void
mark_bytes(bool *known, const struct part *p, const struct version *v)
{
	static char bytes[MAX_SIZE];
	const struct content *c = &v->files[CODING_NONE];
	size_t i;

	if (c->size == ABSENT || p->first + (int64_t)p->len > MAX_SIZE)
		return;
	content_fill(bytes, c->key, p->first, p->len);
	for (i = 0; i < p->len && p->first + (int64_t)i < c->size; i++)
		known[i] |= p->bytes[i] == bytes[i];
}

/* Whether a file was written over in place within the request's time. */
static bool
was_written(const struct request *r)
{
	uint64_t n;

	for (n = r->from + 1; n <= r->to; n++)
		if (object_version(r->object, n)->in_place)
			return true;
	return false;
}

/*
 * Whether an answer is a mixture that nobody can keep apart: of bytes from
 * before and from behind a write(2) that went on while the server read them,
 * which takes no lock.  Once it is over, all is to be new.
 */
static bool
is_torn(const struct request *r, const struct answer *a)
{
	static bool known[MAX_SIZE];
	struct parts ps = { .n = 1 };
	uint64_t n;
	int i;

	if (!was_written(r) || (a->status != 200 && a->status != 206))
		return false;
	ps.part[0] = (struct part){ .bytes = a->body, .len = a->body_len };
	if (a->status == 206)
		parts_read(&ps, a);
	for (i = 0; i < ps.n; i++) {
		if (ps.part[i].len > MAX_SIZE)
			return false;
		memset(known, 0, ps.part[i].len);
		for (n = r->from; n <= r->to; n++)
			mark_bytes(known, &ps.part[i],
			    object_version(r->object, n));
		if (memchr(known, 0, ps.part[i].len) != NULL)
			return false;
	}
	return ps.n > 0;
}

#endif
