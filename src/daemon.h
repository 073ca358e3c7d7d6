/* The daemon: what main() opens, and what its master does with it. */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "config_load.h"
#include "confine.h"
#include "logs.h"
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
	struct options		 command;	/* of the command line */
	struct config		*config;
	struct config		*former;	/* until a reload is over */
	struct privileges	 privileges[2];	/* of these confine has one, */
	const struct privileges	*former_privileges; /* before a reload */
	struct confine		 confine;
	char			*unconfined;	/* DAEMON_UNCONFINED_SIZE */
	struct pidfh		*pidfile;
	char			*pidfile_path;	/* absolute, or NULL */
	struct pidfh		*next_pidfile;	/* of a reload, or NULL */
	struct logs		 log_sets[2];	/* of these one at a time, */
	struct logs		*logs;		/* but for reloads */
	int			 log_sockets[LOGS_MAX_SOCKETS];
	struct upgrade		 upgrade;
	struct inheritance	 inheritance;
	struct sockets		 sockets;
	struct sockets		 next_sockets;	/* of a reload */
	pid_t			 successor;
	uint64_t		 requests;	/* at the last tick */
	bool			 is_main;	/* to the service manager */
};

/*
 * Loads the configuration: it, or NULL with all that is wrong said, and the
 * status to exit with.
 */
struct config *daemon_load(struct daemon *d, int *status);
/* Frees one that is not NULL. */
void daemon_unload(struct config *config);

/* Takes a pidfile: it; or NULL, errno and the reason in why. */
struct pidfh *daemon_open_pidfile(const char *path, char *why, size_t size);

/* Finds out whom children become: 0, or an exit status and why. */
int daemon_set_user(struct daemon *d, const struct config *config, char *why,
    size_t size);

/* Sets what a configuration says, but logs and listeners. */
void daemon_set_server(struct daemon *d, struct config *config);
/* Sets what the children keep of their rights: 0, or -1 and errno. */
int daemon_set_sandbox(struct daemon *d);
/* Sets the members of the server that its master calls. */
void daemon_set_hooks(struct daemon *d);
/* Has it tell the service manager what it does. */
void daemon_set_tick(struct daemon *d);

/* Tells the service manager. */
void daemon_notify(struct daemon *d, const char *state);
/* Says something, with syslog(3)'s priority, where messages go. */
void daemon_say(struct daemon *d, int priority, const char *what);
/* The same of a failure that it can live with; errno says which. */
void daemon_complain(struct daemon *d, const char *what);

#endif
