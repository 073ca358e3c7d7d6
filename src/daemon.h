/* The daemon: what main() opens, and what its master does with it. */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "httpfiles.h"
#include "confine.h"
#include "errorlog.h"
#include "logtarget.h"
#include "options.h"
#include "privileges.h"
#include "sockets.h"
#include "upgrade.h"

struct pidfh;

/*
 * In memory that all children share: why the last of them could not confine
 * itself.  What keeps one keeps all, and is said once.
 */
#define DAEMON_UNCONFINED_SIZE 256

struct daemon {
	struct http_server	 srv;
	struct options		 options;	/* its paths are absolute */
	struct http_file_server	*files;
	struct http_file_server	*former;	/* until a reload is over */
	struct privileges	 privileges;
	struct confine		 confine;
	char			*unconfined;	/* DAEMON_UNCONFINED_SIZE */
	struct pidfh		*pidfile;
	struct logtarget	 access_target;
	struct logtarget	 error_target;
	struct errorlog		 errorlog;
	struct upgrade		 upgrade;
	struct inheritance	 inheritance;
	struct sockets		 sockets;
	pid_t			 successor;
	uint64_t		 requests;	/* at the last tick */
	bool			 is_main;	/* to the service manager */
};

/* Room for an option with the longest value, and what is wrong with it. */
#define DAEMON_WHY_SIZE 16384

/*
 * A file server of the root with its options: NULL, with the reason in why
 * and an exit status.
 */
struct http_file_server *daemon_open_files(struct daemon *d, int *status,
    char *why, size_t size);
/* What answers: the files, and what it does itself where that was asked for. */
void daemon_set_handler(struct daemon *d);

/*
 * Takes the pidfile, which is the first that a predecessor gives up: 0, or an
 * exit status with the reason in why.
 */
int daemon_open_pidfile(struct daemon *d, char *why, size_t size);

/* Sets the members of the server that its master calls. */
void daemon_set_hooks(struct daemon *d);
/* Has it tell the service manager what it does. */
void daemon_set_tick(struct daemon *d);

/* Says something, with syslog(3)'s priority, where messages go. */
void daemon_say(struct daemon *d, int priority, const char *what);
/* The same of a failure that it can live with; errno says which. */
void daemon_complain(struct daemon *d, const char *what);

#endif
