#include "sandbox.h"

#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#ifdef SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

/*
 * A sanitizer's runtime makes more calls than the program, and may start
 * another program to describe what it found.
 */
#ifdef SANITIZED
#define ACT_DEADLY	SCMP_ACT_ERRNO(EPERM)
#else
#define ACT_DEADLY	SCMP_ACT_KILL_PROCESS
#endif
#define nitems(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * Landlock as of its sixth version, of which linux/landlock.h may know less.
 * A kernel takes a struct that is longer than its own, with zeros behind.
 */
struct ruleset {
	uint64_t	handled_access_fs;
	uint64_t	handled_access_net;	/* from version 4 on */
	uint64_t	scoped;			/* from version 6 on */
};
#define ACCESS_NET_ALL	0x3		/* bind and connect, of TCP */
#define SCOPED_ALL	0x3		/* abstract unix sockets, signals */

/* Where clone(2) has its flags. */
#ifdef __s390__
#define CLONE_FLAGS	1
#else
#define CLONE_FLAGS	0
#endif

static int __attribute__((format(printf, 3, 4)))
fail(char *why, size_t why_size, const char *fmt, ...)
{
	int error = errno;
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	(void)vsnprintf(why, why_size, fmt, ap);
	va_end(ap);
	len = strlen(why);
	(void)snprintf(why + len, why_size - len, ": %s", strerror(error));
	errno = error;
	return -1;
}

/* The version of Landlock, or -1: not in this kernel, or not switched on. */
static int
landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

/* A kernel with filters looks for one at address 0: prctl(2). */
static bool
has_seccomp(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) == -1 &&
	    errno == EFAULT;
}

bool
sandbox_lacks(const struct sandbox_config *config, char *what,
    size_t what_size)
{
	int version = landlock_version();

	what[0] = '\0';
	if (config->landlock && version == -1)
		(void)snprintf(what, what_size, "no Landlock (%s)",
		    errno == EOPNOTSUPP ? "switched off at boot" :
		    "Linux 5.13 has it");
	else if (config->landlock && version < 4)
		(void)snprintf(what, what_size, "no Landlock for TCP "
		    "(Linux 6.7 has it)");
	if (config->seccomp && !has_seccomp())
		(void)snprintf(what + strlen(what), what_size - strlen(what),
		    "%sno seccomp filter", what[0] == '\0' ? "" : ", ");
	return what[0] != '\0';
}

/* Rights to files as this version knows them: they came one by one. */
static uint64_t
landlock_access_fs(int version)
{
	static const unsigned int rights[] = { 13, 14, 15, 15, 16 };
	size_t last = sizeof(rights) / sizeof(rights[0]) - 1;
	size_t i = (size_t)version - 1;

	return (UINT64_C(1) << rights[i < last ? i : last]) - 1;
}

/* Lets what is at this path, and below it, be used like that. */
static int
landlock_allow(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	struct stat st;
	int error, fd, rv = -1;

	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd == -1)
		return -1;
	rule.parent_fd = fd;
	if (fstat(fd, &st) == 0) {
		/* A right to directories is none to a file: EINVAL. */
		if (!S_ISDIR(st.st_mode))
			rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE |
			    LANDLOCK_ACCESS_FS_WRITE_FILE;
		rv = (int)syscall(SYS_landlock_add_rule, ruleset,
		    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	error = errno;
	(void)close(fd);
	errno = error;
	return rv;
}

static int
landlock_allow_all(int ruleset, const char *const *paths, uint64_t access,
    char *why, size_t why_size)
{
	for (; paths != NULL && *paths != NULL; paths++)
		if (landlock_allow(ruleset, *paths, access) == -1)
			return fail(why, why_size, "landlock: %s", *paths);
	return 0;
}

/*
 * Handles all rights there are, so that what no rule gives is refused, and
 * gives few: none to truncate a log.
 */
static int
landlock_prepare(struct sandbox *s, char *why, size_t why_size)
{
	int version = landlock_version();
	struct ruleset rules = { 0 };

	if (version == -1)
		return 0;
	rules.handled_access_fs = landlock_access_fs(version);
	rules.handled_access_net = version < 4 ? 0 : ACCESS_NET_ALL;
	rules.scoped = version < 6 ? 0 : SCOPED_ALL;
	s->ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules,
	    sizeof(rules), 0);
	if (s->ruleset == -1)
		return fail(why, why_size, "landlock");
	if (landlock_allow_all(s->ruleset, s->config->read_paths,
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	    why, why_size) == -1)
		return -1;
	return landlock_allow_all(s->ruleset, s->config->write_paths,
	    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG,
	    why, why_size);
}

static int
landlock_enter(struct sandbox *s)
{
	int rv;

	if (s->ruleset == -1)
		return 0;
	rv = (int)syscall(SYS_landlock_restrict_self, s->ruleset, 0);
	(void)close(s->ruleset);
	s->ruleset = -1;
	return rv;
}

/*
 * What execve(2) could give back.  EINVAL is behind the last capability, EPERM
 * is for who has none to lose.
 */
static int
empty_bounding_set(void)
{
	unsigned long cap = 0;

	while (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
		cap++;
	return errno == EINVAL || errno == EPERM ? 0 : -1;
}

/* Ambient ones go with those that are permitted: capabilities(7). */
static int
empty_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 },
	};

	return (int)syscall(SYS_capset, &header, none);
}

static int
change_root(const char *dir)
{
	return chroot(dir) == -1 ? -1 : chdir("/");
}

int
sandbox_prepare(struct sandbox *s, const struct sandbox_config *config,
    char *why, size_t why_size)
{
	s->config = config;
	s->ruleset = -1;
#ifdef SANITIZED
	/* It reads /proc/self/maps now. */
	__sanitizer_sandbox_on_notify(&(__sanitizer_sandbox_arguments){ 0 });
#endif
	/* The C library reads the time zone's file once. */
	tzset();
	if ((config->no_new_privs || config->landlock || config->seccomp) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return fail(why, why_size, "no_new_privs");
	if (config->capabilities && empty_bounding_set() == -1)
		return fail(why, why_size, "capabilities");
	if (config->landlock && landlock_prepare(s, why, why_size) == -1)
		return -1;
	if (config->chroot_dir != NULL &&
	    change_root(config->chroot_dir) == -1)
		return fail(why, why_size, "chroot %s", config->chroot_dir);
	return 0;
}

/*
 * What a child calls, and what the C library calls for it.  Most have no
 * condition on their arguments: the kernel then keeps the answer in a bitmap,
 * and does not run the filter.
 */
static const int allowed_calls[] = {
	/* Connections. */
	SCMP_SYS(accept4), SCMP_SYS(read), SCMP_SYS(recvfrom),
	SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(sendfile),
	SCMP_SYS(sendfile64), SCMP_SYS(close), SCMP_SYS(send), SCMP_SYS(recv),
	/* The loop. */
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
	SCMP_SYS(epoll_ctl), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64), SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_settime64), SCMP_SYS(timer_settime),
	SCMP_SYS(timer_settime64), SCMP_SYS(restart_syscall),
	/* Files: which of them is Landlock's affair. */
	SCMP_SYS(openat2), SCMP_SYS(openat), SCMP_SYS(open),
	SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(newfstatat),
	SCMP_SYS(fstatat64), SCMP_SYS(stat), SCMP_SYS(stat64),
	SCMP_SYS(lstat), SCMP_SYS(lstat64), SCMP_SYS(statx),
	SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(lseek),
	SCMP_SYS(_llseek), SCMP_SYS(getdents64), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(dup2), SCMP_SYS(dup3),
	/* Logs that the master has opened anew. */
	SCMP_SYS(recvmsg), SCMP_SYS(getsockopt), SCMP_SYS(getpeername),
	/* Memory. */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(sysinfo),		/* qsort(3) */
	/* Threads and signals. */
	SCMP_SYS(futex), SCMP_SYS(futex_time64), SCMP_SYS(rseq),
	SCMP_SYS(set_robust_list), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(gettid),
	SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* Time, where the vdso has none, and randomness. */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
#ifdef SANITIZED
	/* What the sanitizers' runtime needs beside that. */
	SCMP_SYS(sigaltstack), SCMP_SYS(sched_yield), SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit),
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(uname),
	SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(mprotect), SCMP_SYS(mmap),
	SCMP_SYS(mmap2), SCMP_SYS(prctl), SCMP_SYS(ioctl), SCMP_SYS(kill),
#endif
};

/*
 * What no child calls, nor any library for it: whoever does is an intruder,
 * and learns nothing more.
 */
static const int deadly_calls[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(bind), SCMP_SYS(listen),
	SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setreuid),
	SCMP_SYS(setregid), SCMP_SYS(setresuid), SCMP_SYS(setresgid),
	SCMP_SYS(setfsuid), SCMP_SYS(setfsgid), SCMP_SYS(setgroups),
	SCMP_SYS(capset), SCMP_SYS(chroot), SCMP_SYS(pivot_root),
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(unshare),
	SCMP_SYS(setns), SCMP_SYS(bpf), SCMP_SYS(io_uring_setup),
	SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(kexec_load),
};

/* The argument of a call that a rule is for, where it & mask is value. */
struct condition {
	int		call;
	uint32_t	action;
	unsigned int	arg;
	uint64_t	mask;
	uint64_t	value;
};

/* Calls that are allowed in one form only. */
static const struct condition conditions[] = {
	/* To no other address than the peer's. */
	{ SCMP_SYS(sendto), SCMP_ACT_ALLOW, 4, UINT64_MAX, 0 },
	/* Never the listener's receiving half: that would end it for all. */
	{ SCMP_SYS(shutdown), SCMP_ACT_ALLOW, 1, UINT32_MAX, SHUT_WR },
	/* No memory that can be executed. */
	{ SCMP_SYS(mmap), SCMP_ACT_ALLOW, 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mmap2), SCMP_ACT_ALLOW, 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mprotect), SCMP_ACT_ALLOW, 2, PROT_EXEC, 0 },
	/* Threads but no processes; clone3(2) can't be looked into. */
	{ SCMP_SYS(clone), SCMP_ACT_ALLOW, CLONE_FLAGS, CLONE_THREAD,
	    CLONE_THREAD },
	{ SCMP_SYS(clone), ACT_DEADLY, CLONE_FLAGS, CLONE_THREAD, 0 },
	/* How much a connection has unread, and unsent. */
	{ SCMP_SYS(ioctl), SCMP_ACT_ALLOW, 1, UINT32_MAX, FIONREAD },
	{ SCMP_SYS(ioctl), SCMP_ACT_ALLOW, 1, UINT32_MAX, SIOCOUTQ },
	/* Neither F_SETFL nor an owner, who could be sent signals. */
	{ SCMP_SYS(fcntl), SCMP_ACT_ALLOW, 1, UINT32_MAX, F_GETFL },
	{ SCMP_SYS(fcntl), SCMP_ACT_ALLOW, 1, UINT32_MAX, F_SETFD },
	{ SCMP_SYS(fcntl64), SCMP_ACT_ALLOW, 1, UINT32_MAX, F_GETFL },
	{ SCMP_SYS(fcntl64), SCMP_ACT_ALLOW, 1, UINT32_MAX, F_SETFD },
	{ SCMP_SYS(prctl), SCMP_ACT_ALLOW, 0, UINT32_MAX, PR_SET_PDEATHSIG },
	{ SCMP_SYS(prctl), SCMP_ACT_ALLOW, 0, UINT32_MAX, PR_SET_NAME },
};

static int
filter_add(scmp_filter_ctx filter, const struct condition *c)
{
	return seccomp_rule_add(filter, c->action, c->call, 1,
	    SCMP_CMP64(c->arg, SCMP_CMP_MASKED_EQ, c->mask, c->value));
}

/* syslogd may be restarted: its socket, and no other, is connected again. */
static int
filter_add_log(scmp_filter_ctx filter, int fd)
{
	const struct condition again = {
		SCMP_SYS(connect), SCMP_ACT_ALLOW, 0, UINT32_MAX, (uint64_t)fd,
	};

	return filter_add(filter, &again);
}

static int
filter_add_rules(scmp_filter_ctx filter, const struct sandbox_config *config)
{
	/* Signals to its own threads alone. */
	const struct condition own = {
		SCMP_SYS(tgkill), SCMP_ACT_ALLOW, 0, UINT32_MAX,
		(uint64_t)getpid(),
	};
	int error = filter_add(filter, &own);
	size_t i;

	for (i = 0; i < nitems(allowed_calls) && error == 0; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    allowed_calls[i], 0);
	for (i = 0; i < nitems(deadly_calls) && error == 0; i++)
		error = seccomp_rule_add(filter, ACT_DEADLY, deadly_calls[i],
		    0);
	for (i = 0; i < nitems(conditions) && error == 0; i++)
		error = filter_add(filter, &conditions[i]);
	for (i = 0; i < config->nlog_fds && error == 0; i++)
		error = filter_add_log(filter, config->log_fds[i]);
	return error;
}

/*
 * A child runs no code but its own, so speculation past a store is no danger,
 * and what some kernels do against it in whoever has a filter would cost.
 */
static int
filter_set_attributes(scmp_filter_ctx filter, bool logs_refusals)
{
	const struct {
		enum scmp_filter_attr	attribute;
		uint32_t		value;
	} rows[] = {
		{ SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS },
		{ SCMP_FLTATR_API_SYSRAWRC, 1 },
		{ SCMP_FLTATR_CTL_LOG, logs_refusals },
		{ SCMP_FLTATR_CTL_OPTIMIZE, 2 },	/* a binary tree */
		{ SCMP_FLTATR_CTL_SSB, 1 },
	};
	int error = 0;
	size_t i;

	for (i = 0; i < nitems(rows) && error == 0; i++) {
		error = seccomp_attr_set(filter, rows[i].attribute,
		    rows[i].value);
		if (error == -EOPNOTSUPP)
			error = 0;
	}
	return error;
}

static int
seccomp_enter(const struct sandbox_config *config)
{
	scmp_filter_ctx filter;
	int error;

	if (!has_seccomp())
		return 0;
	filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (filter == NULL) {
		errno = ENOMEM;
		return -1;
	}
	error = filter_set_attributes(filter, config->logs_refusals);
	if (error == 0)
		error = filter_add_rules(filter, config);
	if (error == 0)
		error = seccomp_load(filter);
	seccomp_release(filter);
	errno = -error;
	return error == 0 ? 0 : -1;
}

int
sandbox_enter(struct sandbox *s, char *why, size_t why_size)
{
	if (landlock_enter(s) == -1)
		return fail(why, why_size, "landlock");
	if (s->config->capabilities && empty_capabilities() == -1)
		return fail(why, why_size, "capabilities");
	if (s->config->seccomp && seccomp_enter(s->config) == -1)
		return fail(why, why_size, "seccomp");
	return 0;
}
