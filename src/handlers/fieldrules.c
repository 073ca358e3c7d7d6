#include "fieldrules.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../httpserve.h"
#include "../response.h"

/* "text/html" and its like; longer ones match no pattern. */
#define TYPE_SIZE 128
#define FIRST_ERROR 400

struct fieldrule {
	char	*pattern;
	char	*name;
	char	*value;
	bool	 is_of_path;
	bool	 is_for_caches;
};

static void
fieldrule_free(struct fieldrule *rule)
{
	free(rule->pattern);
	free(rule->name);
	free(rule->value);
}

/* Whether a response would take the field. */
static int
fieldrule_check(const char *name, const char *value)
{
	struct http_response res;
	int result;

	response_init(&res);
	result = http_response_set_header(&res, name, value);
	response_free(&res);
	return result;
}

static int
fieldrule_init(struct fieldrule *rule, const char *pattern, const char *name,
    const char *value)
{
	rule->pattern = strdup(pattern);
	rule->name = strdup(name);
	rule->value = strdup(value);
	rule->is_of_path = *pattern == '/' || *pattern == '*';
	rule->is_for_caches = strcasecmp(name, "Cache-Control") == 0 ||
	    strcasecmp(name, "Expires") == 0;
	if (rule->pattern != NULL && rule->name != NULL && rule->value != NULL)
		return 0;
	fieldrule_free(rule);
	return -1;
}

int
fieldrules_add(struct fieldrules *rules, const char *pattern,
    const char *name, const char *value)
{
	struct fieldrule *grown;

	if (*pattern == '\0') {
		errno = EINVAL;
		return -1;
	}
	if (fieldrule_check(name, value) == -1)
		return -1;
	grown = reallocarray(rules->rules, rules->len + 1, sizeof(*grown));
	if (grown == NULL)
		return -1;
	rules->rules = grown;
	if (fieldrule_init(&grown[rules->len], pattern, name, value) == -1)
		return -1;
	rules->len++;
	return 0;
}

void
fieldrules_free(struct fieldrules *rules)
{
	size_t i;

	for (i = 0; i < rules->len; i++)
		fieldrule_free(&rules->rules[i]);
	free(rules->rules);
	rules->rules = NULL;
	rules->len = 0;
}

/* Without its parameters. */
static bool
matches_type(const char *pattern, const char *type)
{
	char bare[TYPE_SIZE];
	size_t len = strcspn(type, "; ");

	if (len >= sizeof(bare))
		return false;
	memcpy(bare, type, len);
	bare[len] = '\0';
	return fnmatch(pattern, bare, FNM_CASEFOLD) == 0;
}

static bool
fieldrule_matches(const struct fieldrule *rule, const char *path,
    const char *type)
{
	if (rule->is_of_path)
		return fnmatch(rule->pattern, path, 0) == 0;
	return matches_type(rule->pattern, type);
}

int
fieldrules_apply(const struct fieldrules *rules, struct http_response *res,
    const char *path, const char *type)
{
	const struct fieldrule *rule;
	char own[TYPE_SIZE + 1];	/* one that is cut matches none, too */
	int result = 0;
	size_t i;

	if (rules->len > 0 && type == NULL) {
		response_copy_type(res, own, sizeof(own));
		type = own;
	}
	for (i = 0; i < rules->len && result == 0; i++) {
		rule = &rules->rules[i];
		if (rule->is_for_caches && res->status >= FIRST_ERROR)
			continue;
		if (!fieldrule_matches(rule, path, type))
			continue;
		/* What answers depend on is added to, and never forgotten. */
		if (strcasecmp(rule->name, "Vary") == 0)
			result = http_response_add_header(res, rule->name,
			    rule->value);
		else
			result = http_response_set_header(res, rule->name,
			    rule->value);
	}
	return result;
}

const char *
fieldrules_type(const struct fieldrules *rules, const char *path,
    const char *type)
{
	const struct fieldrule *rule;
	const char *found = type;
	size_t i;

	for (i = 0; i < rules->len; i++) {
		rule = &rules->rules[i];
		if (strcasecmp(rule->name, "Content-Type") == 0 &&
		    fieldrule_matches(rule, path, type))
			found = rule->value;
	}
	return found;
}
