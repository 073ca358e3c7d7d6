/* What `httpserve -s' shows of a server: lines of plain text. */
#ifndef TOPVIEW_H
#define TOPVIEW_H

#include <stdbool.h>

#include "buffer.h"

struct snapshot;

/*
 * The text as it is written: for a terminal, lines are cut to its width and to
 * the lines it has, and each erases what stood in its place.
 */
struct topview {
	struct buffer	 out;
	bool		 is_terminal;
	unsigned int	 columns;
	unsigned int	 lines;		/* that are left */
};

/* These return 0, or -1 and ENOMEM; beyond the last line nothing is added. */
int topview_add_line(struct topview *view, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A server, with all its children.  What clients sent is escaped by vis(3). */
int topview_add_server(struct topview *view, const struct snapshot *s);

#endif
