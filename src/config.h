/* The daemon's options of the file server, by their names. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stddef.h>

struct http_file_server;

/*
 * Sets "name", "name=value" or "name value": 0, or -1 with what is wrong, and
 * what to give instead, in why.  status_path is the value of "status", in the
 * text itself.
 */
int config_set_option(struct http_file_server *files,
    const char **status_path, const char *text, char *why, size_t size);

#endif
