/*
 * Where a log goes, by what the command line says: "-", a standard stream;
 * "syslog" or "syslog:facility"; else a file.
 */
#ifndef LOGTARGET_H
#define LOGTARGET_H

#include <stdbool.h>
#include <stddef.h>

enum logtarget_kind {
	LOGTARGET_STREAM,
	LOGTARGET_SYSLOG,
	LOGTARGET_FILE
};

struct logtarget {
	enum logtarget_kind	 kind;
	int			 facility;	/* of syslog(3) */
	char			*path;		/* of the file, absolute */
};

/*
 * Reads a name; LOG_DAEMON is the facility where it names none.  0, or -1 with
 * what is wrong, and what to give instead, in why.
 */
int logtarget_parse(struct logtarget *target, const char *name, char *why,
    size_t size);
void logtarget_free(struct logtarget *target);

/*
 * Opens it, for the first time or once more after it was renamed: a descriptor
 * that is the caller's, or -1 and errno.  stream is what "-" means; that one
 * is duplicated.  For the reader of a pipe it waits if it may, else that is
 * ENXIO.
 */
int logtarget_open(const struct logtarget *target, int stream, bool waits);

/* A syslog(3) priority by its name, from "alert" to "debug"; or -1. */
int logtarget_level(const char *name);

#endif
