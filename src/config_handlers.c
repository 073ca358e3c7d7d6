#include "config_handlers.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"

#define BLANKS		" \t"
/* Longer ones are no rate, and no access. */
#define WORDS_SIZE	128
/* What a browser may remember of CORS: a day is the most that any does. */
#define MAX_SECONDS	86400

struct config_owned {
	SLIST_ENTRY(config_owned) entry;
	enum config_owned_kind	 kind;
	void			*handler;
};

static int __attribute__((format(printf, 2, 3)))
fail(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, CONFIG_WHY_SIZE, fmt, ap);
	va_end(ap);
	return -1;
}

/* Takes the status off the front of a text, if it begins with one. */
static const char *
take_status(const char *text, int *status)
{
	size_t n = strspn(text, "0123456789");

	if (n != 3 || strchr(BLANKS, text[n]) == NULL)
		return text;
	*status = (text[0] - '0') * 100 + (text[1] - '0') * 10 +
	    text[2] - '0';
	return text + n + strspn(text + n, BLANKS);
}

struct http_redirect *
config_redirect_new(const char *text, const char **why)
{
	int status = HTTP_FOUND;
	const char *target = take_status(text, &status);

	return http_redirect_new(status, target, why);
}

int
config_check_redirect(const char *text, char *why)
{
	const char *reason;
	struct http_redirect *r = config_redirect_new(text, &reason);

	if (r == NULL)
		return fail(why, "%s; give a target, or 301, 302, 307 or 308 "
		    "and a target, such as \"301 /new/\"", reason);
	http_redirect_free(r);
	return 0;
}

struct http_fixed *
config_fixed_new(const char *text, const char *type, const char **why)
{
	int status = 0;

	text = take_status(text, &status);
	return http_fixed_new(status, type, text, why);
}

int
config_check_respond(const char *text, char *why)
{
	const char *reason;
	struct http_fixed *f = config_fixed_new(text, NULL, &reason);

	if (f == NULL)
		return fail(why, "%s; give a status and a text, such as "
		    "\"503 back at noon\"", reason);
	http_fixed_free(f);
	return 0;
}

int
config_check_respond_type(const char *text, char *why)
{
	const char *reason;
	struct http_fixed *f = http_fixed_new(HTTP_OK, text, "", &reason);

	if (f == NULL)
		return fail(why, "%s", reason);
	http_fixed_free(f);
	return 0;
}

int
config_check_bool(const char *text, char *why)
{
	if (strcmp(text, "yes") == 0 || strcmp(text, "no") == 0)
		return 0;
	return fail(why, "give yes or no");
}

int
config_check_auth(const char *text, char *why)
{
	return *text == '/' ? 0 :
	    fail(why, "give a path that begins with a slash");
}

int
config_check_auth_realm(const char *text, char *why)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f ||
		    *text == '"' || *text == '\\')
			return fail(why, "give a text without quotes, "
			    "backslashes and control characters");
	return 0;
}

/* "allow" or "deny", and a network. */
int
config_access_add(struct http_access *access, const char *text,
    const char **why)
{
	size_t len = strcspn(text, BLANKS);
	const char *network = text + len + strspn(text + len, BLANKS);

	if (len == 5 && strncmp(text, "allow", len) == 0)
		return http_access_allow(access, network, why);
	if (len == 4 && strncmp(text, "deny", len) == 0)
		return http_access_deny(access, network, why);
	*why = "this is no rule";
	errno = EINVAL;
	return -1;
}

int
config_check_access(const char *text, char *why)
{
	const struct http_handler none = { NULL, NULL };
	struct http_access *access = http_access_new(none);
	const char *reason = "out of memory";
	int rv = -1;

	if (access != NULL)
		rv = config_access_add(access, text, &reason);
	http_access_free(access);
	return rv == 0 ? 0 : fail(why, "%s; give allow or deny, and a network "
	    "such as 10.0.0.0/8, or all", reason);
}

/* A new one, to be asked. */
static struct http_cors *
cors_new(const char **why)
{
	const struct http_handler none = { NULL, NULL };
	struct http_cors *cors = http_cors_new(none);

	if (cors == NULL)
		*why = "out of memory";
	return cors;
}

static int
check_cors(const char *text, char *why, int (*add)(struct http_cors *,
    const char *, const char **), const char *wants)
{
	const char *reason;
	struct http_cors *cors = cors_new(&reason);
	int rv = cors == NULL ? -1 : add(cors, text, &reason);

	http_cors_free(cors);
	return rv == 0 ? 0 : fail(why, "%s; give %s", reason, wants);
}

int
config_check_cors_origin(const char *text, char *why)
{
	return check_cors(text, why, http_cors_allow_origin,
	    "one such as https://example.org, or \"*\" for all");
}

int
config_check_cors_method(const char *text, char *why)
{
	return check_cors(text, why, http_cors_allow_method,
	    "one such as PUT");
}

int
config_check_cors_field(const char *text, char *why)
{
	return check_cors(text, why, http_cors_allow_field,
	    "one such as Content-Type, or \"*\" for all");
}

int
config_check_cors_expose(const char *text, char *why)
{
	return check_cors(text, why, http_cors_expose_field,
	    "one such as ETag");
}

int
config_check_seconds(const char *text, char *why)
{
	const char *problem;

	(void)strtonum(text, 0, MAX_SECONDS, &problem);
	return problem == NULL ? 0 :
	    fail(why, "give a number from 0 to %d", MAX_SECONDS);
}

static unsigned int
seconds_of(const char *unit)
{
	if (strcmp(unit, "s") == 0)
		return 1;
	if (strcmp(unit, "m") == 0)
		return 60;
	return strcmp(unit, "h") == 0 ? 3600 : 0;
}

struct rate {
	unsigned int	requests, seconds, burst;
};

/* "10/s burst 20", where burst is as many as the requests if not said. */
static int
parse_rate(struct rate *rate, const char *text)
{
	char words[WORDS_SIZE], *rest = words, *number;
	const char *problem, *unit, *burst;

	if (strlcpy(words, text, sizeof(words)) >= sizeof(words))
		return -1;
	number = strsep(&rest, "/");
	rate->requests = (unsigned int)strtonum(number, 0, 1000000000,
	    &problem);
	if (problem != NULL || rest == NULL)
		return -1;
	unit = strsep(&rest, BLANKS);
	rate->seconds = seconds_of(unit);
	rate->burst = rate->requests < 1000000 ? rate->requests : 1000000;
	if (rest == NULL)
		return rate->seconds == 0 ? -1 : 0;
	burst = strsep(&rest, BLANKS);
	if (strcmp(burst, "burst") != 0 || rest == NULL)
		return -1;
	rate->burst = (unsigned int)strtonum(rest, 0, 1000000000, &problem);
	return problem != NULL || rate->seconds == 0 ? -1 : 0;
}

struct http_rate_limit *
config_rate_new(const char *text, struct http_handler next, const char **why)
{
	struct rate rate;

	if (parse_rate(&rate, text) == 0)
		return http_rate_limit_new(rate.requests, rate.seconds,
		    rate.burst, next, why);
	*why = "this is no rate";
	errno = EINVAL;
	return NULL;
}

int
config_check_rate(const char *text, char *why)
{
	const struct http_handler none = { NULL, NULL };
	const char *reason;
	struct http_rate_limit *limit = config_rate_new(text, none, &reason);

	if (limit == NULL)
		return fail(why, "%s; give requests a second, minute or hour "
		    "and how many at once, such as \"10/s burst 20\"", reason);
	http_rate_limit_free(limit);
	return 0;
}

int
config_check_trusted(const char *text, char *why)
{
	const struct http_handler none = { NULL, NULL };
	struct http_forwarded *f = http_forwarded_new(HTTP_FORWARDED, none);
	const char *reason = "out of memory";
	int rv = f == NULL ? -1 : http_forwarded_trust(f, text, &reason);

	http_forwarded_free(f);
	return rv == 0 ? 0 : fail(why, "%s; give a network such as 10.0.0.0/8, "
	    "an address, or unix", reason);
}

enum http_forwarded_field
config_forwarded_field(const char *text)
{
	return strcmp(text, "forwarded") == 0 ? HTTP_FORWARDED :
	    HTTP_X_FORWARDED_FOR;
}

int
config_check_forwarded(const char *text, char *why)
{
	if (strcmp(text, "forwarded") == 0 ||
	    strcmp(text, "x-forwarded-for") == 0)
		return 0;
	return fail(why, "give x-forwarded-for or forwarded");
}

static void
free_owned(enum config_owned_kind kind, void *handler)
{
	switch (kind) {
	case OWNED_ACCESS:
		http_access_free(handler);
		break;
	case OWNED_CHAIN:
		free(handler);
		break;
	case OWNED_CORS:
		http_cors_free(handler);
		break;
	case OWNED_FIXED:
		http_fixed_free(handler);
		break;
	case OWNED_FORWARDED:
		http_forwarded_free(handler);
		break;
	case OWNED_REDIRECT:
		http_redirect_free(handler);
		break;
	}
}

int
config_handlers_own(struct config_handlers *h, enum config_owned_kind kind,
    void *handler)
{
	struct config_owned *owned = malloc(sizeof(*owned));

	if (owned == NULL) {
		free_owned(kind, handler);
		return -1;
	}
	*owned = (struct config_owned){ .kind = kind, .handler = handler };
	SLIST_INSERT_HEAD(&h->owned, owned, entry);
	return 0;
}

int
config_handlers_own_limit(struct config_handlers *h,
    struct http_rate_limit *limit, const char *name)
{
	struct config_limit *grown;
	char *copy = strdup(name);

	grown = reallocarray(h->limits, h->nlimits + 1, sizeof(*grown));
	if (grown != NULL)
		h->limits = grown;
	if (grown == NULL || copy == NULL) {
		free(copy);
		http_rate_limit_free(limit);
		return -1;
	}
	grown[h->nlimits].limit = limit;
	grown[h->nlimits++].name = copy;
	return 0;
}

static struct config_auth *
find_auth(const struct config_handlers *h, const char *path,
    const char *realm)
{
	size_t i;

	for (i = 0; i < h->nauths; i++)
		if (strcmp(h->auths[i].path, path) == 0 &&
		    strcmp(h->auths[i].realm, realm) == 0)
			return &h->auths[i];
	return NULL;
}

static void
free_auth(struct config_auth *auth)
{
	http_basic_auth_free(auth->auth);
	free(auth->path);
	free(auth->realm);
}

struct http_basic_auth *
config_handlers_auth(struct config_handlers *h, const char *path,
    const char *realm, int line, struct http_handler next, const char **why)
{
	struct config_auth *grown, *found = find_auth(h, path, realm), auth;

	if (found != NULL)
		return found->auth;
	auth = (struct config_auth){
		.auth = http_basic_auth_new(path, realm, next, why),
		.line = line
	};
	if (auth.auth == NULL)
		return NULL;
	auth.path = strdup(path);
	auth.realm = strdup(realm);
	grown = reallocarray(h->auths, h->nauths + 1, sizeof(*grown));
	if (grown != NULL)
		h->auths = grown;
	if (grown == NULL || auth.path == NULL || auth.realm == NULL) {
		free_auth(&auth);
		*why = "out of memory";
		errno = ENOMEM;
		return NULL;
	}
	grown[h->nauths++] = auth;
	return auth.auth;
}

static int
compare_limits(const void *a, const void *b)
{
	const struct config_limit *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
config_handlers_continue(struct config_handlers *h,
    const struct config_handlers *former)
{
	struct config_limit *limit;
	struct config_auth *auth;
	size_t i;

	if (former->nlimits > 0)
		qsort(former->limits, former->nlimits, sizeof(*limit),
		    compare_limits);
	for (i = 0; i < h->nlimits && former->nlimits > 0; i++) {
		limit = bsearch(&h->limits[i], former->limits,
		    former->nlimits, sizeof(*limit), compare_limits);
		/* Its name has the rate. */
		if (limit != NULL)
			(void)http_rate_limit_continue(h->limits[i].limit,
			    limit->limit);
	}
	for (i = 0; i < h->nauths; i++) {
		auth = find_auth(former, h->auths[i].path, h->auths[i].realm);
		if (auth != NULL)
			http_basic_auth_continue(h->auths[i].auth, auth->auth);
	}
}

void
config_handlers_free(struct config_handlers *h)
{
	struct config_owned *owned;
	size_t i;

	while ((owned = SLIST_FIRST(&h->owned)) != NULL) {
		SLIST_REMOVE_HEAD(&h->owned, entry);
		free_owned(owned->kind, owned->handler);
		free(owned);
	}
	for (i = 0; i < h->nlimits; i++) {
		http_rate_limit_free(h->limits[i].limit);
		free(h->limits[i].name);
	}
	free(h->limits);
	for (i = 0; i < h->nauths; i++)
		free_auth(&h->auths[i]);
	free(h->auths);
	*h = (struct config_handlers){ 0 };
}
