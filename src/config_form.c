#include "config_form.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "config_keys.h"
#include "config_names.h"
#include "config_scan.h"
#include "config_text.h"
#include "config_tree.h"

/* Nobody mends more at a time. */
#define MAX_FAULTS 1000

struct form {
	const struct config_token *at;
	struct config_faults	*faults;
	size_t			 nscanned;	/* faults from config_scan() */
	struct config_text	 out;
	int			 fault_line;	/* the last that has one */
	bool			 lacks_brace;	/* there are more { than } */
};

static void parse_body(struct form *f, unsigned int kind, int line);

/* Whether more is said than that a line can't be read. */
static bool
is_said(struct form *f, int line)
{
	size_t i;

	for (i = 0; i < f->nscanned; i++)
		if (f->faults->faults[i].line == line)
			f->fault_line = line;
	return f->fault_line == line;
}

/* What is wrong in the form of a line; what follows from it is not said. */
static void __attribute__((format(printf, 3, 4)))
refuse(struct form *f, int line, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	f->faults->is_partial = true;
	if (is_said(f, line))
		return;
	f->fault_line = line;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	config_fault(f->faults, line, EX_CONFIG, "%s", text);
}

static unsigned int
section_kind(const char *name)
{
	if (strcmp(name, "site") == 0)
		return CONFIG_SITE;
	return strcmp(name, "location") == 0 ? CONFIG_LOCATION : 0;
}

static const char *
section_name(unsigned int kind)
{
	return kind == CONFIG_SITE ? "site" : "location";
}

static bool
is_assigned(const struct config_token *name)
{
	return name[1].kind == '=' || name[1].kind == CONFIG_APPEND;
}

/* Whether a name is followed by others, or none, and a brace. */
static bool
is_section(const struct config_token *name)
{
	while ((++name)->kind == CONFIG_WORD)
		continue;
	return name->kind == '{';
}

/* Whether a word is no value, but begins what is next. */
static bool
begins_next(const struct config_token *word)
{
	char name[CONFIG_NAME_SIZE];

	if (word->kind != CONFIG_WORD)
		return false;
	if (is_assigned(word))
		return true;
	return section_kind(config_say(word, name)) != 0 && is_section(word);
}

/* Passes over the words of a line that begin nothing. */
static void
pass_words(struct form *f, int line)
{
	while (f->at->kind == CONFIG_WORD && f->at->line == line &&
	    !begins_next(f->at))
		f->at++;
}

/* Passes over braces, or brackets, and all that is between them. */
static void
pass_braces(struct form *f)
{
	char opening = f->at->kind, closing = opening == '{' ? '}' : ')';
	int line = f->at->line, depth = 0;

	do {
		depth += (f->at->kind == opening) - (f->at->kind == closing);
		f->at++;
	} while (depth > 0 && f->at->kind != CONFIG_END);
	if (depth > 0)
		refuse(f, line, "this %c is not closed; a %c is missing",
		    opening, closing);
}

static void
refuse_sign(struct form *f)
{
	char name[CONFIG_NAME_SIZE];
	int line = f->at->line;

	refuse(f, line, "\"%s\" can't stand here; a key, = and a value do, a "
	    "list in braces has commas between its values, and a value with "
	    "blanks or braces needs quotes", config_say(f->at, name));
	if (f->at->kind == '{' || f->at->kind == '(')
		pass_braces(f);
	else
		f->at++;
	pass_words(f, line);
}

/* One that begins a line of its own is no key to be known there. */
static bool
is_more(const struct config_token *word, int line)
{
	char name[CONFIG_NAME_SIZE];

	if (word->kind != CONFIG_WORD || word->line != line ||
	    begins_next(word))
		return false;
	return config_key_find(config_say(word, name)) == NULL;
}

/* The value of a key: whether it is well. */
static bool
parse_word(struct form *f, const char *name, bool is_list)
{
	char more[CONFIG_NAME_SIZE];
	int line = f->at[-1].line;
	bool is_well;

	if (f->at->kind != CONFIG_WORD || begins_next(f->at)) {
		refuse(f, line, "\"%s\" needs a value behind =", name);
		return false;
	}
	line = f->at->line;
	is_well = !f->at++->is_broken;
	for (; is_more(f->at, line); f->at++) {
		refuse(f, line, "\"%s\" can't stand here; a value with blanks "
		    "needs quotes", config_say(f->at, more));
		is_well = false;
	}
	for (; f->at->kind == ','; is_well = false) {
		refuse(f, f->at->line, is_list ? "\"%s\" needs braces around "
		    "its values" : "\"%s\" has one value; put it in quotes "
		    "where it has a comma", name);
		f->at++;
		if (f->at->kind == CONFIG_WORD && !begins_next(f->at))
			f->at++;
	}
	return is_well;
}

/* A value of a list and its comma: whether they are well. */
static bool
parse_member(struct form *f)
{
	const struct config_token *word = f->at++;
	char name[CONFIG_NAME_SIZE];

	if (f->at->kind == ',')
		f->at++;
	else if (f->at->kind == CONFIG_WORD && !begins_next(f->at)) {
		refuse(f, word->line, "a comma is missing behind \"%s\", or "
		    "quotes around a value with blanks",
		    config_say(word, name));
		return false;
	}
	return !word->is_broken;
}

/* The list of a key: whether it is well. */
static bool
parse_list(struct form *f, const char *name)
{
	char sign[CONFIG_NAME_SIZE];
	int line = f->at->line;
	bool is_well = true;

	f->at++;
	while (f->at->kind != '}') {
		if (f->at->kind == CONFIG_END || begins_next(f->at)) {
			refuse(f, line, "the list of \"%s\" is not closed; a "
			    "} is missing", name);
			return false;
		}
		if (f->at->kind == CONFIG_WORD) {
			is_well = parse_member(f) && is_well;
			continue;
		}
		refuse(f, f->at->line, "\"%s\" can't stand here in a list; "
		    "give values, in quotes, with one comma between them",
		    config_say(f->at, sign));
		is_well = false;
		f->at++;
	}
	f->at++;
	return is_well;
}

/* A name with a value, which is passed over where there is no such key. */
static void
parse_key(struct form *f, const struct config_key *key)
{
	const struct config_token *begin = f->at, *t;
	bool is_list = key == NULL || key->is_list, is_well = true;
	char name[CONFIG_NAME_SIZE];

	(void)config_say(begin, name);
	f->at += 2;
	if (begin[1].kind == CONFIG_APPEND && !is_list) {
		refuse(f, begin->line, "\"%s\" has one value; write = and not "
		    "+=", name);
		is_well = false;
	}
	if (f->at->kind != '{')
		is_well = parse_word(f, name, is_list) && is_well;
	else {
		is_well = parse_list(f, name) && is_well;
		if (!is_list)
			refuse(f, begin->line, "\"%s\" has one value; write "
			    "it without braces", name);
		is_well = is_list && is_well;
	}
	for (t = begin; key != NULL && is_well && t < f->at; t++)
		config_text_put(&f->out, t);
}

/* A name that no key has here: what was meant, or what there is. */
static void
refuse_name(struct form *f, const char *name, unsigned int kind)
{
	const char *place = config_place(kind), *guess;
	struct config_faults *faults = f->faults;
	const struct config_key *key = config_key_find(name);
	int line = f->at->line;
	char names[1024];

	if (key != NULL) {
		config_fault(faults, line, EX_CONFIG, "\"%s\" can't stand %s, "
		    "but %s%s%s", name, place, config_place(CONFIG_TOP),
		    key->places & CONFIG_SITE ? " and " : "",
		    key->places & CONFIG_SITE ? config_place(CONFIG_SITE) : "");
		return;
	}
	if ((guess = config_key_guess(name, kind)) != NULL) {
		config_fault(faults, line, EX_CONFIG, "there is no \"%s\" %s; "
		    "did you mean \"%s\"?", name, place, guess);
		return;
	}
	config_key_list(kind, names, sizeof(names));
	config_fault(faults, line, EX_CONFIG, "there is no \"%s\" %s; give "
	    "one of %s", name, place, names);
}

/* A section's title and what is behind it, up to its brace: or NULL. */
static const struct config_token *
parse_title(struct form *f, const char *section)
{
	const struct config_token *title = f->at + 1;
	int line = f->at->line;

	f->at++;
	if (title->kind != CONFIG_WORD) {
		refuse(f, line, title->kind == '{' ?
		    "a %s needs a name in quotes before its brace" :
		    "a %s needs a name in quotes, and its keys in braces "
		    "behind that", section);
		if (title->kind == '=' || title->kind == CONFIG_APPEND)
			f->at++;
		pass_words(f, line);
		return NULL;
	}
	for (f->at++; f->at->kind == CONFIG_WORD && !begins_next(f->at);
	    f->at++)
		refuse(f, line, "a %s needs one name in quotes, and its keys "
		    "in braces behind that", section);
	if (f->at->kind != '{')
		refuse(f, line, "a %s needs its keys in braces behind its "
		    "name", section);
	return title;
}

static void
parse_section(struct form *f, unsigned int kind)
{
	int line = f->at->line, muted = f->out.muted;
	const struct config_token *title;

	title = parse_title(f, section_name(kind));
	if (f->at->kind != '{')
		return;
	if (title == NULL || (title->is_broken && !config_is_plain(title)))
		f->out.muted++;
	else {
		config_text_add(&f->out, line, section_name(kind));
		config_text_put(&f->out, title);
		config_text_put(&f->out, f->at);
	}
	line = f->at++->line;
	parse_body(f, kind, line);
	config_text_add(&f->out, f->at->line, "}");
	if (f->at->kind == '}')
		f->at++;
	f->out.muted = muted;
}

/*
 * A section where it can't stand: whether it is passed over; otherwise what is
 * around it was not closed.
 */
static bool
parse_misplaced(struct form *f, unsigned int section, unsigned int kind)
{
	bool is_unclosed = section <= kind && f->lacks_brace;

	refuse(f, f->at->line, "a %s can't stand %s, but %s%s",
	    section_name(section), config_place(kind),
	    section == CONFIG_SITE ? config_place(CONFIG_TOP) : "in a site",
	    is_unclosed ? "; is a } missing before?" : "");
	if (is_unclosed)
		return false;
	f->out.muted++;
	parse_section(f, section);
	f->out.muted--;
	return true;
}

/* What has a name that there is not here. */
static void
parse_unknown(struct form *f, const char *name, unsigned int kind)
{
	const char *guess = config_key_guess(name, kind);
	unsigned int section = guess == NULL ? 0 : section_kind(guess);
	int line = f->at->line;

	refuse_name(f, name, kind);
	if (guess != NULL && (section != 0 || strcmp(guess, "root") == 0))
		f->faults->is_partial = true;
	if (is_assigned(f->at)) {
		parse_key(f, NULL);
		return;
	}
	if (section != 0 && is_section(f->at)) {
		parse_section(f, section);
		return;
	}
	f->fault_line = line;
	f->at++;
	while (f->at->kind == CONFIG_WORD && !begins_next(f->at) &&
	    (f->at->line == line || is_section(f->at)))
		f->at++;
	if (f->at->kind == '{' || f->at->kind == '(')
		pass_braces(f);
}

/* A key or a section: whether what is around it goes on behind it. */
static bool
parse_statement(struct form *f, unsigned int kind)
{
	char name[CONFIG_NAME_SIZE];
	unsigned int section = section_kind(config_say(f->at, name));
	const struct config_key *key = config_key_find(name);
	int line = f->at->line;

	if (section != 0 && section != kind << 1)
		return parse_misplaced(f, section, kind);
	if (section != 0)
		parse_section(f, section);
	else if (key == NULL || (key->places & kind) == 0)
		parse_unknown(f, name, kind);
	else if (is_assigned(f->at))
		parse_key(f, key);
	else {
		refuse(f, line, "\"%s\" needs = and a value", name);
		f->at++;
		pass_words(f, line);
		if (f->at->kind == '{' && f->at->line == line)
			pass_braces(f);
	}
	return true;
}

/* What is in a section whose brace is in this line; or at the top. */
static void
parse_body(struct form *f, unsigned int kind, int line)
{
	while (f->faults->len < MAX_FAULTS) {
		switch (f->at->kind) {
		case CONFIG_END:
			if (kind != CONFIG_TOP)
				refuse(f, line, "this { is not closed; a } is "
				    "missing");
			return;
		case '}':
			if (kind != CONFIG_TOP)
				return;
			refuse(f, f->at++->line, "a } that closes nothing; is "
			    "there one too many before?");
			break;
		case CONFIG_WORD:
			if (!parse_statement(f, kind))
				return;
			break;
		default:
			refuse_sign(f);
			break;
		}
	}
}

/* Whether more braces are opened than closed. */
static bool
lacks_brace(const struct config_token *t)
{
	long depth = 0;

	for (; t->kind != CONFIG_END; t++)
		depth += (t->kind == '{') - (t->kind == '}');
	return depth > 0;
}

char *
config_form(const struct config_token *tokens, struct config_faults *faults)
{
	struct form f = {
		.at = tokens,
		.faults = faults,
		.nscanned = faults->len,
		.lacks_brace = lacks_brace(tokens),
	};

	if (config_text_open(&f.out) == -1)
		return NULL;
	parse_body(&f, CONFIG_TOP, 1);
	return config_text_close(&f.out);
}
