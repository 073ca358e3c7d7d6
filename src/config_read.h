/* A configuration file, by libConfuse, as a tree. */
#ifndef CONFIG_READ_H
#define CONFIG_READ_H

#include <stddef.h>

struct config_faults;
struct config_section;

/*
 * Reads a file's text, of len bytes with a NUL behind them, into an empty
 * section.  What can't be read, and keys that there are not, are
 * faults; the rest is in the tree.
 */
void config_read(const char *text, size_t len, struct config_section *top,
    struct config_faults *faults);

#endif
