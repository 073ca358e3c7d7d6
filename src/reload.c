#include "reload.h"

#include <libutil.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "config_keys.h"
#include "daemon.h"
#include "notify.h"

/* The line of a key at the top of the file, with its file, or "". */
static void
put_place(const struct config *config, const char *name, char *dst,
    size_t size)
{
	const struct config_value *value =
	    config_find_value(&config->top, config_key_find(name));

	dst[0] = '\0';
	if (value != NULL && value->line != 0)
		(void)snprintf(dst, size, "%s:%d: ", config->options.file,
		    value->line);
}

/* All else can change while the server runs. */
static bool
is_possible(struct daemon *d, const struct config *next)
{
	char line[PATH_MAX + 128], place[PATH_MAX + 32];

	if (d->config->options.detach == next->options.detach)
		return true;
	put_place(next, "detach", place, sizeof(place));
	(void)snprintf(line, sizeof(line), "%sdetach has changed, which takes "
	    "a restart", place);
	daemon_say(d, LOG_ERR, line);
	return false;
}

/* The logs that are not in use. */
static struct logs *
other_logs(struct daemon *d)
{
	return d->logs == &d->log_sets[0] ? &d->log_sets[1] : &d->log_sets[0];
}

static int
open_logs(struct daemon *d, const struct config *config)
{
	char why[PATH_MAX + 128];

	if (logs_open(other_logs(d), &config->options, &config->logs, d->logs,
	    why, sizeof(why)) == 0)
		return 0;
	daemon_say(d, LOG_ERR, why);
	return -1;
}

/* Whether the pidfile is to be another. */
static bool
moves_pidfile(const struct daemon *d, const struct config *next)
{
	const char *path = next->options.pidfile;

	if (path == NULL || d->pidfile_path == NULL)
		return path != d->pidfile_path;
	return strcmp(path, d->pidfile_path) != 0;
}

/* The old one goes when the reload took over. */
static int
open_pidfile(struct daemon *d, const struct config *next, char *why,
    size_t size)
{
	if (!moves_pidfile(d, next) || next->options.pidfile == NULL)
		return 0;
	d->next_pidfile = daemon_open_pidfile(next->options.pidfile, why,
	    size);
	return d->next_pidfile == NULL ? -1 : 0;
}

static void
drop_pidfile(struct daemon *d)
{
	if (d->next_pidfile != NULL)
		(void)pidfile_remove(d->next_pidfile);
	d->next_pidfile = NULL;
}

/* What is not in the configuration itself: 0, or -1 with all undone. */
static int
open_others(struct daemon *d, const struct config *next)
{
	char why[PATH_MAX + 128] = "";

	if (daemon_set_user(d, next, why, sizeof(why)) == 0 &&
	    open_pidfile(d, next, why, sizeof(why)) == 0 &&
	    sockets_reload(&d->next_sockets, &d->sockets, &d->srv,
	    &next->options, why, sizeof(why)) == 0)
		return 0;
	d->confine.privileges = d->former_privileges;
	drop_pidfile(d);
	daemon_say(d, LOG_ERR, why);
	return -1;
}

/* Says where the server is found from now on, and no longer. */
static void
switch_pidfile(struct daemon *d)
{
	const char *path = d->config->options.pidfile;

	if (!moves_pidfile(d, d->config))
		return;
	if (d->pidfile != NULL)
		(void)pidfile_remove(d->pidfile);
	d->pidfile = d->next_pidfile;
	d->next_pidfile = NULL;
	free(d->pidfile_path);
	d->pidfile_path = path == NULL ? NULL : strdup(path);
	if (d->pidfile != NULL && pidfile_write(d->pidfile) == -1)
		daemon_complain(d, path);
}

/* Goes on with a configuration and the logs that are its. */
static void
switch_to(struct daemon *d, struct config *config)
{
	d->config = config;
	d->logs = other_logs(d);
	logs_use(d->logs, &d->srv);
	daemon_set_server(d, config);
}

/*
 * The file is read anew, and what is served is opened anew, with its options
 * and the media types.
 */
int
reload_begin(void *arg)
{
	struct daemon *d = arg;
	struct config *config;
	int status;

	if (notify_reloading() == -1)
		daemon_complain(d, "notify");
	config = daemon_load(d, &status);
	if (config == NULL || !is_possible(d, config) ||
	    open_logs(d, config) == -1 || open_others(d, config) == -1) {
		logs_close(other_logs(d), d->logs);
		daemon_unload(config);
		daemon_say(d, LOG_ERR, "reload: going on as before");
		daemon_notify(d, "READY=1");
		return -1;
	}
	config_handlers_continue(&config->sites.handlers,
	    &d->config->sites.handlers);
	d->former = d->config;
	switch_to(d, config);
	/* Where a root has gone since, what may be read stays as it was. */
	(void)daemon_set_sandbox(d);
	return 0;
}

void
reload_end(void *arg, int took_over)
{
	struct daemon *d = arg;
	struct config *useless = d->former;

	if (took_over) {
		sockets_commit(&d->sockets, &d->next_sockets);
		switch_pidfile(d);
	} else {
		useless = d->config;
		d->confine.privileges = d->former_privileges;
		drop_pidfile(d);
		sockets_free(&d->next_sockets);
		switch_to(d, d->former);
		(void)daemon_set_sandbox(d);
	}
	d->former = NULL;
	logs_close(other_logs(d), d->logs);
	daemon_unload(useless);
	daemon_notify(d, "READY=1");
}
