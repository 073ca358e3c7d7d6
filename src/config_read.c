#include "config_read.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "config_keys.h"
#include "config_scan.h"
#include "config_tree.h"

/* The keys, where sections begin, sections within, and two ends. */
#define MAX_OPTS (CONFIG_MAX_KEYS + 4)

/*
 * A key of every section that no file has: libConfuse sets it to its default
 * where a section begins, and that is how we come to know the line.
 */
#define BEGIN_KEY	""

/*
 * What is being read.  libConfuse gives its callbacks nothing but the section
 * that it is in, and keeps no lines; so what it reads is taken from it value
 * by value.
 */
static struct reader {
	struct config_section	*top;
	struct config_section	*site;		/* the last */
	struct config_section	*location;
	const cfg_t		*site_cfg;	/* libConfuse's of these */
	const cfg_t		*location_cfg;
	struct config_faults	*faults;
	int			 unknown_line;	/* of the last unknown key */
	bool			 tells_unknown;	/* libConfuse says such */
} reader;

static void
fault(int line, const char *text)
{
	config_fault(reader.faults, line, EX_CONFIG, "%s", text);
}

static struct config_section *
section_of(const cfg_t *cfg)
{
	if (cfg == reader.location_cfg)
		return reader.location;
	return cfg == reader.site_cfg ? reader.site : reader.top;
}

/* A section begins; a location is in the last site. */
static int
begin_section(const cfg_t *cfg)
{
	struct config_section *section;

	if (strcmp(cfg->name, "site") == 0) {
		section = config_add_section(reader.top, CONFIG_SITE,
		    cfg->title, cfg->line);
		reader.site = section;
		reader.site_cfg = cfg;
	} else {
		section = config_add_section(reader.site, CONFIG_LOCATION,
		    cfg->title, cfg->line);
		reader.location = section;
		reader.location_cfg = cfg;
	}
	if (section != NULL)
		return 0;
	fault(cfg->line, strerror(errno));
	return -1;
}

/* libConfuse's callback for the end of a section. */
static int
end_section(cfg_t *cfg, cfg_opt_t *opt)
{
	(void)cfg;
	/* It may give the memory of a section to the next of that name. */
	reader.location_cfg = NULL;
	if (strcmp(opt->name, "site") == 0)
		reader.site_cfg = NULL;
	return 0;
}

/* A name that no key has here: what was meant, or what there is. */
static void
refuse_name(int line, const char *name, unsigned int kind)
{
	const struct config_key *key = config_key_find(name);
	const char *place = config_place(kind);

	reader.unknown_line = line;
	if (key != NULL)
		config_fault(reader.faults, line, EX_CONFIG,
		    "\"%s\" can't stand %s, but %s", name, place,
		    config_place(CONFIG_TOP));
	else if (strcmp(name, "site") == 0)
		config_fault(reader.faults, line, EX_CONFIG,
		    "a site can't stand %s, but at the top of the file; is a "
		    "} missing before?", place);
	else if (strcmp(name, "location") == 0)
		config_fault(reader.faults, line, EX_CONFIG,
		    "a location can't stand %s, but in a site", place);
	else if ((key = config_key_guess(name, kind)) != NULL)
		config_fault(reader.faults, line, EX_CONFIG,
		    "there is no \"%s\" %s; did you mean \"%s\"?", name,
		    place, key->name);
	else
		config_fault(reader.faults, line, EX_CONFIG,
		    "there is no \"%s\" %s; see httpserve.conf(5) for what "
		    "there is", name, place);
}

/* libConfuse's callback for a value, and for each of a list. */
static int
take_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	struct config_section *section = section_of(cfg);
	const struct config_key *key = config_key_find(opt->name);
	const struct config_value *other;

	*(const char **)result = text;
	if (key == NULL && cfg != reader.site_cfg &&
	    cfg != reader.location_cfg && cfg->title != NULL)
		return begin_section(cfg);
	if (key == NULL) {
		refuse_name(cfg->line, opt->name, section->kind);
		return 0;
	}
	other = config_find_value(section, key);
	if (other != NULL && !key->is_list)
		config_fault(reader.faults, cfg->line, EX_CONFIG,
		    "there is \"%s\" already, in line %d; give it once",
		    key->name, other->line);
	if (config_add_value(section, key, text, cfg->line) != NULL)
		return 0;
	fault(cfg->line, strerror(errno));
	return -1;
}

/* What libConfuse says, and what it does not say: the mend. */
static const struct message {
	const char	*format;	/* its own, with one string or none */
	const char	*text;
} messages[] = {
	{ "unexpected token '%s'", "\"%s\" can't stand here; a key, = and a "
	    "value do, a list in braces has commas between its values, and a "
	    "value with blanks or braces needs quotes" },
	{ "missing equal sign after option '%s'",
	    "\"%s\" needs = and a value" },
	{ "missing opening brace for section '%s'",
	    "a %s needs one name in quotes, and its keys in braces behind "
	    "that" },
	{ "missing title for section '%s'",
	    "a %s needs a name in quotes before its brace" },
	{ "attempt to append to non-list option '%s'",
	    "\"%s\" has one value; write = and not +=" },
	{ "premature end of file",
	    "the file ends within a list, or before a value" },
	{ "unexpected closing brace", "a } that closes nothing; is there one "
	    "too many before?" },
};

static const struct message *
find_message(const char *format)
{
	size_t i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (strcmp(messages[i].format, format) == 0)
			return &messages[i];
	return NULL;
}

/* Says it in our words, or in libConfuse's. */
static void
translate(int line, const char *format, va_list ap)
{
	const struct message *message = find_message(format);
	char text[1024];

	if (message != NULL)
		format = message->text;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)vsnprintf(text, sizeof(text), format, ap);
#pragma GCC diagnostic pop
	fault(line, text);
}

/*
 * libConfuse's callback for errors.  After an unknown key it goes on, but where
 * a list or a section follows it then stumbles over that.
 */
static void
take_error(cfg_t *cfg, const char *format, va_list ap)
{
	if (strcmp(format, "no such option '%s'") == 0) {
		reader.tells_unknown = true;
		refuse_name(cfg->line, va_arg(ap, const char *),
		    section_of(cfg)->kind);
	} else if (cfg->line == reader.unknown_line)
		return;
	else
		translate(cfg->line, format, ap);
}

/* The options of a kind of section, with a place for one more behind them. */
static size_t
make_opts(cfg_opt_t opts[MAX_OPTS], unsigned int kind)
{
	static char begin[] = "{begin}";
	const struct config_key *key;
	size_t n = 0;

	if (kind != CONFIG_TOP)
		opts[n++] = (cfg_opt_t)CFG_STR_LIST_CB(BEGIN_KEY, begin,
		    CFGF_NONE, take_value);
	for (key = config_keys; key->name != NULL; key++) {
		if ((key->places & kind) == 0)
			continue;
		if (key->is_list)
			opts[n++] = (cfg_opt_t)CFG_STR_LIST_CB(key->name, NULL,
			    CFGF_NODEFAULT, take_value);
		else
			opts[n++] = (cfg_opt_t)CFG_STR_CB(key->name, NULL,
			    CFGF_NODEFAULT, take_value);
	}
	opts[n] = opts[n + 1] = (cfg_opt_t)CFG_END();
	return n;
}

/*
 * libConfuse adds the keys that it does not know behind the others.  It says
 * so in version 3.3 and for names that are not empty; otherwise there is but
 * the line where the section ends.
 */
static void
refuse_added(cfg_t *cfg, size_t known, unsigned int kind)
{
	size_t i, n = (size_t)cfg_numopts(cfg->opts);

	for (i = known; i < n; i++)
		refuse_name(cfg->line, cfg->opts[i].name, kind);
}

/* The options of each kind of section, and how many there are. */
struct grammar {
	cfg_opt_t	top[MAX_OPTS], site[MAX_OPTS], location[MAX_OPTS];
	size_t		ntop, nsite, nlocation;
};

static void
make_grammar(struct grammar *g)
{
	g->nlocation = make_opts(g->location, CONFIG_LOCATION);
	g->nsite = make_opts(g->site, CONFIG_SITE);
	g->site[g->nsite++] = (cfg_opt_t)CFG_SEC("location", g->location,
	    CFGF_MULTI | CFGF_TITLE);
	g->ntop = make_opts(g->top, CONFIG_TOP);
	g->top[g->ntop++] = (cfg_opt_t)CFG_SEC("site", g->site,
	    CFGF_MULTI | CFGF_TITLE);
}

static void
refuse_all_added(cfg_t *cfg, const struct grammar *g)
{
	cfg_t *site;
	unsigned int i, j;

	refuse_added(cfg, g->ntop, CONFIG_TOP);
	for (i = 0; i < cfg_size(cfg, "site"); i++) {
		site = cfg_getnsec(cfg, "site", i);
		refuse_added(site, g->nsite, CONFIG_SITE);
		for (j = 0; j < cfg_size(site, "location"); j++)
			refuse_added(cfg_getnsec(site, "location", j),
			    g->nlocation, CONFIG_LOCATION);
	}
}

/* Parses a text: 0, or -1 where it could not be read to its end. */
static int
parse(const char *text)
{
	struct grammar g;
	cfg_t *cfg;
	int rv;

	make_grammar(&g);
	/* It then goes on behind a key that it does not know. */
	if ((cfg = cfg_init(g.top, CFGF_KEYSTRVAL)) == NULL) {
		fault(1, strerror(ENOMEM));
		return -1;
	}
	(void)cfg_set_error_function(cfg, take_error);
	(void)cfg_set_validate_func(cfg, "site", end_section);
	(void)cfg_set_validate_func(cfg, "site|location", end_section);
	rv = cfg_parse_buf(cfg, text) == CFG_SUCCESS ? 0 : -1;
	if (rv == -1 && reader.faults->len == 0)
		fault(cfg->line, "this can't be read");
	if (!reader.tells_unknown)
		refuse_all_added(cfg, &g);
	(void)cfg_free(cfg);
	return rv;
}

void
config_read(char *text, size_t len, struct config_section *top,
    struct config_faults *faults)
{
	int line, open_line;
	const char *why;

	reader = (struct reader){ .top = top, .faults = faults };
	why = config_scan(text, len, &line, &open_line);
	if (why != NULL)
		fault(line, why);
	else if (len > 0 && parse(text) == 0 && open_line != 0)
		fault(open_line, "this { is not closed; a } is missing");
}
