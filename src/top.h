/* `httpserve -s': shows what running servers do, as top(1) does. */
#ifndef TOP_H
#define TOP_H

/*
 * Shows the server that has this pidfile, or all where it is NULL: once; on a
 * terminal again and again, until "q" or a signal.  The exit status; it has
 * said what was wrong.
 */
int top_run(const char *pidfile);

#endif
