/* What a configuration serves: sites, their locations, their files. */
#ifndef CONFIG_SITES_H
#define CONFIG_SITES_H

#include <stdbool.h>
#include <stddef.h>

#include "config_handlers.h"
#include "httpserve.h"

struct config_faults;
struct config_logs;
struct config_section;
struct http_file_server;
struct http_mux;
struct http_sites;

struct config_server {
	struct http_file_server	*files;
	char			*root;		/* absolute; NULL: another's */
};

struct config_sites {
	struct http_handler	 handler;	/* of all that is served */
	struct http_handler	 inner;		/* config_sites_front()'s */
	struct http_forwarded	*forwarded;	/* NULL: no proxies */
	struct http_file_server	*top;		/* has the top's fields */
	struct config_handlers	 handlers;
	bool			 follows_links;	/* anywhere */
	char			**roots;	/* the servers', each once */
	size_t			 nroots;
	char			**secrets;	/* the handlers', each once */
	size_t			 nsecrets;
	struct http_file_server	*first;		/* others are beside it */
	struct http_sites	*hosts;		/* NULL: one for all */
	struct http_mux		**muxes;
	size_t			 nmuxes;
	struct config_server	*servers;
	size_t			 nservers;
};

/*
 * Opens all that is served, finds the logs of sites, and notes what is wrong.
 * The tree and the logs have to last.  Free it in either case.
 */
void config_sites_open(struct config_sites *sites, struct config_logs *logs,
    const struct config_section *top, struct config_faults *faults);
void config_sites_free(struct config_sites *sites);

/*
 * The handler for all requests, which finds out whose they are and goes on
 * with inner.
 */
struct http_handler config_sites_front(struct config_sites *sites,
    struct http_handler inner);

#endif
