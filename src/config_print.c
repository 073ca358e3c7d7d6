#include "config_load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abspath.h"
#include "config_keys.h"

/* What needs no quotes, and is none of a path's or an address's. */
#define WORD "abcdefghijklmnopqrstuvwxyz0123456789_"

/* Writes a string in quotes so that libConfuse reads it as it is. */
static void
print_quoted(const char *text, FILE *fp)
{
	const unsigned char *s = (const unsigned char *)text;

	(void)putc('"', fp);
	for (; *s != '\0'; s++) {
		if (*s < ' ' || *s == 0x7f) {
			(void)fprintf(fp, "\\x%02x", *s);
			continue;
		}
		/* "${" would be a variable's. */
		if (*s == '"' || *s == '\\' || (*s == '$' && s[1] == '{'))
			(void)putc('\\', fp);
		(void)putc(*s, fp);
	}
	(void)putc('"', fp);
}

/* The same, but a word is bare. */
static void
print_string(const char *text, FILE *fp)
{
	if (*text != '\0' && text[strspn(text, WORD)] == '\0')
		(void)fputs(text, fp);
	else
		print_quoted(text, fp);
}

/* Whether the command line has an option in place of a key. */
static bool
is_given(const struct options *o, const struct config_key *key)
{
	return key->option != 0 && o->given[(int)key->option];
}

/* Writes each member of a list with a comma before all but the first. */
static void
print_member(const char *text, size_t n, FILE *fp)
{
	(void)fputs(n == 0 ? "" : ", ", fp);
	print_string(text, fp);
}

static void
print_list(const struct config_section *section, const struct config_key *key,
    FILE *fp)
{
	const struct config_value *value;
	size_t n = 0;

	(void)fputc('{', fp);
	STAILQ_FOREACH(value, &section->values, entry)
		if (value->key == key)
			print_member(config_value_text(value), n++, fp);
	(void)fputc('}', fp);
}

/* -x names those to do without, the file those that there are. */
static void
print_parts(const struct options *o, FILE *fp)
{
	unsigned int on = options_parts(o);
	size_t n = 0, i;

	(void)fputc('{', fp);
	for (i = 0; i < OPTIONS_PARTS; i++)
		if (on & 1u << i)
			print_member(options_part_names[i], n++, fp);
	if (n == 0)
		print_member("none", n, fp);
	(void)fputc('}', fp);
}

static void
print_addresses(const struct options *o, bool proxied, FILE *fp)
{
	size_t i, n = 0;

	(void)fputc('{', fp);
	for (i = 0; i < o->naddresses; i++)
		if (o->proxied[i] == proxied)
			print_member(o->addresses[i], n++, fp);
	(void)fputc('}', fp);
}

/* A file has absolute paths, a command line need not. */
static void
print_path(const char *path, FILE *fp)
{
	char *whole = NULL;

	if (strcmp(path, "-") != 0 && strcmp(path, "syslog") != 0 &&
	    strncmp(path, "syslog:", 7) != 0)
		whole = abspath(path);
	print_string(whole == NULL ? path : whole, fp);
	free(whole);
}

/* Writes what the command line says in place of a key. */
static void
print_given(const struct options *o, const struct config_key *key, FILE *fp)
{
	static const char *const levels[] = { "emerg", "alert", "crit", "err",
	    "warning", "notice", "info", "debug" };

	switch (key->option) {
	case 'd':
		print_string("yes", fp);
		break;
	case 'e':
		print_path(o->error_log, fp);
		break;
	case 'H':
		(void)fprintf(fp, "%u", o->hang_ms == UINT_MAX ? 0 :
		    o->hang_ms / key->scale);
		break;
	case 'j':
		print_string("json", fp);
		break;
	case 'L':
		if (o->quiet)
			print_string("none", fp);
		else
			print_path(o->access_log, fp);
		break;
	case 'l':
		print_addresses(o, strcmp(key->name, "listen_proxy") == 0,
		    fp);
		break;
	case 'p':
		print_path(o->pidfile, fp);
		break;
	case 'r':
		print_path(o->chroot_dir, fp);
		break;
	case 'u':
		print_string(o->user, fp);
		break;
	case 'w':
		print_string(levels[o->level], fp);
		break;
	case 'x':
		print_parts(o, fp);
		break;
	default:
		(void)fprintf(fp, "%u", *(const unsigned int *)
		    ((const char *)o + key->offset) / key->scale);
	}
}

/* In the background there are no standard streams. */
static const char *
default_of(const struct options *o, const struct config_key *key)
{
	if (o->detach && key->option == 'L')
		return "none";
	return o->detach && key->option == 'e' ? "syslog" : key->standard;
}

/* The default of a list has a blank between its members. */
static void
print_words(const char *words, FILE *fp)
{
	char word[32];
	size_t len, n;

	(void)fputc('{', fp);
	for (n = 0; *words != '\0'; words += len, words += *words == ' ') {
		len = strcspn(words, " ");
		(void)snprintf(word, sizeof(word), "%.*s", (int)len, words);
		print_member(word, n++, fp);
	}
	(void)fputc('}', fp);
}

static void
print_default(const struct options *o, const struct config_key *key, FILE *fp)
{
	long n;

	if (strcmp(key->name, "children") == 0) {
		n = sysconf(_SC_NPROCESSORS_ONLN);
		(void)fprintf(fp, "%ld", n < 1 ? 1 : n);
	} else if (key->is_list)
		print_words(key->standard, fp);
	else
		print_string(default_of(o, key), fp);
}

static void
print_name(const struct config_section *section, const struct config_key *key,
    const char *comment, FILE *fp)
{
	(void)fprintf(fp, "%*s%s%s = ", section->kind == CONFIG_TOP ? 0 :
	    section->kind == CONFIG_SITE ? 4 : 8, "", comment, key->name);
}

static void
print_value(const struct config_value *value, FILE *fp)
{
	if (value->line == 0 && value->key->kind == KEY_ROOT)
		print_path(value->text, fp);
	else
		print_string(config_value_text(value), fp);
}

/* Writes the values of a list in a section and those around it. */
static size_t
print_members(const struct config_section *section,
    const struct config_key *key, FILE *fp)
{
	const struct config_value *value;
	size_t n = 0;

	if (section->parent != NULL)
		n = print_members(section->parent, key, fp);
	STAILQ_FOREACH(value, &section->values, entry)
		if (value->key == key)
			print_member(config_value_text(value), n++, fp);
	return n;
}

/*
 * Writes what a section has from those around it, for people: a list, beside
 * its own, or the value or the default that its own does not replace.
 */
static void
print_inherited(const struct options *o, const struct config_section *section,
    const struct config_key *key, FILE *fp)
{
	const struct config_value *outer, *own;

	outer = config_find_effective(section->parent, key);
	own = config_find_value(section, key);
	if (key->is_list ? outer == NULL : own != NULL)
		return;
	print_name(section, key, "# ", fp);
	if (key->is_list) {
		(void)fputc('{', fp);
		(void)print_members(section->parent, key, fp);
		(void)fputc('}', fp);
	} else if (is_given(o, key))
		print_given(o, key, fp);
	else if (outer != NULL)
		print_value(outer, fp);
	else
		print_default(o, key, fp);
	(void)fputc('\n', fp);
}

/* Writes a key, with its default where this is the top. */
static void
print_key(const struct config *config, const struct config_section *section,
    const struct config_key *key, FILE *fp)
{
	const struct config_value *value = config_find_value(section, key);

	if (section->kind != CONFIG_TOP)
		print_inherited(&config->options, section, key, fp);
	if (section->kind != CONFIG_TOP && value == NULL)
		return;
	print_name(section, key, "", fp);
	if (is_given(&config->options, key))
		print_given(&config->options, key, fp);
	else if (value == NULL)
		print_default(&config->options, key, fp);
	else if (key->is_list)
		print_list(section, key, fp);
	else
		print_value(value, fp);
	(void)fputc('\n', fp);
}

static void
print_section(const struct config *config,
    const struct config_section *section, FILE *fp)
{
	const struct config_section *sub;
	const struct config_key *key;

	for (key = config_keys; key->name != NULL; key++)
		if (key->places & section->kind)
			print_key(config, section, key, fp);
	STAILQ_FOREACH(sub, &section->sections, entry) {
		(void)fputs(sub->kind == CONFIG_SITE ? "\nsite " :
		    "    location ", fp);
		print_quoted(sub->title, fp);
		(void)fputs(" {\n", fp);
		print_section(config, sub, fp);
		(void)fputs(sub->kind == CONFIG_SITE ? "}\n" : "    }\n",
		    fp);
	}
}

void
config_print(const struct config *config, FILE *fp)
{
	print_section(config, &config->top, fp);
}
