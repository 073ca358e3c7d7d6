/*
 * The place of a child: a directory with a root, logs and more, sockets, and
 * peers outside.  And what may be attempted in it: each attempt is a function
 * that returns -1, with errno, when it fails.
 */
#ifndef SANDBOX_TEST_H
#define SANDBOX_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../src/privileges.h"
#include "../../src/sandbox.h"

/* What attempt() returns for a child that died of SIGSYS. */
#define KILLED	1000

/* Who enters the sandbox, if the test runs as root; else all are USER. */
enum who {
	ROOT,			/* root, who stays root */
	DROPPED,		/* root, who becomes nobody on the way */
	USER			/* nobody */
};

static const struct privileges nobody = {
	.user = "nobody",
	.uid = 65534,
	.gid = 65534,
	.groups = { 65534 },
	.ngroups = 1,
};

/* A directory with root/file, root/dir/, logs/log, secret, and error.log. */
static char top[] = "/tmp/sandbox_test.XXXXXX";
static char root_path[64], logs_path[64], error_log_path[64];
static const char *read_paths[] = { root_path, NULL };
static const char *write_paths[] = { logs_path, error_log_path, NULL };
/* Peers outside of the sandbox. */
static int tcp_peer = -1, unix_peer = -1, datagram_peer = -1;
static struct sockaddr_in tcp_address;
static struct sockaddr_un unix_address, datagram_address;
static int landlock_version;
static bool has_seccomp;

/* What a child has open when it enters. */
static struct {
	int	root;
	int	file;
	int	log;
	int	epoll;
	int	listener;
	int	client;		/* connected to the listener */
	int	tcp;		/* not connected */
	int	stream;		/* of AF_UNIX, not connected */
	int	datagram;
	pid_t	parent;
} place;

static const char *
in_top(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static int
make_file(const char *name, mode_t mode, uid_t uid)
{
	int fd = open(in_top(name), O_WRONLY | O_CREAT, mode);

	if (fd == -1 || write(fd, "content\n", 8) != 8 ||
	    fchmod(fd, mode) == -1 || (geteuid() == 0 &&
	    fchown(fd, uid, (gid_t)uid) == -1))
		return -1;
	return close(fd);
}

static int
open_listener(struct sockaddr_in *address)
{
	socklen_t len = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	if (fd == -1 ||
	    bind(fd, (struct sockaddr *)address, sizeof(*address)) == -1 ||
	    listen(fd, 1) == -1 ||
	    getsockname(fd, (struct sockaddr *)address, &len) == -1)
		return -1;
	return fd;
}

/* Binds an abstract name; the kernel finds one. */
static int
open_unix(struct sockaddr_un *address, socklen_t *len, int type)
{
	int fd = socket(AF_UNIX, type, 0);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*len = sizeof(*address);
	if (fd == -1 ||
	    bind(fd, (struct sockaddr *)address, sizeof(sa_family_t)) == -1 ||
	    getsockname(fd, (struct sockaddr *)address, len) == -1)
		return -1;
	return fd;
}

static socklen_t unix_len, datagram_len;

static int
open_place(void)
{
	struct sockaddr_in address;

	place.parent = getppid();
	place.root = open(root_path, O_PATH | O_DIRECTORY);
	place.file = open(in_top("root/file"), O_RDONLY);
	place.log = open(in_top("logs/log"), O_WRONLY | O_APPEND);
	place.epoll = epoll_create1(EPOLL_CLOEXEC);
	place.listener = open_listener(&address);
	place.client = socket(AF_INET, SOCK_STREAM, 0);
	place.tcp = socket(AF_INET, SOCK_STREAM, 0);
	place.stream = socket(AF_UNIX, SOCK_STREAM, 0);
	place.datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (place.root == -1 || place.file == -1 || place.log == -1 ||
	    place.epoll == -1 || place.listener == -1 || place.tcp == -1 ||
	    place.stream == -1 || place.datagram == -1)
		return -1;
	return connect(place.client, (struct sockaddr *)&address,
	    sizeof(address));
}

/* Leaves the process where that fails: there is nothing to test then. */
static void
enter(const struct sandbox_config *config, enum who who)
{
	struct sandbox sandbox;
	char why[256];

	if (who == USER && geteuid() == 0 && privileges_drop(&nobody) == -1)
		_exit(200);
	if (open_place() == -1)
		_exit(201);
	if (sandbox_prepare(&sandbox, config, why, sizeof(why)) == -1) {
		(void)fprintf(stderr, "prepare: %s\n", why);
		_exit(202);
	}
	if (who == DROPPED && geteuid() == 0 && privileges_drop(&nobody) == -1)
		_exit(203);
	if (sandbox_enter(&sandbox, why, sizeof(why)) == -1) {
		(void)fprintf(stderr, "enter: %s\n", why);
		_exit(204);
	}
}

/* The errno of the attempt in a child, 0 when it works, or KILLED. */
static int
attempt(int (*function)(void), const struct sandbox_config *config,
    enum who who)
{
	pid_t pid;
	int status;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		enter(config, who);
		errno = 0;
		if (function() != -1)
			_exit(0);
		_exit(errno == 0 ? 205 : errno);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return KILLED;
	if (WIFSIGNALED(status))
		return KILLED + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static int
open_and_close(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	return fd == -1 ? -1 : close(fd);
}

static int
open_passwd(void)
{
	return open_and_close("/etc/passwd", O_RDONLY);
}

static int
open_secret(void)
{
	return open_and_close(in_top("secret"), O_RDONLY);
}

static int
open_root_above(void)
{
	struct open_how how = { .flags = O_RDONLY };

	return (int)syscall(SYS_openat2, place.root, "../secret", &how,
	    sizeof(how));
}

static int
open_root_file(void)
{
	struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	char content[8];
	struct stat st;
	int fd;

	fd = (int)syscall(SYS_openat2, place.root, "file", &how, sizeof(how));
	if (fd == -1 || fstat(fd, &st) == -1)
		return -1;
	return pread(fd, content, sizeof(content), 0) == 8 ? close(fd) : -1;
}

/* What a root that is looked up again takes. */
static int
open_root_again(void)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	char link[64], path[128];
	struct stat st;
	int fd;

	if (stat(root_path, &st) == -1 ||
	    fstatat(place.root, "file", &st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	fd = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	fd = (int)syscall(SYS_openat2, fd, "dir", &how, sizeof(how));
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (fd == -1 || readlink(link, path, sizeof(path)) == -1)
		return -1;
	return fstat(fd, &st);
}

static int
list_root(void)
{
	int fd = open(root_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), n = 0;
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		n++;
	return n < 3 ? -1 : closedir(dir);
}

static int
create_in_root(void)
{
	return open_and_close(in_top("root/new"), O_WRONLY | O_CREAT | O_EXCL);
}

static int
write_root_file(void)
{
	return open_and_close(in_top("root/file"), O_WRONLY);
}

static int
append_log(void)
{
	static const struct iovec iov[] = { { (void *)"a\n", 2 } };
	int fd = open(in_top("logs/log"), O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (fd == -1 || dup3(fd, place.log, O_CLOEXEC) == -1 ||
	    writev(place.log, iov, 1) != 2)
		return -1;
	return close(fd);
}

static int
append_error_log(void)
{
	return open_and_close(error_log_path, O_WRONLY | O_APPEND);
}

static int
create_log(void)
{
	return open_and_close(in_top("logs/new"),
	    O_WRONLY | O_APPEND | O_CREAT | O_EXCL);
}

static int
read_log(void)
{
	return open_and_close(in_top("logs/log"), O_RDONLY);
}

static int
truncate_log(void)
{
	return open_and_close(in_top("logs/log"), O_WRONLY | O_TRUNC);
}

static int
truncate_open_log(void)
{
	return ftruncate(place.log, 0);
}

static int
unlink_log(void)
{
	return unlink(in_top("logs/old"));
}

static int
start_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : 0;
}

static int
start_raw_process(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);

	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : 0;
}

static int
execute(void)
{
	static char *const argv[] = { (char *)"true", NULL };

	return execv("/bin/true", argv);
}

static int
open_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int
open_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}

static int
connect_tcp(void)
{
	return connect(place.tcp, (struct sockaddr *)&tcp_address,
	    sizeof(tcp_address));
}

/* That it may be written does not make it a way out, whatever comes there. */
static int
connect_log(void)
{
	return connect(place.log, (struct sockaddr *)&tcp_address,
	    sizeof(tcp_address));
}

static int
connect_unix(void)
{
	return connect(place.stream, (struct sockaddr *)&unix_address,
	    unix_len);
}

static int
send_to_other(void)
{
	return sendto(place.datagram, "x", 1, MSG_NOSIGNAL,
	    (struct sockaddr *)&datagram_address, datagram_len) == 1 ? 0 : -1;
}

static int
bind_tcp(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	return bind(place.tcp, (struct sockaddr *)&any, sizeof(any));
}

static int
end_listener(void)
{
	return shutdown(place.listener, SHUT_RD);
}

static int
change_listener(void)
{
	return fcntl(place.listener, F_SETFL, O_NONBLOCK);
}

static int
become_root(void)
{
	return (int)syscall(SYS_setuid, 0);
}

static int
be_traced(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int
new_namespace(void)
{
	return unshare(CLONE_FS);
}

static int
signal_by_pid(void)
{
	return kill(getpid(), 0);
}

static int
signal_parent(void)
{
	return kill(place.parent, 0);
}

/* No process has this number. */
static int
signal_other_threads(void)
{
	return (int)syscall(SYS_tgkill, 0x3fffffff, 0x3fffffff, 0);
}

static int
map_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? -1 : munmap(page, 4096);
}

static int
make_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	return page == MAP_FAILED ? 0 :
	    mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static int
control_terminal(void)
{
	return isatty(STDERR_FILENO) == 1 || errno == ENOTTY ? 0 : -1;
}

static int
name_thread(void)
{
	return prctl(PR_SET_NAME, "other");
}

/* As whatever else of prctl(2) no child has a use for. */
static int
dump_core(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}

static void *
run_thread(void *arg)
{
	char *p = malloc(100000);

	/* An arena of its own. */
	if (p != NULL)
		memset(p, 1, 100000);
	free(p);
	return arg;
}

static int
start_thread(void)
{
	pthread_t thread;
	void *result = NULL;

	errno = pthread_create(&thread, NULL, run_thread, &place);
	if (errno != 0)
		return -1;
	(void)pthread_kill(thread, 0);
	(void)pthread_join(thread, &result);
	return result == &place ? 0 : -1;
}

static int
allocate(void)
{
	static const size_t sizes[] = { 1, 1000, 200000, 1 << 20, 64 << 20 };
	char *p = NULL, *grown;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		grown = realloc(p, sizes[i]);
		if (grown == NULL)
			break;
		p = grown;
		memset(p, 1, sizes[i]);
	}
	free(p);
	return i == sizeof(sizes) / sizeof(sizes[0]) ? 0 : -1;
}

static volatile sig_atomic_t caught;

static void
catch(int sig)
{
	caught = sig;
}

static int
signal_itself(void)
{
	struct sigaction sa = { .sa_handler = catch };
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGURG);
	if (sigaction(SIGURG, &sa, NULL) == -1 ||
	    sigprocmask(SIG_UNBLOCK, &set, NULL) == -1 ||
	    raise(SIGURG) != 0)
		return -1;
	return caught == SIGURG ? 0 : -1;
}

/*
 * Calls that the C library makes at times: with arguments that are wrong for
 * each of them they all come back, unless the filter refuses them.
 */
static int
call_all(void)
{
	static const long calls[] = {
		SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_sysinfo,
		SYS_set_robust_list, SYS_rseq, SYS_sched_getaffinity,
		SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_restart_syscall,
		SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom,
		SYS_timerfd_settime, SYS_timer_settime, SYS_lseek,
		SYS_preadv, SYS_readlinkat, SYS_statx, SYS_fstat,
		SYS_epoll_pwait, SYS_epoll_pwait2, SYS_ppoll, SYS_dup3,
	};
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		errno = 0;
		(void)syscall(calls[i], -1L, -1L, -1L, -1L, -1L, -1L);
		if (errno == ENOSYS)
			return -1;
	}
	return 0;
}

static int
follow_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 ||
	    getppid() != place.parent ? -1 : 0;
}

static int
tell_time(void)
{
	time_t now = time(NULL);
	struct timespec ts;
	struct tm tm;

	if (clock_gettime(CLOCK_MONOTONIC_COARSE, &ts) == -1 ||
	    localtime_r(&now, &tm) == NULL)
		return -1;
	return arc4random() == arc4random() ? -1 : 0;
}

/* One connection, with all that the acceptor and the loop do with it. */
static int
serve(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct pollfd pfd = { .fd = place.listener, .events = POLLIN };
	int fd, n;
	char c;

	if (poll(&pfd, 1, -1) != 1)
		return -1;
	fd = accept4(place.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1 || write(place.client, "GET", 3) != 3 ||
	    epoll_ctl(place.epoll, EPOLL_CTL_ADD, fd, &event) == -1 ||
	    epoll_wait(place.epoll, &event, 1, -1) != 1 ||
	    recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) != 1 ||
	    read(fd, &c, 1) != 1 || send(fd, "200", 3, MSG_NOSIGNAL) != 3 ||
	    sendfile(fd, place.file, NULL, 8) != 8 ||
	    ioctl(fd, FIONREAD, &n) == -1 || ioctl(fd, SIOCOUTQ, &n) == -1 ||
	    shutdown(fd, SHUT_WR) == -1)
		return -1;
	return close(fd);
}

#endif
