/*
 * A section that is opened: its files, what stands in front of what answers
 * in it, and that.
 */
#ifndef CONFIG_SECTION_H
#define CONFIG_SECTION_H

#include <stdbool.h>

#include "config_answer.h"
#include "config_chain.h"
#include "config_roots.h"
#include "config_sites.h"

struct config_faults;
struct config_key;
struct config_logs;
struct config_section;
struct http_file_server;

/* What is being built, and what for. */
struct config_building {
	struct config_sites		*sites;
	struct config_logs		*logs;
	const struct config_section	*top;
	struct config_faults		*faults;
	const struct config_key		*root;
	struct config_roots		 roots;		/* open */
	bool				 has_preflights; /* the site */
};

/* A section, and what it has for those in it. */
struct config_opened {
	const struct config_section	*section;
	struct http_file_server		*files;
	struct config_stages		 stages;
	enum config_answer		 answer;
	struct http_handler		 end;		/* what answers */
	struct http_handler		 handler;	/* behind its stages */
};

/*
 * Opens what a section says and what it has from the one around it, which is
 * NULL at the top.  One that says nothing is as that.
 */
void config_section_open(struct config_building *b, struct config_opened *o,
    const struct config_section *section, const struct config_opened *outer);

/*
 * The handler of stages, in front of what answers, with an opened section's
 * fields and error pages; without a function where memory is short.
 */
struct http_handler config_section_chain(struct config_building *b,
    const struct config_opened *o, const struct config_stages *stages,
    struct http_handler end);

/* The root of a section, or NULL; an empty one is none. */
const char *config_section_root(const struct config_building *b,
    const struct config_section *section);

/* Notes that errno has kept it from being opened. */
void config_section_fail(struct config_building *b,
    const struct config_section *section);

/* Adds a pointer to an array: 0, or -1 and ENOMEM. */
int config_add_pointer(void *array, size_t *n, void *pointer);

#endif
