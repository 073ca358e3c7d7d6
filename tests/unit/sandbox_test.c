#include "sandbox_test.h"

/*
 * What a deadly call ends with is SIGSYS.  A sanitizer's runtime needs such
 * calls, and gets an error; others that it needs are not refused.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#ifdef SANITIZED
#define DEADLY	EPERM
#define NARROW	0
#else
#define DEADLY	KILLED
#define NARROW	ENOSYS
#endif

/*
 * What becomes of each attempt of an unprivileged child: with no part of the
 * sandbox, with one, and with all.  It was seen to work without, or the
 * sandbox were not what refuses it.
 */
static const struct {
	const char	*name;
	int		(*function)(void);
	int		 version;	/* of Landlock, that it takes */
	int		 none;
	int		 landlock;
	int		 seccomp;
	int		 all;
} attempts[] = {
	{ "open /etc/passwd", open_passwd, 1, 0, EACCES, 0, EACCES },
	{ "open beside the root", open_secret, 1, 0, EACCES, 0, EACCES },
	{ "open ..", open_root_above, 1, 0, EACCES, 0, EACCES },
	{ "open below the root", open_root_file, 1, 0, 0, 0, 0 },
	{ "open the root again", open_root_again, 1, 0, 0, 0, 0 },
	{ "list the root", list_root, 1, 0, 0, 0, 0 },
	{ "create a file in the root", create_in_root, 1, 0, EACCES, 0,
	    EACCES },
	{ "write a file of the root", write_root_file, 1, 0, EACCES, 0,
	    EACCES },
	{ "append to a log", append_log, 1, 0, 0, 0, 0 },
	{ "append to a log by its file", append_error_log, 1, 0, 0, 0, 0 },
	{ "create a log", create_log, 1, 0, 0, 0, 0 },
	{ "read a log", read_log, 1, 0, EACCES, 0, EACCES },
	{ "truncate a log", truncate_log, 3, 0, EACCES, 0, EACCES },
	{ "truncate an open log", truncate_open_log, 1, 0, 0, ENOSYS,
	    ENOSYS },
	{ "remove a log", unlink_log, 1, 0, EACCES, ENOSYS, ENOSYS },
	{ "fork", start_process, 1, 0, 0, DEADLY, DEADLY },
	{ "clone", start_raw_process, 1, 0, 0, DEADLY, DEADLY },
	{ "execve", execute, 1, 0, EACCES, DEADLY, DEADLY },
	{ "socket", open_socket, 1, 0, 0, ENOSYS, ENOSYS },
	{ "unix socket", open_unix_socket, 1, 0, 0, ENOSYS, ENOSYS },
	{ "connect", connect_tcp, 4, 0, EACCES, ENOSYS, ENOSYS },
	{ "connect a log", connect_log, 1, ENOTSOCK, ENOTSOCK, ENOSYS,
	    ENOSYS },
	{ "connect to an abstract name", connect_unix, 6, 0, EPERM, ENOSYS,
	    ENOSYS },
	{ "send to another address", send_to_other, 6, 0, EPERM, ENOSYS,
	    ENOSYS },
	{ "bind", bind_tcp, 4, 0, EACCES, DEADLY, DEADLY },
	{ "end the listener", end_listener, 1, 0, 0, ENOSYS, ENOSYS },
	{ "change the listener", change_listener, 1, 0, 0, ENOSYS, ENOSYS },
	{ "setuid", become_root, 1, EPERM, EPERM, DEADLY, DEADLY },
	{ "ptrace", be_traced, 1, 0, 0, DEADLY, DEADLY },
	{ "unshare", new_namespace, 1, 0, 0, DEADLY, DEADLY },
	{ "kill another thread", signal_other_threads, 1, ESRCH, ESRCH,
	    ENOSYS, ENOSYS },
	{ "kill", signal_by_pid, 1, 0, 0, NARROW, NARROW },
	{ "map executable memory", map_executable, 1, 0, 0, NARROW, NARROW },
	{ "make memory executable", make_executable, 1, 0, 0, NARROW,
	    NARROW },
	{ "ioctl", control_terminal, 1, 0, 0, NARROW, NARROW },
	{ "prctl", dump_core, 1, 0, 0, NARROW, NARROW },
	{ "name a thread", name_thread, 1, 0, 0, 0, 0 },
	{ "thread", start_thread, 1, 0, 0, 0, 0 },
	{ "malloc", allocate, 1, 0, 0, 0, 0 },
	{ "calls of the C library", call_all, 1, 0, 0, 0, 0 },
	{ "raise", signal_itself, 1, 0, 0, 0, 0 },
	{ "follow the master", follow_parent, 1, 0, 0, 0, 0 },
	{ "time and random numbers", tell_time, 1, 0, 0, 0, 0 },
	{ "serve", serve, 1, 0, 0, 0, 0 },
};

static void
check(const char *name, int (*function)(void),
    const struct sandbox_config *config, enum who who, int expected)
{
	int result = attempt(function, config, who);

	if (result != expected)
		fail_msg("%s (%s, %s, user %d): %d, not %d", name,
		    config->landlock ? "landlock" : "no landlock",
		    config->seccomp ? "seccomp" : "no seccomp", (int)who,
		    result, expected);
}

static void
require(bool is_there, const char *what)
{
	if (is_there)
		return;
	print_message("# this kernel has no %s\n", what);
	skip();
}

static void
require_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("# not root\n");
	skip();
}

enum column { NONE, LANDLOCK, SECCOMP, ALL };

/* Whatever the last attempt did. */
static void
restore_files(void)
{
	(void)unlink(in_top("root/new"));
	(void)unlink(in_top("logs/new"));
	assert_int_equal(make_file("logs/old", 0666, 0), 0);
}

static void
check_column(enum column column, const struct sandbox_config *config,
    enum who who)
{
	size_t i;

	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const int expected[] = { attempts[i].none,
		    attempts[i].landlock, attempts[i].seccomp,
		    attempts[i].all };

		if (column == LANDLOCK &&
		    attempts[i].version > landlock_version)
			continue;
		restore_files();
		check(attempts[i].name, attempts[i].function, config, who,
		    expected[column]);
	}
}

static void
check_columns(enum column column, const struct sandbox_config *config)
{
	if (geteuid() == 0)
		check_column(column, config, DROPPED);
	check_column(column, config, USER);
}

static void
test_none(void **state)
{
	const struct sandbox_config config = { .capabilities = false };

	(void)state;
	check_columns(NONE, &config);
}

static void
test_landlock(void **state)
{
	const struct sandbox_config config = {
		.landlock = true,
		.read_paths = read_paths,
		.write_paths = write_paths,
	};

	(void)state;
	require(landlock_version > 0, "Landlock");
	check_columns(LANDLOCK, &config);
}

static void
test_seccomp(void **state)
{
	const struct sandbox_config config = { .seccomp = true };

	(void)state;
	require(has_seccomp, "seccomp filter");
	check_columns(SECCOMP, &config);
}

static const struct sandbox_config everything = {
	.capabilities = true,
	.landlock = true,
	.seccomp = true,
	.read_paths = read_paths,
	.write_paths = write_paths,
};

static void
test_all(void **state)
{
	(void)state;
	require(landlock_version > 0, "Landlock");
	require(has_seccomp, "seccomp filter");
	check_columns(ALL, &everything);
}

/* Not those of the C library, which want it for all threads at once. */
static int
drop_groups(void)
{
	return (int)syscall(SYS_setgroups, 0, NULL);
}

static int
change_root(void)
{
	return chroot(top);
}

static int
set_user(void)
{
	return (int)syscall(SYS_setuid, nobody.uid);
}

static int
open_foreign_file(void)
{
	return open_and_close(in_top("foreign"), O_RDONLY);
}

/* Root without capabilities is a user like any other. */
static void
test_capabilities(void **state)
{
	static const struct {
		const char	*name;
		int		(*function)(void);
		int		 error;
	} rows[] = {
		{ "setgroups", drop_groups, EPERM },
		{ "chroot", change_root, EPERM },
		{ "setuid", set_user, EPERM },
		{ "file of another user", open_foreign_file, EACCES },
	};
	struct sandbox_config config = { .capabilities = true };
	size_t i;

	(void)state;
	require_root();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		config.capabilities = true;
		check(rows[i].name, rows[i].function, &config, ROOT,
		    rows[i].error);
		config.capabilities = false;
		check(rows[i].name, rows[i].function, &config, ROOT, 0);
	}
}

static void
test_scope(void **state)
{
	struct sandbox_config config = { .landlock = true };

	(void)state;
	require_root();
	require(landlock_version >= 6, "Landlock of version 6");
	check("kill the master", signal_parent, &config, ROOT, EPERM);
	config.landlock = false;
	check("kill the master", signal_parent, &config, ROOT, 0);
}

/* The value of a field in /proc/PID/status, hexadecimal. */
static unsigned long long
status_field(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	assert_non_null(at);
	return strtoull(at + strlen(name), NULL, 16);
}

/* Starts a child in the sandbox, and reads what the kernel says of it. */
static void
read_status(const struct sandbox_config *config, enum who who, char *status,
    size_t size)
{
	int in[2], out[2], fd;
	char path[64], c = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		(void)close(in[1]);
		enter(config, who);
		_exit(write(out[1], "x", 1) == 1 ? (int)read(in[0], &c, 1) : 1);
	}
	(void)close(out[1]);
	assert_int_equal(read(out[0], &c, 1), 1);
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY);
	n = read(fd, status, size - 1);
	assert_true(n > 0);
	status[n] = '\0';
	(void)close(fd);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(out[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
test_status(void **state)
{
	static const char *const sets[] = {
		"CapInh:", "CapPrm:", "CapEff:", "CapAmb:", "CapBnd:"
	};
	size_t i, nsets = sizeof(sets) / sizeof(sets[0]);
	char status[8192];
	enum who who;

	(void)state;
	for (who = geteuid() == 0 ? ROOT : USER; who <= USER; who++) {
		read_status(&everything, who, status, sizeof(status));
		/* Only who has rights can change what execve(2) may give. */
		for (i = 0; i < nsets - (who == USER); i++)
			if (status_field(status, sets[i]) != 0)
				fail_msg("%s user %d", sets[i], (int)who);
		assert_int_equal(status_field(status, "NoNewPrivs:"), 1);
		if (has_seccomp)
			assert_int_equal(status_field(status, "Seccomp:"), 2);
	}
}

static void
test_status_none(void **state)
{
	const struct sandbox_config config = { .capabilities = false };
	const struct sandbox_config alone = { .no_new_privs = true };
	char status[8192];

	(void)state;
	read_status(&alone, USER, status, sizeof(status));
	assert_int_equal(status_field(status, "NoNewPrivs:"), 1);
	read_status(&config, USER, status, sizeof(status));
	assert_int_equal(status_field(status, "NoNewPrivs:"), 0);
	assert_int_equal(status_field(status, "Seccomp:"), 0);
	if (geteuid() != 0)
		return;
	read_status(&config, ROOT, status, sizeof(status));
	assert_true(status_field(status, "CapEff:") != 0);
	assert_true(status_field(status, "CapBnd:") != 0);
}

static int
look_around(void)
{
	struct stat slash, dot;

	if (stat("/", &slash) == -1 || stat(".", &dot) == -1)
		return -1;
	if (slash.st_ino != dot.st_ino || open_and_close("/root/file",
	    O_RDONLY) == -1 || open_root_file() == -1)
		return -1;
	if (open_and_close("/etc/passwd", O_RDONLY) == 0 || errno != ENOENT)
		return -1;
	return open_and_close("/secret", O_RDONLY);
}

static void
test_chroot(void **state)
{
	struct sandbox_config config = { .chroot_dir = top };

	(void)state;
	require_root();
	check("chroot", look_around, &config, DROPPED, 0);
	if (landlock_version <= 0)
		return;
	config.landlock = true;
	config.seccomp = true;
	config.read_paths = read_paths;
	check("chroot", look_around, &config, DROPPED, EACCES);
}

/* What prepare says in a child of that user, and its errno. */
static void
check_failure(const struct sandbox_config *config, const char *expected,
    int error)
{
	struct sandbox sandbox;
	char why[256];
	pid_t pid;
	int status;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (geteuid() == 0 && privileges_drop(&nobody) == -1)
			_exit(1);
		if (sandbox_prepare(&sandbox, config, why, sizeof(why)) == 0)
			_exit(2);
		if (errno != error)
			_exit(3);
		_exit(strcmp(why, expected) == 0 ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
test_failures(void **state)
{
	static const char *const paths[] = { "/", "/none/there", NULL };
	const struct sandbox_config no_root = { .chroot_dir = "/tmp" };
	const struct sandbox_config no_dir = { .chroot_dir = "/none" };
	const struct sandbox_config no_path = {
		.landlock = true,
		.read_paths = paths,
	};
	const struct sandbox_config no_log = {
		.landlock = true,
		.write_paths = paths,
	};

	(void)state;
	check_failure(&no_root, "chroot /tmp: Operation not permitted", EPERM);
	check_failure(&no_dir, "chroot /none: No such file or directory",
	    ENOENT);
	require(landlock_version > 0, "Landlock");
	check_failure(&no_path,
	    "landlock: /none/there: No such file or directory", ENOENT);
	check_failure(&no_log,
	    "landlock: /none/there: No such file or directory", ENOENT);
}

static int
stop_by_abort(void)
{
	abort();
}

/* A child that finds its memory broken still dies as it should. */
static void
test_abort(void **state)
{
	(void)state;
	assert_int_equal(attempt(stop_by_abort, &everything, USER),
	    KILLED + SIGABRT);
}

/* Makes this process's kernel an older one, as far as one call goes. */
static void
forget_call(int call, int error, unsigned int nconditions)
{
	const struct scmp_arg_cmp condition = {
		.arg = 0,
		.op = SCMP_CMP_EQ,
		.datum_a = PR_SET_SECCOMP,
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (filter == NULL || seccomp_rule_add(filter, SCMP_ACT_ERRNO(error),
	    call, nconditions, condition) != 0 || seccomp_load(filter) != 0)
		_exit(100);
	seccomp_release(filter);
}

/* Enters on such a kernel: what is left is in force. */
static int
enter_older(int call, int error, int nconditions, const char *lacks)
{
	char what[256];

	forget_call(call, error, (unsigned int)nconditions);
	if (!sandbox_lacks(&everything, what, sizeof(what)) ||
	    strcmp(what, lacks) != 0) {
		(void)fprintf(stderr, "lacks: %s\n", what);
		return 101;
	}
	enter(&everything, USER);
	if (call == SCMP_SYS(prctl))
		return start_process() == 0 && open_passwd() == -1 &&
		    errno == EACCES ? 0 : 102;
	return open_passwd() == 0 && end_listener() == -1 &&
	    errno == ENOSYS ? 0 : 103;
}

static void
check_older(int call, int error, int nconditions, const char *lacks)
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(enter_older(call, error, nconditions, lacks));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("%s: status %d", lacks, status);
}

static void
test_older_kernels(void **state)
{
	(void)state;
	require(landlock_version >= 4, "Landlock of version 4");
	require(has_seccomp, "seccomp filter");
	check_older(SCMP_SYS(landlock_create_ruleset), ENOSYS, 0,
	    "no Landlock (Linux 5.13 has it)");
	check_older(SCMP_SYS(landlock_create_ruleset), EOPNOTSUPP, 0,
	    "no Landlock (switched off at boot)");
	check_older(SCMP_SYS(prctl), EINVAL, 1, "no seccomp filter");
}

static void
test_lacks(void **state)
{
	const struct sandbox_config nothing = { .capabilities = true };
	char what[256];

	(void)state;
	assert_false(sandbox_lacks(&nothing, what, sizeof(what)));
	assert_string_equal(what, "");
	assert_int_equal(sandbox_lacks(&everything, what, sizeof(what)),
	    landlock_version < 4 || !has_seccomp);
	assert_int_equal(what[0] == '\0', landlock_version >= 4 &&
	    has_seccomp);
}

static int
make_dir(const char *name)
{
	return mkdir(in_top(name), 0700) == -1 ||
	    chmod(in_top(name), 0777) == -1 ? -1 : 0;
}

static int
setup(void **state)
{
	(void)state;
	landlock_version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	has_seccomp = prctl(PR_SET_SECCOMP, 2, NULL) == -1 && errno == EFAULT;
	if (mkdtemp(top) == NULL || chmod(top, 0755) == -1)
		return -1;
	(void)snprintf(root_path, sizeof(root_path), "%s/root", top);
	(void)snprintf(logs_path, sizeof(logs_path), "%s/logs", top);
	(void)snprintf(error_log_path, sizeof(error_log_path), "%s/error.log",
	    top);
	if (make_dir("root") == -1 || make_dir("root/dir") == -1 ||
	    make_dir("logs") == -1 || make_file("root/file", 0666, 0) == -1 ||
	    make_file("logs/log", 0666, 0) == -1 ||
	    make_file("error.log", 0666, 0) == -1 ||
	    make_file("secret", 0666, 0) == -1 ||
	    make_file("foreign", 0600, nobody.uid) == -1)
		return -1;
	tcp_peer = open_listener(&tcp_address);
	unix_peer = open_unix(&unix_address, &unix_len, SOCK_STREAM);
	datagram_peer = open_unix(&datagram_address, &datagram_len,
	    SOCK_DGRAM);
	if (tcp_peer == -1 || unix_peer == -1 || datagram_peer == -1 ||
	    listen(tcp_peer, 1000) == -1 || listen(unix_peer, 1000) == -1)
		return -1;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {
		"root/new", "root/file", "root/dir", "root", "logs/new",
		"logs/old", "logs/log", "logs", "error.log", "secret",
		"foreign"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)remove(in_top(names[i]));
	return remove(top);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_landlock),
		cmocka_unit_test(test_seccomp),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_status_none),
		cmocka_unit_test(test_chroot),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_older_kernels),
		cmocka_unit_test(test_lacks)
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
