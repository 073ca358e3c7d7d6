/*
 * The access logs of a child, of which a request has one, or none, by its
 * number: see http_request_set_log().
 */
#ifndef ACCESSLOGS_H
#define ACCESSLOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accesslog.h"

struct http_server;
struct logids;
struct scoreboard;

struct accesslogs {
	struct accesslog	*logs;
	size_t			 n;
	uint64_t		 waiting;	/* bits: have had lines */
};

/* 0, or -1 and ENOMEM; srv's descriptors stay the caller's. */
int accesslogs_init(struct accesslogs *logs, const struct http_server *srv);
/* Names what they share with those of other children; number is from 1. */
void accesslogs_share(struct accesslogs *logs, struct scoreboard *board,
    const struct logids *ids, unsigned int number);
/*
 * Writes what is buffered, for which slow readers have a second, one for all;
 * the rest is lost, and this is logged.
 */
void accesslogs_free(struct accesslogs *logs);

/* The log by a number, or NULL: what there is not is none. */
static inline struct accesslog *
accesslogs_find(const struct accesslogs *logs, unsigned int i)
{
	return i < logs->n && accesslog_is_on(&logs->logs[i]) ?
	    &logs->logs[i] : NULL;
}

/* Adds a line to one that accesslogs_find() has found. */
void accesslogs_add(struct accesslogs *logs, unsigned int i,
    const struct accesslog_entry *entry);

/* Writes what is buffered, as accesslog_flush() does. */
void accesslogs_flush(struct accesslogs *logs);
/* Whether there may be something to write. */
static inline bool
accesslogs_wait(const struct accesslogs *logs)
{
	return logs->waiting != 0;
}

/*
 * Goes on to what fd is wherever a log has this number of a descriptor: how
 * many have it, or -1 and errno.
 */
int accesslogs_reopen(struct accesslogs *logs, int number, int fd);

#endif
