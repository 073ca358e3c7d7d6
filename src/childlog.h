/* The logs that a master has opened anew, in a child. */
#ifndef CHILDLOG_H
#define CHILDLOG_H

struct child;

/*
 * Takes a log that the master has sent.  A child that can't have it would go on
 * with one that has been moved away, and gives up: its successor has the new
 * one.
 */
void childlog_change(struct child *child);

#endif
