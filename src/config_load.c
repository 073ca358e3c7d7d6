#include "config_load.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
#define LIBBSD_OPENBSD_VIS
#include <vis.h>

#include "config_keys.h"
#include "config_paths.h"
#include "config_read.h"
#include "config_secrets.h"

/* No person writes more. */
#define MAX_FILE_SIZE (64 * 1024 * 1024)

/* Reads a whole file with a NUL behind it, for free(3); or NULL and errno. */
static char *
read_descriptor(int fd, size_t *len)
{
	size_t size = 65536;
	char *text = malloc(size), *grown;
	ssize_t n;

	*len = 0;
	while (text != NULL &&
	    (n = read(fd, text + *len, size - *len - 1)) != 0) {
		if (n == -1)
			goto fail;
		if ((*len += (size_t)n) >= MAX_FILE_SIZE) {
			errno = EFBIG;
			goto fail;
		}
		if (size - *len > 1)
			continue;
		size *= 2;
		if ((grown = realloc(text, size)) == NULL)
			goto fail;
		text = grown;
	}
	if (text != NULL)
		text[*len] = '\0';
	return text;
fail:
	free(text);
	return NULL;
}

static void
read_file(struct config *config, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t len;

	if (fd != -1)
		text = read_descriptor(fd, &len);
	if (text == NULL)
		config_fault(&config->faults, 0, EX_CONFIG, "%s: %s", path,
		    strerror(errno));
	else
		config_read(text, len, &config->top, &config->faults);
	free(text);
	if (fd != -1)
		(void)close(fd);
}

/* Takes a value for the daemon into o, or notes what is wrong with it. */
static void
take_value(struct config *config, struct options *o,
    const struct config_value *value)
{
	const struct config_key *key = value->key;
	const char *text = config_value_text(value);
	char why[CONFIG_WHY_SIZE];

	if (key->set(o, key, text, why) == 0)
		return;
	if (value->line == 0)
		config_fault(&config->faults, 0, EX_USAGE, "-o %s: %s",
		    value->text, why);
	else
		config_fault(&config->faults, value->line, EX_CONFIG,
		    "%s = \"%s\": %s", key->name, text, why);
}

/* Whether the command line has it in place of the file. */
static bool
is_given(const struct config *config, const struct config_key *key)
{
	return key->option != 0 && config->options.given[(int)key->option];
}

static void
take_values(struct config *config)
{
	const struct config_value *value;
	struct options unused = { 0 };

	STAILQ_FOREACH(value, &config->top.values, entry)
		if (value->key->kind == KEY_DAEMON)
			take_value(config, is_given(config, value->key) ?
			    &unused : &config->options, value);
}

/* What a site says in place of the top; others take it. */
static void
check_site_values(struct config *config, const struct config_section *site)
{
	const struct config_value *value;
	struct options unused = { 0 };

	STAILQ_FOREACH(value, &site->values, entry)
		if (value->key->kind == KEY_DAEMON)
			take_value(config, &unused, value);
}

/* A log of the command line is that of all sites, in the top's format. */
static bool
is_given_to_sites(const struct config *config, const struct config_key *key)
{
	return is_given(config, key) ||
	    (key->option == 'j' && config->options.given['L']);
}

static void
take_from_sites(struct config *config)
{
	const struct config_key *key;
	struct config_section *site;

	STAILQ_FOREACH(site, &config->top.sections, entry) {
		check_site_values(config, site);
		for (key = config_keys; key->name != NULL; key++)
			if (key->kind == KEY_DAEMON &&
			    is_given_to_sites(config, key))
				config_remove_values(site, key);
	}
}

/* The line where the file says something at its top, or 0. */
static int
line_of(const struct config *config, const char *name)
{
	const struct config_value *value;

	value = config_find_value(&config->top, config_key_find(name));
	return value == NULL ? 0 : value->line;
}

/* -l stands for all addresses of the file. */
static void
check_proxies(struct config *config)
{
	int listens = line_of(config, "listen_proxy");
	int proxies = line_of(config, "proxy_protocol");

	if (config->options.given['l'])
		return;
	if (listens != 0 && proxies == 0)
		config_fault(&config->faults, listens, EX_CONFIG,
		    "listen_proxy without proxy_protocol lets nobody in; give "
		    "the proxies' addresses there");
	else if (listens == 0 && proxies != 0)
		config_fault(&config->faults, proxies, EX_CONFIG,
		    "proxy_protocol is for addresses of listen_proxy; give "
		    "some");
}

/* What would go unheeded, or be in vain, whoever says it. */
static void
check_together(struct config *config)
{
	const struct options *o = &config->options;

	if (o->file == NULL)
		return;
	check_proxies(config);
	if (o->chroot_dir != NULL && o->user == NULL)
		config_fault(&config->faults, line_of(config, "chroot"),
		    EX_CONFIG, "chroot: who stays root can leave it; give a "
		    "user");
	if (o->detach && o->error_log != NULL &&
	    strcmp(o->error_log, "-") == 0)
		config_fault(&config->faults, line_of(config, "error_log"),
		    EX_CONFIG, "error_log = \"-\": behind detach there is no "
		    "standard error; give a file or syslog");
}

/* Of -r: in a file set_chroot() has looked. */
static void
check_chroot(struct config *config)
{
	const char *dir = config->options.chroot_dir;

	if (dir != NULL && config->options.given['r'] &&
	    access(dir, F_OK) == -1)
		config_fault(&config->faults, 0, EX_NOINPUT, "-r %s: %s", dir,
		    strerror(errno));
}

/* Whether -o has a key, or the operand. */
static bool
is_of_command_line(const struct config_key *key)
{
	return key->kind == KEY_FILES || key->kind == KEY_ROOT ||
	    strcmp(key->name, "status") == 0;
}

/* What the command line says in place of the file: 0, or -1 and ENOMEM. */
static int
override(struct config *config, const char *name, size_t len,
    const char *text)
{
	const struct config_key *key;
	char *copy = strndup(name, len);

	if (copy == NULL)
		return -1;
	key = config_key_find(copy);
	free(copy);
	/* One that there is not is found out when it is set. */
	if (key == NULL || !is_of_command_line(key))
		key = config_key_find("header");
	if (!key->is_list)
		config_remove_values(&config->top, key);
	return config_add_value(&config->top, key, text, 0) == NULL ? -1 : 0;
}

/* Puts the command line's root and its -o to the top of the tree. */
static int
take_command_line(struct config *config)
{
	const struct options *o = &config->options;
	size_t i;

	if (o->root != NULL && override(config, "root", 4, o->root) == -1)
		return -1;
	for (i = 0; i < o->nfiles; i++)
		if (override(config, o->files[i], strcspn(o->files[i], "= \t"),
		    o->files[i]) == -1)
			return -1;
	return 0;
}

int
config_load(struct config *config, const struct options *command)
{
	*config = (struct config){ .options = *command };
	config_section_init(&config->top, CONFIG_TOP);
	if (command->file != NULL)
		read_file(config, command->file);
	if (take_command_line(config) == -1)
		config_fault(&config->faults, 0, EX_OSERR, "%s",
		    strerror(errno));
	take_values(config);
	take_from_sites(config);
	check_together(config);
	check_chroot(config);
	config_logs_init(&config->logs, &config->options);
	config_sites_open(&config->sites, &config->logs, &config->top,
	    &config->faults);
	config_check_paths(&config->top, &config->options, &config->faults);
	config_secrets_check(&config->sites.handlers, &config->options,
	    &config->faults);
	config_faults_sort(&config->faults);
	return config->faults.len == 0 && !config->faults.lost ? 0 : -1;
}

void
config_free(struct config *config)
{
	config_sites_free(&config->sites);
	config_logs_free(&config->logs);
	config_section_free(&config->top);
	config_faults_free(&config->faults);
}

/* A fault in one line; what the file has in it may be any bytes. */
static void
explain(const struct config *config, const struct config_fault *fault,
    void (*say)(void *arg, const char *line), void *arg)
{
	char *line, *shown;
	int len;

	if (fault->line == 0)
		len = asprintf(&line, "%s", fault->text);
	else
		len = asprintf(&line, "%s:%d: %s", config->options.file,
		    fault->line, fault->text);
	if (len == -1) {
		say(arg, strerror(ENOMEM));
		return;
	}
	shown = malloc(4 * strlen(line) + 1);
	if (shown != NULL)
		(void)strvis(shown, line, VIS_CSTYLE | VIS_NL | VIS_TAB |
		    VIS_NOSLASH);
	say(arg, shown == NULL ? strerror(ENOMEM) : shown);
	free(shown);
	free(line);
}

int
config_explain(const struct config *config,
    void (*say)(void *arg, const char *line), void *arg)
{
	const struct config_faults *faults = &config->faults;
	int status = EX_OK;
	size_t i;

	for (i = 0; i < faults->len; i++) {
		explain(config, &faults->faults[i], say, arg);
		if (status == EX_OK || faults->faults[i].status == EX_CONFIG)
			status = faults->faults[i].status;
	}
	if (faults->lost)
		say(arg, strerror(ENOMEM));
	return status == EX_OK && faults->lost ? EX_OSERR : status;
}
