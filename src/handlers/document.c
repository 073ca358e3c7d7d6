#include "document.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../docroot.h"
#include "fieldrules.h"
#include "../httpserve.h"
#include "../response.h"
#include "../turn.h"
#include "content.h"

/*
 * What changed less than this long ago may change again without a sign: file
 * systems have timestamps as coarse as 2 s.
 */
#define SETTLE_S	2
/* Nor has a version a lasting name before it is so old: 20 ms. */
#define FRESH_NS	20000000
/*
 * A file that changes while it is read, or that another has taken the place of
 * on its server, nfs(5), is opened again, so often.
 */
#define OPEN_TRIES	8

struct document *
document_new(const char *path, const char *type)
{
	size_t size = strlen(path) + 1;
	struct document *doc;

	if ((doc = calloc(1, sizeof(*doc) + size)) == NULL)
		return NULL;
	memcpy(doc->path, path, size);
	doc->type = type;
	return doc;
}

static void
form_forget(struct document *doc, struct document_form *form)
{
	doc->is_measured = false;
	content_release(form->content);
	form->content = NULL;
	form->lines.len = 0;
	form->was_opened = false;
}

void
document_free(struct document *doc)
{
	int e;

	for (e = 0; e < ENCODING_COUNT; e++) {
		form_forget(doc, &doc->forms[e]);
		buffer_free(&doc->forms[e].lines);
	}
	free(doc);
}

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	    a->st_size == b->st_size &&
	    is_same_time(&a->st_ctim, &b->st_ctim) &&
	    is_same_time(&a->st_mtim, &b->st_mtim);
}

/*
 * Nor may its time be of this second, or of the future: then Last-Modified goes
 * with the clock.
 */
static bool
is_settled(const struct stat *st, time_t now)
{
	return st->st_ctim.tv_sec < now - SETTLE_S && st->st_mtime < now;
}

static void
form_note(struct document *doc, struct document_form *form,
    const struct stat *st, time_t now)
{
	bool same = form->is_there && is_same(&form->st, st);

	if (!same || !form->is_settled)
		form_forget(doc, form);
	form->is_there = true;
	form->is_settled = is_settled(st, now);
	/* What it has beside that, such as atime, nobody asks for. */
	if (!same)
		form->st = *st;
}

/*
 * Looks at one form: 0, or -1 and errno where it is no file.  What a link leads
 * to may come to be, or become a file, without a sign in the link's directory.
 */
static int
document_look_at(struct document *doc, const struct docroot *root,
    const struct docroot_dir *dir, enum encoding e, time_t now)
{
	struct document_form *form = &doc->forms[e];
	struct stat st = { 0 };
	int result;

	result = docroot_stat(root, dir, encoding_suffix(e), &st);
	form->has_name = st.st_mode != 0;
	if (result == 0) {
		if (S_ISREG(st.st_mode)) {
			form_note(doc, form, &st, now);
			return 0;
		}
		errno = S_ISDIR(st.st_mode) ? EISDIR : ENXIO;
	}
	form->is_there = false;
	form_forget(doc, form);
	return -1;
}

/* A form that is older than the plain file is of another version. */
static bool
is_available(const struct document *doc, enum encoding e)
{
	const struct document_form *plain = &doc->forms[ENCODING_IDENTITY];
	const struct document_form *form = &doc->forms[e];

	if (!form->is_there || !plain->is_there || form == plain)
		return form->is_there;
	if (form->st.st_mtim.tv_sec != plain->st.st_mtim.tv_sec)
		return form->st.st_mtim.tv_sec > plain->st.st_mtim.tv_sec;
	return form->st.st_mtim.tv_nsec >= plain->st.st_mtim.tv_nsec;
}

/*
 * Also a form that is too old has the others say Vary: where files are being
 * replaced it is about to be new.
 */
static void
document_compare_forms(struct document *doc)
{
	bool varies = false;
	int e;

	doc->available = 0;
	for (e = 0; e < ENCODING_COUNT; e++) {
		if (is_available(doc, (enum encoding)e))
			doc->available |= ENCODING_BIT(e);
		if (e != ENCODING_IDENTITY && doc->forms[e].is_there)
			varies = true;
	}
	if (varies != doc->varies)
		for (e = 0; e < ENCODING_COUNT; e++)
			doc->forms[e].lines.len = 0;
	doc->varies = varies;
}

/* Only the plain file's failure is one, unless it is not the file's. */
static bool
is_failure(enum encoding e, int error)
{
	if (e == ENCODING_IDENTITY && error != ENOENT)
		return true;
	return docroot_has_failed(error);
}

/*
 * In a directory that has not changed there are no other names than before.
 */
static int
document_look_in(struct document *doc, const struct docroot *root,
    const struct docroot_dir *dir)
{
	struct timespec now;
	bool knows_names;
	int e;

	(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
	knows_names = doc->dir_is_settled && is_same(&doc->dir, &dir->st);
	doc->now = now.tv_sec;
	if (!knows_names)
		doc->dir = dir->st;
	doc->dir_is_settled = is_settled(&dir->st, now.tv_sec);
	for (e = 0; e < ENCODING_COUNT; e++) {
		if (knows_names && !doc->forms[e].has_name)
			continue;
		if (document_look_at(doc, root, dir, (enum encoding)e,
		    now.tv_sec) == -1 && is_failure((enum encoding)e, errno))
			return -1;
	}
	document_compare_forms(doc);
	if (doc->available != 0)
		return 0;
	errno = ENOENT;
	return -1;
}

int
document_look(struct document *doc, const struct docroot *root)
{
	struct docroot_dir dir;
	int error, result;

	if (doc->turn == turn_current())
		return 0;
	if (docroot_enter(root, doc->path, &dir) == -1)
		return -1;
	result = document_look_in(doc, root, &dir);
	error = errno;
	docroot_leave(&dir);
	errno = error;
	if (result == 0)
		doc->turn = turn_current();
	return result;
}

/* Never blocks, not on a FIFO that has taken the file's place. */
static int
document_open_file(const struct document *doc, const struct docroot *root,
    enum encoding e, struct stat *st)
{
	char path[PATH_MAX];
	int error, fd, len;

	len = snprintf(path, sizeof(path), "%s%s", doc->path,
	    encoding_suffix(e));
	if (len < 0 || (size_t)len >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = docroot_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return -1;
	if (fstat(fd, st) == -1)
		error = errno;
	else if (!S_ISREG(st->st_mode))
		error = ENXIO;
	else
		return fd;
	(void)close(fd);
	errno = error;
	return -1;
}

/* Writes a number in hex, without a NUL, and returns where it ends. */
static char *
put_hex(char *dst, uint64_t n)
{
	int shift = 0;

	while (n >> shift > 0xf)
		shift += 4;
	for (; shift >= 0; shift -= 4)
		*dst++ = "0123456789abcdef"[n >> shift & 0xf];
	return dst;
}

/*
 * A strong validator of the version: its mtime in nanoseconds and its size; no
 * inode, so that two machines with the same tree agree.  Where another change
 * could have the same of both, or this one may still be under way, a random
 * number makes it a validator of this one answer.
 */
static void
form_tag(struct document_form *form, enum encoding e, bool is_lasting)
{
	const struct timespec *mtime = &form->st.st_mtim;
	char *dst = form->etag;
	size_t len;

	*dst++ = '"';
	dst = put_hex(dst, (uint64_t)mtime->tv_sec * 1000000000 +
	    (uint64_t)mtime->tv_nsec);
	*dst++ = '-';
	dst = put_hex(dst, (uint64_t)form->st.st_size);
	if (!is_lasting) {
		*dst++ = '-';
		dst = put_hex(dst, (uint64_t)arc4random() << 32 |
		    arc4random());
	}
	if (e != ENCODING_IDENTITY) {
		len = strlen(encoding_name(e));
		*dst++ = '-';
		memcpy(dst, encoding_name(e), len);
		dst += len;
	}
	*dst++ = '"';
	*dst = '\0';
}

/* Whether a time has passed by more than a clock's tick and a write. */
static bool
is_older(const struct timespec *time, const struct timespec *now)
{
	if (time->tv_sec < now->tv_sec - 1 || time->tv_sec > now->tv_sec)
		return time->tv_sec < now->tv_sec;
	return (now->tv_sec - time->tv_sec) * 1000000000 + now->tv_nsec -
	    time->tv_nsec > FRESH_NS;
}

/*
 * The date of a version: in its own second the one before, as another change
 * within it would have the same date; and for one from the future Date itself,
 * by RFC 9110, 8.8.2.1.
 */
static void
form_date(struct document_form *form, time_t mtime, time_t now)
{
	if (mtime > now) {
		form->last_modified = now;
		form->date[0] = '\0';
		return;
	}
	form->last_modified = mtime < now ? mtime : mtime - 1;
	httpdate_format(form->date, form->last_modified);
}

/* Notes which version was opened; the clock was read before that. */
static void
form_identify(struct document_form *form, enum encoding e,
    const struct stat *st, const struct timespec *now)
{
	if (!is_same(&form->st, st)) {
		form->st = *st;
		form->is_settled = false;
	}
	form->lines.len = 0;
	form_date(form, st->st_mtime, now->tv_sec);
	form_tag(form, e, is_older(&st->st_mtim, now) ||
	    is_older(&st->st_ctim, now));
}

/*
 * Whether the plain file may be read, or is not there: 0, or -1 and errno.  Who
 * takes it away with chmod(1) means the others of it, too.
 */
static int
document_check_plain(struct document *doc, const struct docroot *root)
{
	struct document_form *plain = &doc->forms[ENCODING_IDENTITY];
	struct stat st;
	int fd;

	if (!plain->is_there || plain->was_opened)
		return 0;
	fd = document_open_file(doc, root, ENCODING_IDENTITY, &st);
	if (fd == -1)
		return is_failure(ENCODING_IDENTITY, errno) ? -1 : 0;
	(void)close(fd);
	plain->was_opened = true;
	return 0;
}

int
document_open(struct document *doc, const struct docroot *root,
    enum encoding e)
{
	struct document_form *form = &doc->forms[e];
	int fd, tries = OPEN_TRIES;
	struct timespec now;
	struct stat st;

	if (e != ENCODING_IDENTITY && document_check_plain(doc, root) == -1)
		return -1;
	while (form->content == NULL) {
		doc->is_measured = false;
		(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
		if ((fd = document_open_file(doc, root, e, &st)) == -1)
			return -1;
		form->was_opened = true;
		form_identify(form, e, &st, &now);
		form->content = content_new(fd, &st);
		if (form->content == NULL && ((errno != EAGAIN &&
		    errno != ESTALE) || --tries == 0))
			return -1;
	}
	return 0;
}

static int
form_set_date(const struct document_form *form, struct http_response *res)
{
	if (form->date[0] != '\0')
		return http_response_set_header(res, "Last-Modified",
		    form->date);
	res->is_modified_now = true;
	return 0;
}

static int
form_set_fields(const struct document *doc, const struct fieldrules *rules,
    enum encoding e, struct http_response *res)
{
	const struct document_form *form = &doc->forms[e];

	if (http_response_set_header(res, "Content-Type", doc->type) == -1 ||
	    http_response_set_header(res, "X-Content-Type-Options",
	    "nosniff") == -1 ||
	    form_set_date(form, res) == -1 ||
	    http_response_set_header(res, "ETag", form->etag) == -1 ||
	    http_response_set_header(res, "Accept-Ranges", "bytes") == -1)
		return -1;
	if (e != ENCODING_IDENTITY && http_response_set_header(res,
	    "Content-Encoding", encoding_name(e)) == -1)
		return -1;
	if (doc->varies &&
	    http_response_set_header(res, "Vary", "Accept-Encoding") == -1)
		return -1;
	return fieldrules_apply(rules, res, doc->path, doc->type);
}

int
document_describe(struct document *doc, const struct fieldrules *rules,
    enum encoding e)
{
	struct buffer *lines = &doc->forms[e].lines;
	struct http_response res;
	int result;

	if (lines->len > 0)
		return 0;
	doc->is_measured = false;
	response_init(&res);
	result = form_set_fields(doc, rules, e, &res);
	if (result == 0)
		result = buffer_append(lines, res.fields.data, res.fields.len);
	doc->forms[e].has_upgrade = res.has_upgrade;
	doc->forms[e].is_modified_now = res.is_modified_now;
	response_free(&res);
	return result;
}

void
document_measure(struct document *doc)
{
	const struct document_form *form;
	int e;

	if (doc->is_measured)
		return;
	doc->is_measured = true;
	doc->size = sizeof(*doc) + strlen(doc->path) + 1;
	doc->nfds = 0;
	for (e = 0; e < ENCODING_COUNT; e++) {
		form = &doc->forms[e];
		doc->size += form->lines.size;
		if (form->content == NULL)
			continue;
		doc->size += content_size(form->content);
		doc->nfds += form->content->fd != -1;
	}
}
