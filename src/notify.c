#include "notify.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What a manager reads at once: sd_notify(3) has no more, either. */
#define STATE_SIZE	4096
/* Of a name in its store: sd_pid_notify_with_fds(3). */
#define NAME_MAX_BYTES	255

/* A process has one service manager, as it has one environment. */
static struct {
	struct sockaddr_un	 address;
	socklen_t		 len;		/* 0: there is none */
	pid_t			 pid;		/* who may talk to it */
	uint64_t		 watchdog_usec;
	char			 path[sizeof(struct sockaddr_un)];
} manager;

/* Makes an address of a path, or of "@name": 0, or -1 and errno. */
static int
manager_set_address(const char *path)
{
	const socklen_t head = offsetof(struct sockaddr_un, sun_path);
	struct sockaddr_un *sun = &manager.address;
	size_t len = strlen(path);

	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((path[0] != '/' && path[0] != '@') || path[1] == '\0') {
		errno = strncmp(path, "vsock", 5) == 0 ? EAFNOSUPPORT : EINVAL;
		return -1;
	}
	if (len >= sizeof(sun->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun->sun_path, path, len);
	memcpy(manager.path, path, len + 1);
	/* Every byte of an abstract name counts, so no NUL: unix(7). */
	if (path[0] == '@')
		sun->sun_path[0] = '\0';
	manager.len = path[0] == '@' ? head + (socklen_t)len : sizeof(*sun);
	return 0;
}

/* Another process's watchdog is none of ours: sd_watchdog_enabled(3). */
static void
manager_set_watchdog(const char *usec, const char *pid)
{
	const char *problem;

	manager.watchdog_usec = 0;
	if (usec == NULL)
		return;
	if (pid != NULL &&
	    (strtonum(pid, 1, INT_MAX, &problem) != getpid() ||
	    problem != NULL))
		return;
	manager.watchdog_usec =
	    (uint64_t)strtonum(usec, 1, LLONG_MAX, &problem);
}

int
notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	int rv = 0;

	manager.len = 0;
	manager.pid = getpid();
	manager_set_watchdog(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
	if (path != NULL && path[0] != '\0')
		rv = manager_set_address(path) == -1 ? -1 : 1;
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	return rv;
}

void
notify_follow_fork(void)
{
	manager.pid = getpid();
}

int
notify_export(void)
{
	char usec[24], pid[24];

	if (manager.len == 0)
		return 0;
	if (setenv("NOTIFY_SOCKET", manager.path, 1) == -1)
		return -1;
	if (manager.watchdog_usec == 0)
		return 0;
	(void)snprintf(usec, sizeof(usec), "%ju",
	    (uintmax_t)manager.watchdog_usec);
	(void)snprintf(pid, sizeof(pid), "%jd", (intmax_t)getpid());
	if (setenv("WATCHDOG_USEC", usec, 1) == -1 ||
	    setenv("WATCHDOG_PID", pid, 1) == -1)
		return -1;
	return 0;
}

uint64_t
notify_watchdog_usec(void)
{
	return manager.len == 0 ? 0 : manager.watchdog_usec;
}

/* Sends from a socket of its own, as no child may find one open. */
static int
manager_send(const struct msghdr *message, int flags)
{
	const struct timeval second = { .tv_sec = 1 };
	ssize_t n = -1;
	int error, fd;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second,
	    sizeof(second)) == 0) {
		do
			n = sendmsg(fd, message, flags | MSG_NOSIGNAL);
		while (n == -1 && errno == EINTR);
	}
	error = errno;
	(void)close(fd);
	errno = error;
	return n == -1 ? -1 : 1;
}

/* Sends a state with descriptors, unless there are none. */
static int
notify_transmit(const char *state, const int *fds, size_t nfds, int flags)
{
	union {
		struct cmsghdr	header;
		char		bytes[CMSG_SPACE(sizeof(int) * NOTIFY_MAX_FDS)];
	} control = { .bytes = { 0 } };
	struct iovec iov = {
		.iov_base = (void *)(uintptr_t)state,
		.iov_len = strlen(state),
	};
	struct msghdr message = {
		.msg_name = &manager.address,
		.msg_namelen = manager.len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	if (manager.len == 0 || manager.pid != getpid())
		return 0;
	if (nfds > 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * nfds);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
	}
	return manager_send(&message, flags);
}

int
notify_send(const char *state)
{
	return notify_transmit(state, NULL, 0, 0);
}

int
notify_sendf(const char *fmt, ...)
{
	char state[STATE_SIZE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(state, sizeof(state), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(state)) {
		errno = EMSGSIZE;
		return -1;
	}
	return notify_send(state);
}

/* The time lets the manager tell this reload from one before it asked. */
int
notify_reloading(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return notify_sendf("RELOADING=1\nMONOTONIC_USEC=%jd",
	    (intmax_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* A reload that was under way is over: nobody else would say so. */
int
notify_succeeded(pid_t pid)
{
	int rv = notify_sendf("READY=1\nMAINPID=%jd", (intmax_t)pid);

	manager.len = 0;
	return rv;
}

int
notify_status(const char *fmt, ...)
{
	char state[STATE_SIZE] = "STATUS=";
	const size_t head = strlen(state);
	va_list ap;
	char *s;

	va_start(ap, fmt);
	(void)vsnprintf(state + head, sizeof(state) - head, fmt, ap);
	va_end(ap);
	/* A line of its own would be another assignment. */
	for (s = state; *s != '\0'; s++)
		if (iscntrl((unsigned char)*s))
			*s = ' ';
	return notify_transmit(state, NULL, 0, MSG_DONTWAIT);
}

int
notify_alive(void)
{
	if (manager.watchdog_usec == 0)
		return 0;
	return notify_transmit("WATCHDOG=1", NULL, 0, MSG_DONTWAIT);
}

/* 0, or -1 and EINVAL, for a name in the manager's store. */
static int
check_name(const char *name)
{
	size_t i;

	for (i = 0; name[i] >= ' ' && name[i] < 0x7f && name[i] != ':'; i++)
		;
	if (i > 0 && i <= NAME_MAX_BYTES && name[i] == '\0')
		return 0;
	errno = EINVAL;
	return -1;
}

int
notify_store(const char *name, const int *fds, size_t nfds)
{
	char state[NAME_MAX_BYTES + 32];

	if (check_name(name) == -1)
		return -1;
	if (nfds == 0 || nfds > NOTIFY_MAX_FDS) {
		errno = EINVAL;
		return -1;
	}
	(void)snprintf(state, sizeof(state), "FDSTORE=1\nFDNAME=%s", name);
	return notify_transmit(state, fds, nfds, 0);
}

int
notify_forget(const char *name)
{
	if (check_name(name) == -1)
		return -1;
	return notify_sendf("FDSTOREREMOVE=1\nFDNAME=%s", name);
}
