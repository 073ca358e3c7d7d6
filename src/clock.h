/* Times in milliseconds. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

/*
 * What a clock of clock_gettime(2) says.  The coarse ones are read without
 * entering the kernel, and are as old as its last tick.
 */
uint64_t clock_ms(clockid_t clock);

#endif
