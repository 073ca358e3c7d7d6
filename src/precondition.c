#include "precondition.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "httpdate.h"

/* How entity tags are compared: RFC 9110, 8.8.3.2. */
enum comparison {
	COMPARE_STRONG,
	COMPARE_WEAK
};

/* A list of entity tags, which may go on in further lines. */
struct tag_list {
	const char	*etag;		/* that is looked for */
	enum comparison	 how;
	size_t		 tags;
	size_t		 stars;		/* "*" */
	bool		 found;
};

/* The fields that set conditions, and Range. */
enum condition {
	IF_MATCH,
	IF_NONE_MATCH,
	IF_MODIFIED_SINCE,
	IF_UNMODIFIED_SINCE,
	IF_RANGE,
	RANGE
};

#define CONDITIONS (RANGE + 1)

static const char *const names[CONDITIONS] = {
	"If-Match",
	"If-None-Match",
	"If-Modified-Since",
	"If-Unmodified-Since",
	"If-Range",
	"Range"
};

struct conditions {
	const struct http_request *req;
	const char	*first[CONDITIONS];	/* value, or NULL */
	bool		 again[CONDITIONS];	/* there are more of it */
};

/* Whether a name may be one of ours, told by its first bytes. */
static bool
may_be_ours(const char *name)
{
	if ((name[0] | 0x20) == 'i')
		return (name[1] | 0x20) == 'f' && name[2] == '-';
	return (name[0] | 0x20) == 'r' && strcasecmp(name, "Range") == 0;
}

static void
note_condition(struct conditions *c, const char *name, const char *value)
{
	int i;

	for (i = 0; i < CONDITIONS && strcasecmp(name, names[i]) != 0; i++)
		continue;
	if (i == CONDITIONS)
		return;
	if (c->first[i] == NULL)
		c->first[i] = value;
	else
		c->again[i] = true;
}

/* Most requests ask for none of this: false; they cost this one pass. */
static bool
find_conditions(struct conditions *c, const struct http_request *req)
{
	const char *name, *value;
	bool found = false;
	size_t i;

	for (i = 0; http_request_header_at(req, i, &name, &value); i++) {
		if (!may_be_ours(name))
			continue;
		if (!found)
			*c = (struct conditions){ .req = req };
		found = true;
		note_condition(c, name, value);
	}
	return found;
}

/* The value of a field that is there once, else NULL. */
static const char *
only_value(const struct conditions *c, enum condition which)
{
	return c->again[which] ? NULL : c->first[which];
}

/* Reads a field that is one date: 0 or -1. */
static int
read_date(time_t *date, const struct conditions *c, enum condition which)
{
	const char *value = only_value(c, which);

	return value == NULL ? -1 : httpdate_parse(date, value);
}

static bool
is_weak(const char *tag)
{
	return tag[0] == 'W' && tag[1] == '/';
}

/*
 * etagc of RFC 9110, 8.8.3, of bytes of a field's value: commas, backslashes
 * and bytes beyond ASCII are, blanks are not.
 */
static bool
is_tag_byte(char c)
{
	return (unsigned char)c > ' ' && c != '"';
}

/* Where the entity tag at s ends, or NULL where there is none. */
static const char *
tag_end(const char *s)
{
	if (is_weak(s))
		s += 2;
	if (*s++ != '"')
		return NULL;
	while (is_tag_byte(*s))
		s++;
	return *s == '"' ? s + 1 : NULL;
}

/* Compares the tag from s to end with a whole one. */
static bool
tag_equals(const char *s, const char *end, const char *etag,
    enum comparison how)
{
	if (how == COMPARE_STRONG && is_weak(s))
		return false;
	if (how == COMPARE_WEAK && is_weak(s))
		s += 2;
	if (how == COMPARE_WEAK && is_weak(etag))
		etag += 2;
	return strlen(etag) == (size_t)(end - s) &&
	    memcmp(s, etag, (size_t)(end - s)) == 0;
}

/* Reads the member of a list at *s and moves *s behind it: 0 or -1. */
static int
tag_list_read_member(struct tag_list *list, const char **s)
{
	const char *end;

	if (**s == '*') {
		list->stars++;
		(*s)++;
		return 0;
	}
	if ((end = tag_end(*s)) == NULL)
		return -1;
	list->tags++;
	if (tag_equals(*s, end, list->etag, list->how))
		list->found = true;
	*s = end;
	return 0;
}

/* Reads a line of a list, whose members may be missing (5.6.1.2): 0 or -1. */
static int
tag_list_read(struct tag_list *list, const char *s)
{
	for (;;) {
		s += strspn(s, " \t");
		if (*s != ',' && *s != '\0' &&
		    tag_list_read_member(list, &s) == -1)
			return -1;
		s += strspn(s, " \t");
		if (*s == '\0')
			return 0;
		if (*s++ != ',')
			return -1;
	}
}

/* Whether the list in a request's fields of a name has the tag, or is "*". */
static bool
list_matches(const struct conditions *c, enum condition which,
    const char *etag, enum comparison how)
{
	struct tag_list list = { .etag = etag, .how = how };
	const char *name, *value;
	size_t i;

	if (!c->again[which]) {
		if (tag_list_read(&list, c->first[which]) == -1)
			return false;
	} else
		for (i = 0; http_request_header_at(c->req, i, &name, &value);
		    i++)
			if (strcasecmp(name, names[which]) == 0 &&
			    tag_list_read(&list, value) == -1)
				return false;
	/* A star stands alone: it is no member of lists. */
	if (list.stars > 0)
		return list.stars == 1 && list.tags == 0;
	return list.found;
}

/* Steps 1 and 2 of 13.2.2: is it still what the client thinks it is? */
static bool
is_as_expected(const struct conditions *c, const struct validators *current)
{
	time_t date;

	if (c->first[IF_MATCH] != NULL)
		return list_matches(c, IF_MATCH, current->etag,
		    COMPARE_STRONG);
	if (read_date(&date, c, IF_UNMODIFIED_SINCE) == -1)
		return true;
	return current->last_modified <= date;
}

static bool
is_read(const struct http_request *req)
{
	const char *method = http_request_method(req);

	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* Whether it was last modified by a date, which is mostly the very one. */
static bool
is_since(const char *value, const struct validators *current)
{
	time_t date;

	if (value == NULL)
		return false;
	if (current->date != NULL && strcmp(value, current->date) == 0)
		return true;
	return httpdate_parse(&date, value) == 0 &&
	    current->last_modified <= date;
}

/* Steps 3 and 4: has the client this version already? */
static bool
is_known(const struct conditions *c, const struct validators *current)
{
	if (c->first[IF_NONE_MATCH] != NULL)
		return list_matches(c, IF_NONE_MATCH, current->etag,
		    COMPARE_WEAK);
	return is_read(c->req) &&
	    is_since(only_value(c, IF_MODIFIED_SINCE), current);
}

/*
 * Step 5: is the part that the client has one of this version?  A date tells
 * versions apart only once its second is over: 13.1.5 and 8.8.2.2.
 */
static bool
is_same_version(const char *value, const struct validators *current)
{
	const char *end = tag_end(value);
	time_t date;

	if (end != NULL)
		return *end == '\0' && tag_equals(value, end, current->etag,
		    COMPARE_STRONG);
	return httpdate_parse(&date, value) == 0 &&
	    date == current->last_modified && date < current->now;
}

/* The field Range, where it is to be followed, or NULL. */
static const char *
find_range(const struct conditions *c, const struct validators *current)
{
	const char *condition;

	if (strcmp(http_request_method(c->req), "GET") != 0)
		return NULL;
	if (c->first[IF_RANGE] != NULL) {
		condition = only_value(c, IF_RANGE);
		if (condition == NULL || !is_same_version(condition, current))
			return NULL;
	}
	return only_value(c, RANGE);
}

static enum http_status
evaluate(const struct conditions *c, const struct validators *current)
{
	if (!is_as_expected(c, current))
		return HTTP_PRECONDITION_FAILED;
	if (is_known(c, current))
		return is_read(c->req) ?
		    HTTP_NOT_MODIFIED : HTTP_PRECONDITION_FAILED;
	return HTTP_OK;
}

enum http_status
precondition_evaluate(const struct http_request *req,
    const struct validators *current, const char **range)
{
	enum http_status status;
	struct conditions c;

	*range = NULL;
	if (!find_conditions(&c, req))
		return HTTP_OK;
	status = evaluate(&c, current);
	if (status == HTTP_OK)
		*range = find_range(&c, current);
	return status;
}

enum http_status
precondition_evaluate_bare(const struct http_request *req)
{
	static const struct validators none = { .etag = "" };
	struct conditions c;

	if (!find_conditions(&c, req) ||
	    strcmp(http_request_method(req), "OPTIONS") == 0)
		return HTTP_OK;
	c.first[IF_MODIFIED_SINCE] = c.first[IF_UNMODIFIED_SINCE] = NULL;
	return evaluate(&c, &none);
}
