#include "config_sites.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "abspath.h"
#include "config_check.h"
#include "config_keys.h"
#include "config_logs.h"
#include "config_roots.h"
#include "config_tree.h"
#include "httpfiles.h"
#include "httpmux.h"
#include "httpsites.h"

/* What separates the names of a site. */
#define BLANKS " \t"

/* What is being built, and what for. */
struct building {
	struct config_sites		*sites;
	struct config_logs		*logs;
	const struct config_section	*top;
	struct config_faults		*faults;
	const struct config_key		*root;
	struct config_roots		 roots;		/* open */
};

static void
fail(struct building *b, const struct config_section *section)
{
	config_fault(b->faults, section->line, EX_OSERR, "%s",
	    strerror(errno));
}

/* Adds a pointer to an array: 0, or -1 and ENOMEM. */
static int
add_pointer(void *array, size_t *n, void *pointer)
{
	void **grown = reallocarray(*(void ***)array, *n + 1, sizeof(*grown));

	if (grown == NULL)
		return -1;
	*(void ***)array = grown;
	grown[(*n)++] = pointer;
	return 0;
}

/* Keeps a file server of a root, or of another's where that is NULL. */
static int
add_server(struct config_sites *sites, struct http_file_server *files,
    const char *root)
{
	struct config_server *grown;
	char *path = NULL;

	grown = reallocarray(sites->servers, sites->nservers + 1,
	    sizeof(*grown));
	if (grown == NULL)
		return -1;
	sites->servers = grown;
	if (root != NULL && ((path = abspath(root)) == NULL ||
	    add_pointer(&sites->roots, &sites->nroots, path) == -1)) {
		free(path);
		return -1;
	}
	grown[sites->nservers++] = (struct config_server){ files, path };
	return 0;
}

/* The root of a section, or NULL; an empty one is none. */
static const char *
root_of(const struct building *b, const struct config_section *section)
{
	const struct config_value *value;

	value = config_find_effective(section, b->root);
	if (value == NULL || (value->line != 0 && value->text[0] == '\0'))
		return NULL;
	return value->text;
}

/* A file server of a root, which may be open already: *is_new, or not. */
static struct http_file_server *
open_root(struct building *b, const char *root, bool *is_new)
{
	struct http_file_server *files;

	files = config_roots_find(&b->roots, root);
	*is_new = files == NULL;
	if (files != NULL)
		return http_file_server_new_beside(files, NULL);
	files = http_file_server_new_beside(b->sites->first, root);
	if (files != NULL && config_roots_add(&b->roots, root, files) == 0)
		return files;
	http_file_server_free(files);
	return NULL;
}

/*
 * The file server of a section that has a root, or NULL; what is wrong with
 * the root is known from config_check().  outer, unless NULL, is that of the
 * section around it.
 */
static struct http_file_server *
open_files(struct building *b, const struct config_section *section,
    struct http_file_server *outer)
{
	bool is_new = false;
	const char *root = root_of(b, section);
	struct http_file_server *files;

	if (outer != NULL && config_find_value(section, b->root) == NULL)
		files = http_file_server_new_beside(outer, NULL);
	else
		files = open_root(b, root, &is_new);
	if (files == NULL) {
		if (errno == ENOMEM || errno == EMFILE || errno == ENFILE)
			config_fault(b->faults, section->line, EX_OSERR,
			    "root directory %s: %s", root, strerror(errno));
		return NULL;
	}
	if (add_server(b->sites, files, is_new ? root : NULL) == -1) {
		http_file_server_free(files);
		fail(b, section);
		return NULL;
	}
	if (config_apply(files, section) == -1)
		fail(b, section);
	if (http_file_server_follows(files))
		b->sites->follows_links = true;
	return files;
}

/* Whether a section says nothing that its parent does not say. */
static bool
is_plain(const struct config_section *section)
{
	return STAILQ_EMPTY(&section->values);
}

/* Of a section that has no root; but it may have one that can't be read. */
static void
refuse_empty(struct building *b, const struct config_section *section,
    const char *mend)
{
	if (!b->faults->is_partial)
		config_fault(b->faults, section->line, EX_CONFIG, "%s \"%s\" "
		    "has nothing to serve; give it a %s",
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
refuse_pattern(struct building *b, const struct http_mux *mux,
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

static void
open_location(struct building *b, struct http_mux *mux,
    const struct config_section *location, struct http_file_server *outer)
{
	struct http_file_server *files = outer;

	if (has_host(location->title)) {
		config_fault(b->faults, location->line, EX_CONFIG,
		    "location \"%s\": a host is the site's; begin the path "
		    "with a slash, behind a method or none", location->title);
		return;
	}
	if (root_of(b, location) == NULL) {
		refuse_empty(b, location, "root, or its site");
		return;
	}
	if (!is_plain(location) || outer == NULL)
		files = open_files(b, location, outer);
	/* A root that can't be opened hides nothing of the pattern. */
	if (http_mux_handle(mux, location->title, http_file_server_serve,
	    files) == -1)
		refuse_pattern(b, mux, location);
}

/* The mux of a site that has locations: NULL where memory is short. */
static struct http_mux *
open_mux(struct building *b, const struct config_section *site,
    struct http_file_server *files)
{
	const struct config_section *location;
	struct http_mux *mux = http_mux_new();

	if (mux == NULL ||
	    add_pointer(&b->sites->muxes, &b->sites->nmuxes, mux) == -1) {
		http_mux_free(mux);
		fail(b, site);
		return NULL;
	}
	STAILQ_FOREACH(location, &site->sections, entry)
		open_location(b, mux, location, files);
	/* A location for every path may be there already. */
	if (files != NULL && http_mux_handle(mux, "/", http_file_server_serve,
	    files) == -1 && errno != EEXIST)
		fail(b, site);
	return mux;
}

/* What serves a site, or the top; without a function where that failed. */
static struct http_handler
open_site(struct building *b, const struct config_section *site)
{
	struct http_handler handler = { NULL, NULL };
	struct http_file_server *files = NULL;

	if (root_of(b, site) != NULL) {
		files = open_files(b, site, NULL);
		handler.serve = http_file_server_serve;
		handler.arg = files;
	} else if (site->kind != CONFIG_TOP && STAILQ_EMPTY(&site->sections))
		refuse_empty(b, site, "root or a location");
	if (site->kind == CONFIG_TOP || STAILQ_EMPTY(&site->sections))
		return handler;
	handler.serve = http_mux_serve;
	handler.arg = open_mux(b, site, files);
	return handler;
}

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
line_of_name(const struct building *b, const struct config_section *site,
    const char *name)
{
	const struct config_section *other;

	STAILQ_FOREACH(other, &b->top->sections, entry)
		if (other == site || has_name(other->title, name, NULL))
			break;
	return other == NULL ? site->line : other->line;
}

static void
add_name(struct building *b, const struct config_section *site,
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
		fail(b, site);
}

static void
add_site(struct building *b, const struct config_section *site)
{
	struct http_handler handler = open_site(b, site);
	char *names = strdup(site->title), *rest = names, *name;

	if (names == NULL) {
		fail(b, site);
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

/* Keeps each root once. */
static void
sort_roots(struct config_sites *sites)
{
	size_t i, n = 0;

	if (sites->nroots == 0)
		return;
	qsort(sites->roots, sites->nroots, sizeof(*sites->roots),
	    compare_strings);
	for (i = 0; i < sites->nroots; i++)
		if (n == 0 || strcmp(sites->roots[n - 1],
		    sites->roots[i]) != 0)
			sites->roots[n++] = sites->roots[i];
	sites->nroots = n;
}

/*
 * What all file servers have in common is kept by one that serves nothing, and
 * one beside it is asked whether values can be set: 0, or -1 and errno.
 */
static int
open_first(struct building *b)
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
refuse_first(struct building *b)
{
	if (errno == ENOSYS)
		config_fault(b->faults, 0, EX_OSERR, "this kernel has no "
		    "openat2(2); Linux 5.6 or newer is needed");
	else
		config_fault(b->faults, 0, EX_OSERR, "file server: %s",
		    strerror(errno));
}

void
config_sites_open(struct config_sites *sites, struct config_logs *logs,
    const struct config_section *top, struct config_faults *faults)
{
	const struct config_section *site;
	struct building b = {
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
	if (STAILQ_EMPTY(&top->sections)) {
		if (root_of(&b, top) == NULL && faults->len == 0)
			config_fault(faults, 1, EX_CONFIG, "there is nothing "
			    "to serve; give a root or a site");
		else if (root_of(&b, top) != NULL)
			sites->handler = open_site(&b, top);
	} else if ((sites->hosts = http_sites_new()) == NULL)
		fail(&b, top);
	else {
		STAILQ_FOREACH(site, &top->sections, entry)
			add_site(&b, site);
		sites->handler.serve = http_sites_serve;
		sites->handler.arg = sites->hosts;
	}
	config_roots_free(&b.roots);
	sort_roots(sites);
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
	free(sites->muxes);
	free(sites->servers);
	free(sites->roots);
	*sites = (struct config_sites){ 0 };
}
