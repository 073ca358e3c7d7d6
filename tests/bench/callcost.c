/*
 * What the system calls cost that httpserve makes and the limit does not, each
 * by itself: nanoseconds, the least of several passes.
 *
 *	callcost directory name
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <err.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define PASSES	500
#define CALLS	500
#define EVENTS	64

static const char *dir, *name;
static int dir_fd, quiet_fd, busy_fd;
static _Atomic uint32_t word;

static void
getppid_call(void)
{
	(void)syscall(SYS_getppid);
}

static void
stat_dir(void)
{
	struct stat st;

	if (stat(dir, &st) == -1)
		err(EX_NOINPUT, "%s", dir);
}

static void
stat_name(void)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		err(EX_NOINPUT, "%s/%s", dir, name);
}

static void
wake_nobody(void)
{
	(void)syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void
poll_nothing(void)
{
	struct epoll_event events[EVENTS];

	(void)epoll_wait(quiet_fd, events, EVENTS, 0);
}

static void
poll_events(void)
{
	struct epoll_event events[EVENTS];

	if (epoll_wait(busy_fd, events, EVENTS, 0) != EVENTS)
		errx(EX_SOFTWARE, "epoll_wait");
}

static int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void
measure(const char *what, void (*call)(void))
{
	int64_t best = INT64_MAX, begin, ns;
	int i, pass;

	for (pass = 0; pass < PASSES; pass++) {
		begin = now_ns();
		for (i = 0; i < CALLS; i++)
			call();
		ns = now_ns() - begin;
		if (ns < best)
			best = ns;
	}
	(void)printf("%-40s%8.0f ns\n", what, (double)best / CALLS);
}

/* Waits until the word is odd or even, and makes it the other. */
static void
pass_on(uint32_t parity)
{
	uint32_t is;

	while ((is = atomic_load(&word)) % 2 != parity)
		(void)syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, is, NULL,
		    NULL, 0);
	atomic_store(&word, is + 1);
	wake_nobody();
}

static void *
partner(void *arg)
{
	long i;

	for (i = 0; i < (long)PASSES * CALLS; i++)
		pass_on(1);
	return arg;
}

static void
hand_over(void)
{
	pass_on(0);
}

/* The loop and an acceptor: a wait, a wake-up, and the switch between them. */
static void
measure_handover(void)
{
	pthread_t thread;

	word = 0;
	if (pthread_create(&thread, NULL, partner, NULL) != 0)
		errx(EX_OSERR, "pthread_create");
	measure("futex, to another thread and back", hand_over);
	(void)pthread_join(thread, NULL);
}

static void
open_all(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd, i;

	dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	quiet_fd = epoll_create1(EPOLL_CLOEXEC);
	busy_fd = epoll_create1(EPOLL_CLOEXEC);
	if (dir_fd == -1 || quiet_fd == -1 || busy_fd == -1)
		err(EX_OSERR, "%s", dir);
	for (i = 0; i < EVENTS; i++)
		if ((fd = eventfd(1, EFD_CLOEXEC)) == -1 ||
		    epoll_ctl(busy_fd, EPOLL_CTL_ADD, fd, &event) == -1)
			err(EX_OSERR, "eventfd");
}

int
main(int argc, char *argv[])
{
	if (argc != 3)
		errx(EX_USAGE, "usage: callcost directory name");
	dir = argv[1];
	name = argv[2];
	open_all();
	measure("getppid, for the way there and back", getppid_call);
	measure("newfstatat, of the root's path", stat_dir);
	measure("newfstatat, of a file in it", stat_name);
	measure("epoll_wait, nothing", poll_nothing);
	measure("epoll_wait, 64 events", poll_events);
	measure("futex, nobody to wake", wake_nobody);
	measure_handover();
	return 0;
}
