#include "config.h"

#include <errno.h>
#include <libutil.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "httpfiles.h"

/* Longer values of an option are refused. */
#define VALUE_SIZE 8192

/*
 * An option; set returns 0, or -1 where value isn't what wants says.
 */
struct config_option {
	const char	*name;
	const char	*wants;
	int		(*set)(struct http_file_server *files, char *value);
};

/* yes or no, and yes where nothing is said: 1, 0, or -1. */
static int
parse_bool(const char *value)
{
	if (*value == '\0' || strcasecmp(value, "yes") == 0 ||
	    strcasecmp(value, "on") == 0)
		return 1;
	if (strcasecmp(value, "no") == 0 || strcasecmp(value, "off") == 0)
		return 0;
	return -1;
}

static int
set_bool(struct http_file_server *files, const char *value,
    void (*set)(struct http_file_server *, int))
{
	int on = parse_bool(value);

	if (on == -1)
		return -1;
	set(files, on);
	return 0;
}

static int
set_dotfiles(struct http_file_server *files, char *value)
{
	return set_bool(files, value, http_file_server_set_dotfiles);
}

static int
set_follow_links(struct http_file_server *files, char *value)
{
	return set_bool(files, value, http_file_server_set_follow_links);
}

static int
set_listing(struct http_file_server *files, char *value)
{
	return set_bool(files, value, http_file_server_set_listing);
}

static int
set_cache_bytes(struct http_file_server *files, char *value)
{
	size_t digits = strspn(value, "0123456789");
	uint64_t bytes;

	/* expand_number(3) sees neither 2^64 nor what is behind the unit. */
	if (digits == 0 || digits > 19 || strlen(value) > digits + 1 ||
	    expand_number(value, &bytes) == -1 || bytes > SIZE_MAX)
		return -1;
	http_file_server_set_cache_bytes(files, (size_t)bytes);
	return 0;
}

static int
set_index(struct http_file_server *files, char *value)
{
	return http_file_server_set_index(files, value);
}

static int
set_extension(struct http_file_server *files, char *value)
{
	return http_file_server_set_extension(files, value);
}

static int
set_fallback(struct http_file_server *files, char *value)
{
	return http_file_server_set_fallback(files, value);
}

/*
 * Cuts a word off the front of a value, and returns what follows the blanks
 * behind it; NULL where nothing does.
 */
static char *
cut_word(char *value)
{
	char *end = value + strcspn(value, " \t");
	char *rest = end + strspn(end, " \t");

	if (*rest == '\0')
		return NULL;
	*end = '\0';
	return rest;
}

static int
set_error_page(struct http_file_server *files, char *value)
{
	char *path = cut_word(value);
	const char *problem;
	int status;

	if (path == NULL)
		return -1;
	status = (int)strtonum(value, 400, 599, &problem);
	if (problem != NULL)
		return -1;
	return http_file_server_set_error_page(files, status, path);
}

static int
set_header(struct http_file_server *files, char *value)
{
	char *name = cut_word(value), *colon;

	if (name == NULL || (colon = strchr(name, ':')) == NULL)
		return -1;
	*colon++ = '\0';
	colon += strspn(colon, " \t");
	return http_file_server_add_header(files, value, name, colon);
}

static int
set_type(struct http_file_server *files, char *value)
{
	char *type = cut_word(value);

	if (type == NULL)
		return -1;
	return http_file_server_add_type(files, value, type);
}

static bool
has_dot_segment(const char *path)
{
	size_t len;

	while ((path = strchr(path, '/')) != NULL) {
		len = strcspn(++path, "/");
		if ((len == 1 || len == 2) && strncmp(path, "..", len) == 0)
			return true;
	}
	return false;
}

bool
config_is_status_path(const char *path)
{
	return *path == '/' && strpbrk(path, "?#%") == NULL &&
	    !has_dot_segment(path);
}

/* It is no affair of the file server's. */
static int
set_status(struct http_file_server *files, char *value)
{
	(void)files;
	return config_is_status_path(value) ? 0 : -1;
}

/* In the order of the manual. */
static const struct config_option options[] = {
	{ "cache_bytes", "a number of bytes, such as 16m", set_cache_bytes },
	{ "dotfiles", "yes or no", set_dotfiles },
	{ "error_page", "a status and a path, such as \"404 /404.html\"",
	    set_error_page },
	{ "extension", "an extension with its dot, such as .html",
	    set_extension },
	{ "fallback", "a path, such as /index.html", set_fallback },
	{ "follow_links", "yes or no", set_follow_links },
	{ "header", "a pattern and a field, such as "
	    "\"*.css Cache-Control: max-age=3600\", but none of Date, "
	    "Connection, Content-Length and Transfer-Encoding", set_header },
	{ "index", "a file name, such as index.html", set_index },
	{ "listing", "yes or no", set_listing },
	{ "status", CONFIG_STATUS_WANTS, set_status },
	{ "type", "an extension and a media type, such as "
	    "\"gltf model/gltf+json\"", set_type },
};

static const struct config_option *
find_option(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strlen(options[i].name) == len &&
		    memcmp(options[i].name, name, len) == 0)
			return &options[i];
	return NULL;
}

/* Names all options, for who gave one that there is not. */
static void
say_options(char *why, size_t size)
{
	size_t i;

	(void)strlcpy(why, "no such option; give one of", size);
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		(void)strlcat(why, i == 0 ? " " : ", ", size);
		(void)strlcat(why, options[i].name, size);
	}
}

int
config_set_option(struct http_file_server *files, const char *text, char *why,
    size_t size)
{
	size_t len = strcspn(text, "= \t");
	const struct config_option *option = find_option(text, len);
	char value[VALUE_SIZE];

	if (option == NULL) {
		say_options(why, size);
		return -1;
	}
	errno = EINVAL;
	if (text[len] != '\0')
		len++;
	if (strlcpy(value, text + len, sizeof(value)) < sizeof(value) &&
	    option->set(files, value) == 0)
		return 0;
	if (errno == ENOMEM)
		(void)snprintf(why, size, "%s", strerror(errno));
	else
		(void)snprintf(why, size, "give %s", option->wants);
	return -1;
}
