/* What the master says of reloads that find no places. */
#ifndef RELOADLOG_H
#define RELOADLOG_H

#include <stdbool.h>

struct children;

/* It waits until some of those that finish are gone. */
void reloadlog_waits(const struct children *children);
/* It is refused; whether a successor, by SIGUSR2, would have the places. */
void reloadlog_refused(const struct children *children, unsigned int wanted,
    bool has_upgrades);

#endif
