#include "config_sites.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config_check.h"
#include "config_keys.h"
#include "config_locations.h"
#include "config_logs.h"
#include "config_roots.h"
#include "config_section.h"
#include "config_tree.h"
#include "httpfiles.h"
#include "httpmux.h"
#include "httpsites.h"

/* What separates the names of a site. */
#define BLANKS " \t"

/* Whether a title has this name among its own, before end. */
static bool
has_name(const char *title, const char *name, const char *end)
{
	size_t len = strlen(name), n;
	const char *s;

	for (s = title + strspn(title, BLANKS); *s != '\0' && s != end;
	    s += n, s += strspn(s, BLANKS)) {
		n = strcspn(s, BLANKS);
		if (n == len && strncasecmp(s, name, n) == 0)
			return true;
	}
	return false;
}

/* The line of the site before this one, or this one, that has a name. */
static int
line_of_name(const struct config_building *b,
    const struct config_section *site, const char *name)
{
	const struct config_section *other;

	STAILQ_FOREACH(other, &b->top->sections, entry)
		if (other == site || has_name(other->title, name, NULL))
			break;
	return other == NULL ? site->line : other->line;
}

static void
add_name(struct config_building *b, const struct config_section *site,
    const char *name, const struct http_handler *handler)
{
	if (http_sites_add(b->sites->hosts, name, handler->serve,
	    handler->arg) == 0)
		return;
	if (errno == EEXIST)
		config_fault(b->faults, site->line, EX_CONFIG, "there is a "
		    "site \"%s\" already, in line %d; a name belongs to one",
		    name, line_of_name(b, site, name));
	else if (errno == EINVAL)
		config_fault(b->faults, site->line, EX_CONFIG, "site \"%s\": "
		    "give a host such as example.org, *.example.org for all "
		    "below it, or * for all others, without a port", name);
	else
		config_section_fail(b, site);
}

static void
add_site(struct config_building *b, const struct config_section *site,
    const struct config_opened *top)
{
	char *names = strdup(site->title), *rest = names, *name;
	struct http_handler handler;
	struct config_opened o;

	config_section_open(b, &o, site, top);
	handler = config_site_open(b, &o);
	if (names == NULL) {
		config_section_fail(b, site);
		return;
	}
	if (handler.serve == NULL)
		handler.serve = http_file_server_serve;
	handler = config_logs_choose(b->logs, site, b->faults, handler);
	if (names[strspn(names, BLANKS)] == '\0')
		add_name(b, site, "", &handler);
	while ((name = strsep(&rest, BLANKS)) != NULL)
		if (*name != '\0')
			add_name(b, site, name, &handler);
	free(names);
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Keeps each path once. */
static void
sort_paths(char **paths, size_t *npaths)
{
	size_t i, n = 0;

	if (*npaths == 0)
		return;
	qsort(paths, *npaths, sizeof(*paths), compare_strings);
	for (i = 0; i < *npaths; i++)
		if (n == 0 || strcmp(paths[n - 1], paths[i]) != 0)
			paths[n++] = paths[i];
	*npaths = n;
}

/* The files of passwords; one may be that of several realms. */
static void
find_secrets(struct config_building *b)
{
	struct config_sites *sites = b->sites;
	size_t i;

	for (i = 0; i < sites->handlers.nauths; i++)
		if (config_add_pointer(&sites->secrets, &sites->nsecrets,
		    sites->handlers.auths[i].path) == -1)
			config_section_fail(b, b->top);
	sort_paths(sites->secrets, &sites->nsecrets);
}

/*
 * What all file servers have in common is kept by one that serves nothing, and
 * one beside it is asked whether values can be set: 0, or -1 and errno.
 */
static int
open_first(struct config_building *b)
{
	struct http_file_server *asked;

	if ((b->sites->first = http_file_server_new("/")) == NULL)
		return -1;
	asked = http_file_server_new_beside(b->sites->first, NULL);
	if (asked == NULL)
		return -1;
	config_check(asked, b->top, b->faults);
	http_file_server_free(asked);
	return 0;
}

static void
refuse_first(struct config_building *b)
{
	if (errno == ENOSYS)
		config_fault(b->faults, 0, EX_OSERR, "this kernel has no "
		    "openat2(2); Linux 5.6 or newer is needed");
	else
		config_fault(b->faults, 0, EX_OSERR, "file server: %s",
		    strerror(errno));
}

/* What stands behind http_forwarded_serve(). */
static void
serve_inner(struct http_response *res, struct http_request *req, void *arg)
{
	const struct config_sites *sites = arg;

	sites->inner.serve(res, req, sites->inner.arg);
}

static void
open_forwarded(struct config_building *b)
{
	const struct config_key *proxies = config_key_find("trusted_proxies");
	const struct config_value *field = config_find_value(b->top,
	    config_key_find("forwarded")), *value;
	const struct http_handler inner = { serve_inner, b->sites };
	struct http_forwarded *forwarded;

	if (config_find_value(b->top, proxies) == NULL)
		return;
	forwarded = http_forwarded_new(config_forwarded_field(
	    field == NULL ? "" : field->text), inner);
	if (forwarded == NULL || config_handlers_own(&b->sites->handlers,
	    OWNED_FORWARDED, forwarded) == -1) {
		config_section_fail(b, b->top);
		return;
	}
	STAILQ_FOREACH(value, &b->top->values, entry)
		if (value->key == proxies)
			(void)http_forwarded_trust(forwarded, value->text,
			    NULL);
	b->sites->forwarded = forwarded;
}

struct http_handler
config_sites_front(struct config_sites *sites, struct http_handler inner)
{
	sites->inner = inner;
	if (sites->forwarded == NULL)
		return inner;
	return (struct http_handler){ http_forwarded_serve, sites->forwarded };
}

static void
serve_misdirected(struct http_response *res, struct http_request *req,
    void *unused)
{
	(void)req;
	(void)unused;
	(void)http_response_error(res, HTTP_MISDIRECTED_REQUEST);
}

/* All sites, and for hosts that none has what the top has for all answers. */
static void
open_hosts(struct config_building *b, const struct config_opened *top)
{
	const struct config_section *site;
	struct http_handler others;

	if ((b->sites->hosts = http_sites_new()) == NULL) {
		config_section_fail(b, b->top);
		return;
	}
	STAILQ_FOREACH(site, &b->top->sections, entry)
		add_site(b, site, top);
	others = config_section_chain(b, top, &top->stages,
	    (struct http_handler){ serve_misdirected, NULL });
	if (others.serve != NULL && http_sites_add(b->sites->hosts, "*",
	    others.serve, others.arg) == -1 && errno != EEXIST)
		config_section_fail(b, b->top);
	b->sites->handler = (struct http_handler){ http_sites_serve,
	    b->sites->hosts };
}

void
config_sites_open(struct config_sites *sites, struct config_logs *logs,
    const struct config_section *top, struct config_faults *faults)
{
	struct config_opened o;
	struct config_building b = {
		.sites = sites,
		.logs = logs,
		.top = top,
		.faults = faults,
		.root = config_key_find("root"),
	};

	if (open_first(&b) == -1) {
		refuse_first(&b);
		return;
	}
	open_forwarded(&b);
	config_section_open(&b, &o, top, NULL);
	sites->top = o.files;
	if (!STAILQ_EMPTY(&top->sections))
		open_hosts(&b, &o);
	else if (o.answer != ANSWER_NONE)
		sites->handler = config_site_open(&b, &o);
	else if (faults->len == 0)
		config_fault(faults, 1, EX_CONFIG, "there is nothing to "
		    "serve; give a root, redirect, respond or gone, or a "
		    "site");
	config_roots_free(&b.roots);
	sort_paths(sites->roots, &sites->nroots);
	find_secrets(&b);
}

void
config_sites_free(struct config_sites *sites)
{
	size_t i;

	http_sites_free(sites->hosts);
	for (i = 0; i < sites->nmuxes; i++)
		http_mux_free(sites->muxes[i]);
	/* Each is freed before what it is beside. */
	for (i = sites->nservers; i > 0; i--) {
		http_file_server_free(sites->servers[i - 1].files);
		free(sites->servers[i - 1].root);
	}
	http_file_server_free(sites->first);
	config_handlers_free(&sites->handlers);
	free(sites->muxes);
	free(sites->servers);
	free(sites->roots);
	free(sites->secrets);
	*sites = (struct config_sites){ 0 };
}
