/*
 * The error log: one line a message, to standard error behind the program's
 * name until log_set_sink() sends them elsewhere.  Never torn: one write(2) a
 * line.  A process has one log, which fork(2) hands down.
 */
#ifndef LOG_H
#define LOG_H

#include <stdarg.h>
#include <syslog.h>

typedef void log_sink_fn(void *arg, int priority, const char *line);

/* NULL is standard error.  Messages less important than least are dropped. */
void log_set_sink(log_sink_fn *sink, void *arg, int least);

/* Bytes of peers go through strvis(3) before they come here. */
void log_message(int priority, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, with ": " and strerror(errno) behind it.  errno is kept. */
void log_errno(int priority, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
