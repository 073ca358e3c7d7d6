/* Forking a child into its place. */
#ifndef SPAWN_H
#define SPAWN_H

#include <stddef.h>

struct children;

/* Into the i-th place, which has none: 0, or -1 and errno. */
int spawn_child(struct children *c, size_t i);

#endif
