/* The daemon's command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define MAX_ADDRESSES	64
#define MAX_OPTIONS	256
#define MAX_CHILDREN	4096
#define MAX_CONNECTIONS	1000000
#define MAX_REQUESTS	1000000000
#define MAX_SECONDS	86400

/* The file's "sandbox": bits by the place of names, or this for none. */
#define OPTIONS_PARTS		4
#define OPTIONS_ALL_PARTS	15u
#define OPTIONS_NO_PARTS	16u

/*
 * As httpserve(8) has it, and httpserve.conf(5); strings are those of the
 * command line, or of the file.  What is 0 has the library's default.
 */
struct options {
	const char	*addresses[MAX_ADDRESSES];
	bool		 proxied[MAX_ADDRESSES]; /* by the PROXY protocol */
	size_t		 naddresses;
	const char	*proxies[MAX_OPTIONS];	/* who may speak that */
	size_t		 nproxies;
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
	const char	*file;		/* of -f, absolute */
	unsigned int	 parts;		/* of the sandbox; 0: all */
	unsigned int	 read_header_ms;
	unsigned int	 write_ms;
	unsigned int	 idle_ms;
	unsigned int	 min_rate;
	unsigned int	 max_requests;
	unsigned int	 children;
	unsigned int	 connections;
	unsigned int	 per_address;
	unsigned int	 drain_ms;
	unsigned int	 hang_ms;
	unsigned int	 requests;	/* a child */
	int		 level;		/* of messages: syslog(3) */
	bool		 given[128];	/* options of the command line */
	bool		 checks;
	bool		 prints;
	bool		 detach;
	bool		 json;
	bool		 error_json;	/* by a file alone */
	bool		 quiet;
	bool		 shows;		/* -s: what a server does */
};

/* The parts of the sandbox: capabilities and so on. */
extern const char *const options_part_names[OPTIONS_PARTS];

/*
 * Reads the command line, or leaves: with the usage for what is wrong, and
 * after -V.
 */
void options_parse(struct options *o, int argc, char *argv[]);

/*
 * The parts of the sandbox that are on, as bits from capabilities on; with
 * Landlock or seccomp so is no_new_privs, without which a process may not take
 * these on.
 */
unsigned int options_parts(const struct options *o);

#endif
