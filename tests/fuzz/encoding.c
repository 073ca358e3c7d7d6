/*
 * encoding: the first byte is the set of what exists, and the rest the lines
 * of the field.  Whatever they say, no client gets a coding that it does not
 * name; a regular expression knows which lists are right; and it is the same
 * answer in any order of lines, or in one.
 */
#include <regex.h>

#include "encoding.h"
#include "fuzz.h"

#define ALL		(ENCODING_BIT(ENCODING_COUNT) - 1)
#define IDENTITY	ENCODING_BIT(ENCODING_IDENTITY)
#define MAX_LINES	8

/* RFC 9110, 5.6.1.2, 5.6.2, 12.4.2 and 12.5.3. */
#define TOKEN	"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
#define QVALUE	"(0([.][0-9]{0,3})?|1([.]0{0,3})?)"
#define OWS	"[ \t]*"
#define ELEMENT	"(" TOKEN "(" OWS ";" OWS "[qQ]=" QVALUE ")?)?"
#define LIST	"^" OWS ELEMENT "(" OWS "," OWS ELEMENT ")*" OWS "$"

struct lines {
	char	*line[MAX_LINES];
	size_t	 n;
};

static int
is_list(const char *value)
{
	static regex_t list;
	static int compiled;

	if (!compiled) {
		CHECK(regcomp(&list, LIST, REG_EXTENDED | REG_NOSUB) == 0);
		compiled = 1;
	}
	return regexec(&list, value, 0, NULL, 0) == 0;
}

/* Each line is in memory of its own, so overreads show. */
static void
split_lines(struct lines *lines, char *rest)
{
	char *line;

	lines->n = 0;
	while (lines->n < MAX_LINES && (line = strsep(&rest, "\n")) != NULL) {
		line = strdup(line);
		CHECK(line != NULL);
		lines->line[lines->n++] = line;
	}
}

static void
free_lines(struct lines *lines)
{
	while (lines->n > 0)
		free(lines->line[--lines->n]);
}

/* Some line has the word; "*" is any. */
static int
is_named(const struct lines *lines, const char *word)
{
	size_t i;

	for (i = 0; i < lines->n; i++)
		if (strcasestr(lines->line[i], word) != NULL ||
		    strchr(lines->line[i], '*') != NULL)
			return 1;
	return 0;
}

static void
check_choice(const struct encoding_preferences *p, const struct lines *lines,
    unsigned int available)
{
	int choice = encoding_choose(p, available);

	CHECK(choice >= -1 && choice < ENCODING_COUNT);
	if (choice == -1) {
		if (available & IDENTITY)
			CHECK(is_named(lines, "identity"));
		return;
	}
	CHECK(available & ENCODING_BIT(choice));
	if (choice != ENCODING_IDENTITY)
		CHECK(is_named(lines, encoding_name((enum encoding)choice)));
	/* What is not chosen does not matter. */
	CHECK(encoding_choose(p, ENCODING_BIT(choice)) == choice);
	CHECK(encoding_choose(p, ALL) == choice ||
	    !(available & ENCODING_BIT(encoding_choose(p, ALL))));
}

/* What is malformed costs the codings. */
static void
check_grammar(const struct encoding_preferences *p, const struct lines *lines)
{
	int malformed = 0;
	size_t i;

	for (i = 0; i < lines->n; i++)
		if (!is_list(lines->line[i]))
			malformed = 1;
	CHECK(p->is_malformed == malformed);
	if (malformed) {
		CHECK(encoding_choose(p, ALL) == ENCODING_IDENTITY);
		CHECK(encoding_choose(p, ALL & ~IDENTITY) == -1);
	}
}

/* From the last line to the first, and all in one, they say the same. */
static void
check_again(const struct encoding_preferences *p, const struct lines *lines,
    unsigned int available)
{
	struct encoding_preferences reversed = { 0 }, joined = { 0 };
	int choice = encoding_choose(p, available);
	char *list = NULL, *longer;
	size_t i;

	for (i = 0; i < lines->n; i++) {
		encoding_parse(&reversed, lines->line[lines->n - 1 - i]);
		CHECK(asprintf(&longer, "%s,%s", list == NULL ? "" : list,
		    lines->line[i]) != -1);
		free(list);
		list = longer;
	}
	encoding_parse(&joined, list);
	free(list);
	CHECK(encoding_choose(&reversed, available) == choice);
	CHECK(encoding_choose(&joined, available) == choice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	unsigned int available = fuzz_byte(&in) & ALL;
	struct encoding_preferences p = { 0 };
	struct lines lines;
	char *rest = fuzz_string(&in);
	size_t i;

	split_lines(&lines, rest);
	for (i = 0; i < lines.n; i++)
		encoding_parse(&p, lines.line[i]);
	check_choice(&p, &lines, available);
	check_grammar(&p, &lines);
	check_again(&p, &lines, available);
	free_lines(&lines);
	free(rest);
	return 0;
}
