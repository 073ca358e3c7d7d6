#include "reload.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "daemon.h"
#include "notify.h"

/* Whether two strings differ, where NULL is one. */
static bool
differ(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a != b;
	return strcmp(a, b) != 0;
}

static bool
addresses_differ(const struct options *a, const struct options *b)
{
	size_t i;

	if (a->naddresses != b->naddresses)
		return true;
	for (i = 0; i < a->naddresses; i++)
		if (strcmp(a->addresses[i], b->addresses[i]) != 0)
			return true;
	return false;
}

/* The first key that can't change while the server runs, or NULL. */
static const char *
find_fixed(const struct options *now, const struct options *next)
{
	if (addresses_differ(now, next))
		return "listen";
	if (differ(now->user, next->user))
		return "user";
	if (differ(now->chroot_dir, next->chroot_dir))
		return "chroot";
	if (differ(now->pidfile, next->pidfile))
		return "pidfile";
	if (now->detach != next->detach)
		return "detach";
	if (now->per_address != next->per_address)
		return "connections_per_address";
	if (now->hang_ms != next->hang_ms)
		return "hang_timeout";
	if (now->drain_ms != next->drain_ms)
		return "shutdown_timeout";
	return NULL;
}

static bool
is_possible(struct daemon *d, const struct options *next)
{
	const char *fixed = find_fixed(&d->config->options, next);
	char line[512];

	if (fixed == NULL)
		return true;
	(void)snprintf(line, sizeof(line), "%s: %s has changed, which takes a "
	    "restart, or SIGUSR2, which loses no request either",
	    d->command.file, fixed);
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
	if (config == NULL || !is_possible(d, &config->options) ||
	    open_logs(d, config) == -1) {
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

	if (!took_over) {
		useless = d->config;
		switch_to(d, d->former);
		(void)daemon_set_sandbox(d);
	}
	d->former = NULL;
	logs_close(other_logs(d), d->logs);
	daemon_unload(useless);
	daemon_notify(d, "READY=1");
}
