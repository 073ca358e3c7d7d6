#include "config_scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config_tree.h"

/* Nobody mends more at a time; and what has so many is no text. */
#define MAX_FAULTS 100

struct scan {
	const char		*at;
	const char		*end;		/* where the NUL is */
	int			 line;
	int			 fault_line;	/* the last that has one */
	bool			 is_broken;	/* the token */
	struct config_faults	*faults;
	struct config_token	*tokens;
	size_t			 ntokens, size;
};

static void
refuse(struct scan *s, const char *why)
{
	s->is_broken = true;
	if (s->fault_line == s->line)
		return;
	s->fault_line = s->line;
	config_fault(s->faults, s->line, EX_CONFIG, "%s", why);
}

/* Passes over bytes that may be lines. */
static void
pass_to(struct scan *s, const char *end)
{
	for (; s->at < end; s->at++)
		s->line += *s->at == '\n';
}

static void
pass_block(struct scan *s)
{
	const char *end = strstr(s->at + 2, "*/");

	if (end == NULL)
		refuse(s, "this comment does not end; */ is missing");
	pass_to(s, end == NULL ? s->end : end + 2);
}

/* Passes over the name of an environment variable: "${HOME}". */
static void
pass_variable(struct scan *s)
{
	size_t len = strcspn(s->at, "}\"'\n");
	char *name;

	if (s->at[len] != '}') {
		refuse(s, "${ begins the name of a variable, as in ${HOME}; "
		    "write \\${ in double quotes for these two bytes");
		s->at += len;
		return;
	}
	name = strndup(s->at + 2, len - 2);
	if (name != NULL && strstr(name, ":-") == NULL && getenv(name) == NULL)
		refuse(s, "there is no such variable in the environment; "
		    "${NAME:-value} has a value for that");
	free(name);
	s->at += len + 1;
}

/* Passes over a backslash and what it is before. */
static void
pass_escape(struct scan *s, char quote)
{
	if (quote == '"' && isdigit((unsigned char)s->at[1]))
		refuse(s, "a backslash before a digit; write the byte as \\x "
		    "and two hex digits, and \\\\ for a backslash");
	if (s->at[1] == '\n')
		s->line++;
	s->at += s->at[1] == '\0' ? 1 : 2;
}

/*
 * A string that does not end goes on to the end of its line, but for a brace
 * there, which is more likely that of a section.
 */
static void
end_string(struct scan *s, const char *begin)
{
	refuse(s, "this string does not end on its line; a quote is missing");
	while (s->at > begin + 1 && strchr(" \t\r{}", s->at[-1]) != NULL)
		s->at--;
}

static void
pass_string(struct scan *s)
{
	const char *begin = s->at;
	char quote = *s->at++;

	while (*s->at != quote) {
		if (*s->at == '\0' || *s->at == '\n') {
			end_string(s, begin);
			return;
		}
		if (*s->at == '\\')
			pass_escape(s, quote);
		else if (quote == '"' && strncmp(s->at, "${", 2) == 0)
			pass_variable(s);
		else
			s->at++;
	}
	s->at++;
}

/* Passes over what stands without quotes, stars and pluses too. */
static void
pass_word(struct scan *s)
{
	const char *begin = s->at;

	s->at += strcspn(s->at, " #\"'\t\n\r={}(),");
	if (*s->at == '=' && s->at > begin && s->at[-1] == '+')
		s->at--;
	if (memchr(begin, '*', (size_t)(s->at - begin)) != NULL ||
	    memchr(begin, '+', (size_t)(s->at - begin)) != NULL)
		refuse(s, "a star or a plus has to stand in quotes, and so "
		    "has a value with blanks");
}

/* Passes over a token: its kind. */
static char
pass_token(struct scan *s)
{
	if (*s->at == '"' || *s->at == '\'')
		pass_string(s);
	else if (strncmp(s->at, "${", 2) == 0)
		pass_variable(s);
	else if (strchr("={}(),", *s->at) != NULL)
		return *s->at++;
	else if (strncmp(s->at, "+=", 2) == 0) {
		s->at += 2;
		return CONFIG_APPEND;
	} else
		pass_word(s);
	return CONFIG_WORD;
}

/* Passes over a blank, a comment or what is no text: whether there is one. */
static bool
pass_nothing(struct scan *s)
{
	if (*s->at == '#' || strncmp(s->at, "//", 2) == 0)
		s->at += strcspn(s->at, "\n");
	else if (strncmp(s->at, "/*", 2) == 0)
		pass_block(s);
	else if (iscntrl((unsigned char)*s->at) || *s->at == ' ') {
		if (strchr("\t\r\n ", *s->at) == NULL)
			refuse(s, "a control character; this is no text");
		pass_to(s, s->at + 1);
	} else
		return false;
	return true;
}

/* Room for one token more: it, or NULL and ENOMEM. */
static struct config_token *
next_token(struct scan *s)
{
	struct config_token *grown;

	if (s->ntokens == s->size) {
		s->size = s->size == 0 ? 256 : 2 * s->size;
		grown = reallocarray(s->tokens, s->size, sizeof(*grown));
		if (grown == NULL)
			return NULL;
		s->tokens = grown;
	}
	return &s->tokens[s->ntokens++];
}

/* Adds the token here, or the end: its kind, or -1 and ENOMEM. */
static int
add_token(struct scan *s)
{
	struct config_token *token = next_token(s);

	if (token == NULL)
		return -1;
	*token = (struct config_token){ .text = s->at, .line = s->line };
	s->is_broken = false;
	if (s->at < s->end && s->faults->len < MAX_FAULTS)
		token->kind = pass_token(s);
	token->len = (size_t)(s->at - token->text);
	token->is_broken = s->is_broken;
	return token->kind;
}

struct config_token *
config_scan(const char *text, size_t len, struct config_faults *faults)
{
	struct scan s = { .at = text, .end = text + len, .line = 1,
	    .faults = faults };
	int kind;

	do {
		while (s.at < s.end && faults->len < MAX_FAULTS &&
		    pass_nothing(&s))
			continue;
		kind = add_token(&s);
	} while (kind > CONFIG_END);
	if (kind == CONFIG_END)
		return s.tokens;
	free(s.tokens);
	return NULL;
}
