/* The daemon's command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define MAX_ADDRESSES	64
#define MAX_OPTIONS	256

/* As httpserve(8) has it; strings are those of the command line. */
struct options {
	const char	*addresses[MAX_ADDRESSES];
	size_t		 naddresses;
	const char	*files[MAX_OPTIONS];	/* of -o */
	size_t		 nfiles;
	const char	*without[MAX_OPTIONS];	/* of -x */
	size_t		 nwithout;
	const char	*access_log;
	const char	*error_log;
	const char	*status_path;		/* of -o status; or NULL */
	const char	*pidfile;
	const char	*chroot_dir;
	const char	*user;
	const char	*root;
	unsigned int	 children;
	unsigned int	 connections;
	unsigned int	 per_address;
	unsigned int	 drain_ms;
	unsigned int	 hang_ms;
	unsigned int	 requests;	/* a child */
	int		 level;		/* of messages: syslog(3) */
	bool		 detach;
	bool		 json;
	bool		 quiet;
	bool		 shows;		/* -s: what a server does */
};

/*
 * Reads the command line, or leaves: with the usage for what is wrong, and
 * after -V.
 */
void options_parse(struct options *o, int argc, char *argv[]);

#endif
