/*
 * The shim: a shared object for LD_PRELOAD whose calls fail as the table of
 * faults.h says, and are the C library's otherwise.  Calls that the C library
 * makes inside of itself do not come by here, but for malloc(3) and its kin.
 */
#include "faults.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* glibc's own, so that dlsym(3) is not needed before there is memory. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* Fortified variants, which have no prototypes to include. */
ssize_t __read_chk(int fd, void *buf, size_t n, size_t size);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t size, int flags);
ssize_t __pread_chk(int fd, void *buf, size_t n, off_t offset, size_t size);
ssize_t __pread64_chk(int fd, void *buf, size_t n, off64_t offset,
    size_t size);

static struct faults *faults;
static unsigned int where = FAULTS_MASTER;

/* Looked up once: a static of the caller's remembers it. */
#define REAL(name) __extension__ ({					\
	static void *_Atomic found;					\
	if (found == NULL)						\
		found = dlsym(RTLD_NEXT, #name);			\
	(__typeof__(name) *)found;					\
})

/*
 * Where libseccomp is.  Version 2.5 does not survive that its memory fails: it
 * installs a filter that is not whole, or frees something twice.  A child that
 * dies of that has no connection yet, and is replaced; so its memory does not
 * fail here, where any death is a fault of httpserve's.
 */
static uintptr_t spared_start, spared_end;

static int
find_spared(struct dl_phdr_info *info, size_t size, void *unused)
{
	const ElfW(Phdr) *p = info->dlpi_phdr;
	uintptr_t end;
	int i;

	(void)size;
	(void)unused;
	if (strstr(info->dlpi_name, "/libseccomp.so") == NULL)
		return 0;
	spared_start = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum; i++) {
		end = info->dlpi_addr + p[i].p_vaddr + p[i].p_memsz;
		if (p[i].p_type == PT_LOAD && end > spared_end)
			spared_end = end;
	}
	return 1;
}

static void __attribute__((constructor))
faults_map(void)
{
	const char *path = getenv(FAULTS_VARIABLE);
	void *map;
	int fd;

	if (path == NULL)
		return;
	(void)dl_iterate_phdr(find_spared, NULL);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		abort();
	map = REAL(mmap)(NULL, sizeof(*faults), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		abort();
	(void)close(fd);
	faults = map;
}

/* One of a sequence of numbers that looks random: splitmix64. */
static uint64_t
scramble(uint64_t n)
{
	n += 0x9e3779b97f4a7c15;
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
	n = (n ^ n >> 27) * 0x94d049bb133111eb;
	return n ^ n >> 31;
}

static bool
is_of_mode(int fd, unsigned int mode)
{
	struct stat st;
	int error = errno;
	bool yes;

	yes = fd != -1 && REAL(fstat)(fd, &st) == 0 &&
	    (st.st_mode & S_IFMT) == mode;
	errno = error;
	return yes;
}

static bool
is_chosen(const struct faults_rule *rule, uint64_t n)
{
	if (n < rule->after)
		return false;
	n -= rule->after;
	if (rule->percent != 0)
		return scramble(rule->seed + n) % 100 < rule->percent;
	return n % rule->every == rule->every - 1;
}

/* Counts a call: the error that it is to fail with, or 0. */
static int
fault(enum faults_call call, int fd)
{
	struct faults_rule *rule;
	unsigned int mode;
	int error;

	if (faults == NULL)
		return 0;
	rule = &faults->rules[call];
	error = rule->error;
	mode = rule->mode;
	if ((rule->where & where) == 0 || (mode != 0 && !is_of_mode(fd, mode)))
		return 0;
	if (!is_chosen(rule, atomic_fetch_add(&rule->seen, 1)) || error == 0)
		return 0;
	if (atomic_fetch_add(&rule->injected, 1) >= rule->count &&
	    rule->count != 0) {
		atomic_fetch_sub(&rule->injected, 1);
		return 0;
	}
	if (error == FAULTS_HANG)
		for (;;)
			(void)pause();
	return error;
}

/* Whether a call fails, for the calls that can't be short; sets errno. */
static bool
fails(enum faults_call call, int fd)
{
	int error = fault(call, fd);

	if (error <= 0)
		return false;
	errno = error;
	return true;
}

/* The same for those that can: then it cuts the length in half. */
static bool
fails_or_cuts(enum faults_call call, int fd, size_t *len)
{
	int error = fault(call, fd);

	if (error == FAULTS_SHORT)
		*len = *len / 2 > 0 ? *len / 2 : *len;
	if (error <= 0)
		return false;
	errno = error;
	return true;
}

static bool
memory_fails(const void *caller)
{
	if ((uintptr_t)caller >= spared_start &&
	    (uintptr_t)caller < spared_end)
		return false;
	return fails(FAULTS_malloc, -1);
}

void *
malloc(size_t size)
{
	return memory_fails(__builtin_return_address(0)) ? NULL :
	    __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return memory_fails(__builtin_return_address(0)) ? NULL :
	    __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return memory_fails(__builtin_return_address(0)) ? NULL :
	    __libc_realloc(p, size);
}

int
posix_memalign(void **p, size_t alignment, size_t size)
{
	if (fails(FAULTS_malloc, -1))
		return ENOMEM;
	*p = __libc_memalign(alignment, size);
	return *p == NULL ? ENOMEM : 0;
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return fails(FAULTS_malloc, -1) ? NULL :
	    __libc_memalign(alignment, size);
}

int
accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return fails(FAULTS_accept, fd) ? -1 :
	    REAL(accept4)(fd, addr, len, flags);
}

int
accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	return fails(FAULTS_accept, fd) ? -1 : REAL(accept)(fd, addr, len);
}

ssize_t
read(int fd, void *buf, size_t n)
{
	return fails_or_cuts(FAULTS_read, fd, &n) ? -1 :
	    REAL(read)(fd, buf, n);
}

ssize_t
__read_chk(int fd, void *buf, size_t n, size_t size)
{
	return fails_or_cuts(FAULTS_read, fd, &n) ? -1 :
	    REAL(__read_chk)(fd, buf, n, size);
}

ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	return fails_or_cuts(FAULTS_recv, fd, &n) ? -1 :
	    REAL(recv)(fd, buf, n, flags);
}

ssize_t
__recv_chk(int fd, void *buf, size_t n, size_t size, int flags)
{
	return fails_or_cuts(FAULTS_recv, fd, &n) ? -1 :
	    REAL(__recv_chk)(fd, buf, n, size, flags);
}

ssize_t
pread(int fd, void *buf, size_t n, off_t offset)
{
	return fails_or_cuts(FAULTS_pread, fd, &n) ? -1 :
	    REAL(pread)(fd, buf, n, offset);
}

ssize_t
__pread_chk(int fd, void *buf, size_t n, off_t offset, size_t size)
{
	return fails_or_cuts(FAULTS_pread, fd, &n) ? -1 :
	    REAL(__pread_chk)(fd, buf, n, offset, size);
}

ssize_t
pread64(int fd, void *buf, size_t n, off64_t offset)
{
	return fails_or_cuts(FAULTS_pread, fd, &n) ? -1 :
	    REAL(pread64)(fd, buf, n, offset);
}

ssize_t
__pread64_chk(int fd, void *buf, size_t n, off64_t offset, size_t size)
{
	return fails_or_cuts(FAULTS_pread, fd, &n) ? -1 :
	    REAL(__pread64_chk)(fd, buf, n, offset, size);
}

ssize_t
write(int fd, const void *buf, size_t n)
{
	return fails_or_cuts(FAULTS_write, fd, &n) ? -1 :
	    REAL(write)(fd, buf, n);
}

/* Short, it writes its first piece alone. */
ssize_t
writev(int fd, const struct iovec *iov, int niov)
{
	size_t n = (size_t)niov;

	return fails_or_cuts(FAULTS_writev, fd, &n) ? -1 :
	    REAL(writev)(fd, iov, (int)n);
}

ssize_t
send(int fd, const void *buf, size_t n, int flags)
{
	return fails_or_cuts(FAULTS_send, fd, &n) ? -1 :
	    REAL(send)(fd, buf, n, flags);
}

ssize_t
sendfile(int out, int in, off_t *offset, size_t n)
{
	return fails_or_cuts(FAULTS_sendfile, out, &n) ? -1 :
	    REAL(sendfile)(out, in, offset, n);
}

ssize_t
sendfile64(int out, int in, off64_t *offset, size_t n)
{
	return fails_or_cuts(FAULTS_sendfile, out, &n) ? -1 :
	    REAL(sendfile64)(out, in, offset, n);
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return fails(FAULTS_sendmsg, fd) ? -1 :
	    REAL(sendmsg)(fd, msg, flags);
}

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
	return fails(FAULTS_recvmsg, fd) ? -1 :
	    REAL(recvmsg)(fd, msg, flags);
}

/* The mode is there only with O_CREAT; what is passed beyond is not read. */
int
open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return fails(FAULTS_open, -1) ? -1 : REAL(open)(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return fails(FAULTS_open, -1) ? -1 : REAL(open64)(path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return fails(FAULTS_open, -1) ? -1 :
	    REAL(openat)(dir, path, flags, mode);
}

/* openat2(2) has no function of its own; the rest are the sandbox's. */
long
syscall(long number, ...)
{
	long a[6];
	va_list ap;
	int i;

	va_start(ap, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (fails(number == SYS_openat2 ? FAULTS_openat2 : FAULTS_kernel, -1))
		return -1;
	return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int
stat(const char *path, struct stat *st)
{
	return fails(FAULTS_stat, -1) ? -1 : REAL(stat)(path, st);
}

int
fstat(int fd, struct stat *st)
{
	return fails(FAULTS_stat, fd) ? -1 : REAL(fstat)(fd, st);
}

int
fstatat(int dir, const char *path, struct stat *st, int flags)
{
	return fails(FAULTS_stat, -1) ? -1 :
	    REAL(fstatat)(dir, path, st, flags);
}

struct dirent *
readdir(DIR *dir)
{
	return fails(FAULTS_readdir, -1) ? NULL : REAL(readdir)(dir);
}

pid_t
fork(void)
{
	pid_t pid;

	if (fails(FAULTS_fork, -1))
		return -1;
	pid = REAL(fork)();
	if (pid == 0)
		where = FAULTS_CHILDREN;
	return pid;
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
    void *(*main)(void *), void *arg)
{
	int error = fault(FAULTS_thread, -1);

	return error > 0 ? error : REAL(pthread_create)(thread, attr, main,
	    arg);
}

/* Without EPOLL_CTL_DEL, which can't run short. */
int
epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	return op != EPOLL_CTL_DEL && fails(FAULTS_epoll_ctl, fd) ? -1 :
	    REAL(epoll_ctl)(epfd, op, fd, event);
}

int
epoll_create1(int flags)
{
	return fails(FAULTS_epoll_create, -1) ? -1 :
	    REAL(epoll_create1)(flags);
}

int
eventfd(unsigned int count, int flags)
{
	return fails(FAULTS_eventfd, -1) ? -1 : REAL(eventfd)(count, flags);
}

int
signalfd(int fd, const sigset_t *mask, int flags)
{
	return fails(FAULTS_eventfd, fd) ? -1 :
	    REAL(signalfd)(fd, mask, flags);
}

int
timerfd_create(clockid_t clock, int flags)
{
	return fails(FAULTS_timer, -1) ? -1 :
	    REAL(timerfd_create)(clock, flags);
}

int
timer_create(clockid_t clock, struct sigevent *event, timer_t *timer)
{
	return fails(FAULTS_timer, -1) ? -1 :
	    REAL(timer_create)(clock, event, timer);
}

int
socket(int domain, int type, int protocol)
{
	return fails(FAULTS_socket, -1) ? -1 :
	    REAL(socket)(domain, type, protocol);
}

int
socketpair(int domain, int type, int protocol, int fds[2])
{
	return fails(FAULTS_socketpair, -1) ? -1 :
	    REAL(socketpair)(domain, type, protocol, fds);
}

void *
mmap(void *addr, size_t len, int protection, int flags, int fd, off_t offset)
{
	return fails(FAULTS_mmap, -1) ? MAP_FAILED :
	    REAL(mmap)(addr, len, protection, flags, fd, offset);
}

int
dup3(int from, int to, int flags)
{
	return fails(FAULTS_dup, from) ? -1 : REAL(dup3)(from, to, flags);
}

int
dup2(int from, int to)
{
	return fails(FAULTS_dup, from) ? -1 : REAL(dup2)(from, to);
}

int
fcntl(int fd, int command, ...)
{
	void *arg;
	va_list ap;

	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	return fails(command == F_DUPFD_CLOEXEC ? FAULTS_dup : FAULTS_fcntl,
	    fd) ? -1 : REAL(fcntl)(fd, command, arg);
}

char *
getcwd(char *buf, size_t size)
{
	return fails(FAULTS_getcwd, -1) ? NULL : REAL(getcwd)(buf, size);
}

int
listen(int fd, int backlog)
{
	return fails(FAULTS_listen, fd) ? -1 : REAL(listen)(fd, backlog);
}

int
prctl(int option, ...)
{
	unsigned long a[4];
	va_list ap;
	int i;

	va_start(ap, option);
	for (i = 0; i < 4; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	return fails(FAULTS_prctl, -1) ? -1 :
	    REAL(prctl)(option, a[0], a[1], a[2], a[3]);
}
