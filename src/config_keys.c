#include "config_keys.h"

#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "config.h"
#include "config_handlers.h"
#include "config_listen.h"
#include "config_tree.h"
#include "httpserve.h"
#include "logtarget.h"
#include "options.h"
#include "privileges.h"

static int
set_number(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	unsigned int *number = (unsigned int *)((char *)o + key->offset);
	const char *problem;
	long long n = strtonum(text, key->min, key->max, &problem);

	if (problem != NULL) {
		(void)snprintf(why, CONFIG_WHY_SIZE, "give a number %sfrom %u "
		    "to %u", key->scale == 1000 ? "of seconds " : "",
		    key->min, key->max);
		return -1;
	}
	*number = (unsigned int)n * key->scale;
	return 0;
}

/* To the library 0 would be the default. */
static int
set_shutdown(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	if (set_number(o, key, text, why) == -1)
		return -1;
	if (o->drain_ms == 0)
		o->drain_ms = 1;
	return 0;
}

static int
set_hang(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	if (set_number(o, key, text, why) == -1)
		return -1;
	if (o->hang_ms == 0)
		o->hang_ms = UINT_MAX;
	return 0;
}

static int
fail(char *why, const char *what)
{
	(void)strlcpy(why, what, CONFIG_WHY_SIZE);
	return -1;
}

/*
 * A path in the file means the same wherever the daemon was started, and what
 * is made there needs its directory.
 */
static int
check_path(const char *path, char *why)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *dir;
	int rv;

	if (path[0] != '/')
		return fail(why, "give a path that begins with a slash");
	if (slash == path)
		return 0;
	if ((dir = strndup(path, (size_t)(slash - path))) == NULL)
		return fail(why, strerror(errno));
	rv = stat(dir, &st);
	if (rv == -1)
		(void)snprintf(why, CONFIG_WHY_SIZE, "%s: %s; make that "
		    "directory first", dir, strerror(errno));
	free(dir);
	return rv;
}

static int
set_pidfile(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	(void)key;
	o->pidfile = *text == '\0' ? NULL : text;
	return *text == '\0' ? 0 : check_path(text, why);
}

static int
check_log(const char *text, char *why)
{
	struct logtarget target;
	int rv;

	if (logtarget_parse(&target, text, why, CONFIG_WHY_SIZE) == -1)
		return -1;
	rv = target.kind == LOGTARGET_FILE ? check_path(text, why) : 0;
	logtarget_free(&target);
	return rv;
}

static int
set_access_log(struct options *o, const struct config_key *key,
    const char *text, char *why)
{
	(void)key;
	o->quiet = strcmp(text, "none") == 0;
	if (o->quiet)
		return 0;
	o->access_log = text;
	return check_log(text, why);
}

static int
set_error_log(struct options *o, const struct config_key *key,
    const char *text, char *why)
{
	(void)key;
	o->error_log = text;
	return check_log(text, why);
}

static int
set_format(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	(void)key;
	o->json = strcmp(text, "json") == 0;
	if (!o->json && strcmp(text, "combined") != 0)
		return fail(why, "give combined or json");
	return 0;
}

static int
set_error_format(struct options *o, const struct config_key *key,
    const char *text, char *why)
{
	(void)key;
	o->error_json = strcmp(text, "json") == 0;
	if (!o->error_json && strcmp(text, "text") != 0)
		return fail(why, "give text or json");
	return 0;
}

static int
set_level(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	(void)key;
	if ((o->level = logtarget_level(text)) != -1)
		return 0;
	return fail(why, "give alert, crit, err, warning, notice, info or "
	    "debug");
}

static int
set_user(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	struct privileges p;

	(void)key;
	o->user = *text == '\0' ? NULL : text;
	if (o->user == NULL)
		return 0;
	if (privileges_parse(&p, text, why, CONFIG_WHY_SIZE) == 0)
		return 0;
	(void)strlcat(why, "; give one of this system, such as www-data",
	    CONFIG_WHY_SIZE);
	return -1;
}

static int
set_chroot(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	struct stat st;

	(void)key;
	o->chroot_dir = *text == '\0' ? NULL : text;
	if (o->chroot_dir == NULL)
		return 0;
	if (text[0] != '/')
		return fail(why, "give a path that begins with a slash");
	if (stat(text, &st) == -1) {
		(void)snprintf(why, CONFIG_WHY_SIZE, "%s; give a directory",
		    strerror(errno));
		return -1;
	}
	return S_ISDIR(st.st_mode) ? 0 : fail(why, "give a directory");
}

static int
set_status(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	(void)key;
	o->status_path = *text == '\0' ? NULL : text;
	if (o->status_path == NULL || config_is_status_path(text))
		return 0;
	return fail(why, "give " CONFIG_STATUS_WANTS);
}

static int
set_detach(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	(void)key;
	o->detach = strcmp(text, "yes") == 0;
	if (!o->detach && strcmp(text, "no") != 0)
		return fail(why, "give yes or no");
	return 0;
}

/* The command line names parts to do without, the file those that it has. */
static int
set_sandbox(struct options *o, const struct config_key *key, const char *text,
    char *why)
{
	size_t i;

	(void)key;
	if (strcmp(text, "none") == 0) {
		o->parts |= OPTIONS_NO_PARTS;
		return 0;
	}
	for (i = 0; i < OPTIONS_PARTS; i++)
		if (strcmp(text, options_part_names[i]) == 0) {
			o->parts |= 1u << i;
			return 0;
		}
	return fail(why, "give some of capabilities, landlock, seccomp and "
	    "no_new_privs, or none");
}

#define NUMBER(member, from, to, times) .set = set_number, \
    .min = (from), .max = (to), .scale = (times), \
    .offset = offsetof(struct options, member)
#define SECONDS(function, member) .set = (function), .max = MAX_SECONDS, \
    .scale = 1000, .offset = offsetof(struct options, member)
/* Most of the daemon's are at the top alone. */
#define DAEMON(name, option, standard) \
    (name), KEY_DAEMON, CONFIG_TOP, false, (option), (standard)
#define DAEMON_LIST(name, option, standard) \
    (name), KEY_DAEMON, CONFIG_TOP, true, (option), (standard)
#define HANDLER(name, places, standard) \
    (name), KEY_HANDLER, (places), false, 0, (standard), .set = NULL
#define HANDLER_LIST(name, places) \
    (name), KEY_HANDLER, (places), true, 0, "", .set = NULL

const struct config_key config_keys[] = {
	{ DAEMON_LIST("listen", 'l', ":http"), .set = config_listen_set },
	{ DAEMON_LIST("listen_proxy", 'l', ""), .set = config_listen_set },
	{ DAEMON_LIST("proxy_protocol", 0, ""),
	    .set = config_listen_set_proxies },
	{ DAEMON("children", 'n', ""), NUMBER(children, 1, MAX_CHILDREN, 1) },
	{ DAEMON("connections", 'c', "10000"),
	    NUMBER(connections, 1, MAX_CONNECTIONS, 1) },
	{ DAEMON("connections_per_address", 'm', "0"),
	    NUMBER(per_address, 0, MAX_CONNECTIONS, 1) },
	{ DAEMON("requests_per_child", 'R', "0"),
	    NUMBER(requests, 0, MAX_REQUESTS, 1) },
	{ DAEMON("hang_timeout", 'H', "30"), SECONDS(set_hang, hang_ms) },
	{ DAEMON("user", 'u', ""), .set = set_user },
	{ DAEMON("chroot", 'r', ""), .set = set_chroot },
	{ DAEMON("pidfile", 'p', ""), .set = set_pidfile },
	{ DAEMON("detach", 'd', "no"), .set = set_detach },
	{ "access_log", KEY_DAEMON, CONFIG_TOP | CONFIG_SITE, false, 'L', "-",
	    .set = set_access_log },
	{ "access_log_format", KEY_DAEMON, CONFIG_TOP | CONFIG_SITE, false,
	    'j', "combined", .set = set_format },
	{ DAEMON("error_log", 'e', "-"), .set = set_error_log },
	{ DAEMON("error_log_format", 0, "text"), .set = set_error_format },
	{ DAEMON("log_level", 'w', "info"), .set = set_level },
	{ DAEMON_LIST("sandbox", 'x', "capabilities landlock seccomp "
	    "no_new_privs"), .set = set_sandbox },
	{ DAEMON("shutdown_timeout", 'g', "30"),
	    SECONDS(set_shutdown, drain_ms) },
	{ DAEMON("read_header_timeout", 0, "10"),
	    NUMBER(read_header_ms, 1, MAX_SECONDS, 1000) },
	{ DAEMON("write_timeout", 0, "30"),
	    NUMBER(write_ms, 1, MAX_SECONDS, 1000) },
	{ DAEMON("idle_timeout", 0, "60"),
	    NUMBER(idle_ms, 1, MAX_SECONDS, 1000) },
	{ DAEMON("min_rate", 0, "240"), NUMBER(min_rate, 1, 1000000000, 1) },
	{ DAEMON("max_requests", 0, "10000"),
	    NUMBER(max_requests, 1, 1000000000, 1) },
	{ DAEMON("status", 0, ""), .set = set_status },
	{ HANDLER_LIST("trusted_proxies", CONFIG_TOP),
	    .check = config_check_trusted },
	{ HANDLER("forwarded", CONFIG_TOP, "x-forwarded-for"),
	    .check = config_check_forwarded },
	{ "root", KEY_ROOT, CONFIG_ALL, false, 0, "", .set = NULL },
	{ "cache_bytes", KEY_FILES, CONFIG_TOP, false, 0, "16m", .set = NULL },
	{ "dotfiles", KEY_FILES, CONFIG_ALL, false, 0, "no", .set = NULL },
	{ "error_page", KEY_FILES, CONFIG_ALL, true, 0, "", .set = NULL },
	{ "extension", KEY_FILES, CONFIG_ALL, false, 0, "", .set = NULL },
	{ "fallback", KEY_FILES, CONFIG_ALL, false, 0, "", .set = NULL },
	{ "follow_links", KEY_FILES, CONFIG_ALL, false, 0, "no", .set = NULL },
	{ "header", KEY_FILES, CONFIG_ALL, true, 0, "", .set = NULL },
	{ "index", KEY_FILES, CONFIG_ALL, false, 0, "index.html",
	    .set = NULL },
	{ "listing", KEY_FILES, CONFIG_ALL, false, 0, "yes", .set = NULL },
	{ "type", KEY_FILES, CONFIG_ALL, true, 0, "", .set = NULL },
	{ HANDLER_LIST("rate_limit", CONFIG_ALL), .check = config_check_rate },
	{ HANDLER_LIST("access", CONFIG_ALL), .check = config_check_access },
	{ HANDLER_LIST("cors_origin", CONFIG_ALL),
	    .check = config_check_cors_origin },
	{ HANDLER_LIST("cors_method", CONFIG_ALL),
	    .check = config_check_cors_method },
	{ HANDLER_LIST("cors_field", CONFIG_ALL),
	    .check = config_check_cors_field },
	{ HANDLER_LIST("cors_expose", CONFIG_ALL),
	    .check = config_check_cors_expose },
	{ HANDLER("cors_credentials", CONFIG_ALL, "no"),
	    .check = config_check_bool },
	{ HANDLER("cors_max_age", CONFIG_ALL, "0"),
	    .check = config_check_seconds },
	{ HANDLER("auth", CONFIG_ALL, ""), .check = config_check_auth },
	{ HANDLER("auth_realm", CONFIG_ALL, "restricted"),
	    .check = config_check_auth_realm },
	{ HANDLER("redirect", CONFIG_ALL, ""), .check = config_check_redirect },
	{ HANDLER("respond", CONFIG_ALL, ""), .check = config_check_respond },
	{ HANDLER("respond_type", CONFIG_ALL, "text/plain; charset=utf-8"),
	    .check = config_check_respond_type },
	{ HANDLER("gone", CONFIG_ALL, "no"), .check = config_check_bool },
	{ .name = NULL }
};

static_assert(sizeof(config_keys) / sizeof(config_keys[0]) <=
    CONFIG_MAX_KEYS, "CONFIG_MAX_KEYS");

const struct config_key *
config_key_find(const char *name)
{
	const struct config_key *key;

	for (key = config_keys; key->name != NULL; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}
