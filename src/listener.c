#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "listener.h"
#include "tcpoptions.h"

/* The kernel cuts it to what net.core.somaxconn allows: listen(2). */
#define LISTENER_BACKLOG 65535

/* What to do about an errno of that family, or "". */
static const char *
hint(int error, int family)
{
	switch (error) {
	case EADDRINUSE:
		return "; another program listens there, stop it or choose "
		    "another address";
	case EADDRNOTAVAIL:
		return "; no interface here has that address";
	case EACCES:
		if (family == AF_UNIX)
			return "";
		return "; ports below 1024 need root or CAP_NET_BIND_SERVICE, "
		    "a port such as 8080 does not";
	case EEXIST:
		return "; it is no socket, remove it or choose another path";
	case ENOENT:
		return "; make its directory first";
	default:
		return "";
	}
}

/* Says why the system gives no listener; errno stays. */
static void
explain(const struct opening *o, int family)
{
	int error = errno;

	(void)snprintf(o->why, o->why_size, "listen on %s: %s%s", o->addr,
	    strerror(error), hint(error, family));
	errno = error;
}

/* Closes a socket that failed; -1, and errno stays. */
static int
discard(int fd)
{
	int error = errno;

	(void)close(fd);
	errno = error;
	return -1;
}

/* Says why getaddrinfo(3) has no address; -1 and errno. */
static int
refuse_lookup(const struct opening *o, const struct tcp_address *ta, int error)
{
	if (error == EAI_SYSTEM)
		return address_refuse(o, errno, "%s: %s", ta->host,
		    strerror(errno));
	if (error == EAI_MEMORY)
		return address_refuse(o, ENOMEM, "%s", strerror(ENOMEM));
	if (error == EAI_SERVICE)
		return address_refuse(o, EINVAL, "unknown service %s; write a "
		    "port's number", ta->port);
	if (ta->literal)
		return address_refuse(o, EINVAL, "%s is no IPv6 address; "
		    "brackets are for these alone", ta->host);
	return address_refuse(o, EADDRNOTAVAIL, "unknown host %s: %s", ta->host,
	    gai_strerror(error));
}

/* The addresses of a host, for freeaddrinfo(3): 0, or -1 and errno. */
static int
tcp_resolve(const struct opening *o, const struct tcp_address *ta,
    struct addrinfo **list)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | (ta->literal ? AI_NUMERICHOST : 0),
		.ai_family = ta->literal ? AF_INET6 : AF_UNSPEC,
		.ai_socktype = SOCK_STREAM
	};
	const char *host = ta->literal || ta->host[0] != '\0' ? ta->host : NULL;
	int error;

	error = getaddrinfo(host, ta->port, &hints, list);
	if (error != 0)
		return refuse_lookup(o, ta, error);
	return 0;
}

/* The first address of that family, or else of any. */
static const struct addrinfo *
tcp_pick(const struct addrinfo *list, int family)
{
	const struct addrinfo *ai;

	for (ai = list; ai != NULL; ai = ai->ai_next) {
		if (ai->ai_family == family)
			return ai;
	}
	return list;
}

/* Binds and listens: 0, or -1 and errno. */
static int
tcp_listen(int fd, const struct addrinfo *ai, int defer_s)
{
	const int off = 0, on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		return -1;
	/* Whatever net.ipv6.bindv6only says: "::" is everybody, as in Go. */
	if (ai->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &off, sizeof(off)) == -1)
		return -1;
	tcpoptions_set(fd, defer_s);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == -1)
		return -1;
	return listen(fd, LISTENER_BACKLOG);
}

/* A listener at one address, or -1 and errno. */
static int
tcp_listener(const struct addrinfo *ai, int defer_s)
{
	int fd;

	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && tcp_listen(fd, ai, defer_s) == -1)
		fd = discard(fd);
	return fd;
}

static int
tcp_open(const struct opening *o, int defer_s)
{
	struct tcp_address ta = { .port = NULL };
	struct addrinfo *list;
	int all, fd;

	if (address_split(o, &ta) == -1 || tcp_resolve(o, &ta, &list) == -1)
		return -1;
	all = !ta.literal && ta.host[0] == '\0';
	fd = tcp_listener(tcp_pick(list, all ? AF_INET6 : AF_INET), defer_s);
	if (fd == -1 && all && errno == EAFNOSUPPORT)
		fd = tcp_listener(tcp_pick(list, AF_INET), defer_s);
	if (fd == -1)
		explain(o, AF_INET);
	freeaddrinfo(list);
	return fd;
}

/* Makes a socket's address of a path: 0, or -1 and errno. */
static int
unix_address(const struct opening *o, const char *path,
    struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	/* A relative one would mean another file after a chdir(2). */
	if (path[0] != '/')
		return address_refuse(o, EINVAL, "%s path; write unix:/path",
		    path[0] == '\0' ? "empty" : "relative");
	if (strlcpy(sun->sun_path, path, sizeof(sun->sun_path)) >=
	    sizeof(sun->sun_path))
		return address_refuse(o, ENAMETOOLONG, "the path has %zu "
		    "bytes; write one of at most %zu", strlen(path),
		    sizeof(sun->sun_path) - 1);
	return 0;
}

/*
 * Connects to whoever listens at a path.  It never blocks: a backlog that is
 * full fails with EAGAIN (unix(7)).
 */
static int
unix_connect(const struct sockaddr_un *sun)
{
	int fd;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 && connect(fd, (const struct sockaddr *)sun,
	    sizeof(*sun)) == -1)
		fd = discard(fd);
	return fd;
}

/*
 * Removes a socket that nobody listens on: 0 when the path is free now, or
 * -1 and errno: EADDRINUSE while one might listen, EEXIST for what is no
 * socket.
 * A server that has bound the path and does not listen yet looks stale, too:
 * of two that start there in one instant, the later may win.
 */
static int
unix_remove_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd;

	if (lstat(sun->sun_path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	fd = unix_connect(sun);
	if (fd != -1)
		(void)close(fd);
	if (fd != -1 || (errno != ECONNREFUSED && errno != ENOENT)) {
		errno = EADDRINUSE;
		return -1;
	}
	if (unlink(sun->sun_path) == -1 && errno != ENOENT)
		return -1;
	return 0;
}

/* Binds and listens, in place of a stale socket: 0, or -1 and errno. */
static int
unix_listen(int fd, const struct sockaddr_un *sun)
{
	const struct sockaddr *sa = (const struct sockaddr *)sun;

	if (bind(fd, sa, sizeof(*sun)) == -1) {
		if (errno != EADDRINUSE || unix_remove_stale(sun) == -1 ||
		    bind(fd, sa, sizeof(*sun)) == -1)
			return -1;
	}
	return listen(fd, LISTENER_BACKLOG);
}

static int
unix_open(const struct opening *o, const char *path)
{
	struct sockaddr_un sun;
	int fd;

	if (unix_address(o, path, &sun) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && unix_listen(fd, &sun) == -1)
		fd = discard(fd);
	if (fd == -1)
		explain(o, AF_UNIX);
	return fd;
}

int
listener_open(const char *addr, int defer_s, char *why, size_t why_size)
{
	const struct opening o = {
		.addr = addr[0] == '\0' ? ":http" : addr,
		.why = why,
		.why_size = why_size
	};

	if (strncmp(o.addr, "unix:", 5) == 0)
		return unix_open(&o, o.addr + 5);
	return tcp_open(&o, defer_s);
}

int
listener_check_address(const char *addr, char *why, size_t why_size)
{
	const struct opening o = {
		.addr = addr[0] == '\0' ? ":http" : addr,
		.why = why,
		.why_size = why_size
	};
	struct tcp_address ta = { .port = NULL };
	struct addrinfo *list;
	struct sockaddr_un sun;

	if (strncmp(o.addr, "unix:", 5) == 0)
		return unix_address(&o, o.addr + 5, &sun);
	if (address_split(&o, &ta) == -1 || tcp_resolve(&o, &ta, &list) == -1)
		return -1;
	freeaddrinfo(list);
	return 0;
}

/* Writes a unix listener's; sun_path need not end in a NUL (unix(7)). */
static void
unix_format(char dst[LISTENER_ADDRESS_SIZE], struct sockaddr_un *sun,
    size_t path_len)
{
	/* The name of an abstract socket, which only an inherited one has. */
	if (sun->sun_path[0] == '\0')
		sun->sun_path[0] = '@';
	(void)snprintf(dst, LISTENER_ADDRESS_SIZE, "unix:%.*s",
	    (int)path_len, sun->sun_path);
}

void
listener_address(int fd, char dst[LISTENER_ADDRESS_SIZE])
{
	union {
		struct sockaddr		sa;
		struct sockaddr_un	sun;
		struct sockaddr_storage	storage;
	} u = { .sa.sa_family = AF_UNSPEC };
	socklen_t len = sizeof(u);
	const size_t path = offsetof(struct sockaddr_un, sun_path);
	char host[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE], port[NI_MAXSERV];

	(void)strlcpy(dst, "?", LISTENER_ADDRESS_SIZE);
	if (getsockname(fd, &u.sa, &len) == -1)
		return;
	if (u.sa.sa_family == AF_UNIX && len > path)
		unix_format(dst, &u.sun, len - path);
	else if (u.sa.sa_family != AF_UNIX && getnameinfo(&u.sa, len, host,
	    sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		(void)snprintf(dst, LISTENER_ADDRESS_SIZE,
		    u.sa.sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		    port);
}

int
listener_check(int fd)
{
	int listens, type;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == -1)
		return -1;
	if (type != SOCK_STREAM || !listens) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

/* The process that called listen(2), as either end knows it; else -1. */
static pid_t
unix_listener_pid(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return -1;
	return cred.pid;
}

/*
 * The socket does not know the file it is bound to, so ask who answers there;
 * whoever accepts that reads the end at once.  As fd still listens, no other
 * server finds the path stale and takes it between that answer and unlink(2).
 */
void
listener_unlink(int fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNSPEC };
	socklen_t len = sizeof(sun);
	int probe;

	if (getsockname(fd, (struct sockaddr *)&sun, &len) == -1 ||
	    sun.sun_family != AF_UNIX || sun.sun_path[0] != '/' ||
	    sun.sun_path[sizeof(sun.sun_path) - 1] != '\0')
		return;
	probe = unix_connect(&sun);
	if (probe == -1)
		return;
	if (unix_listener_pid(probe) == unix_listener_pid(fd))
		(void)unlink(sun.sun_path);
	(void)close(probe);
}
