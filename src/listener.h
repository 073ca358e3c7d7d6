/* Listening sockets: Go's addresses to bound, listening descriptors. */
#ifndef LISTENER_H
#define LISTENER_H

#include <stddef.h>

/* Room for any address listener_address() writes, with its NUL. */
#define LISTENER_ADDRESS_SIZE 128

/*
 * Opens a listening socket, blocking and close-on-exec, for an address in one
 * of these forms; or returns -1 and errno, with a whole sentence for the user
 * in why ("listen on 127.0.0.1:80: Permission denied; ports below 1024 need
 * root or CAP_NET_BIND_SERVICE, a port such as 8080 does not").  errno is
 * EINVAL or ENAMETOOLONG for an address that is wrong in itself, EADDRNOTAVAIL
 * for an unknown host, EEXIST for a path that is no socket, or the system's.
 *
 *	host:port  127.0.0.1:port  [::1]:port  :port  unix:/path
 *
 * The port is a number to 65535 or a service name ("http" is known without
 * services(5)); 0 takes a free one.  A host with several addresses listens on
 * its first, IPv4 before IPv6, as Go does.  ":port" is one dual-stack socket,
 * or IPv4 where the system has no IPv6; so is "[::]:port", while 0.0.0.0 is
 * IPv4 alone, unlike Go's.  "" is ":http".  TCP listeners have
 * SO_REUSEADDR, TCP_NODELAY (accepted sockets inherit it) and, where defer_s
 * is not 0, TCP_DEFER_ACCEPT of so many seconds.  A unix socket that nobody
 * listens on any more is replaced, one in use is EADDRINUSE, and what is no
 * socket is never removed.
 */
int listener_open(const char *addr, int defer_s, char *why, size_t why_size);

/* The same for the address alone: 0 if it has a form and its host is known. */
int listener_check_address(const char *addr, char *why, size_t why_size);

/*
 * The address of a listener as getsockname(2) has it: "127.0.0.1:8080",
 * "[::]:8080" or "unix:/path"; "?" when it can't be told.
 */
void listener_address(int fd, char dst[LISTENER_ADDRESS_SIZE]);

/* 0 when fd is a listening stream socket, else -1 and errno. */
int listener_check(int fd);

/*
 * Removes the path of a unix listener, if it is still that socket's.  Call it
 * while fd listens; a path that stays is found stale by the next who opens it.
 */
void listener_unlink(int fd);

#endif
