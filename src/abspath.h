/* Paths that a change of the working directory leaves as they are. */
#ifndef ABSPATH_H
#define ABSPATH_H

/* The path from the root on, for free(3), of what need not exist; or NULL. */
char *abspath(const char *path);

#endif
