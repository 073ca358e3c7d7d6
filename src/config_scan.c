#include "config_scan.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Deeper braces are wrong anyway. */
#define MAX_DEPTH 8

struct scan {
	char	*at;
	char	*end;		/* where the NUL is */
	int	 line;
	int	 depth;			/* of braces */
	int	 opened[MAX_DEPTH];	/* the line of each */
};

/* Blanks all up to a place; newlines stay. */
static void
blank_to(struct scan *s, const char *end)
{
	for (; s->at < end; s->at++)
		if (*s->at == '\n')
			s->line++;
		else
			*s->at = ' ';
}

static void
blank_line(struct scan *s)
{
	blank_to(s, s->at + strcspn(s->at, "\n"));
}

static const char *
blank_block(struct scan *s)
{
	const char *end = strstr(s->at + 2, "*/");

	if (end == NULL)
		return "this comment does not end; */ is missing";
	blank_to(s, end + 2);
	return NULL;
}

/* Passes over the name of an environment variable: "${HOME}". */
static const char *
pass_variable(struct scan *s)
{
	size_t len = strcspn(s->at, "}\"'\n");

	if (s->at[len] != '}')
		return "${ begins the name of a variable, as in ${HOME}; "
		    "write \\${ in double quotes for these two bytes";
	s->at += len + 1;
	return NULL;
}

/* Passes over a backslash and what it is before. */
static const char *
pass_escape(struct scan *s, char quote)
{
	if (s->at[1] == '\n')
		s->line++;
	if (quote == '"' && isdigit((unsigned char)s->at[1]))
		return "a backslash before a digit; write the byte as \\x and "
		    "two hex digits, and \\\\ for a backslash";
	s->at += s->at[1] == '\0' ? 1 : 2;
	return NULL;
}

static const char *
pass_string(struct scan *s)
{
	const char *why = NULL;
	char quote = *s->at++;

	while (why == NULL && *s->at != quote) {
		if (*s->at == '\0' || *s->at == '\n')
			return "this string does not end on its line; a quote "
			    "is missing";
		if (*s->at == '\\')
			why = pass_escape(s, quote);
		else if (quote == '"' && strncmp(s->at, "${", 2) == 0)
			why = pass_variable(s);
		else
			s->at++;
	}
	if (why == NULL)
		s->at++;
	return why;
}

static void
note_brace(struct scan *s)
{
	if (*s->at == '{' && s->depth < MAX_DEPTH)
		s->opened[s->depth++] = s->line;
	else if (*s->at == '}' && s->depth > 0)
		s->depth--;
}

/* Passes over what stands without quotes. */
static void
pass_word(struct scan *s)
{
	size_t len = strcspn(s->at, " #\"'\t\n\r={}()+,*");

	s->at += len == 0 ? 1 : len;
}

static const char *
pass_token(struct scan *s)
{
	if (*s->at == '#' || strncmp(s->at, "//", 2) == 0) {
		blank_line(s);
		return NULL;
	}
	if (strncmp(s->at, "/*", 2) == 0)
		return blank_block(s);
	if (*s->at == '"' || *s->at == '\'')
		return pass_string(s);
	if (strncmp(s->at, "${", 2) == 0)
		return pass_variable(s);
	if (*s->at == '*' || (*s->at == '+' && s->at[1] != '='))
		return "a star or a plus has to stand in quotes";
	if (iscntrl((unsigned char)*s->at) &&
	    strchr("\t\r\n", *s->at) == NULL)
		return "a control character";
	if (*s->at == '\n')
		s->line++;
	note_brace(s);
	pass_word(s);
	return NULL;
}

const char *
config_scan(char *text, size_t len, int *line, int *open_line)
{
	struct scan s = { .at = text, .end = text + len, .line = 1 };
	const char *why = NULL;

	while (why == NULL && *s.at != '\0') {
		*line = s.line;
		why = pass_token(&s);
	}
	*open_line = s.depth == 0 ? 0 : s.opened[s.depth - 1];
	if (why == NULL && s.at < s.end) {
		*line = s.line;
		why = "a NUL byte; this is no text";
	}
	return why;
}
