#include "config_chain.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config_handlers.h"
#include "config_keys.h"
#include "config_tree.h"
#include "httpfiles.h"

/* What is being made. */
struct making {
	struct config_stages		*stages;
	const struct config_section	*section;
	struct config_handlers		*handlers;
	struct config_faults		*faults;
};

/* The keys, which are looked for once. */
static struct keys {
	const struct config_key *limit, *access, *auth, *realm, *origin,
	    *method, *field, *expose, *credentials, *max_age;
} keys;

static void
find_keys(void)
{
	if (keys.limit != NULL)
		return;
	keys = (struct keys){
		.limit = config_key_find("rate_limit"),
		.access = config_key_find("access"),
		.auth = config_key_find("auth"),
		.realm = config_key_find("auth_realm"),
		.origin = config_key_find("cors_origin"),
		.method = config_key_find("cors_method"),
		.field = config_key_find("cors_field"),
		.expose = config_key_find("cors_expose"),
		.credentials = config_key_find("cors_credentials"),
		.max_age = config_key_find("cors_max_age"),
	};
}

/* What stands behind each stage: the request has where it is. */
static void
chain_next(struct http_response *res, struct http_request *req, void *unused)
{
	struct http_handler *handler = http_request_context(req);

	(void)unused;
	http_request_set_context(req, handler + 1);
	handler->serve(res, req, handler->arg);
}

static const struct http_handler next = { chain_next, NULL };

void
config_chain_serve(struct http_response *res, struct http_request *req,
    void *arg)
{
	struct config_chain *chain = arg;

	http_response_set_finish(res, http_file_server_finish, chain->files);
	http_request_set_context(req, chain->handlers);
	chain_next(res, req, NULL);
}

size_t
config_stages_count(const struct config_stages *stages)
{
	return stages->nlimits + (stages->access.serve != NULL) +
	    (stages->cors.serve != NULL) + (stages->auth.serve != NULL);
}

struct config_chain *
config_chain_new(struct config_handlers *handlers,
    const struct config_stages *stages, const struct http_handler *end,
    struct http_file_server *files)
{
	const struct http_handler *const others[] = { &stages->access,
	    &stages->cors, &stages->auth, end };
	size_t nothers = sizeof(others) / sizeof(others[0]), i, n;
	struct config_chain *chain;

	chain = calloc(1, sizeof(*chain) +
	    (stages->nlimits + nothers) * sizeof(chain->handlers[0]));
	if (chain == NULL ||
	    config_handlers_own(handlers, OWNED_CHAIN, chain) == -1)
		return NULL;
	chain->files = files;
	for (n = 0; n < stages->nlimits; n++)
		chain->handlers[n] = stages->limits[n];
	for (i = 0; i < nothers; i++)
		if (others[i]->serve != NULL)
			chain->handlers[n++] = *others[i];
	return chain;
}

static void
fault(struct making *m, int line, const char *why)
{
	config_fault(m->faults, line, errno == ENOMEM ? EX_OSERR : EX_CONFIG,
	    "%s", why);
}

static bool
says(const struct config_section *section, const struct config_key *key)
{
	return config_find_value(section, key) != NULL;
}

/*
 * The first value of a list that a section adds to those around it; behind an
 * empty one, which takes those back.
 */
static const struct config_value *
first_value(const struct config_section *section, const struct config_key *key,
    bool *takes_back)
{
	const struct config_value *value, *first = NULL;

	*takes_back = false;
	STAILQ_FOREACH(value, &section->values, entry) {
		if (value->key != key)
			continue;
		if (value->text[0] == '\0') {
			*takes_back = true;
			first = NULL;
		} else if (first == NULL)
			first = value;
	}
	return first;
}

/* The next value of the list, or NULL. */
static const struct config_value *
next_value(const struct config_value *value)
{
	const struct config_key *key = value->key;

	do
		value = STAILQ_NEXT(value, entry);
	while (value != NULL && value->key != key);
	return value;
}

/*
 * Calls add for each value of a list, the section's own first and then those
 * around it.  Returns how many there were that add returned 0 for.
 */
static size_t
add_all(const struct config_section *section, const struct config_key *key,
    int (*add)(void *to, const char *text), void *to)
{
	const struct config_value *value;
	bool takes_back = false;
	size_t n = 0;

	for (; section != NULL && !takes_back; section = section->parent)
		for (value = first_value(section, key, &takes_back);
		    value != NULL; value = next_value(value))
			if (add(to, value->text) == 0)
				n++;
	return n;
}

/* What a reload knows a limit by. */
static int
name_limit(char **name, const struct config_section *section,
    const char *text)
{
	const struct config_section *site = section->parent != NULL &&
	    section->parent->title != NULL ? section->parent : section;

	return asprintf(name, "%s\n%s\n%s",
	    site->title == NULL ? "" : site->title,
	    site == section ? "" : section->title, text);
}

static void
add_limit(struct making *m, const struct config_value *value)
{
	struct http_rate_limit *limit;
	const char *why;
	char *name;

	if (m->stages->nlimits == CONFIG_MAX_LIMITS) {
		errno = EINVAL;
		fault(m, value->line, "rate_limit: there are more than 8, "
		    "with those of the sections around this one");
		return;
	}
	/* What is wrong with it is known from config_check(). */
	if ((limit = config_rate_new(value->text, next, &why)) == NULL)
		return;
	if (name_limit(&name, m->section, value->text) == -1) {
		http_rate_limit_free(limit);
		fault(m, value->line, strerror(ENOMEM));
		return;
	}
	if (config_handlers_own_limit(m->handlers, limit, name) == -1)
		fault(m, value->line, strerror(errno));
	else
		m->stages->limits[m->stages->nlimits++] =
		    (struct http_handler){ http_rate_limit_serve, limit };
	free(name);
}

static void
make_limits(struct making *m)
{
	const struct config_value *value;
	bool takes_back;

	value = first_value(m->section, keys.limit, &takes_back);
	if (takes_back)
		m->stages->nlimits = 0;
	for (; value != NULL; value = next_value(value))
		add_limit(m, value);
}

static int
add_rule(void *access, const char *text)
{
	const char *why;

	return config_access_add(access, text, &why);
}

static void
make_access(struct making *m)
{
	struct http_access *access;

	if (!says(m->section, keys.access))
		return;
	m->stages->access = (struct http_handler){ NULL, NULL };
	if ((access = http_access_new(next)) == NULL ||
	    config_handlers_own(m->handlers, OWNED_ACCESS, access) == -1) {
		fault(m, m->section->line, strerror(errno));
		return;
	}
	if (add_all(m->section, keys.access, add_rule, access) > 0)
		m->stages->access = (struct http_handler){
		    http_access_serve, access };
}

static int
add_origin(void *cors, const char *text)
{
	return http_cors_allow_origin(cors, text, NULL);
}

static int
add_method(void *cors, const char *text)
{
	return http_cors_allow_method(cors, text, NULL);
}

static int
add_field(void *cors, const char *text)
{
	return http_cors_allow_field(cors, text, NULL);
}

static int
add_exposed(void *cors, const char *text)
{
	return http_cors_expose_field(cors, text, NULL);
}

/* The text that counts of a key that has one value. */
static const char *
text_of(const struct config_section *section, const struct config_key *key)
{
	const struct config_value *value = config_find_effective(section, key);

	return value == NULL ? key->standard : value->text;
}

/* The line of a section's own value, or where it has none the section's. */
static int
line_of(const struct config_section *section, const struct config_key *key)
{
	const struct config_value *value = config_find_value(section, key);

	return value == NULL ? section->line : value->line;
}

static void
fill_cors(struct making *m, struct http_cors *cors)
{
	const struct config_section *section = m->section;
	const char *why;

	(void)add_all(section, keys.method, add_method, cors);
	(void)add_all(section, keys.field, add_field, cors);
	(void)add_all(section, keys.expose, add_exposed, cors);
	http_cors_set_max_age(cors, (unsigned int)strtonum(
	    text_of(section, keys.max_age), 0, UINT_MAX, &why));
	if (strcmp(text_of(section, keys.credentials), "yes") == 0 &&
	    http_cors_allow_credentials(cors, &why) == -1)
		config_fault(m->faults, line_of(section, keys.credentials),
		    EX_CONFIG, "cors_credentials = \"yes\": %s; name the "
		    "origins and fields", why);
}

static void
make_cors(struct making *m)
{
	const struct config_section *section = m->section;
	struct http_cors *cors;

	if (!says(section, keys.origin) && !says(section, keys.method) &&
	    !says(section, keys.field) && !says(section, keys.expose) &&
	    !says(section, keys.credentials) && !says(section, keys.max_age))
		return;
	m->stages->cors = (struct http_handler){ NULL, NULL };
	if ((cors = http_cors_new(next)) == NULL ||
	    config_handlers_own(m->handlers, OWNED_CORS, cors) == -1) {
		fault(m, section->line, strerror(errno));
		return;
	}
	if (add_all(section, keys.origin, add_origin, cors) == 0)
		return;
	fill_cors(m, cors);
	m->stages->cors = (struct http_handler){ http_cors_serve, cors };
}

/* A reason that begins with the path has no need of it before. */
static void
refuse_auth(struct making *m, const char *path, int line, const char *why)
{
	int status = errno == ENOMEM ? EX_OSERR : EX_CONFIG;

	if (errno == ENOENT)
		config_fault(m->faults, line, status, "auth: %s; make it by "
		    "htpasswd -cB %s NAME", why, path);
	else
		config_fault(m->faults, line, status, "auth: %s", why);
}

static void
make_auth(struct making *m)
{
	const struct config_section *section = m->section;
	const char *path = text_of(section, keys.auth), *why;
	struct http_basic_auth *auth;
	int line;

	if (!says(section, keys.auth) && !says(section, keys.realm))
		return;
	m->stages->auth = (struct http_handler){ NULL, NULL };
	/* config_check() has seen that it is no path. */
	if (*path != '/')
		return;
	line = says(section, keys.auth) ? line_of(section, keys.auth) :
	    line_of(section, keys.realm);
	auth = config_handlers_auth(m->handlers, path,
	    text_of(section, keys.realm), line, next, &why);
	if (auth == NULL)
		refuse_auth(m, path, line, why);
	else
		m->stages->auth = (struct http_handler){
		    http_basic_auth_serve, auth };
}

void
config_stages_make(struct config_stages *stages,
    const struct config_stages *outer, const struct config_section *section,
    struct config_handlers *handlers, struct config_faults *faults)
{
	struct making m = { stages, section, handlers, faults };

	find_keys();
	memset(stages, 0, sizeof(*stages));
	if (outer != NULL)
		*stages = *outer;
	if (STAILQ_EMPTY(&section->values))
		return;
	make_limits(&m);
	make_access(&m);
	make_cors(&m);
	make_auth(&m);
}
