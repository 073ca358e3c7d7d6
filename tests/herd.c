/*
 * herd: measures the thundering herd on one shared listening socket.
 *
 * N children take connections from one TCP listener on 127.0.0.1, in one of
 * four ways: they block in accept(2), in poll(2), in epoll_wait(2) on an epoll
 * of their own (level-triggered), or in that with EPOLLEXCLUSIVE.  The parent
 * makes the connections one after another.
 *
 * A child that was woken in vain often falls asleep again inside the kernel
 * and never returns from its call, so counting returns alone shows too little.
 * Both are counted:
 *
 *	woken		children that the kernel woke, per connection
 *	returned	returns of the blocking call, per connection
 *
 * Woken is read from /proc/PID/status.  Before each connection the parent
 * waits until every child is in state S, which a child is in its blocking call
 * only: it never waits for its client, and the kernel makes a woken one R
 * before it runs.  Then it connects, reads the answer, leaves late wake-ups
 * PAUSE_NS to arrive, and waits for state S once more.  A child whose count of
 * voluntary context switches has grown by then was woken.
 *
 * The last three columns are the spread: how many connections the idlest and
 * the busiest child took, and which child the busiest was.  Child 1 was the
 * first to wait, child N the last: each is asleep before the next is forked.
 */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define CHILDREN_MAX	256
#define PAUSE_NS	200000
#define PATIENCE_S	5

/* Written by one child, read by the parent; in shared memory. */
struct tally {
	atomic_ulong	returns;
	atomic_ulong	connections;
};

/* The parent's view of a child. */
struct child {
	pid_t		 pid;
	int		 status;	/* /proc/PID/status */
	unsigned long	 switches;	/* when it was last seen asleep */
};

struct herd {
	int		 listener;
	struct sockaddr_in address;
	struct child	 children[CHILDREN_MAX];
	unsigned int	 nchildren;
	struct tally	*tallies;
	unsigned long	 woken;
};

/* A way to take connections, which runs in a child and never returns. */
struct way {
	const char	*name;
	int		 nonblock;	/* the listener must not block */
	void		(*take)(int listener, struct tally *tally);
};

/* Takes and answers one connection, if a sibling has not been faster. */
static void
answer(int listener, struct tally *tally)
{
	int fd;

	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd == -1)
		return;
	atomic_fetch_add(&tally->connections, 1);
	if (write(fd, ".", 1) != 1)
		_exit(EX_IOERR);
	close(fd);
}

/* A failing accept(2) is no reason to leave: the parent's patience ends. */
static void
take_by_accept(int listener, struct tally *tally)
{
	for (;;) {
		answer(listener, tally);
		atomic_fetch_add(&tally->returns, 1);
	}
}

/* Waits for the listener, and takes one connection each time. */
static void
take_by_poll(int listener, struct tally *tally)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };

	while (poll(&pfd, 1, -1) != -1) {
		atomic_fetch_add(&tally->returns, 1);
		answer(listener, tally);
	}
	_exit(EX_OSERR);
}

/* The same with an epoll, to which the listener is added here. */
static void
take_by_events(int listener, struct tally *tally, uint32_t events)
{
	struct epoll_event event = { .events = events };
	int ep;

	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep == -1 || epoll_ctl(ep, EPOLL_CTL_ADD, listener, &event) == -1)
		_exit(EX_OSERR);
	while (epoll_wait(ep, &event, 1, -1) != -1) {
		atomic_fetch_add(&tally->returns, 1);
		answer(listener, tally);
	}
	_exit(EX_OSERR);
}

/* Level-triggered, as an epoll is unless told otherwise. */
static void
take_by_epoll(int listener, struct tally *tally)
{
	take_by_events(listener, tally, EPOLLIN);
}

/* The same, where the kernel wakes one waiter that is idle. */
static void
take_by_epoll_exclusive(int listener, struct tally *tally)
{
	take_by_events(listener, tally, EPOLLIN | EPOLLEXCLUSIVE);
}

static const struct way ways[] = {
	{ "accept", 0, take_by_accept },
	{ "poll", 1, take_by_poll },
	{ "epoll", 1, take_by_epoll },
	{ "epoll-exclusive", 1, take_by_epoll_exclusive },
};

/* Opens the listener on a free port of 127.0.0.1. */
static int
herd_listen(struct herd *herd, int nonblock)
{
	struct sockaddr *sa = (struct sockaddr *)&herd->address;
	socklen_t len = sizeof(herd->address);

	herd->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC |
	    (nonblock ? SOCK_NONBLOCK : 0), 0);
	if (herd->listener == -1)
		return -1;
	herd->address.sin_family = AF_INET;
	herd->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(herd->listener, sa, len) == -1)
		return -1;
	if (listen(herd->listener, SOMAXCONN) == -1)
		return -1;
	return getsockname(herd->listener, sa, &len);
}

/* What stands behind this name in a /proc/PID/status, or NULL and errno. */
static const char *
status_find(const char *status, const char *name)
{
	const char *s = strstr(status, name);

	if (s == NULL) {
		errno = ENOTSUP;
		return NULL;
	}
	return s + strlen(name);
}

/* 1 when the child is asleep, with its count of switches; 0 when not; -1. */
static int
child_is_asleep(const struct child *child, unsigned long *switches)
{
	char buf[4096];
	const char *state, *count;
	ssize_t n;

	n = pread(child->status, buf, sizeof(buf) - 1, 0);
	if (n == -1)
		return -1;
	buf[n] = '\0';
	state = status_find(buf, "\nState:\t");
	count = status_find(buf, "\nvoluntary_ctxt_switches:\t");
	if (state == NULL || count == NULL)
		return -1;
	if (*state == 'Z') {
		errno = ECHILD;
		return -1;
	}
	*switches = strtoul(count, NULL, 10);
	return *state == 'S';
}

/* Waits until the child sleeps: 1 if it was woken before, 0 if not, or -1. */
static int
child_await_sleep(struct child *child)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };
	unsigned long before = child->switches;
	time_t deadline = time(NULL) + PATIENCE_S;
	int asleep;

	while ((asleep = child_is_asleep(child, &child->switches)) == 0) {
		if (time(NULL) > deadline) {
			errno = ETIMEDOUT;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return asleep == -1 ? -1 : child->switches != before;
}

/* Forks one child and waits until it blocks. */
static int
herd_add_child(struct herd *herd, const struct way *way)
{
	struct child *child = &herd->children[herd->nchildren];
	struct tally *tally = &herd->tallies[herd->nchildren];
	pid_t parent = getpid();
	char path[64];

	child->pid = fork();
	if (child->pid == -1)
		return -1;
	if (child->pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
		    getppid() != parent)
			_exit(EX_OSERR);
		way->take(herd->listener, tally);
	}
	herd->nchildren++;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)child->pid);
	child->status = open(path, O_RDONLY | O_CLOEXEC);
	if (child->status == -1)
		return -1;
	return child_await_sleep(child) == -1 ? -1 : 0;
}

/*
 * Makes one connection and reads its answer.  It is reset at the end, so that
 * thousands of them leave no socket in TIME_WAIT.
 */
static int
herd_connect(const struct herd *herd)
{
	const struct sockaddr *sa = (const struct sockaddr *)&herd->address;
	struct timeval patience = { .tv_sec = PATIENCE_S };
	struct linger reset = { .l_onoff = 1 };
	char c;
	int fd, saved, ret = -1;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset,
	    sizeof(reset)) == -1 ||
	    connect(fd, sa, sizeof(herd->address)) == -1)
		goto done;
	switch (read(fd, &c, 1)) {
	case 1:
		ret = 0;
		break;
	case 0:
		errno = ECONNRESET;
		break;
	}
done:
	saved = errno;
	close(fd);
	errno = saved;
	return ret;
}

/* Makes the connections, and counts whom each has woken. */
static int
herd_run(struct herd *herd, unsigned long connections)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };
	unsigned long n;
	unsigned int i;
	int woken;

	for (n = 0; n < connections; n++) {
		if (herd_connect(herd) == -1)
			return -1;
		nanosleep(&pause, NULL);
		for (i = 0; i < herd->nchildren; i++) {
			woken = child_await_sleep(&herd->children[i]);
			if (woken == -1)
				return -1;
			herd->woken += woken;
		}
	}
	return 0;
}

/* Ends the children and gives back what the herd holds; errno is kept. */
static void
herd_end(struct herd *herd)
{
	int saved = errno;
	unsigned int i;

	for (i = 0; i < herd->nchildren; i++) {
		kill(herd->children[i].pid, SIGKILL);
		while (waitpid(herd->children[i].pid, NULL, 0) == -1 &&
		    errno == EINTR)
			;
		close(herd->children[i].status);
	}
	if (herd->listener != -1)
		close(herd->listener);
	errno = saved;
}

/* Prints the line of one measurement. */
static void
herd_report(const struct herd *herd, const char *name, unsigned long total)
{
	unsigned long n, idlest = total, busiest = 0, returns = 0;
	unsigned int i, child = 0;

	for (i = 0; i < herd->nchildren; i++) {
		returns += atomic_load(&herd->tallies[i].returns);
		n = atomic_load(&herd->tallies[i].connections);
		if (n < idlest)
			idlest = n;
		if (n > busiest) {
			busiest = n;
			child = i + 1;
		}
	}
	printf("%-16s%8u%8.2f%10.2f%8lu%8lu%6u\n", name, herd->nchildren,
	    (double)herd->woken / total, (double)returns / total, idlest,
	    busiest, child);
	fflush(stdout);
}

/* Measures one way with so many children: 0, or -1 and errno. */
static int
measure(const struct way *way, unsigned int children, unsigned long total)
{
	struct herd herd = { .listener = -1 };
	size_t size = CHILDREN_MAX * sizeof(*herd.tallies);
	int ret = -1;

	herd.tallies = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (herd.tallies == MAP_FAILED)
		return -1;
	if (herd_listen(&herd, way->nonblock) == -1)
		goto done;
	while (herd.nchildren < children)
		if (herd_add_child(&herd, way) == -1)
			goto done;
	ret = herd_run(&herd, total);
	if (ret == 0)
		herd_report(&herd, way->name, total);
done:
	herd_end(&herd);
	munmap(herd.tallies, size);
	return ret;
}

static void
usage(void)
{
	fprintf(stderr, "usage: herd [-n children] [connections]\n");
	exit(EX_USAGE);
}

/* The number in s, from 1 to max; leaves when it is none. */
static unsigned int
number(const char *what, const char *s, unsigned int max)
{
	const char *why;
	unsigned int n;

	n = (unsigned int)strtonum(s, 1, max, &why);
	if (why != NULL)
		errx(EX_USAGE, "%s %s: %s (1 to %u)", what, s, why, max);
	return n;
}

int
main(int argc, char *argv[])
{
	unsigned int sizes[] = { 2, 8, 64 };
	size_t nsizes = sizeof(sizes) / sizeof(sizes[0]), i, w;
	unsigned int total = 2000;
	int c;

	while ((c = getopt(argc, argv, "n:")) != -1) {
		if (c != 'n')
			usage();
		sizes[0] = number("children", optarg, CHILDREN_MAX);
		nsizes = 1;
	}
	if (argc - optind > 1)
		usage();
	if (argc - optind == 1)
		total = number("connections", argv[optind], 1000000);

	printf("%u connections, one after another; woken and returned are per "
	    "connection\n", total);
	printf("%-16s%8s%8s%10s%8s%8s%6s\n", "blocked in", "children", "woken",
	    "returned", "idlest", "busiest", "child");
	fflush(stdout);
	for (w = 0; w < sizeof(ways) / sizeof(ways[0]); w++)
		for (i = 0; i < nsizes; i++)
			if (measure(&ways[w], sizes[i], total) == -1)
				err(EX_OSERR, "%s, %u children", ways[w].name,
				    sizes[i]);
	if (ferror(stdout))
		errx(EX_IOERR, "standard output: the table is not whole");
	return EX_OK;
}
