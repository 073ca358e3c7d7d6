/* The daemon's options of the file server, by their names. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct http_file_server;

/*
 * Sets "name", "name=value" or "name value": 0, or -1 with what is wrong, and
 * what to give instead, in why.  "status" is looked at, and is the daemon's.
 */
int config_set_option(struct http_file_server *files, const char *text,
    char *why, size_t size);

#define CONFIG_STATUS_WANTS \
	"a path, such as /status, that has no ? # % and no dot segments"

/*
 * Whether a path is one that a request may have: they come decoded, without a
 * query and without dot segments.
 */
bool config_is_status_path(const char *path);

#endif
