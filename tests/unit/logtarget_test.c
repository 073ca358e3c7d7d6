/* logtarget: names of logs, and what they open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include "logtarget.h"

/* The current directory of every test. */
static char dir[] = "/tmp/logtarget_test.XXXXXX";

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : chdir(dir);
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink("log");
	(void)unlink("old");
	(void)unlink("pipe");
	return rmdir(dir);
}

static void
reads_names(void **state)
{
	static const struct {
		const char		*name;
		enum logtarget_kind	 kind;
		int			 facility;
		const char		*path;	/* below dir, when relative */
	} rows[] = {
		{ "-", LOGTARGET_STREAM, LOG_DAEMON, NULL },
		{ "syslog", LOGTARGET_SYSLOG, LOG_DAEMON, NULL },
		{ "syslog:local3", LOGTARGET_SYSLOG, LOG_LOCAL3, NULL },
		{ "syslog:user", LOGTARGET_SYSLOG, LOG_USER, NULL },
		{ "/a/b", LOGTARGET_FILE, LOG_DAEMON, "/a/b" },
		{ "a/b", LOGTARGET_FILE, LOG_DAEMON, "a/b" },
		{ "./syslog", LOGTARGET_FILE, LOG_DAEMON, "./syslog" },
		{ "syslogs", LOGTARGET_FILE, LOG_DAEMON, "syslogs" },
		{ "./-", LOGTARGET_FILE, LOG_DAEMON, "./-" },
	};
	struct logtarget target;
	char why[128], want[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(logtarget_parse(&target, rows[i].name, why,
		    sizeof(why)), 0);
		assert_int_equal(target.kind, rows[i].kind);
		assert_int_equal(target.facility, rows[i].facility);
		if (rows[i].path == NULL) {
			assert_null(target.path);
		} else {
			(void)snprintf(want, sizeof(want), "%s%s%s",
			    *rows[i].path == '/' ? "" : dir,
			    *rows[i].path == '/' ? "" : "/", rows[i].path);
			assert_string_equal(target.path, want);
		}
		logtarget_free(&target);
	}
}

static void
refuses_names(void **state)
{
	static const char *const names[] = {
		"", "syslog:", "syslog:nobody", "syslog:mark", "syslog:local8"
	};
	struct logtarget target;
	char why[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		why[0] = '\0';
		assert_int_equal(logtarget_parse(&target, names[i], why,
		    sizeof(why)), -1);
		assert_string_not_equal(why, "");
	}
}

static void
opens_a_file_again(void **state)
{
	struct logtarget target;
	struct stat st, st2;
	char why[128];
	int fd, fd2;

	(void)state;
	(void)umask(022);
	assert_int_equal(logtarget_parse(&target, "log", why, sizeof(why)), 0);
	assert_return_code(chdir("/"), errno);
	fd = logtarget_open(&target, 1, true);
	assert_return_code(fd, errno);
	assert_return_code(chdir(dir), errno);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(rename("log", "old"), 0);
	fd2 = logtarget_open(&target, 1, false);
	assert_return_code(fd2, errno);
	assert_int_equal(fcntl(fd2, F_GETFL) & (O_APPEND | O_NONBLOCK),
	    O_APPEND);
	assert_int_equal(fstat(fd2, &st2), 0);
	assert_int_not_equal(st.st_ino, st2.st_ino);
	close(fd);
	close(fd2);
	logtarget_free(&target);
}

static void
waits_for_no_reader(void **state)
{
	struct logtarget target;
	char why[128];

	(void)state;
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(logtarget_parse(&target, "pipe", why, sizeof(why)),
	    0);
	assert_int_equal(logtarget_open(&target, 1, false), -1);
	assert_int_equal(errno, ENXIO);
	logtarget_free(&target);
}

static void
duplicates_a_stream(void **state)
{
	struct logtarget target;
	char why[128];
	int fd;

	(void)state;
	assert_int_equal(logtarget_parse(&target, "-", why, sizeof(why)), 0);
	fd = logtarget_open(&target, STDOUT_FILENO, true);
	assert_in_range(fd, STDERR_FILENO + 1, 1000);
	close(fd);
}

static void
knows_levels(void **state)
{
	(void)state;
	assert_int_equal(logtarget_level("alert"), LOG_ALERT);
	assert_int_equal(logtarget_level("warning"), LOG_WARNING);
	assert_int_equal(logtarget_level("debug"), LOG_DEBUG);
	assert_int_equal(logtarget_level("emerg"), -1);
	assert_int_equal(logtarget_level("none"), -1);
	assert_int_equal(logtarget_level("loud"), -1);
	assert_int_equal(logtarget_level(""), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_names),
		cmocka_unit_test(refuses_names),
		cmocka_unit_test(opens_a_file_again),
		cmocka_unit_test(waits_for_no_reader),
		cmocka_unit_test(duplicates_a_stream),
		cmocka_unit_test(knows_levels),
	};

	return cmocka_run_group_tests_name("logtarget", tests, setup,
	    teardown);
}
