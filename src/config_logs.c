#include "config_logs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config_keys.h"
#include "config_tree.h"
#include "options.h"

/* A site that has not the top's log, but another, or none: -1. */
struct config_logged {
	struct config_logged	*next_logged;
	struct http_handler	 next;
	int			 log;
};

/*
 * The name of the top's log, or NULL.  Standard output would be /dev/null
 * behind -d.
 */
static const char *
name_of_top(const struct options *o)
{
	if (o->quiet || (o->detach && o->access_log == NULL))
		return NULL;
	return o->access_log == NULL ? "-" : o->access_log;
}

void
config_logs_init(struct config_logs *logs, const struct options *o)
{
	*logs = (struct config_logs){ .n = 1 };
	logs->logs[0].name = name_of_top(o);
	logs->logs[0].is_json = o->json;
}

static void
choose_log(struct http_response *res, struct http_request *req, void *arg)
{
	const struct config_logged *logged = arg;

	http_request_set_log(req, logged->log);
	logged->next.serve(res, req, logged->next.arg);
}

static void
refuse_format(const struct config_log *log, const struct config_value *value,
    struct config_faults *faults)
{
	const char *format = log->is_json ? "json" : "combined";

	if (log->line == 0)
		config_fault(faults, value->line, EX_CONFIG, "%s = \"%s\": "
		    "\"%s\" is %s at the top; a log has one format, so give "
		    "this site another", value->key->name, value->text,
		    log->name, format);
	else
		config_fault(faults, value->line, EX_CONFIG, "%s = \"%s\": "
		    "\"%s\" is %s for the site in line %d; a log has one "
		    "format, so give this site another", value->key->name,
		    value->text, log->name, format, log->line);
}

static void
refuse_another(struct config_logs *logs, const struct config_value *value,
    struct config_faults *faults)
{
	if (!logs->is_full)
		config_fault(faults, value->line, EX_CONFIG, "%s = \"%s\": "
		    "this is one more than the %d logs that there may be; let "
		    "sites share one: in json a line has its host",
		    value->key->name, value->text, HTTP_MAX_LOGS);
	logs->is_full = true;
}

/* The number of a log, which value is about; 0 where that is wrong. */
static int
number_of(struct config_logs *logs, const struct config_log *wanted,
    const struct config_value *value, struct config_faults *faults)
{
	const struct config_log *log;
	size_t i;

	for (i = 0; i < logs->n; i++) {
		log = &logs->logs[i];
		if (log->name == NULL || strcmp(log->name, wanted->name) != 0)
			continue;
		if (log->is_json != wanted->is_json)
			refuse_format(log, value, faults);
		return (int)i;
	}
	if (i == HTTP_MAX_LOGS) {
		refuse_another(logs, value, faults);
		return 0;
	}
	logs->logs[logs->n++] = *wanted;
	return (int)i;
}

/* The number of a site's log: of what it does not say the top's counts. */
static int
log_of(struct config_logs *logs, const struct config_section *site,
    struct config_faults *faults)
{
	const struct config_value *name, *format;
	struct config_log wanted = logs->logs[0];

	name = config_find_value(site, config_key_find("access_log"));
	format = config_find_value(site, config_key_find("access_log_format"));
	wanted.line = site->line;
	if (format != NULL)
		wanted.is_json = strcmp(format->text, "json") == 0;
	if (name != NULL)
		wanted.name = strcmp(name->text, "none") == 0 ? NULL :
		    name->text;
	if (name == NULL && (format == NULL || wanted.name == NULL))
		return 0;
	if (wanted.name == NULL)
		return -1;
	return number_of(logs, &wanted, format != NULL ? format : name,
	    faults);
}

struct http_handler
config_logs_choose(struct config_logs *logs,
    const struct config_section *site, struct config_faults *faults,
    struct http_handler next)
{
	int log = log_of(logs, site, faults);
	struct config_logged *logged;

	if (log == 0)
		return next;
	if ((logged = malloc(sizeof(*logged))) == NULL) {
		config_fault(faults, site->line, EX_OSERR, "%s",
		    strerror(errno));
		return next;
	}
	*logged = (struct config_logged){ logs->logged, next, log };
	logs->logged = logged;
	return (struct http_handler){ choose_log, logged };
}

void
config_logs_free(struct config_logs *logs)
{
	struct config_logged *logged;

	while ((logged = logs->logged) != NULL) {
		logs->logged = logged->next_logged;
		free(logged);
	}
}
