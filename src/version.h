/*
 * What tells that an open file has changed.  One that only grew has not: a
 * log's first bytes stay what they were.
 */
#ifndef VERSION_H
#define VERSION_H

#include <sys/stat.h>

#include <stdbool.h>
#include <time.h>

struct version {
	off_t		 size;		/* -1: not known */
	struct timespec	 mtime;
};

struct version version_of(const struct stat *st);

/*
 * Whether the file has that version's bytes, as far as size and time tell;
 * false, too, if it can't be asked.
 */
bool version_is_current(const struct version *v, int fd);

#endif
