/* Whether what is to be served is there, for those who are to serve it. */
#ifndef CONFIG_PATHS_H
#define CONFIG_PATHS_H

struct config_faults;
struct config_section;
struct options;

/*
 * Notes roots that are not below the children's root directory, or that their
 * user may not enter, or list; and in a file the error pages and fallbacks
 * that are in none of the roots that they are for.  A root that is not there
 * is config_check()'s.
 */
void config_check_paths(const struct config_section *top,
    const struct options *o, struct config_faults *faults);

#endif
