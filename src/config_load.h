/*
 * A configuration: the command line and, by -f, a file; what it says to the
 * daemon, and what it serves.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include <stdbool.h>
#include <stdio.h>

#include "config_logs.h"
#include "config_sites.h"
#include "config_tree.h"
#include "options.h"

struct config {
	struct options		 options;	/* strings are top's */
	struct config_section	 top;
	struct config_faults	 faults;
	struct config_sites	 sites;
	struct config_logs	 logs;
};

/*
 * Reads the file of these options, if they name one, and opens what is to be
 * served: 0, or -1 with all that is wrong in faults.  The command line's
 * strings have to last.  Free it in either case.
 */
int config_load(struct config *config, const struct options *command);
void config_free(struct config *config);

/*
 * Calls say, which is arg's, with each fault, as a line with its place.
 * Returns the status to exit with.
 */
int config_explain(const struct config *config,
    void (*say)(void *arg, const char *line), void *arg);

/*
 * Writes the configuration as a file, with all defaults, which reads as the
 * same again.
 */
void config_print(const struct config *config, FILE *fp);

#endif
