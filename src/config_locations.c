#include "config_locations.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sysexits.h>

#include "config_section.h"
#include "config_tree.h"
#include "httpmux.h"

/* The pattern of all paths, with a name. */
#define WHOLE_PATH "/{path...}"

/* Of a section that has no answer; but it may have one that can't be read. */
static void
refuse_empty(struct config_building *b, const struct config_section *section,
    const char *mend)
{
	if (!b->faults->is_partial)
		config_fault(b->faults, section->line, EX_CONFIG, "%s \"%s\" "
		    "has nothing to serve; give it, %s",
		    section->kind == CONFIG_SITE ? "site" : "location",
		    section->title, mend);
}

/* The line of the location that has this pattern. */
static int
line_of_pattern(const struct config_section *site, const char *pattern)
{
	const struct config_section *location;

	STAILQ_FOREACH(location, &site->sections, entry)
		if (strcmp(location->title, pattern) == 0)
			break;
	return location == NULL ? 0 : location->line;
}

static void
refuse_pattern(struct config_building *b, const struct http_mux *mux,
    const struct config_section *location)
{
	const char *other = http_mux_conflict(mux);

	if (other == NULL)
		config_fault(b->faults, location->line, EX_CONFIG,
		    "location %s", http_mux_error(mux));
	else
		config_fault(b->faults, location->line, EX_CONFIG,
		    "location %s; the other is in line %d",
		    http_mux_error(mux),
		    line_of_pattern(location->parent, other));
}

/* Whether a pattern has a host before its path. */
static bool
has_host(const char *pattern)
{
	const char *slash = strchr(pattern, '/');

	return slash != NULL && slash > pattern &&
	    !isblank((unsigned char)slash[-1]);
}

/*
 * A mux answers OPTIONS itself where a pattern has a method: so browsers that
 * ask for that method are brought to what the location says of CORS, if that
 * is another than its site's.
 */
static void
open_preflight(struct config_building *b, struct http_mux *mux,
    struct config_opened *o, const struct config_opened *site)
{
	const struct http_handler others = { http_mux_serve_others, mux };
	struct config_stages stages = o->stages;
	struct http_handler preflight;
	struct config_chain *chain;

	if (o->section->title[0] == '/' ||
	    stages.cors.arg == site->stages.cors.arg)
		return;
	if (o->handler.serve != config_chain_serve)
		o->handler = config_section_chain(b, o, &o->stages, o->end);
	/* They have no password. */
	stages.auth = (struct http_handler){ NULL, NULL };
	preflight = config_section_chain(b, o, &stages, others);
	if ((chain = o->handler.arg) != NULL)
		chain->preflight = preflight.arg;
	b->has_preflights = true;
}

static void
open_location(struct config_building *b, struct http_mux *mux,
    const struct config_section *location, const struct config_opened *site)
{
	struct config_opened o;

	if (has_host(location->title)) {
		config_fault(b->faults, location->line, EX_CONFIG,
		    "location \"%s\": a host is the site's; begin the path "
		    "with a slash, behind a method or none", location->title);
		return;
	}
	config_section_open(b, &o, location, site);
	if (o.answer == ANSWER_NONE) {
		refuse_empty(b, location, "or its site, a root, redirect, "
		    "respond or gone");
		return;
	}
	config_answer_match(&o.end, location, location->title, b->faults);
	open_preflight(b, mux, &o, site);
	/* One that is wrong hides nothing of the pattern. */
	if (http_mux_handle(mux, location->title, o.handler.serve == NULL ?
	    http_gone_serve : o.handler.serve, o.handler.arg) == -1)
		refuse_pattern(b, mux, location);
}

/* Has a site's own answer at all paths that no location has. */
static void
open_rest(struct config_building *b, struct http_mux *mux,
    const struct config_opened *site)
{
	const char *pattern = "/";

	/* So a redirect has the whole path to take along. */
	if (site->answer == ANSWER_REDIRECT)
		pattern = WHOLE_PATH;
	config_answer_match(&site->end, site->section, pattern, b->faults);
	/* A location for every path may be there already. */
	if (site->handler.serve != NULL && http_mux_handle(mux, pattern,
	    site->handler.serve, site->handler.arg) == -1 && errno != EEXIST)
		config_section_fail(b, site->section);
}

/* The mux of a site that has locations: NULL where memory is short. */
static struct http_mux *
open_mux(struct config_building *b, const struct config_opened *site)
{
	const struct config_section *location;
	struct http_mux *mux = http_mux_new();
	struct http_handler others;

	if (mux == NULL ||
	    config_add_pointer(&b->sites->muxes, &b->sites->nmuxes,
	    mux) == -1) {
		http_mux_free(mux);
		config_section_fail(b, site->section);
		return NULL;
	}
	STAILQ_FOREACH(location, &site->section->sections, entry)
		open_location(b, mux, location, site);
	open_rest(b, mux, site);
	others = config_section_chain(b, site, &site->stages,
	    (struct http_handler){ http_mux_serve_others, mux });
	http_mux_set_others(mux, others.serve, others.arg);
	return mux;
}

/* A mux with locations that have preflights of their own. */
static void
serve_preflights(struct http_response *res, struct http_request *req,
    void *mux)
{
	const char *method = http_request_header(req,
	    "Access-Control-Request-Method");
	const struct http_handler *handler = NULL;
	const struct config_chain *chain;

	if (method != NULL && strcmp(http_request_method(req), "OPTIONS") == 0)
		handler = http_mux_handler(mux, req, method);
	chain = handler != NULL && handler->serve == config_chain_serve ?
	    handler->arg : NULL;
	if (chain != NULL && chain->preflight != NULL)
		config_chain_serve(res, req, chain->preflight);
	else
		http_mux_serve(res, req, mux);
}

/* What serves a site, or the top; without a function where that failed. */
struct http_handler
config_site_open(struct config_building *b, const struct config_opened *o)
{
	const struct config_section *site = o->section;
	struct http_mux *mux;

	if (o->answer == ANSWER_NONE && STAILQ_EMPTY(&site->sections))
		refuse_empty(b, site, "or the top, a root, redirect, respond "
		    "or gone, or it a location");
	if (o->answer != ANSWER_REDIRECT && STAILQ_EMPTY(&site->sections))
		return o->handler;
	b->has_preflights = false;
	mux = open_mux(b, o);
	return (struct http_handler){
		b->has_preflights ? serve_preflights : http_mux_serve, mux
	};
}
