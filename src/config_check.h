/* What a configuration says about files, value by value. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include <stdbool.h>

struct config_faults;
struct config_section;
struct http_file_server;

/*
 * Notes what is wrong with the values for files, in all sections.  The file
 * server is there to be asked.
 */
void config_check(struct http_file_server *files,
    const struct config_section *top, struct config_faults *faults);

/*
 * Gives a file server what a section says for files, and those around it, the
 * outermost first: so what is said twice is as the innermost has it.  What
 * config_check() has noted is left out; and error pages, where there is no
 * root that has them.  0, or -1 and ENOMEM.
 */
int config_apply(struct http_file_server *files,
    const struct config_section *section, bool has_root);

#endif
