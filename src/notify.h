/*
 * sd_notify(3)'s protocol: tells the service manager at $NOTIFY_SOCKET how the
 * daemon is.  One process talks to it, that which called notify_open(), and
 * none that it forks; without the variable nothing is done.
 *
 * What sends returns 1 when it is sent, 0 with nobody to tell, or -1 and
 * errno.  A manager that takes no more for a second is EAGAIN.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Descriptors in one message: SCM_MAX_FD of unix(7). */
#define NOTIFY_MAX_FDS 253

/*
 * Takes the manager's variables out of the environment, so that programs this
 * process starts don't know them: 1, 0 when there is no manager, or -1 with
 * EINVAL or ENAMETOOLONG for an address that is none, EAFNOSUPPORT for vsock:
 * that is for the init of a virtual machine, services get a path.
 */
int notify_open(void);

/* After daemon(3): this process is the one that talks from now on. */
void notify_follow_fork(void);

/*
 * Puts the variables back, for the program that this process is about to
 * execute and that takes the service over: 0, or -1 and ENOMEM.
 */
int notify_export(void);

/* How often the manager wants notify_alive(), in microseconds; 0 is never. */
uint64_t notify_watchdog_usec(void);

/* Sends "NAME=value" lines as they are, or formatted, in one datagram. */
int notify_send(const char *state);
int notify_sendf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* RELOADING=1 and when; "READY=1" follows when the reload is over. */
int notify_reloading(void);

/*
 * MAINPID: the process to watch and to listen to from now on, which is ready.
 * This one tells nothing any more.
 */
int notify_succeeded(pid_t pid);

/*
 * STATUS, one line for people, and WATCHDOG=1, where that is wanted.  Neither
 * waits for the manager: the next comes soon.
 */
int notify_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int notify_alive(void);

/*
 * Has the manager keep descriptors by a name for the next process of this
 * service, which gets them as activation_take() says; and has it close all it
 * keeps by that name.  A name is up to 255 visible characters or blanks of
 * ASCII without a colon, else EINVAL.  The descriptors stay the caller's, and
 * open.
 */
int notify_store(const char *name, const int *fds, size_t nfds);
int notify_forget(const char *name);

#endif
