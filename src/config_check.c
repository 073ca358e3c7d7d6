#include "config_check.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "config.h"
#include "config_keys.h"
#include "config_tree.h"
#include "httpfiles.h"

/* Longer values are refused by config_set_option(). */
#define OPTION_SIZE 8300

/* Whether a directory is there, and may be entered: 0, or -1 and errno. */
static int
check_directory(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return -1;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	return access(path, X_OK);
}

/* Of a root that can't be opened. */
static int
root_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case ENAMETOOLONG:
		return EX_NOINPUT;
	case EACCES:
		return EX_NOPERM;
	default:
		return EX_OSERR;
	}
}

static void
check_root(const struct config_value *value, struct config_faults *faults)
{
	/* An empty one is none, in a file. */
	if (value->line != 0 && value->text[0] == '\0')
		return;
	if (value->line != 0 && value->text[0] != '/')
		config_fault(faults, value->line, EX_CONFIG, "root = \"%s\": "
		    "give a path that begins with a slash", value->text);
	else if (check_directory(value->text) == -1) {
		if (value->line != 0)
			config_fault(faults, value->line, EX_CONFIG,
			    "root = \"%s\": %s; give a directory", value->text,
			    strerror(errno));
		else
			config_fault(faults, 0, root_status(errno),
			    "root directory %s: %s", value->text,
			    strerror(errno));
	}
}

/* Sets a value of the file, or an -o. */
static int
set_value(struct http_file_server *files, const struct config_value *value,
    char *why)
{
	char option[OPTION_SIZE];
	int len;

	if (value->line == 0)
		return config_set_option(files, value->text, why,
		    CONFIG_WHY_SIZE);
	len = snprintf(option, sizeof(option), "%s=%s", value->key->name,
	    value->text);
	if (len >= 0 && (size_t)len < sizeof(option))
		return config_set_option(files, option, why,
		    CONFIG_WHY_SIZE);
	(void)snprintf(why, CONFIG_WHY_SIZE, "this is too long");
	errno = EINVAL;
	return -1;
}

/* An empty value is none, where that is the default. */
static void
check_handler(const struct config_value *value, struct config_faults *faults)
{
	const struct config_key *key = value->key;
	char why[CONFIG_WHY_SIZE];

	if (value->text[0] == '\0' && key->standard[0] == '\0')
		return;
	if (key->check(value->text, why) == -1)
		config_fault(faults, value->line, EX_CONFIG, "%s = \"%s\": %s",
		    key->name, value->text, why);
}

static void
check_value(struct http_file_server *files, const struct config_value *value,
    struct config_faults *faults)
{
	char why[CONFIG_WHY_SIZE];

	if (value->key->kind == KEY_ROOT)
		check_root(value, faults);
	else if (value->key->kind == KEY_HANDLER)
		check_handler(value, faults);
	if (value->key->kind != KEY_FILES ||
	    set_value(files, value, why) == 0)
		return;
	if (value->line == 0)
		config_fault(faults, 0, EX_USAGE, "-o %s: %s", value->text,
		    why);
	else
		config_fault(faults, value->line, EX_CONFIG, "%s = \"%s\": %s",
		    value->key->name, value->text, why);
}

void
config_check(struct http_file_server *files,
    const struct config_section *section, struct config_faults *faults)
{
	const struct config_section *sub;
	const struct config_value *value;

	STAILQ_FOREACH(value, &section->values, entry)
		check_value(files, value, faults);
	STAILQ_FOREACH(sub, &section->sections, entry)
		config_check(files, sub, faults);
}

int
config_apply(struct http_file_server *files,
    const struct config_section *section, bool has_root)
{
	const struct config_value *value;
	char why[CONFIG_WHY_SIZE];

	if (section->parent != NULL &&
	    config_apply(files, section->parent, has_root) == -1)
		return -1;
	STAILQ_FOREACH(value, &section->values, entry)
		if (value->key->kind == KEY_FILES &&
		    (has_root || strcmp(value->key->name, "error_page") != 0) &&
		    set_value(files, value, why) == -1 && errno == ENOMEM)
			return -1;
	return 0;
}
