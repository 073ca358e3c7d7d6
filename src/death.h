/* The log's line for a child that has ended. */
#ifndef DEATH_H
#define DEATH_H

#include <stddef.h>
#include <sys/types.h>

struct scoreboard_slot;

/*
 * Says how a child ended, by its status of waitpid(2): of which signal, and
 * what it was serving then; that it gave up, and why; or that it just left.
 */
void death_log(const struct scoreboard_slot *slot, size_t number, pid_t pid,
    int status);

#endif
