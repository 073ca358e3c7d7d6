#include "config_read.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config_form.h"
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

/* libConfuse's callback for a value, and for each of a list. */
static int
take_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	struct config_section *section = section_of(cfg);
	const struct config_key *key = config_key_find(opt->name);
	const struct config_value *other;

	*(const char **)result = text;
	if (key == NULL)
		return begin_section(cfg);
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

/* libConfuse's callback for errors, of which config_form() leaves none. */
static void
take_error(cfg_t *cfg, const char *format, va_list ap)
{
	char text[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)vsnprintf(text, sizeof(text), format, ap);
#pragma GCC diagnostic pop
	config_fault(reader.faults, cfg->line, EX_CONFIG, "libConfuse: %s",
	    text);
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

/* The options of each kind of section, and how many there are. */
struct grammar {
	cfg_opt_t	top[MAX_OPTS], site[MAX_OPTS], location[MAX_OPTS];
};

static void
make_grammar(struct grammar *g)
{
	(void)make_opts(g->location, CONFIG_LOCATION);
	g->site[make_opts(g->site, CONFIG_SITE)] = (cfg_opt_t)CFG_SEC(
	    "location", g->location, CFGF_MULTI | CFGF_TITLE);
	g->top[make_opts(g->top, CONFIG_TOP)] = (cfg_opt_t)CFG_SEC("site",
	    g->site, CFGF_MULTI | CFGF_TITLE);
}

/* Has libConfuse read what is formed well. */
static void
parse(const char *text)
{
	struct grammar g;
	cfg_t *cfg;

	make_grammar(&g);
	if ((cfg = cfg_init(g.top, CFGF_NONE)) == NULL) {
		fault(1, strerror(ENOMEM));
		return;
	}
	(void)cfg_set_error_function(cfg, take_error);
	(void)cfg_set_validate_func(cfg, "site", end_section);
	(void)cfg_set_validate_func(cfg, "site|location", end_section);
	if (cfg_parse_buf(cfg, text) != CFG_SUCCESS &&
	    reader.faults->len == 0)
		fault(cfg->line, "this can't be read");
	(void)cfg_free(cfg);
}

void
config_read(const char *text, size_t len, struct config_section *top,
    struct config_faults *faults)
{
	struct config_token *tokens;
	char *formed = NULL;

	reader = (struct reader){ .top = top, .faults = faults };
	if ((tokens = config_scan(text, len, faults)) != NULL)
		formed = config_form(tokens, faults);
	if (formed == NULL)
		fault(1, strerror(errno));
	else if (*formed != '\0')
		parse(formed);
	free(formed);
	free(tokens);
}
