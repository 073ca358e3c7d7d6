/*
 * The access logs of a configuration: the first is that of the top, further
 * ones are of sites, which share a log where they name the same.
 */
#ifndef CONFIG_LOGS_H
#define CONFIG_LOGS_H

#include <stdbool.h>
#include <stddef.h>

#include "httpserve.h"

struct config_faults;
struct config_logged;
struct config_section;
struct options;

struct config_log {
	const char		*name;		/* NULL: none is written */
	bool			 is_json;
	int			 line;		/* that names it; 0: the top */
};

/* By their numbers: see http_request_set_log(). */
struct config_logs {
	struct config_log	 logs[HTTP_MAX_LOGS];
	size_t			 n;
	bool			 is_full;	/* and that is said */
	struct config_logged	*logged;	/* handlers of sites */
};

/* Begins with that of these options, whose strings have to last. */
void config_logs_init(struct config_logs *logs, const struct options *o);

/*
 * A site's handler, with what chooses its log before it, if it has one to
 * itself; what is wrong is noted.
 */
struct http_handler config_logs_choose(struct config_logs *logs,
    const struct config_section *site, struct config_faults *faults,
    struct http_handler next);

/* When no handler is called any more. */
void config_logs_free(struct config_logs *logs);

#endif
