/* What a daemon's master does on SIGHUP. */
#ifndef RELOAD_H
#define RELOAD_H

/* The members reload and reloaded of struct http_server, for a daemon. */
int reload_begin(void *daemon);
void reload_end(void *daemon, int took_over);

#endif
