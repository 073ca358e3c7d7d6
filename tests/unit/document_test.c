/* document: what there is of a file, turn by turn, in a real directory. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "docroot.h"
#include "handlers/content.h"
#include "handlers/document.h"
#include "handlers/fieldrules.h"
#include "turn.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PLAIN ENCODING_BIT(ENCODING_IDENTITY)

/* The root's files; each test that changes some has a directory of its own. */
static char base[] = "/tmp/document_test.XXXXXX";
static struct docroot root;

static void
write_file(const char *name, const char *text)
{
	int fd;

	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_return_code(fd, errno);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Writes over the bytes of a file. */
static void
overwrite(const char *name, const char *text)
{
	int fd;

	fd = open(name, O_WRONLY);
	assert_return_code(fd, errno);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
set_mtime(const char *name, time_t sec, long nsec)
{
	const struct timespec times[2] = { { 0, UTIME_OMIT }, { sec, nsec } };

	assert_return_code(utimensat(AT_FDCWD, name, times, 0), errno);
}

static void
make_tree(void)
{
	static const char *const dirs[] = {
		"dir", "kept", "edited", "restored", "renamed", "sidecars",
		"linked", "large", "dangling-links", "targets"
	};
	char name[64];
	size_t i;

	for (i = 0; i < LEN(dirs); i++) {
		assert_return_code(mkdir(dirs[i], 0755), errno);
		(void)snprintf(name, sizeof(name), "%s/file", dirs[i]);
		write_file(name, "one");
	}
	write_file("file", "one");
	write_file("linked/other", "two");
	write_file(".hidden", "one");
	write_file("old", "hello");
	set_mtime("old", 1000, 1);
	write_file("old.gz", "packed");
	set_mtime("old.gz", 1000, 1);
	write_file("ancient", "x");
	set_mtime("ancient", -1, 999999999);
	/* A little later than all else is old. */
	write_file("dawn", "one");
	set_mtime("dawn", time(NULL) + 6, 0);
	assert_int_equal(truncate("large/file", 40000), 0);
	assert_return_code(mkfifo("fifo", 0644), errno);
	assert_return_code(symlink("file", "link"), errno);
	assert_return_code(symlink("../../etc/passwd", "out"), errno);
	assert_return_code(symlink("loop", "loop"), errno);
	assert_return_code(symlink("nowhere", "dangling"), errno);
	assert_return_code(symlink("file", "linked/link"), errno);
	assert_return_code(symlink("../targets/br", "dangling-links/file.br"),
	    errno);
	assert_return_code(symlink("../targets", "dangling-links/file.gz"),
	    errno);
	assert_return_code(symlink("../targets/x", "dangling-links/x"), errno);
	write_file("dangling-links/x.gz", "packed");
}

/* What changed less than 2 s ago is not trusted: waits until all is old. */
static int
set_up(void **state)
{
	const struct timespec pause = { 0, 20000000 };
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(base));
	assert_return_code(chdir(base), errno);
	make_tree();
	assert_int_equal(docroot_init(&root, base), 0);
	assert_int_equal(stat("linked", &st), 0);
	while (time(NULL) <= st.st_ctime + 3)
		(void)nanosleep(&pause, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	char *paths[] = { base, NULL };
	FTSENT *entry;
	FTS *fts;

	(void)state;
	docroot_close(&root);
	if ((fts = fts_open(paths, FTS_PHYSICAL, NULL)) == NULL)
		return -1;
	while ((entry = fts_read(fts)) != NULL)
		if (entry->fts_info != FTS_D)
			(void)remove(entry->fts_accpath);
	return fts_close(fts);
}

static struct document *
new_document(const char *path)
{
	struct document *doc;

	assert_non_null(doc = document_new(path, "a/b"));
	assert_string_equal(doc->path, path);
	return doc;
}

/* In a turn of its own, as when a request comes in. */
static int
look(struct document *doc)
{
	turn_begin();
	docroot_follow(&root);
	return document_look(doc, &root);
}

/* Looks at a document, and opens a form: its content. */
static struct content *
look_and_open(struct document *doc, enum encoding e)
{
	assert_int_equal(look(doc), 0);
	assert_int_equal(document_open(doc, &root, e), 0);
	return doc->forms[e].content;
}

static void
assert_text(struct document *doc, enum encoding e, const char *want)
{
	struct content *c = look_and_open(doc, e);
	char buf[64];
	ssize_t n = content_read(c, buf, sizeof(buf) - 1, 0);

	assert_in_range(n, 0, sizeof(buf) - 1);
	buf[n] = '\0';
	assert_string_equal(buf, want);
	assert_int_equal(c->st.st_size, strlen(want));
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

static void
what_is_no_file_says_why(void **state)
{
	static const struct {
		const char	*path;
		int		 error;
	} rows[] = {
		{ "/file", 0 }, { "/dir/file", 0 }, { "/link", 0 },
		{ "/dir", EISDIR }, { "/dir/", EISDIR }, { "/", EISDIR },
		{ "/fifo", ENXIO }, { "/missing", ENOENT },
		{ "/missing/file", ENOENT }, { "/file/x", ENOTDIR },
		{ "/.hidden", ENOENT }, { "/..", ENOENT },
		{ "/dir/../file", ENOENT }, { "/out", EXDEV },
		{ "/loop", ELOOP }, { "/dangling", ENOENT },
	};
	struct document *doc;
	int before = count_descriptors(), result;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(rows); i++) {
		doc = new_document(rows[i].path);
		result = look(doc);
		if (result != (rows[i].error == 0 ? 0 : -1) ||
		    (result == -1 && errno != rows[i].error))
			fail_msg("%s: %d, %s", rows[i].path, result,
			    strerror(errno));
		assert_int_equal(doc->available,
		    rows[i].error == 0 ? PLAIN : 0);
		document_free(doc);
	}
	assert_int_equal(count_descriptors(), before);
}

static void
names_that_are_too_long_are_errors(void **state)
{
	char path[PATH_MAX + 16];
	struct document *doc;
	size_t len;

	(void)state;
	for (len = PATH_MAX - 8; len < sizeof(path); len++) {
		memset(path, '/', len);
		path[len - 1] = 'x';
		path[len] = '\0';
		doc = new_document(path);
		assert_int_equal(look(doc), -1);
		if (errno != ENOENT && errno != ENAMETOOLONG)
			fail_msg("%zu: %s", len, strerror(errno));
		document_free(doc);
	}
}

static void
what_stands_beside_it_is_available(void **state)
{
	static const struct {
		const char	*suffix;
		time_t		 mtime;
		long		 nsec;
		unsigned int	 available;
	} rows[] = {
		{ "", 100, 5, PLAIN },
		{ ".gz", 100, 5, PLAIN | ENCODING_BIT(ENCODING_GZIP) },
		{ ".gz", 100, 4, PLAIN },
		{ ".gz", 99, 6, PLAIN },
		{ ".gz", 101, 4, PLAIN | ENCODING_BIT(ENCODING_GZIP) },
		{ ".br", 100, 6, PLAIN | ENCODING_BIT(ENCODING_GZIP) |
		    ENCODING_BIT(ENCODING_BR) },
		{ ".zst", 200, 0, PLAIN | ENCODING_BIT(ENCODING_GZIP) |
		    ENCODING_BIT(ENCODING_BR) | ENCODING_BIT(ENCODING_ZSTD) },
		{ "", 150, 0, PLAIN | ENCODING_BIT(ENCODING_ZSTD) },
		{ ".xz", 300, 0, PLAIN | ENCODING_BIT(ENCODING_ZSTD) },
	};
	struct document *doc = new_document("/sidecars/file");
	char name[64];
	size_t i;

	(void)state;
	for (i = 0; i < LEN(rows); i++) {
		(void)snprintf(name, sizeof(name), "sidecars/file%s",
		    rows[i].suffix);
		write_file(name, "text");
		set_mtime(name, rows[i].mtime, rows[i].nsec);
		assert_int_equal(look(doc), 0);
		if (doc->available != rows[i].available)
			fail_msg("row %zu: %#x", i, doc->available);
		/* Also one that is too old has the others vary. */
		assert_int_equal(doc->varies, i > 0);
	}
	/* Without the file there is none that is older. */
	assert_int_equal(unlink("sidecars/file"), 0);
	assert_int_equal(look(doc), 0);
	assert_int_equal(doc->available, ENCODING_BIT(ENCODING_GZIP) |
	    ENCODING_BIT(ENCODING_BR) | ENCODING_BIT(ENCODING_ZSTD));
	assert_int_equal(unlink("sidecars/file.gz"), 0);
	assert_int_equal(unlink("sidecars/file.br"), 0);
	assert_int_equal(unlink("sidecars/file.zst"), 0);
	assert_int_equal(look(doc), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(doc->available, 0);
	document_free(doc);
}

/* Held, so that its memory is not that of the next one. */
static void
what_is_old_is_read_once(void **state)
{
	struct document *doc = new_document("/kept/file");
	struct content *first;
	int i;

	(void)state;
	first = content_hold(look_and_open(doc, ENCODING_IDENTITY));
	for (i = 0; i < 10; i++)
		assert_ptr_equal(look_and_open(doc, ENCODING_IDENTITY), first);
	content_release(first);

	/* What was written just now, or is of the future, is not kept. */
	write_file("kept/file", "one");
	first = content_hold(look_and_open(doc, ENCODING_IDENTITY));
	assert_ptr_not_equal(look_and_open(doc, ENCODING_IDENTITY), first);
	content_release(first);
	document_free(doc);
}

static void
files_are_looked_at_once_a_turn(void **state)
{
	struct document *doc = new_document("/edited/file");
	struct content *first;

	(void)state;
	first = look_and_open(doc, ENCODING_IDENTITY);
	overwrite("edited/file", "two");
	assert_int_equal(document_look(doc, &root), 0);
	assert_int_equal(document_open(doc, &root, ENCODING_IDENTITY), 0);
	assert_ptr_equal(doc->forms[ENCODING_IDENTITY].content, first);
	assert_int_equal(first->bytes[0], 'o');
	assert_text(doc, ENCODING_IDENTITY, "two");
	overwrite("edited/file", "333");
	assert_text(doc, ENCODING_IDENTITY, "333");
	assert_int_equal(truncate("edited/file", 1), 0);
	assert_text(doc, ENCODING_IDENTITY, "3");
	assert_int_equal(unlink("edited/file"), 0);
	assert_int_equal(look(doc), -1);
	assert_int_equal(errno, ENOENT);
	/* A failure is no turn's: it is looked at again. */
	write_file("edited/file", "back");
	assert_int_equal(document_look(doc, &root), 0);
	assert_text(doc, ENCODING_IDENTITY, "back");
	document_free(doc);
}

static void
an_edit_whose_time_is_put_back_shows(void **state)
{
	struct document *doc = new_document("/restored/file");
	struct stat st;

	(void)state;
	assert_int_equal(stat("restored/file", &st), 0);
	assert_text(doc, ENCODING_IDENTITY, "one");
	overwrite("restored/file", "two");
	set_mtime("restored/file", st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	assert_text(doc, ENCODING_IDENTITY, "two");
	document_free(doc);
}

static void
another_file_or_directory_in_its_place_shows(void **state)
{
	struct document *doc = new_document("/renamed/file");
	struct document *linked = new_document("/linked/link");

	(void)state;
	assert_text(doc, ENCODING_IDENTITY, "one");
	assert_int_equal(rename("dir/file", "renamed/file"), 0);
	assert_text(doc, ENCODING_IDENTITY, "one");
	assert_int_equal(rename("renamed", "gone"), 0);
	assert_int_equal(look(doc), -1);
	assert_int_equal(mkdir("renamed", 0755), 0);
	assert_int_equal(look(doc), -1);
	write_file("renamed/file", "new");
	assert_text(doc, ENCODING_IDENTITY, "new");
	assert_int_equal(unlink("renamed/file"), 0);
	assert_int_equal(mkdir("renamed/file", 0755), 0);
	assert_int_equal(look(doc), -1);
	assert_int_equal(errno, EISDIR);
	document_free(doc);

	assert_text(linked, ENCODING_IDENTITY, "one");
	assert_int_equal(symlink("other", "linked/new"), 0);
	assert_int_equal(rename("linked/new", "linked/link"), 0);
	assert_text(linked, ENCODING_IDENTITY, "two");
	overwrite("linked/other", "333");
	assert_text(linked, ENCODING_IDENTITY, "333");
	document_free(linked);
}

/* The directory that the links are in does not change. */
static void
what_links_lead_to_may_come_to_be(void **state)
{
	struct document *doc = new_document("/dangling-links/file");
	struct document *x = new_document("/dangling-links/x");

	(void)state;
	assert_int_equal(look(doc), 0);
	assert_int_equal(look(doc), 0);
	assert_int_equal(doc->available, PLAIN);
	assert_int_equal(look(x), 0);
	assert_int_equal(look(x), 0);
	assert_int_equal(x->available, ENCODING_BIT(ENCODING_GZIP));
	write_file("targets/br", "packed");
	write_file("targets/x", "plain");
	assert_int_equal(look(doc), 0);
	assert_int_equal(doc->available, PLAIN | ENCODING_BIT(ENCODING_BR));
	assert_int_equal(look(x), 0);
	assert_int_equal(x->available, PLAIN);
	assert_int_equal(unlink("targets/br"), 0);
	assert_int_equal(look(doc), 0);
	assert_int_equal(doc->available, PLAIN);
	/* A link to a directory, in whose place there is a file. */
	assert_int_equal(rename("targets", "targets.was"), 0);
	write_file("targets", "packed");
	assert_int_equal(look(doc), 0);
	assert_int_equal(doc->available, PLAIN | ENCODING_BIT(ENCODING_GZIP));
	document_free(doc);
	document_free(x);
}

static void
tags_are_of_time_and_size_and_coding(void **state)
{
	static const struct {
		const char	*path;
		enum encoding	 encoding;
		const char	*etag;
	} rows[] = {
		{ "/old", ENCODING_IDENTITY, "\"e8d4a51001-5\"" },
		{ "/old", ENCODING_GZIP, "\"e8d4a51001-6-gzip\"" },
		{ "/old.gz", ENCODING_IDENTITY, "\"e8d4a51001-6\"" },
		{ "/ancient", ENCODING_IDENTITY, "\"ffffffffffffffff-1\"" },
	};
	struct document *doc;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(rows); i++) {
		doc = new_document(rows[i].path);
		(void)look_and_open(doc, rows[i].encoding);
		assert_string_equal(doc->forms[rows[i].encoding].etag,
		    rows[i].etag);
		document_free(doc);
	}
}

/* Whether two answers, each in a turn of its own, have the same tag. */
static bool
tag_lasts(struct document *doc)
{
	struct document_form *form = &doc->forms[ENCODING_IDENTITY];
	char first[DOCUMENT_ETAG_SIZE];

	(void)look_and_open(doc, ENCODING_IDENTITY);
	(void)strlcpy(first, form->etag, sizeof(first));
	(void)look_and_open(doc, ENCODING_IDENTITY);
	return strcmp(form->etag, first) == 0;
}

/* Milliseconds since a file's status changed. */
static long
age_ms(const char *name)
{
	struct timespec now;
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (now.tv_sec - st.st_ctim.tv_sec) * 1000 +
	    (now.tv_nsec - st.st_ctim.tv_nsec) / 1000000;
}

/*
 * Just after a change, that it is the same size and time does not mean that
 * it is the same: such a tag is of one answer.
 */
static void
tags_of_a_fresh_change_are_of_one_answer(void **state)
{
	const struct timespec pause = { 0, 1000000 };
	struct document *doc = new_document("/fresh");
	bool lasts;
	int i;

	(void)state;
	/* Until this is done in less time than a tag takes to last. */
	do {
		write_file("fresh", "one");
		lasts = tag_lasts(doc);
	} while (age_ms("fresh") > 15);
	assert_false(lasts);

	/* After that it stays, though the file is not settled. */
	for (i = 0; i < 1000 && !tag_lasts(doc); i++)
		(void)nanosleep(&pause, NULL);
	assert_true(tag_lasts(doc));
	assert_false(doc->forms[ENCODING_IDENTITY].is_settled);
	assert_in_range(age_ms("fresh"), 20, 60000);
	document_free(doc);
}

static void
files_are_not_of_the_future(void **state)
{
	struct document *doc = new_document("/future");
	struct document_form *form = &doc->forms[ENCODING_IDENTITY];
	struct content *first;

	(void)state;
	write_file("future", "one");
	set_mtime("future", time(NULL) + 3600, 0);
	first = content_hold(look_and_open(doc, ENCODING_IDENTITY));
	assert_in_range(form->last_modified, time(NULL) - 60, time(NULL));
	assert_string_equal(form->date, "");
	assert_false(form->is_settled);
	assert_ptr_not_equal(look_and_open(doc, ENCODING_IDENTITY), first);
	content_release(first);
	set_mtime("future", 12345, 678);
	(void)look_and_open(doc, ENCODING_IDENTITY);
	assert_int_equal(form->last_modified, 12345);
	document_free(doc);
}

/* Of all it is made of nothing has changed for long, but for the clock. */
static void
the_future_becomes_the_past(void **state)
{
	const struct timespec pause = { 0, 1000000 };
	struct document *doc = new_document("/dawn");
	struct document_form *form = &doc->forms[ENCODING_IDENTITY];
	struct fieldrules rules = { 0 };
	char want[HTTPDATE_SIZE];

	(void)state;
	for (;;) {
		(void)look_and_open(doc, ENCODING_IDENTITY);
		assert_int_equal(document_describe(doc, &rules,
		    ENCODING_IDENTITY), 0);
		assert_true(form->is_modified_now == (form->date[0] == '\0'));
		if (form->is_settled)
			break;
		(void)nanosleep(&pause, NULL);
	}
	assert_int_equal(form->last_modified, form->st.st_mtime);
	httpdate_format(want, form->st.st_mtime);
	assert_string_equal(form->date, want);
	assert_false(form->is_modified_now);
	document_free(doc);
}

static void
who_says_another_date_means_it(void **state)
{
	struct document *doc = new_document("/tomorrow");
	struct document_form *form = &doc->forms[ENCODING_IDENTITY];
	struct fieldrules rules = { 0 };

	(void)state;
	write_file("tomorrow", "one");
	set_mtime("tomorrow", time(NULL) + 86400, 0);
	(void)look_and_open(doc, ENCODING_IDENTITY);
	assert_int_equal(document_describe(doc, &rules, ENCODING_IDENTITY), 0);
	assert_true(form->is_modified_now);
	assert_null(memmem(form->lines.data, form->lines.len, "Modified", 8));
	assert_int_equal(fieldrules_add(&rules, "*", "last-modified", "x"), 0);
	(void)look_and_open(doc, ENCODING_IDENTITY);
	assert_int_equal(document_describe(doc, &rules, ENCODING_IDENTITY), 0);
	assert_false(form->is_modified_now);
	assert_non_null(memmem(form->lines.data, form->lines.len,
	    "last-modified: x\r\n", 18));
	document_free(doc);
	fieldrules_free(&rules);
}

/* Between the look and the open; a FIFO must not block, either. */
static void
what_takes_its_place_is_not_opened(void **state)
{
	struct document *doc = new_document("/replaced");
	int before = count_descriptors();

	(void)state;
	write_file("replaced", "one");
	assert_int_equal(look(doc), 0);
	assert_int_equal(unlink("replaced"), 0);
	assert_int_equal(document_open(doc, &root, ENCODING_IDENTITY), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(mkfifo("replaced", 0644), 0);
	assert_int_equal(document_open(doc, &root, ENCODING_IDENTITY), -1);
	assert_int_equal(errno, ENXIO);
	assert_int_equal(unlink("replaced"), 0);
	assert_int_equal(mkdir("replaced", 0755), 0);
	assert_int_equal(document_open(doc, &root, ENCODING_IDENTITY), -1);
	assert_int_equal(errno, ENXIO);
	assert_int_equal(rmdir("replaced"), 0);
	assert_int_equal(symlink("../etc/passwd", "replaced"), 0);
	assert_int_equal(document_open(doc, &root, ENCODING_IDENTITY), -1);
	assert_int_equal(errno, EXDEV);
	assert_null(doc->forms[ENCODING_IDENTITY].content);
	/* Another file is that one, and not taken for the other. */
	assert_int_equal(unlink("replaced"), 0);
	write_file("replaced", "another");
	assert_int_equal(document_open(doc, &root, ENCODING_IDENTITY), 0);
	assert_int_equal(
	    doc->forms[ENCODING_IDENTITY].content->st.st_size, 7);
	assert_non_null(strstr(doc->forms[ENCODING_IDENTITY].etag, "-7"));
	document_free(doc);
	assert_int_equal(count_descriptors(), before);
}

static void
assert_lines(struct document *doc, const struct fieldrules *rules,
    enum encoding e, const char *want)
{
	const struct buffer *lines = &doc->forms[e].lines;

	assert_int_equal(document_describe(doc, rules, e), 0);
	if (lines->len != strlen(want) ||
	    memcmp(lines->data, want, lines->len) != 0)
		fail_msg("has \"%.*s\", not \"%s\"", (int)lines->len,
		    lines->data, want);
}

#define FIELDS(etag) "Content-Type: a/b\r\n" \
    "X-Content-Type-Options: nosniff\r\n" \
    "Last-Modified: Thu, 01 Jan 1970 00:16:40 GMT\r\n" \
    "ETag: \"e8d4a51001-" etag "\"\r\nAccept-Ranges: bytes\r\n"

static void
fields_are_made_of_the_form_and_the_rules(void **state)
{
	struct document *doc = new_document("/old");
	struct fieldrules rules = { 0 };
	const char *made;
	int i;

	(void)state;
	assert_int_equal(fieldrules_add(&rules, "/old", "X", "1"), 0);
	(void)look_and_open(doc, ENCODING_IDENTITY);
	assert_lines(doc, &rules, ENCODING_IDENTITY,
	    FIELDS("5") "Vary: Accept-Encoding\r\nX: 1\r\n");
	(void)look_and_open(doc, ENCODING_GZIP);
	assert_lines(doc, &rules, ENCODING_GZIP, FIELDS("6-gzip")
	    "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\nX: 1\r\n");
	/* They are made once. */
	made = doc->forms[ENCODING_GZIP].lines.data;
	for (i = 0; i < 3; i++) {
		(void)look_and_open(doc, ENCODING_GZIP);
		assert_int_not_equal(doc->forms[ENCODING_GZIP].lines.len, 0);
		assert_lines(doc, &rules, ENCODING_GZIP, FIELDS("6-gzip")
		    "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
		    "X: 1\r\n");
		assert_ptr_equal(doc->forms[ENCODING_GZIP].lines.data, made);
	}
	/* What else there is counts, too. */
	assert_int_equal(rename("old.gz", "old.was"), 0);
	(void)look_and_open(doc, ENCODING_IDENTITY);
	assert_lines(doc, &rules, ENCODING_IDENTITY, FIELDS("5") "X: 1\r\n");
	assert_int_equal(rename("old.was", "old.gz"), 0);
	(void)look_and_open(doc, ENCODING_IDENTITY);
	assert_lines(doc, &rules, ENCODING_IDENTITY,
	    FIELDS("5") "Vary: Accept-Encoding\r\nX: 1\r\n");
	document_free(doc);
	fieldrules_free(&rules);
}

static void
all_that_it_holds_is_measured(void **state)
{
	struct document *doc = new_document("/old");
	struct fieldrules rules = { 0 };
	size_t bare;

	(void)state;
	document_measure(doc);
	bare = doc->size;
	assert_in_range(bare, sizeof(*doc) + 5, sizeof(*doc) + 5);
	(void)look_and_open(doc, ENCODING_IDENTITY);
	(void)look_and_open(doc, ENCODING_GZIP);
	assert_int_equal(document_describe(doc, &rules, ENCODING_GZIP), 0);
	document_measure(doc);
	assert_int_equal(doc->size, bare +
	    content_size(doc->forms[ENCODING_IDENTITY].content) +
	    content_size(doc->forms[ENCODING_GZIP].content) +
	    doc->forms[ENCODING_GZIP].lines.size);
	assert_int_equal(doc->nfds, 0);
	document_free(doc);

	doc = new_document("/large/file");
	(void)look_and_open(doc, ENCODING_IDENTITY);
	document_measure(doc);
	assert_int_equal(doc->nfds, 1);
	assert_in_range(doc->size, bare, bare + 1000);
	document_free(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_file_says_why),
		cmocka_unit_test(names_that_are_too_long_are_errors),
		cmocka_unit_test(what_is_old_is_read_once),
		cmocka_unit_test(files_are_looked_at_once_a_turn),
		cmocka_unit_test(an_edit_whose_time_is_put_back_shows),
		cmocka_unit_test(another_file_or_directory_in_its_place_shows),
		cmocka_unit_test(what_links_lead_to_may_come_to_be),
		cmocka_unit_test(tags_are_of_time_and_size_and_coding),
		cmocka_unit_test(fields_are_made_of_the_form_and_the_rules),
		cmocka_unit_test(all_that_it_holds_is_measured),
		cmocka_unit_test(what_stands_beside_it_is_available),
		cmocka_unit_test(tags_of_a_fresh_change_are_of_one_answer),
		cmocka_unit_test(files_are_not_of_the_future),
		cmocka_unit_test(who_says_another_date_means_it),
		cmocka_unit_test(the_future_becomes_the_past),
		cmocka_unit_test(what_takes_its_place_is_not_opened),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
