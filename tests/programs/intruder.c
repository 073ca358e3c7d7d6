/*
 * Somebody who has got into a child of httpserve(8): preloaded into the daemon,
 * this tries what it may not, in the child's place and behind all that it has
 * given up, whenever the child opens a file whose name says so:
 *
 *	intrude.N	makes the N-th attempt of the list below
 *
 * What came of it is in the file that INTRUDER names, mapped by all processes:
 * an int for each attempt, which is -1 while it is made, 0 if it worked, or
 * errno.  So -1 stays there where the child was killed for it, or where another
 * program took its place.
 */
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <netinet/in.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIGGER	"intrude."

/* Opened before there is a sandbox, so that it is not socket(2) that fails. */
static int socket_to_bind = -1, socket_to_connect = -1, listener = -1;
static struct sockaddr_in somebody;	/* who listens */

static int *results;

static int
try_open(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static int
try_write(void)
{
	const char *path = getenv("INTRUDER_WRITES");

	return path == NULL ? -1 : open(path, O_WRONLY | O_CREAT, 0666);
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid;
}

static int
try_execve(void)
{
	char name[] = "true";

	return execve("/bin/true", (char *[]){ name, NULL },
	    (char *[]){ NULL });
}

static int
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int
try_connect(void)
{
	return connect(socket_to_connect, (struct sockaddr *)&somebody,
	    sizeof(somebody));
}

static int
try_bind(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET };

	return bind(socket_to_bind, (const struct sockaddr *)&any,
	    sizeof(any));
}

static int
try_ptrace(void)
{
	return (int)ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}

static int
try_kill(void)
{
	return kill(getppid(), 0);
}

static int (*const attempts[])(void) = {
	try_open, try_write, try_fork, try_execve, try_socket, try_connect,
	try_bind, try_ptrace, try_kill
};

#define NATTEMPTS	(sizeof(attempts) / sizeof(attempts[0]))

static void __attribute__((constructor))
get_in(void)
{
	const char *path = getenv("INTRUDER");
	socklen_t len = sizeof(somebody);
	int fd;
	void *map;

	if (path == NULL || (fd = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return;
	map = mmap(NULL, sizeof(*results) * NATTEMPTS, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	(void)close(fd);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socket_to_bind = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socket_to_connect = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	somebody.sin_family = AF_INET;
	somebody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (map == MAP_FAILED ||
	    bind(listener, (struct sockaddr *)&somebody, len) == -1 ||
	    listen(listener, 100) == -1 ||
	    getsockname(listener, (struct sockaddr *)&somebody, &len) == -1)
		abort();
	results = map;
}

static void
intrude(const char *number)
{
	size_t i = strtoul(number, NULL, 10);

	if (results == NULL || i >= NATTEMPTS)
		return;
	results[i] = -1;
	results[i] = attempts[i]() == -1 ? errno : 0;
}

/* openat2(2) has no function of its own. */
long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	const char *path;
	long a[6];
	va_list ap;
	int i;

	va_start(ap, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	path = (const char *)(uintptr_t)a[1];
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	if (number == SYS_openat2 && strncmp(path, TRIGGER,
	    strlen(TRIGGER)) == 0)
		intrude(path + strlen(TRIGGER));
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
