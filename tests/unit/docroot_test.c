#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/docroot.h"
#include "../../src/turn.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
/* More segments of this length are in a path than PATH_MAX lets through. */
#define DEEP_NAME 250
#define DEEP_LEVELS 20

/* A directory with things beside the root, and the root in it. */
static char base[] = "/tmp/docroot_test.XXXXXX";

/* The base and a path in it, in one of some buffers that take turns. */
static const char *
in_base(const char *path)
{
	static char bufs[8][PATH_MAX];
	static unsigned int n;
	char *buf = bufs[n++ % LEN(bufs)];

	assert_true(snprintf(buf, PATH_MAX, "%s/%s", base, path) < PATH_MAX);
	return buf;
}

static void
make_file(const char *name)
{
	int fd;

	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	assert_return_code(fd, errno);
	close(fd);
}

static void
make_directory(const char *name)
{
	assert_return_code(mkdir(name, 0755), errno);
}

static void
make_link(const char *to, const char *name)
{
	assert_return_code(symlink(to, name), errno);
}

static void
rename_path(const char *from, const char *to)
{
	assert_return_code(rename(from, to), errno);
}

static void
make_socket(const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	strlcpy(sun.sun_path, name, sizeof(sun.sun_path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_return_code(fd, errno);
	assert_return_code(bind(fd, (struct sockaddr *)&sun, sizeof(sun)),
	    errno);
	close(fd);
}

static void
make_relative_links(void)
{
	static const char *const links[][2] = {
		{ "root", "current" }, { "../root/dir", "outside/back" },
		{ "dir/file", "root/in" }, { "dir", "root/in-dir" },
		{ "../file", "root/dir/up" }, { "../secret", "root/out" },
		{ "../../secret", "root/dir/out" }, { "..", "root/out-dir" },
		{ "loop", "root/loop" }, { "gone", "root/dangling" },
		{ "../root/file", "root/around" },
		{ "../outside/back", "root/around-dir" },
		{ "../outside/back/../../secret", "root/around-out" },
		{ ".htpasswd", "root/to-dotfile" }, { "fifo", "root/to-fifo" },
	};
	size_t i;

	for (i = 0; i < LEN(links); i++)
		make_link(links[i][0], links[i][1]);
}

static void
make_absolute_links(void)
{
	static const char *const links[][2] = {
		{ "/", "root/slash" }, { "/etc/passwd", "root/absolute" },
		{ "/proc/self/root", "root/magic" },
		{ "/proc/self/cwd/root/file", "root/magic-in" },
		{ "/proc/self/fd/0", "root/magic-fd" },
		{ "/dev/null", "root/null" },
	};
	/* These are in the base. */
	static const char *const own_links[][2] = {
		{ "root/dir/file", "root/abs" }, { "root/dir", "root/abs-dir" },
		{ "root", "root/abs-root" }, { "root/", "root/abs-slash" },
		{ "current/file", "root/abs-current" },
		{ "outside/back/file", "root/abs-back" },
		{ "secret", "root/abs-out" }, { "", "root/abs-base" },
		{ "root-beside/file", "root/abs-beside" },
		{ "root/abs-loop", "root/abs-loop" },
		{ "root/gone", "root/abs-dangling" },
		{ "root/abs", "root/abs-abs" },
		{ "root/was (deleted)", "root/abs-deleted" },
		{ "root/fifo", "root/abs-fifo" },
	};
	size_t i;

	for (i = 0; i < LEN(links); i++)
		make_link(links[i][0], links[i][1]);
	for (i = 0; i < LEN(own_links); i++)
		make_link(in_base(own_links[i][0]), own_links[i][1]);
}

static int
make_tree(void **state)
{
	static const char *const dirs[] = {
		"outside", "root", "root-beside", "root/dir", "root/dir/sub",
		"root/.git", "root/.well-known"
	};
	static const char *const files[] = {
		"secret", "root-beside/file", "root/file", "root/dir/file",
		"root/dir/sub/file", "root/.htpasswd", "root/.git/config",
		"root/.well-known/acme", "root/..data", "root/.well-known2",
		"root/.well-known.html", "root/was (deleted)", "root/file.html"
	};
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(base));
	assert_return_code(chmod(base, 0755), errno);
	assert_return_code(chdir(base), errno);
	for (i = 0; i < LEN(dirs); i++)
		make_directory(dirs[i]);
	for (i = 0; i < LEN(files); i++)
		make_file(files[i]);
	assert_return_code(mkfifo("root/fifo", 0644), errno);
	make_socket("root/socket");
	make_relative_links();
	make_absolute_links();
	return 0;
}

/* From inside, as fts(3) goes: some paths are too long for a system call. */
static int
remove_tree(void **state)
{
	char *paths[] = { base, NULL };
	FTSENT *entry;
	FTS *fts;

	(void)state;
	if ((fts = fts_open(paths, FTS_PHYSICAL, NULL)) == NULL)
		return -1;
	while ((entry = fts_read(fts)) != NULL)
		if (entry->fts_info != FTS_D)
			(void)remove(entry->fts_accpath);
	fts_close(fts);
	return access(base, F_OK) == 0 ? -1 : 0;
}

static int
go_to_base(void **state)
{
	(void)state;
	return chdir(base);
}

static void
open_root(struct docroot *root, const char *dir)
{
	assert_return_code(docroot_init(root, dir), errno);
}

static int
count_descriptors(void)
{
	DIR *dir;
	int n = 0;

	assert_non_null(dir = opendir("/proc/self/fd"));
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static int
same_file(const struct stat *st, const char *path)
{
	struct stat other;

	assert_return_code(lstat(path, &other), errno);
	return st->st_dev == other.st_dev && st->st_ino == other.st_ino;
}

/* What a path is, or the error that it fails with. */
struct row {
	const char	*path;
	const char	*file;		/* in the base */
	int		 error;
};

static const struct row rows[] = {
	{ "/", "root", 0 }, { "//", "root", 0 }, { "", "root", 0 },
	{ "/file", "root/file", 0 }, { "//file", "root/file", 0 },
	{ "/dir//file", "root/dir/file", 0 }, { "/dir/", "root/dir", 0 },
	{ "/in", "root/dir/file", 0 }, { "/in-dir/", "root/dir", 0 },
	{ "/in-dir/file", "root/dir/file", 0 },
	{ "/dir/up", "root/file", 0 },
	{ "/.well-known/acme", "root/.well-known/acme", 0 },
	{ "/.well-known/", "root/.well-known", 0 },
	{ "/was (deleted)", "root/was (deleted)", 0 },
	{ "/to-dotfile", "root/.htpasswd", 0 },
	/* Links that lead out and in again. */
	{ "/around", "root/file", 0 }, { "/around-dir", "root/dir", 0 },
	{ "/around-dir/file", "root/dir/file", 0 },
	{ "/around-dir//sub//file", "root/dir/sub/file", 0 },
	{ "/out-dir/root/file", "root/file", 0 },
	{ "/abs", "root/dir/file", 0 }, { "/abs-dir", "root/dir", 0 },
	{ "/abs-dir/", "root/dir", 0 }, { "/abs-dir//", "root/dir", 0 },
	{ "//abs-dir/sub/file", "root/dir/sub/file", 0 },
	{ "/abs-root", "root", 0 }, { "/abs-root/", "root", 0 },
	{ "/abs-slash", "root", 0 }, { "/abs-root/file", "root/file", 0 },
	{ "/abs-root/abs-root/abs", "root/dir/file", 0 },
	{ "/abs-current", "root/file", 0 },
	{ "/abs-back", "root/dir/file", 0 }, { "/abs-abs", "root/dir/file", 0 },
	{ "/abs-deleted", "root/was (deleted)", 0 },
	/* What is not there, or no directory. */
	{ "/missing", NULL, ENOENT }, { "/dangling", NULL, ENOENT },
	{ "/file/", NULL, ENOTDIR }, { "/file/x", NULL, ENOTDIR },
	{ "/in/", NULL, ENOTDIR }, { "/abs/", NULL, ENOTDIR },
	{ "/abs//", NULL, ENOTDIR }, { "/abs-root/file/", NULL, ENOTDIR },
	/* What is hidden. */
	{ "/.htpasswd", NULL, ENOENT }, { "/.git/config", NULL, ENOENT },
	{ "/dir//.git", NULL, ENOENT }, { "/..data", NULL, ENOENT },
	{ "/.well-known2", NULL, ENOENT }, { "/.", NULL, ENOENT },
	{ "/..", NULL, ENOENT }, { "/../secret", NULL, ENOENT },
	{ "/dir/../file", NULL, ENOENT }, { "/dir/./file", NULL, ENOENT },
	{ "/abs-dir/../file", NULL, ENOENT },
	{ "/abs-root/.git/config", NULL, ENOENT },
	/* What is outside, whether it is there or not. */
	{ "/out", NULL, EXDEV }, { "/dir/out", NULL, EXDEV },
	{ "/out/", NULL, EXDEV }, { "/out/x", NULL, EXDEV },
	{ "/out-dir", NULL, EXDEV }, { "/out-dir/", NULL, EXDEV },
	{ "/out-dir/secret", NULL, EXDEV }, { "/out-dir/gone", NULL, EXDEV },
	{ "/out-dir/root-beside/file", NULL, EXDEV },
	{ "/around-out", NULL, EXDEV }, { "/slash", NULL, EXDEV },
	{ "/slash/etc/passwd", NULL, EXDEV }, { "/absolute", NULL, EXDEV },
	{ "/absolute/", NULL, EXDEV }, { "/null", NULL, EXDEV },
	{ "/abs-out", NULL, EXDEV }, { "/abs-base", NULL, EXDEV },
	{ "/abs-base/secret", NULL, EXDEV }, { "/abs-beside", NULL, EXDEV },
	{ "/abs-dangling", NULL, EXDEV }, { "/abs/x", NULL, EXDEV },
	/* What may not be followed at all. */
	{ "/loop", NULL, ELOOP }, { "/abs-loop", NULL, EXDEV },
	{ "/magic", NULL, EXDEV }, { "/magic/etc/passwd", NULL, EXDEV },
	{ "/magic-in", NULL, EXDEV }, { "/magic-fd", NULL, EXDEV },
};

/* What is different where links out of the root are followed. */
static const struct row following[] = {
	{ "/file", "root/file", 0 }, { "/in", "root/dir/file", 0 },
	{ "/out", "secret", 0 }, { "/out-dir/", ".", 0 },
	{ "/out-dir/secret", "secret", 0 }, { "/abs-out", "secret", 0 },
	{ "/abs-base/secret", "secret", 0 }, { "/around-out", "secret", 0 },
	{ "/abs-beside", "root-beside/file", 0 }, { "/absolute", "/etc/passwd",
	0 }, { "/slash/etc/passwd", "/etc/passwd", 0 }, { "/slash", "/", 0 },
	{ "/abs-dangling", NULL, ENOENT }, { "/abs-loop", NULL, ELOOP },
	{ "/abs/", NULL, ENOTDIR }, { "/out/", NULL, ENOTDIR },
	{ "/..", NULL, ENOENT }, { "/../secret", NULL, ENOENT },
	{ "/dir/../file", NULL, ENOENT }, { "/out-dir/../x", NULL, ENOENT },
	{ "/.htpasswd", NULL, ENOENT },
	{ "/magic", NULL, ELOOP }, { "/magic/etc/passwd", NULL, ELOOP },
	{ "/magic-in", NULL, ELOOP }, { "/magic-fd", NULL, ELOOP },
};

/* What is different where dotfiles are shown. */
static const struct row dotfiles[] = {
	{ "/.htpasswd", "root/.htpasswd", 0 }, { "/..data", "root/..data", 0 },
	{ "/.git/config", "root/.git/config", 0 }, { "/.git", "root/.git", 0 },
	{ "/abs-root/.git/config", "root/.git/config", 0 },
	{ "/.", NULL, ENOENT }, { "/..", NULL, ENOENT },
	{ "/dir/./file", NULL, ENOENT }, { "/dir/../file", NULL, ENOENT },
	{ "/../secret", NULL, ENOENT },
};

static void
check_row(const struct docroot *root, const struct row *row)
{
	struct stat st;
	int error, fd;

	fd = docroot_open(root, row->path, O_RDONLY | O_NONBLOCK);
	error = fd == -1 ? errno : 0;
	if (error != row->error)
		fail_msg("\"%s\" in %s: %s, not %s", row->path, root->path,
		    strerror(error), strerror(row->error));
	if (fd == -1)
		return;
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_return_code(fstat(fd, &st), errno);
	if (!same_file(&st, row->file))
		fail_msg("\"%s\" is not %s", row->path, row->file);
	close(fd);
}

static void
check_rows(const struct docroot *root, const struct row *row, size_t n)
{
	for (; n > 0; n--)
		check_row(root, row++);
}

static void
test_open(void **state)
{
	const char *dirs[] = {
		"root", "./root", "root/", "current", "root/dir/..",
		in_base("root"), in_base("current"), in_base("current//")
	};
	struct docroot root;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(dirs); i++) {
		open_root(&root, dirs[i]);
		check_rows(&root, rows, LEN(rows));
		docroot_close(&root);
	}
}

static void
test_open_follows_links(void **state)
{
	struct docroot root;

	(void)state;
	open_root(&root, "current");
	root.follows_links = true;
	check_rows(&root, following, LEN(following));
	docroot_close(&root);
}

static void
test_open_shows_dotfiles(void **state)
{
	struct docroot root;

	(void)state;
	open_root(&root, "root");
	root.shows_dotfiles = true;
	check_rows(&root, dotfiles, LEN(dotfiles));
	docroot_close(&root);
}

/* Below "/" is everything but magic links. */
static void
test_open_below_slash(void **state)
{
	const struct row slash[] = {
		{ "/", "/", 0 }, { in_base("secret"), "secret", 0 },
		{ in_base("root/abs"), "root/dir/file", 0 },
		{ in_base("root/out"), "secret", 0 },
		{ in_base("root/slash"), "/", 0 },
		{ in_base("root/magic"), NULL, EXDEV },
	};
	struct docroot root;

	(void)state;
	open_root(&root, "/");
	check_rows(&root, slash, LEN(slash));
	docroot_close(&root);
}

static void
test_open_of_a_path(void **state)
{
	static const char *const paths[] = { "/file", "/abs", "/abs-fifo" };
	struct docroot root;
	size_t i;
	int fd;

	(void)state;
	open_root(&root, "root");
	for (i = 0; i < LEN(paths); i++) {
		fd = docroot_open(&root, paths[i], O_PATH);
		assert_return_code(fd, errno);
		assert_true(fcntl(fd, F_GETFL) & O_PATH);
		close(fd);
	}
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
	open_root(&root, "root");
	assert_int_equal(docroot_open(&root, name, O_RDONLY), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(docroot_open(&root, path, O_RDONLY), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	docroot_close(&root);
}

/* Makes directories in each other, of which no path tells the last. */
static void
make_deep(const char *name)
{
	int level;

	assert_return_code(chdir("root"), errno);
	for (level = 0; level < DEEP_LEVELS; level++) {
		make_directory(name);
		assert_return_code(chdir(name), errno);
	}
	make_file("file");
	assert_return_code(chdir(base), errno);
}

/* A link leads half of the way, and the file's own path is too long. */
static void
test_open_of_a_file_too_deep(void **state)
{
	char half[(DEEP_NAME + 1) * DEEP_LEVELS / 2 + 1], name[DEEP_NAME + 1];
	char path[PATH_MAX];
	struct docroot root;
	int fd, level;

	(void)state;
	memset(name, 'd', DEEP_NAME);
	name[DEEP_NAME] = '\0';
	make_deep(name);
	half[0] = '\0';
	for (level = 0; level < DEEP_LEVELS / 2; level++) {
		strlcat(half, "/", sizeof(half));
		strlcat(half, name, sizeof(half));
	}
	make_link(half + 1, "root/half");
	assert_true(snprintf(path, sizeof(path), "root%s", half) > 0);
	make_link(in_base(path), "root/abs-half");
	open_root(&root, "root");
	snprintf(path, sizeof(path), "/half%s/file", half);
	fd = docroot_open(&root, path, O_RDONLY);
	assert_return_code(fd, errno);
	close(fd);
	snprintf(path, sizeof(path), "/abs-half%s/file", half);
	assert_int_equal(docroot_open(&root, path, O_RDONLY), -1);
	assert_int_equal(errno, EXDEV);
	docroot_close(&root);
}

/* Renames files over root/raced until it is killed. */
static pid_t
start_renaming(void)
{
	pid_t pid;
	int fd;

	pid = fork();
	assert_return_code(pid, errno);
	if (pid != 0)
		return pid;
	for (;;) {
		fd = open("root/raced.new", O_WRONLY | O_CREAT | O_EXCL, 0644);
		if (fd == -1 || rename("root/raced.new", "root/raced") == -1)
			_exit(1);
		close(fd);
	}
}

/* A file that is replaced while a link to it is followed is always there. */
static void
test_open_races_with_renames(void **state)
{
	struct docroot root;
	struct stat st;
	pid_t pid;
	int fd, i, status;

	(void)state;
	make_file("root/raced");
	make_file("root/raced (deleted)");
	make_link(in_base("root/raced"), "root/abs-raced");
	open_root(&root, "root");
	pid = start_renaming();
	for (i = 0; i < 5000; i++) {
		fd = docroot_open(&root, "/abs-raced", O_RDONLY);
		assert_return_code(fd, errno);
		assert_return_code(fstat(fd, &st), errno);
		assert_false(same_file(&st, "root/raced (deleted)"));
		close(fd);
	}
	assert_return_code(kill(pid, SIGKILL), errno);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	docroot_close(&root);
}

/* That there is no descriptor left is not taken for a link that leads out. */
static void
test_open_without_descriptors(void **state)
{
	struct rlimit limit, less;
	struct docroot root;
	int errors[3], fd, i, lowest;

	(void)state;
	open_root(&root, "root");
	assert_return_code(lowest = dup(root.fd), errno);
	close(lowest);
	assert_return_code(getrlimit(RLIMIT_NOFILE, &limit), errno);
	less = limit;
	for (i = 0; i < 3; i++) {
		less.rlim_cur = (rlim_t)lowest + (rlim_t)i;
		assert_return_code(setrlimit(RLIMIT_NOFILE, &less), errno);
		fd = docroot_open(&root, "/abs", O_RDONLY);
		errors[i] = fd == -1 ? errno : 0;
		if (fd != -1)
			close(fd);
	}
	assert_return_code(setrlimit(RLIMIT_NOFILE, &limit), errno);
	assert_int_equal(errors[0], EMFILE);
	assert_int_equal(errors[1], EMFILE);
	assert_int_equal(errors[2], 0);
	docroot_close(&root);
}

static void
test_init_refuses_what_is_no_directory(void **state)
{
	static const struct {
		const char	*dir;
		int		 error;
	} dirs[] = {
		{ "missing", ENOENT }, { "root/file", ENOTDIR }, { "", ENOENT },
		{ "root/dangling", ENOENT }, { "root/loop", ELOOP },
	};
	struct docroot root;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(dirs); i++) {
		assert_int_equal(docroot_init(&root, dirs[i].dir), -1);
		assert_int_equal(errno, dirs[i].error);
		assert_int_equal(root.fd, -1);
		docroot_close(&root);
	}
}

/* The path is absolute, and names the root wherever the process goes. */
static void
test_init_path(void **state)
{
	const struct {
		const char	*cwd;
		const char	*dir;
		const char	*path;
	} paths[] = {
		{ base, "root", in_base("root") },
		{ base, "current", in_base("current") },
		{ in_base("root"), ".", in_base("root") },
		{ "/", base, base }, { "/", base + 1, base },
		{ "/", ".", "/" }, { "/", "/", "/" },
	};
	struct docroot root;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < LEN(paths); i++) {
		assert_return_code(chdir(paths[i].cwd), errno);
		open_root(&root, paths[i].dir);
		assert_string_equal(root.path, paths[i].path);
		assert_int_equal(fcntl(root.fd, F_GETFD), FD_CLOEXEC);
		assert_return_code(chdir("/"), errno);
		fd = root.fd;
		docroot_follow(&root);
		assert_int_equal(root.fd, fd);
		assert_int_equal(root.turn, turn_current());
		docroot_close(&root);
	}
}

static void
test_hides(void **state)
{
	static const struct {
		const char	*name;
		size_t		 len;
		bool		 hidden;
		bool		 always;	/* even among dotfiles shown */
	} names[] = {
		{ "a.b", 3, false, false }, { "", 0, false, false },
		{ ".", 1, true, true }, { "..", 2, true, true },
		{ "../x", 2, true, true }, { "...", 3, true, false },
		{ "..a", 3, true, false }, { ".a", 2, true, false },
		{ ".git", 4, true, false }, { ".well-known", 11, false, false },
		{ ".well-known/x", 11, false, false },
		{ ".well-know", 10, true, false },
		{ ".well-known2", 12, true, false },
		{ ".Well-Known", 11, true, false },
	};
	struct docroot root = { .fd = -1 };
	size_t i;

	(void)state;
	for (i = 0; i < LEN(names); i++) {
		root.shows_dotfiles = false;
		if (docroot_hides(&root, names[i].name, names[i].len) !=
		    names[i].hidden)
			fail_msg("\"%s\"", names[i].name);
		root.shows_dotfiles = true;
		if (docroot_hides(&root, names[i].name, names[i].len) !=
		    names[i].always)
			fail_msg("\"%s\" among dotfiles", names[i].name);
	}
}

/* The next turn begins, and the root is that directory with this file. */
static void
check_follow(struct docroot *root, const char *dir, const char *file)
{
	const struct row row = { "/version", file, 0 };

	turn_begin();
	docroot_follow(root);
	assert_true(same_file(&root->st, dir));
	check_row(root, &row);
}

static int
make_versions(void **state)
{
	(void)state;
	make_directory("v1");
	make_directory("v2");
	make_file("v1/version");
	make_file("v2/version");
	return 0;
}

static int
remove_versions(void **state)
{
	(void)state;
	unlink("v1/version");
	unlink("v2/version");
	unlink("live");
	return rmdir("v1") == -1 || rmdir("v2") == -1 ? -1 : 0;
}

static void
test_follow_renamed_link(void **state)
{
	struct docroot root;
	int fd, n;

	(void)state;
	make_link("v1", "live");
	open_root(&root, "live");
	n = count_descriptors();
	check_follow(&root, "v1", "v1/version");
	make_link("v2", "live.new");
	rename_path("live.new", "live");
	/* In the same turn it is not looked at. */
	docroot_follow(&root);
	assert_true(same_file(&root.st, "v1"));
	check_follow(&root, "v2", "v2/version");
	fd = root.fd;
	check_follow(&root, "v2", "v2/version");
	assert_int_equal(root.fd, fd);
	assert_int_equal(fcntl(root.fd, F_GETFD), FD_CLOEXEC);
	assert_true(fcntl(root.fd, F_GETFL) & O_PATH);
	assert_int_equal(count_descriptors(), n);
	docroot_close(&root);
	assert_int_equal(count_descriptors(), n - 1);
}

static void
test_follow_renamed_directories(void **state)
{
	struct docroot root;

	(void)state;
	open_root(&root, "v1");
	rename_path("v1", "v0");
	/* Its path leads nowhere for a time. */
	check_follow(&root, "v0", "v0/version");
	rename_path("v2", "v1");
	check_follow(&root, "v1", "v1/version");
	rename_path("v1", "v2");
	rename_path("v0", "v1");
	check_follow(&root, "v1", "v1/version");
	docroot_close(&root);
}

/* A root that is gone, or no directory any more, stays what it was. */
static void
test_follow_what_vanished(void **state)
{
	struct docroot root;

	(void)state;
	open_root(&root, "v1");
	rename_path("v1", "v0");
	make_file("v1");
	check_follow(&root, "v0", "v0/version");
	unlink("v1");
	make_link("v1", "v1");
	check_follow(&root, "v0", "v0/version");
	unlink("v1");
	unlink("v0/version");
	assert_return_code(rmdir("v0"), errno);
	turn_begin();
	docroot_follow(&root);
	assert_int_equal(docroot_open(&root, "/version", O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
	make_directory("v1");
	make_file("v1/version");
	check_follow(&root, "v1", "v1/version");
	docroot_close(&root);
}

/* What changes about the directory itself shows, once a turn. */
static void
test_follow_sees_changes(void **state)
{
	struct docroot root;

	(void)state;
	open_root(&root, "v1");
	turn_begin();
	docroot_follow(&root);
	assert_return_code(chmod("v1", 0711), errno);
	docroot_follow(&root);
	assert_int_equal(root.st.st_mode, S_IFDIR | 0755);
	turn_begin();
	docroot_follow(&root);
	assert_int_equal(root.st.st_mode, S_IFDIR | 0711);
	docroot_close(&root);
}

/* Which step failed of a user who may not search the root's parent, or 0. */
static int
unprivileged_steps(struct docroot *root)
{
	int fd;

	if (setresgid(65534, 65534, 65534) == -1 ||
	    setresuid(65534, 65534, 65534) == -1)
		return 1;
	if (access(root->path, F_OK) != -1 || errno != EACCES)
		return 2;
	turn_begin();
	docroot_follow(root);
	if (root->st.st_mode != (S_IFDIR | 0711))
		return 3;
	if ((fd = docroot_open(root, "/file", O_RDONLY)) == -1)
		return 4;
	close(fd);
	if (docroot_open(root, "/abs", O_RDONLY) != -1 || errno != EXDEV)
		return 5;
	return 0;
}

static void
test_follow_unprivileged(void **state)
{
	struct docroot root;
	pid_t pid;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	make_directory("closed");
	make_directory("closed/root");
	make_file("closed/root/file");
	make_link(in_base("closed/root/file"), "closed/root/abs");
	assert_return_code(chmod("closed", 0700), errno);
	open_root(&root, "closed/root");
	assert_return_code(chmod("closed/root", 0711), errno);
	pid = fork();
	assert_return_code(pid, errno);
	if (pid == 0)
		_exit(unprivileged_steps(&root));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	docroot_close(&root);
}

/* Who has given up root may still ask proc(5) where descriptors lead. */
static void
test_open_unprivileged(void **state)
{
	struct docroot root;
	pid_t pid;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	open_root(&root, "root");
	pid = fork();
	assert_return_code(pid, errno);
	if (pid == 0) {
		if (setresuid(65534, 65534, 65534) == -1)
			_exit(1);
		_exit(docroot_open(&root, "/abs", O_RDONLY) == -1 ? 2 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	docroot_close(&root);
}

static void
test_enter(void **state)
{
	static const struct {
		const char	*path;
		const char	*dir;
		const char	*name;
		bool		 is_root;
	} paths[] = {
		{ "/file", "root", "file", true },
		{ "file", "root", "file", true },
		{ "///gone", "root", "gone", true },
		{ "/.well-known", "root", ".well-known", true },
		{ "/dir/file", "root/dir", "file", false },
		{ "dir/file", "root/dir", "file", false },
		{ "//dir//sub///file", "root/dir/sub", "file", false },
		{ "/in-dir/file", "root/dir", "file", false },
		{ "/abs-dir/sub/gone", "root/dir/sub", "gone", false },
		{ "/abs-root/file", "root", "file", false },
		{ "/.well-known/acme", "root/.well-known", "acme", false },
	};
	struct docroot_dir dir;
	struct docroot root;
	size_t i;

	(void)state;
	open_root(&root, "root");
	for (i = 0; i < LEN(paths); i++) {
		if (docroot_enter(&root, paths[i].path, &dir) == -1)
			fail_msg("%s: %s", paths[i].path, strerror(errno));
		assert_ptr_equal(dir.path, paths[i].path);
		assert_ptr_equal(dir.name, paths[i].path +
		    strlen(paths[i].path) - strlen(paths[i].name));
		assert_string_equal(dir.name, paths[i].name);
		assert_int_equal(dir.is_root, paths[i].is_root);
		assert_int_equal(dir.fd == root.fd, paths[i].is_root);
		assert_int_equal(fcntl(dir.fd, F_GETFD), FD_CLOEXEC);
		assert_true(same_file(&dir.st, paths[i].dir));
		docroot_leave(&dir);
		assert_int_equal(dir.fd, -1);
		docroot_leave(&dir);
	}
	assert_int_equal(fcntl(root.fd, F_GETFD), FD_CLOEXEC);
	docroot_close(&root);
}

static void
test_enter_refuses(void **state)
{
	static const struct row paths[] = {
		{ "", NULL, EISDIR }, { "/", NULL, EISDIR },
		{ "/dir/", NULL, EISDIR }, { "/.htpasswd", NULL, ENOENT },
		{ "/dir/.x", NULL, ENOENT }, { "/.git/config", NULL, ENOENT },
		{ "/..", NULL, ENOENT }, { "/dir/..", NULL, ENOENT },
		{ "/../secret", NULL, ENOENT }, { "/.git/a/b", NULL, ENOENT },
		{ "/gone/x", NULL, ENOENT }, { "/file/x", NULL, ENOTDIR },
		{ "/abs/x", NULL, ENOTDIR }, { "/out-dir/x", NULL, EXDEV },
		{ "/abs-base/secret", NULL, EXDEV }, { "/loop/x", NULL, ELOOP },
		{ "/magic/x", NULL, EXDEV }, { "/fifo/x", NULL, ENOTDIR },
	};
	struct docroot_dir dir;
	struct docroot root;
	size_t i;

	(void)state;
	open_root(&root, "root");
	for (i = 0; i < LEN(paths); i++) {
		assert_int_equal(docroot_enter(&root, paths[i].path, &dir), -1);
		if (errno != paths[i].error)
			fail_msg("%s: %s", paths[i].path, strerror(errno));
	}
	docroot_close(&root);
}

/* The longest path that can be is entered, and has no room for a suffix. */
static void
test_enter_refuses_too_long(void **state)
{
	char path[PATH_MAX + 1];
	struct docroot_dir dir;
	struct docroot root;
	struct stat st;

	(void)state;
	open_root(&root, "root");
	memset(path, '/', sizeof(path));
	memcpy(path + PATH_MAX - 5, "file", 5);
	assert_return_code(docroot_enter(&root, path, &dir), errno);
	assert_return_code(docroot_stat(&root, &dir, "", &st), errno);
	assert_int_equal(docroot_stat(&root, &dir, "x", &st), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	docroot_leave(&dir);
	memcpy(path, "/dir", 4);
	assert_return_code(docroot_enter(&root, path, &dir), errno);
	assert_return_code(docroot_stat(&root, &dir, "", &st), errno);
	docroot_leave(&dir);
	memcpy(path + PATH_MAX - 4, "file", 5);
	assert_int_equal(docroot_enter(&root, path, &dir), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	docroot_close(&root);
}

static const struct stat_row {
	const char	*path;
	const char	*suffix;
	const char	*file;		/* in the base */
	int		 error;
} stat_rows[] = {
	{ "/file", "", "root/file", 0 },
	{ "/file", ".html", "root/file.html", 0 },
	{ "/dir/sub", "", "root/dir/sub", 0 },
	{ "/dir/sub/fi", "le", "root/dir/sub/file", 0 },
	{ "/fifo", "", "root/fifo", 0 }, { "/socket", "", "root/socket", 0 },
	{ "/.well-known", "", "root/.well-known", 0 },
	{ "/in", "", "root/dir/file", 0 }, { "/in", "-dir", "root/dir", 0 },
	{ "/in-dir/file", "", "root/dir/file", 0 },
	{ "//dir//up", "", "root/file", 0 },
	{ "/around", "", "root/file", 0 }, { "/abs", "", "root/dir/file", 0 },
	{ "/to-fifo", "", "root/fifo", 0 }, { "/abs", "-fifo", "root/fifo", 0 },
	{ "/abs-root/abs", "-dir", "root/dir", 0 },
	{ "/gone", "", NULL, ENOENT }, { "/file", ".gz", NULL, ENOENT },
	{ "/dangling", "", NULL, ENOENT }, { "/loop", "", NULL, ELOOP },
	{ "/out", "", NULL, EXDEV }, { "/dir/ou", "t", NULL, EXDEV },
	{ "/abs", "-out", NULL, EXDEV }, { "/null", "", NULL, EXDEV },
	{ "/magic", "", NULL, EXDEV }, { "/abs-dangling", "", NULL, EXDEV },
	{ "/.well-known", ".html", NULL, ENOENT },
};

static void
check_stat(const struct docroot *root, const struct stat_row *row)
{
	struct docroot_dir dir;
	struct stat st;
	int error;

	assert_return_code(docroot_enter(root, row->path, &dir), errno);
	error = docroot_stat(root, &dir, row->suffix, &st) == -1 ? errno : 0;
	if (error != row->error)
		fail_msg("%s%s: %s, not %s", row->path, row->suffix,
		    strerror(error), strerror(row->error));
	if (error == 0 && !same_file(&st, row->file))
		fail_msg("%s%s is not %s", row->path, row->suffix, row->file);
	docroot_leave(&dir);
}

static void
test_stat(void **state)
{
	struct docroot root;
	size_t i;

	(void)state;
	open_root(&root, "root");
	for (i = 0; i < LEN(stat_rows); i++)
		check_stat(&root, &stat_rows[i]);
	docroot_close(&root);
}

static void
test_stat_follows_links(void **state)
{
	static const struct stat_row out[] = {
		{ "/out", "", "secret", 0 }, { "/nu", "ll", "/dev/null", 0 },
		{ "/out-dir/root/out", "", "secret", 0 },
		{ "/magic", "", NULL, ELOOP },
	};
	struct docroot root;
	size_t i;

	(void)state;
	open_root(&root, "root");
	root.follows_links = true;
	for (i = 0; i < LEN(out); i++)
		check_stat(&root, &out[i]);
	docroot_close(&root);
}

static void
test_no_descriptor_leaks(void **state)
{
	struct docroot_dir dir;
	struct docroot root;
	struct stat st;
	int i, n;
	size_t j;

	(void)state;
	n = count_descriptors();
	for (i = 0; i < 50; i++) {
		assert_int_equal(docroot_init(&root, "missing"), -1);
		open_root(&root, i % 2 == 0 ? "root" : "current");
		check_rows(&root, rows, LEN(rows));
		for (j = 0; j < LEN(stat_rows); j++)
			check_stat(&root, &stat_rows[j]);
		for (j = 0; j < LEN(rows); j++)
			if (docroot_enter(&root, rows[j].path, &dir) == 0) {
				(void)docroot_stat(&root, &dir, "", &st);
				docroot_leave(&dir);
			}
		turn_begin();
		docroot_follow(&root);
		docroot_close(&root);
		docroot_close(&root);
	}
	assert_int_equal(count_descriptors(), n);
}

#define test_of_versions(f) \
	cmocka_unit_test_setup_teardown(f, make_versions, remove_versions)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_follows_links),
		cmocka_unit_test(test_open_shows_dotfiles),
		cmocka_unit_test(test_open_below_slash),
		cmocka_unit_test(test_open_of_a_path),
		cmocka_unit_test(test_names_too_long),
		cmocka_unit_test(test_open_of_a_file_too_deep),
		cmocka_unit_test(test_open_races_with_renames),
		cmocka_unit_test(test_open_without_descriptors),
		cmocka_unit_test(test_open_unprivileged),
		cmocka_unit_test(test_init_refuses_what_is_no_directory),
		cmocka_unit_test_teardown(test_init_path, go_to_base),
		cmocka_unit_test(test_hides),
		test_of_versions(test_follow_renamed_link),
		test_of_versions(test_follow_renamed_directories),
		test_of_versions(test_follow_what_vanished),
		test_of_versions(test_follow_sees_changes),
		cmocka_unit_test(test_follow_unprivileged),
		cmocka_unit_test(test_enter),
		cmocka_unit_test(test_enter_refuses),
		cmocka_unit_test(test_enter_refuses_too_long),
		cmocka_unit_test(test_stat),
		cmocka_unit_test(test_stat_follows_links),
		cmocka_unit_test(test_no_descriptor_leaks),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
