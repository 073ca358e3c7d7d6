/*
 * precondition: the first byte is the method and what our validators are, and
 * each line a field, whose first byte is its name.  Whatever they say, it is
 * one of three answers; each has its reason among the fields; and it does not
 * depend on what the RFC says is of no matter.
 */
#include <stdbool.h>
#include <strings.h>

#include "fuzz.h"
#include "precondition.h"
#include "request.h"

#define MAX_LINES	10

#define OPAQUE	"v,1"
#define THEN	784111777	/* Sun, 06 Nov 1994 08:49:37 GMT */

#define IS_READ		0x01
#define IS_HEAD		0x02
#define IS_WEAK		0x04
#define IS_FRESH	0x08

static const struct {
	char		 letter;
	const char	*name;
} fields[] = {
	{ 'm', "If-Match" },
	{ 'n', "if-none-match" },
	{ 's', "If-Modified-Since" },
	{ 'u', "IF-UNMODIFIED-SINCE" },
	{ 'i', "If-Range" },
	{ 'r', "Range" },
	{ 'x', "If-None" },
};

#define FIELDS	(sizeof(fields) / sizeof(fields[0]))

/* An answer, and the range to follow. */
struct answer {
	enum http_status	 status;
	const char		*range;
};

/* Adds a field; one without a name that we know is none. */
static void
add_field(struct http_request *req, const char *line)
{
	struct request_field *field = &req->fields[req->nfields];
	size_t i;

	for (i = 0; i < FIELDS && fields[i].letter != line[0]; i++)
		continue;
	if (i == FIELDS || req->nfields == MAX_LINES)
		return;
	/* Each is in memory of its own, so overreads show. */
	field->name = strdup(fields[i].name);
	field->value = strdup(line + 1);
	CHECK(field->name != NULL && field->value != NULL);
	field->name_len = strlen(field->name);
	field->value_len = strlen(field->value);
	req->initials |= request_initial(field->name);
	req->nfields++;
}

static void
free_fields(struct http_request *req)
{
	while (req->nfields > 0) {
		req->nfields--;
		free(req->fields[req->nfields].name);
		free(req->fields[req->nfields].value);
	}
	req->initials = 0;
}

static const char *
method_of(unsigned char kind)
{
	if ((kind & IS_READ) == 0)
		return "PUT";
	return kind & IS_HEAD ? "HEAD" : "GET";
}

static struct answer
answer_of(const struct http_request *req, const struct validators *current)
{
	struct answer a = { 0, "unset" };

	a.status = precondition_evaluate(req, current, &a.range);
	CHECK(a.status == HTTP_OK || a.status == HTTP_NOT_MODIFIED ||
	    a.status == HTTP_PRECONDITION_FAILED);
	return a;
}

/* How many fields have a name; *value is that of the last. */
static size_t
count(const struct http_request *req, const char *name, const char **value)
{
	size_t i, n = 0;

	for (i = 0; i < req->nfields; i++) {
		if (strcasecmp(req->fields[i].name, name) == 0) {
			*value = req->fields[i].value;
			n++;
		}
	}
	return n;
}

static bool
has(const struct http_request *req, const char *name)
{
	const char *value;

	return count(req, name, &value) > 0;
}

/* Some field of that name is about our tag, or any. */
static bool
mentions_ours(const struct http_request *req, const char *name)
{
	const struct request_field *field;

	for (field = req->fields; field < req->fields + req->nfields; field++)
		if (strcasecmp(field->name, name) == 0 &&
		    (strstr(field->value, "\"" OPAQUE "\"") != NULL ||
		    strchr(field->value, '*') != NULL))
			return true;
	return false;
}

static void
check_range(const struct http_request *req, const struct answer *a)
{
	const char *value = NULL;
	size_t ranges = count(req, "Range", &value);

	if (a->range != NULL) {
		CHECK(a->status == HTTP_OK && ranges == 1);
		CHECK(a->range == value);
		CHECK(strcmp(req->method, "GET") == 0);
		CHECK(count(req, "If-Range", &value) <= 1);
	} else if (a->status == HTTP_OK && ranges == 1)
		CHECK(strcmp(req->method, "GET") != 0 || has(req, "If-Range"));
}

/* Every answer has its reason. */
static void
check_reason(const struct http_request *req, const struct answer *a)
{
	bool is_read = strcmp(req->method, "PUT") != 0;

	if (a->status == HTTP_NOT_MODIFIED)
		CHECK(is_read && (has(req, "If-None-Match") ?
		    mentions_ours(req, "If-None-Match") :
		    has(req, "If-Modified-Since")));
	if (a->status == HTTP_PRECONDITION_FAILED)
		CHECK(has(req, "If-Match") || has(req, "If-Unmodified-Since") ||
		    (!is_read && mentions_ours(req, "If-None-Match")));
	else if (has(req, "If-Match"))
		CHECK(mentions_ours(req, "If-Match"));
}

/* What a star alone means needs no list. */
static void
check_star(const struct http_request *req, const struct answer *a)
{
	const char *value;

	if (has(req, "If-Match") || has(req, "If-Unmodified-Since") ||
	    count(req, "If-None-Match", &value) != 1 || strcmp(value, "*") != 0)
		return;
	CHECK(a->status == (strcmp(req->method, "PUT") == 0 ?
	    HTTP_PRECONDITION_FAILED : HTTP_NOT_MODIFIED));
}

/* The same request to read the head, or to write. */
static void
check_methods(const struct http_request *req, const struct answer *a,
    const struct validators *current)
{
	static char get[] = "GET", head[] = "HEAD", put[] = "PUT";
	static struct http_request other;
	struct answer got, headed, written;

	other = *req;
	other.method = get;
	got = answer_of(&other, current);
	other.method = head;
	headed = answer_of(&other, current);
	other.method = put;
	written = answer_of(&other, current);
	CHECK(headed.status == got.status && headed.range == NULL);
	CHECK(written.status != HTTP_NOT_MODIFIED && written.range == NULL);
	if (has(req, "If-None-Match") || got.status != HTTP_NOT_MODIFIED)
		CHECK((written.status == HTTP_OK) == (got.status == HTTP_OK));
	else
		CHECK(written.status == HTTP_OK);
	CHECK(a->status == got.status || a->status == written.status);
}

/* The request again, backwards and without the fields of a name. */
static void
check_without(const struct http_request *req, const char *name,
    const struct answer *a, const struct validators *current)
{
	static struct http_request other;
	struct answer b;
	size_t i;

	other.method = req->method;
	other.initials = req->initials;
	other.nfields = 0;
	for (i = req->nfields; i > 0; i--)
		if (strcasecmp(req->fields[i - 1].name, name) != 0)
			other.fields[other.nfields++] = req->fields[i - 1];
	b = answer_of(&other, current);
	CHECK(a->status == b.status && a->range == b.range);
}

/* RFC 9110, 13.1.3 and 13.1.4: dates are not asked for where there are tags. */
static void
check_indifference(const struct http_request *req, const struct answer *a,
    const struct validators *current)
{
	check_without(req, "", a, current);
	check_without(req, "If-None", a, current);
	if (has(req, "If-Match"))
		check_without(req, "If-Unmodified-Since", a, current);
	if (has(req, "If-None-Match"))
		check_without(req, "If-Modified-Since", a, current);
}

/* Whether a line may be joined: no tag is open at its end. */
static bool
is_closed(const char *value)
{
	size_t quotes = 0;

	while ((value = strchr(value, '"')) != NULL) {
		value++;
		quotes++;
	}
	return quotes % 2 == 0;
}

/* RFC 9110, 5.3: the lines of a list, in one. */
static void
check_joined(const struct http_request *req, const char *name,
    const struct answer *a, const struct validators *current)
{
	static struct http_request other;
	struct request_field *field;
	char *list = NULL, *longer;
	bool closed = true;
	size_t i;

	other.method = req->method;
	other.initials = req->initials;
	other.nfields = 1;
	for (i = 0; i < req->nfields; i++) {
		if (strcasecmp(req->fields[i].name, name) != 0) {
			other.fields[other.nfields++] = req->fields[i];
			continue;
		}
		CHECK(asprintf(&longer, "%s,%s", list == NULL ? "" : list,
		    req->fields[i].value) != -1);
		free(list);
		list = longer;
		closed = closed && is_closed(req->fields[i].value);
	}
	if (list == NULL)
		return;
	field = &other.fields[0];
	*field = (struct request_field){ strdup(name), list, strlen(name),
	    strlen(list) };
	CHECK(answer_of(&other, current).status == a->status || !closed);
	free(field->name);
	free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct http_request req;
	struct fuzz_input in = fuzz_start(data, len);
	unsigned char kind = fuzz_byte(&in);
	struct validators current = {
		.etag = kind & IS_WEAK ? "W/\"" OPAQUE "\"" : "\"" OPAQUE "\"",
		.last_modified = THEN,
		.now = kind & IS_FRESH ? THEN : THEN + 1,
	};
	char method[5], *line, *copy = fuzz_string(&in), *rest = copy;
	struct answer a;

	(void)snprintf(method, sizeof(method), "%s", method_of(kind));
	req.method = method;
	while ((line = strsep(&rest, "\n")) != NULL)
		add_field(&req, line);
	a = answer_of(&req, &current);
	check_range(&req, &a);
	check_reason(&req, &a);
	check_star(&req, &a);
	check_methods(&req, &a, &current);
	check_indifference(&req, &a, &current);
	check_joined(&req, "If-Match", &a, &current);
	check_joined(&req, "If-None-Match", &a, &current);
	free_fields(&req);
	free(copy);
	return 0;
}
