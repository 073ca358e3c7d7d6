#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <linux/securebits.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/privileges.h"

/* Numbers that name nobody. */
#define NO_UID	3999999999U
#define NO_GID	3999999998U

static char why[256];

static void
require_root(void)
{
	if (geteuid() != 0) {
		print_message("# not root\n");
		skip();
	}
}

static void
parse(struct privileges *p, const char *spec)
{
	why[0] = '\0';
	if (privileges_parse(p, spec, why, sizeof(why)) == -1)
		fail_msg("%s: %s", spec, why);
}

/* The users are those of every Debian: base-passwd. */
static void
test_parse(void **state)
{
	static const struct {
		const char	*spec;
		const char	*user;
		uid_t		 uid;
		gid_t		 gid;
	} rows[] = {
		{ "root", "root", 0, 0 },
		{ "0", "root", 0, 0 },
		{ "nobody", "nobody", 65534, 65534 },
		{ "65534", "nobody", 65534, 65534 },
		{ "www-data", "www-data", 33, 33 },
		{ "www-data:daemon", "www-data", 33, 1 },
		{ "www-data:1", "www-data", 33, 1 },
		{ "33:daemon", "www-data", 33, 1 },
		{ "33:3999999998", "www-data", 33, NO_GID },
		{ "sync", "sync", 4, 65534 },
		{ "3999999999:3999999998", "", NO_UID, NO_GID },
		{ "3999999999:daemon", "", NO_UID, 1 },
		{ "4294967294:4294967294", "", 4294967294U, 4294967294U }
	};
	struct privileges p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&p, 'x', sizeof(p));
		parse(&p, rows[i].spec);
		assert_string_equal(p.user, rows[i].user);
		assert_int_equal(p.uid, rows[i].uid);
		assert_int_equal(p.gid, rows[i].gid);
	}
}

static void
test_parse_wrong(void **state)
{
	static const struct {
		const char	*spec;
		const char	*why;
	} rows[] = {
		{ "", "missing user" },
		{ ":", "missing user" },
		{ ":daemon", "missing user" },
		{ "root:", "missing group" },
		{ "nosuchuser", "user nosuchuser: no such user" },
		{ "nosuchuser:daemon", "user nosuchuser: no such user" },
		{ "root:nosuchgroup", "group nosuchgroup: no such group" },
		{ "root:daemon:x", "group daemon:x: no such group" },
		{ "3999999999", "user 3999999999: no such user to take a "
		    "group from; write 3999999999:group" },
		{ "-1", "user -1: no such user" },
		{ "0x21", "user 0x21: no such user" },
		/* (uid_t)-1 would leave the process root: setresuid(2). */
		{ "4294967295:0", "user 4294967295: no such user" },
		{ "root:4294967295", "group 4294967295: no such group" },
		{ "4294967296:0", "user 4294967296: no such user" },
		{ "root:4294967296", "group 4294967296: no such group" }
	};
	struct privileges p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(privileges_parse(&p, rows[i].spec, why,
		    sizeof(why)), -1);
		assert_string_equal(why, rows[i].why);
	}
}

static void
test_parse_long(void **state)
{
	struct privileges p;
	char spec[1000];

	(void)state;
	memset(spec, 'a', sizeof(spec));
	spec[sizeof(spec) - 1] = '\0';
	assert_int_equal(privileges_parse(&p, spec, why, sizeof(why)), -1);
	assert_memory_equal(why, "user aaa", 8);
	spec[255] = '\0';
	assert_int_equal(privileges_parse(&p, spec, why, sizeof(why)), -1);
	assert_memory_equal(why, "user aaa", 8);
	memcpy(spec, "root:", 5);
	spec[255] = 'a';
	assert_int_equal(privileges_parse(&p, spec, why, sizeof(why)), -1);
	assert_memory_equal(why, "group aaa", 9);
}

/*
 * Runs a function in a child, which gets the rights, and has to return 0: an
 * assertion there would go on with the tests of the parent.
 */
static void
assert_child(int (*function)(const struct privileges *), const char *spec)
{
	struct privileges p;
	pid_t pid;
	int status;

	parse(&p, spec);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(function(&p));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != 0)
		fail_msg("%s: step %d", spec, WEXITSTATUS(status));
}

/* Whether the supplementary groups are those of that user, by initgroups(3). */
static int
groups_fit(const struct privileges *p)
{
	gid_t is[64], want[64] = { p->gid };
	int i, j, n, nwant = 64;

	n = getgroups(64, is);
	if (p->user[0] == '\0')
		nwant = 1;
	else if (getgrouplist(p->user, p->gid, want, &nwant) == -1)
		return 0;
	for (i = 0; i < n; i++) {
		for (j = 0; j < nwant && is[i] != want[j]; j++)
			continue;
		if (j == nwant)
			return 0;
	}
	return n == nwant;
}

static int
drop(const struct privileges *p)
{
	const gid_t roots[] = { 0, 4, 27 };
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (setgroups(3, roots) == -1 || privileges_drop(p) == -1)
		return 1;
	if (getresuid(&ruid, &euid, &suid) == -1 || ruid != p->uid ||
	    euid != p->uid || suid != p->uid)
		return 2;
	if (getresgid(&rgid, &egid, &sgid) == -1 || rgid != p->gid ||
	    egid != p->gid || sgid != p->gid)
		return 3;
	if (!groups_fit(p))
		return 4;
	if (p->uid != 0 && (setuid(0) == 0 || seteuid(0) == 0 ||
	    (p->gid != 0 && setgid(0) == 0) || setgroups(3, roots) == 0))
		return 5;
	return 0;
}

static void
test_drop(void **state)
{
	static const char *const specs[] = {
		"nobody", "www-data", "www-data:daemon", "nobody:0",
		"3999999999:3999999998", "root", "root:daemon"
	};
	size_t i;

	(void)state;
	require_root();
	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		assert_child(drop, specs[i]);
}

/* Drops twice: the second finds no rights to change its user. */
static int
drop_again(const struct privileges *p)
{
	struct privileges other = {
		.user = "nobody",
		.uid = 65534,
		.gid = 65534,
	};

	if (privileges_drop(p) == -1)
		return 1;
	errno = 0;
	if (privileges_drop(&other) != -1 || errno != EPERM)
		return 2;
	return geteuid() == p->uid ? 0 : 3;
}

static void
test_drop_again(void **state)
{
	(void)state;
	require_root();
	assert_child(drop_again, "www-data");
}

/* With these bits a process keeps its capabilities: capabilities(7). */
static int
drop_in_vain(const struct privileges *p)
{
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) == -1)
		return 1;
	errno = 0;
	return privileges_drop(p) == -1 && errno == EPERM ? 0 : 2;
}

static void
test_drop_in_vain(void **state)
{
	(void)state;
	require_root();
#ifdef __SANITIZE_THREAD__
	/* Its own thread lacks these bits, and setresuid(3) aborts. */
	skip();
#endif
	assert_child(drop_in_vain, "www-data");
	assert_child(drop_in_vain, "www-data:0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_wrong),
		cmocka_unit_test(test_parse_long),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_drop_again),
		cmocka_unit_test(test_drop_in_vain)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
