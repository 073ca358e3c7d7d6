/* The log's lines for children that end, and for those that hang. */
#ifndef DEATH_H
#define DEATH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct scoreboard_slot;

/*
 * Says how a child ended, by its status of waitpid(2): of which signal, and
 * what it was serving then, for how long; that it gave up, and why; or that it
 * just left.
 */
void death_log(const struct scoreboard_slot *slot, size_t number, pid_t pid,
    int status);

/*
 * Says that a child hangs: how, since how many milliseconds, what it is
 * serving, and what is done about it.
 */
void death_log_hang(const struct scoreboard_slot *slot, size_t number,
    pid_t pid, const char *how, uint64_t since_ms, const char *what);

#endif
