#include "negotiate.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "httpserve.h"
#include "qvalue.h"

/* How exactly a range names a type; a better one overrules the others. */
enum negotiate_match {
	MATCH_NONE,
	MATCH_ANY,		/* star slash star */
	MATCH_MAJOR,		/* text slash star */
	MATCH_TYPE
};

/* What a client says of one type. */
struct negotiate_claim {
	const char		*type;
	enum negotiate_match	 match;
	int			 weight;
};

/* The length of what stands before one of these, but for quoted strings. */
static size_t
negotiate_span(const char *s, const char *stop)
{
	const char *start = s;
	bool quoted = false;

	for (; *s != '\0'; s++) {
		if (quoted && *s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (!quoted && strchr(stop, *s) != NULL)
			break;
	}
	return (size_t)(s - start);
}

/* Drops the blanks on both sides. */
static size_t
negotiate_trim(const char **s, size_t len)
{
	while (len > 0 && (**s == ' ' || **s == '\t')) {
		(*s)++;
		len--;
	}
	while (len > 0 && ((*s)[len - 1] == ' ' || (*s)[len - 1] == '\t'))
		len--;
	return len;
}

/* The weight among a range's parameters, which begin at a semicolon. */
static int
negotiate_find_weight(const char *s, const char *end)
{
	const char *parameter;
	size_t len;

	while (s < end) {
		parameter = ++s;
		s += negotiate_span(s, ";,");
		len = negotiate_trim(&parameter, (size_t)(s - parameter));
		if (len >= 2 && strncasecmp(parameter, "q=", 2) == 0)
			return qvalue_parse(parameter + 2, len - 2);
	}
	return QVALUE_MAX;
}

static enum negotiate_match
negotiate_match(const char *range, size_t len, const char *type)
{
	size_t major = strcspn(type, "/") + 1;

	if (len == strlen(type) && strncasecmp(range, type, len) == 0)
		return MATCH_TYPE;
	if (len == 3 && strncmp(range, "*/*", len) == 0)
		return MATCH_ANY;
	if (len == major + 1 && range[major] == '*' &&
	    strncasecmp(range, type, major) == 0)
		return MATCH_MAJOR;
	return MATCH_NONE;
}

/* Has an element of Accept count for a type, if it is the best for that. */
static void
negotiate_claim(struct negotiate_claim *claim, const char *element,
    size_t len)
{
	const char *end = element + len, *range = element;
	enum negotiate_match match;
	size_t range_len;
	int weight;

	range_len = negotiate_span(element, ";,");
	weight = negotiate_find_weight(element + range_len, end);
	range_len = negotiate_trim(&range, range_len);
	match = negotiate_match(range, range_len, claim->type);
	if (weight == -1 || match <= claim->match)
		return;
	claim->match = match;
	claim->weight = weight;
}

bool
negotiate_prefers(const struct http_request *req, const char *type,
    const char *other)
{
	struct negotiate_claim wanted = { .type = type };
	struct negotiate_claim else_wanted = { .type = other };
	const char *name, *s;
	size_t i, len;

	for (i = 0; http_request_header_at(req, i, &name, &s) == 1; i++) {
		if (strcasecmp(name, "Accept") != 0)
			continue;
		for (; *s != '\0'; s += len + (s[len] == ',')) {
			len = negotiate_span(s, ",");
			negotiate_claim(&wanted, s, len);
			negotiate_claim(&else_wanted, s, len);
		}
	}
	return wanted.match == MATCH_TYPE && wanted.weight > 0 &&
	    wanted.weight >= else_wanted.weight;
}
