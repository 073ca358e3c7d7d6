#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/docroot.h"

/* A directory with a file beside the root, and the root in it. */
static char base[] = "/tmp/docroot_test.XXXXXX";

static void
make_file(const char *name)
{
	int fd;

	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	assert_return_code(fd, errno);
	close(fd);
}

static int
make_tree(void **state)
{
	static const char *const dirs[] = {
		"root", "root/dir", "root/.git", "root/.well-known"
	};
	static const char *const files[] = {
		"secret", "root/file", "root/dir/file", "root/.htpasswd",
		"root/.git/config", "root/.well-known/acme", "root/..data",
		"root/.well-known2"
	};
	static const struct {
		const char	*to;
		const char	*name;
	} links[] = {
		{ "dir/file", "root/in" }, { "dir", "root/in-dir" },
		{ "../file", "root/dir/up" }, { "../secret", "root/out" },
		{ "../../secret", "root/dir/out" }, { "..", "root/out-dir" },
		{ "/etc/passwd", "root/absolute" }, { "loop", "root/loop" },
		{ "/proc/self/root", "root/magic" }, { "gone", "root/dangling" }
	};
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(base));
	assert_return_code(chdir(base), errno);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_return_code(mkdir(dirs[i], 0755), errno);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		make_file(files[i]);
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		assert_return_code(symlink(links[i].to, links[i].name), errno);
	return 0;
}

static int
remove_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
remove_tree(void **state)
{
	(void)state;
	return nftw(base, remove_path, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct {
	const char	*path;
	int		 error;
} rows[] = {
	{ "/", 0 }, { "//", 0 }, { "", 0 }, { "/file", 0 }, { "//file", 0 },
	{ "/dir//file", 0 }, { "/dir/", 0 }, { "/in", 0 }, { "/in-dir/", 0 },
	{ "/dir/up", 0 }, { "/.well-known/acme", 0 }, { "/.well-known/", 0 },
	{ "/missing", ENOENT }, { "/dangling", ENOENT },
	{ "/file/", ENOTDIR }, { "/file/x", ENOTDIR },
	{ "/.htpasswd", ENOENT }, { "/.git/config", ENOENT },
	{ "/dir//.git", ENOENT }, { "/..data", ENOENT },
	{ "/.well-known2", ENOENT }, { "/.", ENOENT }, { "/..", ENOENT },
	{ "/../secret", ENOENT }, { "/dir/../file", ENOENT },
	{ "/out", EXDEV }, { "/dir/out", EXDEV }, { "/out-dir/secret", EXDEV },
	{ "/absolute", EXDEV }, { "/magic", EXDEV }, { "/loop", ELOOP },
};

static void
test_open(void **state)
{
	struct docroot root;
	size_t i;
	int error, fd;

	(void)state;
	assert_return_code(docroot_init(&root, "root"), errno);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = docroot_open(&root, rows[i].path, O_RDONLY);
		error = fd == -1 ? errno : 0;
		if (error != rows[i].error)
			fail_msg("\"%s\": %s, not %s", rows[i].path,
			    strerror(error), strerror(rows[i].error));
		if (fd != -1) {
			assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
			close(fd);
		}
	}
	docroot_close(&root);
}

static void
test_open_of_a_path(void **state)
{
	struct docroot root;
	int fd;

	(void)state;
	assert_return_code(docroot_init(&root, "root"), errno);
	fd = docroot_open(&root, "/file", O_PATH);
	assert_return_code(fd, errno);
	close(fd);
	docroot_close(&root);
}

static void
test_names_too_long(void **state)
{
	char name[NAME_MAX + 3], path[PATH_MAX + 2];
	struct docroot root;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	memset(path, 'b', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_return_code(docroot_init(&root, "root"), errno);
	assert_int_equal(docroot_open(&root, name, O_RDONLY), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(docroot_open(&root, path, O_RDONLY), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	docroot_close(&root);
}

static void
test_init_refuses_what_is_no_directory(void **state)
{
	struct docroot root;

	(void)state;
	assert_int_equal(docroot_init(&root, "missing"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(docroot_init(&root, "root/file"), -1);
	assert_int_equal(errno, ENOTDIR);
	docroot_close(&root);
}

static void
test_hides(void **state)
{
	(void)state;
	assert_int_equal(docroot_hides("a.b", 3), 0);
	assert_int_equal(docroot_hides("", 0), 0);
	assert_int_equal(docroot_hides(".", 1), 1);
	assert_int_equal(docroot_hides("..", 2), 1);
	assert_int_equal(docroot_hides(".git", 4), 1);
	assert_int_equal(docroot_hides(".well-known", 11), 0);
	assert_int_equal(docroot_hides(".well-known/x", 11), 0);
	assert_int_equal(docroot_hides(".well-know", 10), 1);
	assert_int_equal(docroot_hides(".well-known2", 12), 1);
	assert_int_equal(docroot_hides(".Well-Known", 11), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_of_a_path),
		cmocka_unit_test(test_names_too_long),
		cmocka_unit_test(test_init_refuses_what_is_no_directory),
		cmocka_unit_test(test_hides),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
