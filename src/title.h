/* What ps(1) shows of a process: setproctitle(3), without its leftovers. */
#ifndef TITLE_H
#define TITLE_H

/* Shows "program: " and this text. */
void title_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
