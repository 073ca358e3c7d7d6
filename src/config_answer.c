#include "config_answer.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sysexits.h>

#include "config_handlers.h"
#include "config_keys.h"
#include "config_tree.h"

static const char *const names[] = {
	[ANSWER_ROOT] = "root",
	[ANSWER_REDIRECT] = "redirect",
	[ANSWER_RESPOND] = "respond",
	[ANSWER_GONE] = "gone",
};
#define ANSWERS (sizeof(names) / sizeof(names[0]))

/* Of a value, or of one that is missing: none. */
static enum config_answer
answer_of(const struct config_value *value)
{
	size_t i;

	for (i = ANSWER_ROOT; value != NULL && i < ANSWERS; i++)
		if (strcmp(value->key->name, names[i]) == 0)
			return (enum config_answer)i;
	return ANSWER_NONE;
}

static bool
is_taken_back(const struct config_value *value)
{
	/* An empty root of the command line is a wrong one. */
	return (value->line != 0 && value->text[0] == '\0') ||
	    (answer_of(value) == ANSWER_GONE &&
	    strcmp(value->text, "no") == 0);
}

/*
 * The value that answers, or NULL; in the section itself, or also in those
 * around it.
 */
static const struct config_value *
find_value(const struct config_section *section, bool is_effective)
{
	const struct config_value *value, *found = NULL;
	bool is_taken[ANSWERS] = { false };
	enum config_answer answer;

	do {
		STAILQ_FOREACH(value, &section->values, entry) {
			answer = answer_of(value);
			if (answer == ANSWER_NONE || is_taken[answer])
				continue;
			if (is_taken_back(value))
				is_taken[answer] = true;
			else
				found = value;
		}
		section = section->parent;
	} while (is_effective && found == NULL && section != NULL);
	return found;
}

enum config_answer
config_answer_find(const struct config_section *section)
{
	return answer_of(find_value(section, true));
}

void
config_answer_check(const struct config_section *section,
    struct config_faults *faults)
{
	const struct config_value *last = find_value(section, false), *value;

	if (last == NULL)
		return;
	STAILQ_FOREACH(value, &section->values, entry) {
		if (value->key == last->key ||
		    answer_of(value) == ANSWER_NONE || is_taken_back(value))
			continue;
		if (last->line == 0 || value->line == 0)
			config_fault(faults, value->line + last->line,
			    EX_CONFIG, "%s: there is the root of the command "
			    "line already; give one of root, redirect, "
			    "respond and gone", value->line == 0 ?
			    last->key->name : value->key->name);
		else
			config_fault(faults, last->line, EX_CONFIG, "%s: "
			    "there is \"%s\" already, in line %d; give one of "
			    "root, redirect, respond and gone",
			    last->key->name, value->key->name, value->line);
	}
}

/* Keeps a handler that is not NULL. */
static struct http_handler
own(struct config_handlers *handlers, enum config_owned_kind kind,
    http_handler_fn *serve, void *handler, struct config_faults *faults)
{
	const struct http_handler none = { NULL, NULL };

	if (handler == NULL)
		return none;
	if (config_handlers_own(handlers, kind, handler) == 0)
		return (struct http_handler){ serve, handler };
	config_fault(faults, 0, EX_OSERR, "%s", strerror(errno));
	return none;
}

struct http_handler
config_answer_make(const struct config_section *section,
    struct config_handlers *handlers, struct config_faults *faults)
{
	const struct config_key *type = config_key_find("respond_type");
	const struct config_value *value = find_value(section, true), *of_type;
	const char *why;

	switch (answer_of(value)) {
	case ANSWER_GONE:
		return (struct http_handler){ http_gone_serve, NULL };
	case ANSWER_REDIRECT:
		return own(handlers, OWNED_REDIRECT, http_redirect_serve,
		    config_redirect_new(value->text, &why), faults);
	case ANSWER_RESPOND:
		of_type = config_find_effective(section, type);
		return own(handlers, OWNED_FIXED, http_fixed_serve,
		    config_fixed_new(value->text, of_type == NULL ?
		    type->standard : of_type->text, &why), faults);
	case ANSWER_NONE:
	case ANSWER_ROOT:
		break;
	}
	return (struct http_handler){ NULL, NULL };
}

void
config_answer_match(const struct http_handler *handler,
    const struct config_section *section, const char *pattern,
    struct config_faults *faults)
{
	const struct config_value *value, *own_value;
	const char *name;

	if (handler->serve != http_redirect_serve ||
	    (name = http_redirect_lacks(handler->arg, pattern)) == NULL)
		return;
	value = find_value(section, true);
	own_value = find_value(section, false);
	config_fault(faults, own_value == NULL ? section->line : value->line,
	    EX_CONFIG, "redirect = \"%s\": the pattern \"%s\" has no {%s}",
	    value->text, pattern, name);
}
