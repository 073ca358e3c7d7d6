/* The daemon: what main() opens, and what its master does with it. */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "httpserve.h"
#include "options.h"
#include "privileges.h"
#include "upgrade.h"

struct pidfh;

struct daemon {
	struct http_server	 srv;
	struct options		 options;	/* its paths are absolute */
	struct http_file_server	*files;
	struct http_file_server	*former;	/* until a reload is over */
	struct privileges	 privileges;
	bool			 drops;		/* to these privileges */
	struct pidfh		*pidfile;
	struct upgrade		 upgrade;
	struct inheritance	 inheritance;
	pid_t			 successor;
	uint64_t		 requests;	/* at the last tick */
	bool			 has_manager_sockets;
	bool			 detached;
};

/* Room for an option with the longest value, and what is wrong with it. */
#define DAEMON_WHY_SIZE 16384

/*
 * A file server of the root with its options: NULL, with the reason in why
 * and an exit status.
 */
struct http_file_server *daemon_open_files(const struct options *o,
    int *status, char *why, size_t size);

/* Opens the access log that the options name: -1 and errno. */
int daemon_open_log(const struct options *o);

/*
 * Takes the pidfile, which is the first that a predecessor gives up: 0, or an
 * exit status with the reason in why.
 */
int daemon_open_pidfile(struct daemon *d, char *why, size_t size);

/* Sets the members of the server that its master calls. */
void daemon_set_hooks(struct daemon *d);
/* Has it tell the service manager what it does. */
void daemon_set_tick(struct daemon *d);

/* A failure that the daemon can live with; errno says which. */
void daemon_complain(const struct daemon *d, const char *what);

#endif
