#include "activation.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SD_LISTEN_FDS_START of sd_listen_fds(3). */
#define FIRST_FD	3
/* More is a mistake, not a service. */
#define MAX_SOCKETS	1024
/* What a socket is called where nobody has named it. */
#define UNNAMED		"unknown"

/* Where the reason of a failure goes. */
struct reason {
	char	*text;
	size_t	 size;
};

static int __attribute__((format(printf, 3, 4)))
refuse(const struct reason *why, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why->text, why->size, fmt, ap);
	va_end(ap);
	errno = error;
	return -1;
}

/* How many sockets the environment has for this process; -1 and errno. */
static int
count_sockets(const struct reason *why)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *problem;
	int n;

	if (pid == NULL || fds == NULL)
		return 0;
	n = (int)strtonum(pid, 1, INT_MAX, &problem);
	if (problem != NULL)
		return refuse(why, EINVAL, "LISTEN_PID=%s: %s", pid, problem);
	/* It was for our parent, who has not taken it out. */
	if (n != getpid())
		return 0;
	n = (int)strtonum(fds, 0, MAX_SOCKETS, &problem);
	if (problem != NULL)
		return refuse(why, EINVAL, "LISTEN_FDS=%s: %s", fds, problem);
	return n;
}

/* Before anything can fail: no program that is run shall have one of them. */
static int
set_close_on_exec(const struct reason *why, int n)
{
	int fd;

	for (fd = FIRST_FD; fd < FIRST_FD + n; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
			return refuse(why, errno, "descriptor %d of "
			    "LISTEN_FDS=%d: %s", fd, n, strerror(errno));
	return 0;
}

/* Cuts the next name off a list with colons between; NULL behind the last. */
static char *
next_name(const char **names)
{
	const char *start = *names;
	size_t len;

	if (start == NULL)
		return NULL;
	len = strcspn(start, ":");
	*names = start[len] == ':' ? start + len + 1 : NULL;
	return strndup(start, len);
}

static int
name_sockets(struct activation *a, const struct reason *why)
{
	const char *names = getenv("LISTEN_FDNAMES");
	const char *rest = names;
	size_t i;

	for (i = 0; i < a->nsockets; i++) {
		if (names != NULL && rest == NULL)
			break;
		a->sockets[i].name = names == NULL ? strdup(UNNAMED) :
		    next_name(&rest);
		if (a->sockets[i].name == NULL)
			return refuse(why, errno, "LISTEN_FDNAMES: %s",
			    strerror(errno));
		a->sockets[i].is_stored = strcmp(a->sockets[i].name,
		    ACTIVATION_STORED) == 0;
	}
	if (i < a->nsockets || rest != NULL)
		return refuse(why, EINVAL, "LISTEN_FDNAMES=%s: not one name "
		    "for each of %zu descriptors", names, a->nsockets);
	return 0;
}

/* Whether httpserve knows what to do with its clients' addresses. */
static bool
is_known_family(int fd)
{
	int family;
	socklen_t len = sizeof(family);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) == 0 &&
	    (family == AF_INET || family == AF_INET6 || family == AF_UNIX);
}

static int
check_sockets(struct activation *a, const struct reason *why)
{
	struct activation_socket *s;
	size_t i;

	for (i = 0; i < a->nsockets; i++) {
		s = &a->sockets[i];
		if (listener_check(s->fd) == -1)
			return refuse(why, EINVAL, "descriptor %d (%s): not a "
			    "listening stream socket; a socket unit needs "
			    "ListenStream= and Accept=no", s->fd, s->name);
		if (!is_known_family(s->fd))
			return refuse(why, EINVAL, "descriptor %d (%s): "
			    "neither a TCP nor a unix socket", s->fd, s->name);
		listener_address(s->fd, s->address);
	}
	return 0;
}

static int
take_sockets(struct activation *a, const struct reason *why)
{
	int i, n;

	n = count_sockets(why);
	if (n <= 0)
		return n;
	if (set_close_on_exec(why, n) == -1)
		return -1;
	a->sockets = calloc((size_t)n, sizeof(*a->sockets));
	if (a->sockets == NULL)
		return refuse(why, ENOMEM, "LISTEN_FDS=%d: %s", n,
		    strerror(ENOMEM));
	a->nsockets = (size_t)n;
	for (i = 0; i < n; i++)
		a->sockets[i].fd = FIRST_FD + i;
	if (name_sockets(a, why) == -1)
		return -1;
	return check_sockets(a, why);
}

int
activation_take(struct activation *a, char *why, size_t why_size)
{
	const struct reason reason = { why, why_size };
	int error, rv;

	*a = (struct activation){ .sockets = NULL };
	rv = take_sockets(a, &reason);
	error = errno;
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_PIDFDID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	if (rv == -1)
		activation_free(a);
	errno = error;
	return rv == -1 ? -1 : 0;
}

/* Whether two addresses with their ports are the same. */
static bool
same_address(const struct sockaddr_storage *a, const struct sockaddr *b)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in *bin = (const struct sockaddr_in *)b;
	const struct sockaddr_in6 *bin6 = (const struct sockaddr_in6 *)b;

	if (a->ss_family != b->sa_family)
		return false;
	if (b->sa_family == AF_INET)
		return in->sin_port == bin->sin_port &&
		    in->sin_addr.s_addr == bin->sin_addr.s_addr;
	return b->sa_family == AF_INET6 &&
	    in6->sin6_port == bin6->sin6_port &&
	    in6->sin6_scope_id == bin6->sin6_scope_id &&
	    IN6_ARE_ADDR_EQUAL(&in6->sin6_addr, &bin6->sin6_addr);
}

/* Whether a TCP listener is bound to this host and port, in text. */
static bool
is_bound_to(int fd, const char *host, const char *port)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	struct sockaddr_storage bound = { .ss_family = AF_UNSPEC };
	struct addrinfo *ai, *list;
	socklen_t len = sizeof(bound);
	bool is_same = false;

	if (getsockname(fd, (struct sockaddr *)&bound, &len) == -1 ||
	    getaddrinfo(host, port, &hints, &list) != 0)
		return false;
	for (ai = list; ai != NULL && !is_same; ai = ai->ai_next)
		is_same = same_address(&bound, ai->ai_addr);
	freeaddrinfo(list);
	return is_same;
}

/* A minimal system has no services(5). */
static const char *
port_number(const char *port)
{
	if (strcmp(port, "http") == 0)
		return "80";
	return strcmp(port, "https") == 0 ? "443" : port;
}

/* One that is no address has no socket: listener_open() says what is wrong. */
static bool
has_address(const struct activation_socket *s, const char *addr)
{
	char host[NI_MAXHOST];
	const char *colon;
	bool is_any;
	size_t len;

	if (addr[0] == '\0')
		addr = ":http";
	if (strncmp(addr, "unix:", 5) == 0)
		return strcmp(addr, s->address) == 0;
	colon = strrchr(addr, ':');
	if (colon == NULL || (size_t)(colon - addr) >= sizeof(host))
		return false;
	is_any = colon == addr;
	len = (size_t)(colon - addr);
	if (addr[0] == '[' && addr[len - 1] == ']') {
		addr++;
		len -= 2;
	}
	memcpy(host, addr, len);
	host[len] = '\0';
	return is_bound_to(s->fd, is_any ? NULL : host,
	    port_number(colon + 1));
}

static bool
has_name(const struct activation_socket *s, const char *name)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", s->fd);
	return !s->is_stored &&
	    (strcmp(s->name, name) == 0 || strcmp(number, name) == 0);
}

static bool
is_meant(const struct activation_socket *s, const char *addr)
{
	if (addr == NULL)
		return !s->is_stored;
	if (strncmp(addr, "fd:", 3) == 0)
		return has_name(s, addr + 3);
	return has_address(s, addr);
}

struct activation_socket *
activation_claim(struct activation *a, const char *addr)
{
	struct activation_socket *s;
	size_t i;

	for (i = 0; i < a->nsockets; i++) {
		s = &a->sockets[i];
		if (s->is_claimed || !is_meant(s, addr))
			continue;
		s->is_claimed = true;
		return s;
	}
	return NULL;
}

const struct activation_socket *
activation_unclaimed(const struct activation *a)
{
	size_t i;

	for (i = 0; i < a->nsockets; i++)
		if (!a->sockets[i].is_claimed && !a->sockets[i].is_stored)
			return &a->sockets[i];
	return NULL;
}

void
activation_free(struct activation *a)
{
	size_t i;

	for (i = 0; i < a->nsockets; i++) {
		if (!a->sockets[i].is_claimed)
			(void)close(a->sockets[i].fd);
		free(a->sockets[i].name);
	}
	free(a->sockets);
	*a = (struct activation){ .sockets = NULL };
}
