/*
 * What a child may still do once it serves: read the root, write the logs,
 * talk to the clients that it accepts, and nothing else.  Five parts, each of
 * which holds alone: no capabilities, another root directory, Landlock, a
 * filter of system calls, and nothing gained by execve(2).
 *
 * In the child, while it has one thread (those that it starts later are in
 * the sandbox, too; others would not be):
 *
 *	sandbox_prepare(&sandbox, &config, why, sizeof(why));
 *	privileges_drop(&privileges);
 *	sandbox_enter(&sandbox, why, sizeof(why));
 *
 * Nothing of it can be undone.  Where a call fails the process must leave.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

struct sandbox_config {
	bool			 capabilities;	/* empties them */
	bool			 landlock;
	bool			 seccomp;
	bool			 no_new_privs;	/* these two have it anyway */
	/*
	 * The kernel logs each call that the filter refuses; one clone3(2) a
	 * thread is normal: the C library then takes clone(2).
	 */
	bool			 logs_refusals;
	const char		*chroot_dir;	/* NULL: none */
	/*
	 * Files, and directories with all below them, that may be opened for
	 * reading, or for writing; those end with NULL, and NULL is none.  In a
	 * directory of write_paths files may be created.  It is the files and
	 * directories that these paths lead to now, before chroot(2), whatever
	 * their names are later.  Descriptors that are open already stay what
	 * they are.
	 */
	const char *const	*read_paths;
	const char *const	*write_paths;
	/* Sockets of syslogd that may be connected again. */
	const int		*log_fds;
	size_t			 nlog_fds;
};

struct sandbox {
	const struct sandbox_config	*config;
	int				 ruleset;	/* -1: no Landlock */
};

/*
 * Says in one line what of the sandbox this kernel can't do, for a master to
 * log before it forks; what is missing is left out by the functions below.
 * False, and an empty line, when nothing is.
 */
bool sandbox_lacks(const struct sandbox_config *config, char *what,
    size_t what_size);

/*
 * Does what needs the rights of root, or has to be done before they are given
 * up: no_new_privs, the bounding set, opening the paths, and chroot(2).  The
 * config stays the caller's, and must live until sandbox_enter().  0, or -1
 * with errno and a sentence in why.
 */
int sandbox_prepare(struct sandbox *sandbox,
    const struct sandbox_config *config, char *why, size_t why_size);

/*
 * Gives up all else.  From here on a system call that a child does not need
 * fails with ENOSYS, as on a kernel that does not have it, and one that only
 * an intruder makes ends the process with SIGSYS.  0, or -1 with errno and a
 * sentence in why.
 */
int sandbox_enter(struct sandbox *sandbox, char *why, size_t why_size);

#endif
