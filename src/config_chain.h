/*
 * What stands in front of what answers in a section: limits of rate, access by
 * network, CORS and passwords, in this order.  Each stage is made once, in the
 * section that says it, and goes on with what is next in the chain of the
 * request: so sections within it have it in theirs, too.
 */
#ifndef CONFIG_CHAIN_H
#define CONFIG_CHAIN_H

#include <stddef.h>

#include "httpserve.h"

struct config_faults;
struct config_handlers;
struct config_section;
struct http_file_server;

/* Limits that may add up in a section. */
#define CONFIG_MAX_LIMITS 8

/* Those without a function are none. */
struct config_stages {
	struct http_handler	 limits[CONFIG_MAX_LIMITS];
	size_t			 nlimits;
	struct http_handler	 access;
	struct http_handler	 cors;
	struct http_handler	 auth;
};

/* Handlers, each of which goes on with the one behind it, or answers. */
struct config_chain {
	struct http_file_server	*files;		/* has fields and error pages */
	/*
	 * What answers browsers that ask by OPTIONS for another method, where
	 * a mux would not come here with theirs; or NULL.
	 */
	struct config_chain	*preflight;
	struct http_handler	 handlers[];
};

/*
 * The stages of a section, by what it says and those of the section around it;
 * outer is NULL at the top.  What is wrong is a fault.
 */
void config_stages_make(struct config_stages *stages,
    const struct config_stages *outer, const struct config_section *section,
    struct config_handlers *handlers, struct config_faults *faults);

size_t config_stages_count(const struct config_stages *stages);

/* A chain of these and what answers, owned by handlers: NULL and ENOMEM. */
struct config_chain *config_chain_new(struct config_handlers *handlers,
    const struct config_stages *stages, const struct http_handler *end,
    struct http_file_server *files);

void config_chain_serve(struct http_response *res, struct http_request *req,
    void *chain);

#endif
