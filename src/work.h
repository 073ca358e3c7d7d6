/*
 * A child's signs of life.  While one of its threads has the child's lock the
 * child is at work, and the scoreboard says when it last got on with that; who
 * sleeps in accept(2) or epoll_wait(2) has no lock and is not expected to.  So
 * a master that looks now and then finds a handler that does not return, a
 * loop without end, a deadlock and a read from a disk that is gone alike.
 *
 * It need not look at a server that is idle: the first child that gets to work
 * while nobody looks wakes the master, which goes on looking until it finds
 * nobody at work.  That costs a system call each hang_timeout, and a request
 * some stores.
 *
 * One per process; whoever holds the child's lock calls these.
 */
#ifndef WORK_H
#define WORK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Where the child's signs are seen, whether somebody looks, and the eventfd(2)
 * that wakes who should.  Before that, and in a process that is no child, they
 * go nowhere.
 */
void work_share(_Atomic uint64_t *working_ms, _Atomic bool *watched,
    int wake_fd);

/* The lock was taken, at this time; and is about to be given back. */
void work_begin(uint64_t now_ms);
void work_end(void);

/*
 * It gets on.  The time, in milliseconds of CLOCK_MONOTONIC_COARSE; that at
 * which the work began is good enough for the first step.
 */
uint64_t work_step(void);

#endif
