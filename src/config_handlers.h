/*
 * The handlers of httphandlers.h, as a configuration file has them: each is
 * one value, or one of a list.
 */
#ifndef CONFIG_HANDLERS_H
#define CONFIG_HANDLERS_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#include "httphandlers.h"

/*
 * Whether a value can be meant: 0, or -1 with what to give instead in why,
 * CONFIG_WHY_SIZE large.
 */
int config_check_access(const char *text, char *why);
int config_check_auth(const char *text, char *why);
int config_check_auth_realm(const char *text, char *why);
int config_check_bool(const char *text, char *why);
int config_check_cors_expose(const char *text, char *why);
int config_check_cors_field(const char *text, char *why);
int config_check_cors_method(const char *text, char *why);
int config_check_cors_origin(const char *text, char *why);
int config_check_forwarded(const char *text, char *why);
int config_check_rate(const char *text, char *why);
int config_check_redirect(const char *text, char *why);
int config_check_respond(const char *text, char *why);
int config_check_respond_type(const char *text, char *why);
int config_check_seconds(const char *text, char *why);
int config_check_trusted(const char *text, char *why);

/* Make what a value says: NULL, or -1, and why as httphandlers.h has it. */
struct http_redirect *config_redirect_new(const char *text, const char **why);
struct http_fixed *config_fixed_new(const char *text, const char *type,
    const char **why);
struct http_rate_limit *config_rate_new(const char *text,
    struct http_handler next, const char **why);
int config_access_add(struct http_access *access, const char *text,
    const char **why);
enum http_forwarded_field config_forwarded_field(const char *text);

enum config_owned_kind {
	OWNED_ACCESS,
	OWNED_CHAIN,		/* free(3) */
	OWNED_CORS,
	OWNED_FIXED,
	OWNED_FORWARDED,
	OWNED_REDIRECT
};

/* What has a state, which a reload keeps by its name. */
struct config_limit {
	struct http_rate_limit	*limit;
	char			*name;		/* its section and text */
};

struct config_auth {
	struct http_basic_auth	*auth;
	char			*path;
	char			*realm;
	int			 line;
};

/* All handlers of a configuration.  Zeroed, there are none. */
struct config_handlers {
	SLIST_HEAD(, config_owned) owned;
	struct config_limit	*limits;
	size_t			 nlimits;
	struct config_auth	*auths;
	size_t			 nauths;
};

/* Keeps one until all are freed: 0, or -1 and ENOMEM, and it is freed now. */
int config_handlers_own(struct config_handlers *handlers,
    enum config_owned_kind kind, void *handler);
int config_handlers_own_limit(struct config_handlers *handlers,
    struct http_rate_limit *limit, const char *name);

/*
 * One for each file and realm, which all sections that say the same have in
 * common; NULL, errno and why.
 */
struct http_basic_auth *config_handlers_auth(struct config_handlers *handlers,
    const char *path, const char *realm, int line, struct http_handler next,
    const char **why);

/* Goes on counting where those of a former configuration are. */
void config_handlers_continue(struct config_handlers *handlers,
    const struct config_handlers *former);
void config_handlers_free(struct config_handlers *handlers);

#endif
