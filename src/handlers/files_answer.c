#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "../encoding.h"
#include "../mime.h"
#include "../precondition.h"
#include "../range.h"
#include "../response.h"
#include "../shortage.h"
#include "../uri.h"
#include "byteranges.h"
#include "content.h"
#include "document.h"
#include "files.h"

enum http_status
files_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case ENAMETOOLONG:
	case ELOOP:		/* links in a circle */
	case EXDEV:		/* a link that leaves the root */
	case ENXIO:		/* a socket, or a device that is not there */
	case ENODEV:
	case EINVAL:		/* a name that the file system can't have */
	case EILSEQ:
	case ESTALE:		/* gone, also when the kernel looked again */
		return HTTP_NOT_FOUND;
	case EACCES:
	case EPERM:
	case ENOKEY:		/* encrypted, and nobody has unlocked it */
		return HTTP_FORBIDDEN;
	case EAGAIN:		/* changes raced with every attempt */
		return HTTP_SERVICE_UNAVAILABLE;
	default:
		return shortage_is(error) ? HTTP_SERVICE_UNAVAILABLE :
		    HTTP_INTERNAL_SERVER_ERROR;
	}
}

enum http_status
files_failed(int error)
{
	enum http_status status = files_status(error);

	if (status >= HTTP_INTERNAL_SERVER_ERROR && error != EAGAIN)
		return files_unable(error);
	errno = error;
	return status;
}

enum http_status
files_unable(int error)
{
	errno = error;
	shortage_note(SHORTAGE_FILES);
	return shortage_is(error) ? HTTP_SERVICE_UNAVAILABLE :
	    HTTP_INTERNAL_SERVER_ERROR;
}

const char *
files_path(const struct http_request *req, char collapsed[PATH_MAX])
{
	const char *path = http_request_path(req);

	if (strstr(path, "//") == NULL ||
	    uri_collapse_slashes(collapsed, PATH_MAX, path) == -1)
		return path;
	return collapsed;
}

struct document *
files_find(struct http_file_server *files, const char *path)
{
	struct document *doc;
	int error;

	doc = filecache_find(files->cache, files, path);
	if (doc == NULL) {
		doc = document_new(path, mime_type(files->mime, path));
		if (doc == NULL)
			return NULL;
		doc->owner = files;
		filecache_add(files->cache, doc);
	}
	if (document_look(doc, &files->root) == 0)
		return doc;
	error = errno;
	filecache_drop(files->cache, doc);
	errno = error;
	return NULL;
}

int
files_apply_rules(const struct http_file_server *files,
    struct http_response *res, const struct http_request *req)
{
	char collapsed[PATH_MAX];

	if (files->rules.len == 0)
		return 0;
	return fieldrules_apply(&files->rules, res, files_path(req, collapsed),
	    NULL);
}

/* RFC 9110, 12.5.3: -1 where the client accepts nothing that is available. */
static int
choose_encoding(const struct http_request *req, unsigned int available)
{
	struct encoding_preferences wanted = { 0 };
	const char *name, *value;
	size_t i;

	if (available == ENCODING_BIT(ENCODING_IDENTITY))
		return ENCODING_IDENTITY;
	for (i = 0; http_request_header_at(req, i, &name, &value) == 1; i++)
		if (strcasecmp(name, "Accept-Encoding") == 0)
			encoding_parse(&wanted, value);
	return encoding_choose(&wanted, available);
}

/*
 * Opens the form that the client wants most: 0, or the status to refuse with.
 * A form that may not be opened, or that is gone by now, is as good as none;
 * what has run out for one is not there for another either.
 */
static enum http_status
open_form(struct http_file_server *files, const struct http_request *req,
    struct document *doc, enum encoding *e)
{
	unsigned int available = doc->available;
	enum http_status status = HTTP_NOT_ACCEPTABLE;
	int choice, error;

	while ((choice = choose_encoding(req, available)) != -1) {
		*e = (enum encoding)choice;
		if (document_open(doc, &files->root, *e) == 0)
			return 0;
		error = errno;
		status = files_failed(error);
		if (docroot_has_failed(error))
			break;
		available &= ~ENCODING_BIT(*e);
	}
	return status;
}

/* Sends the whole, or n ranges of it. */
static int
send_content(const struct http_file_server *files, struct http_response *res,
    const struct document *doc, struct content *content,
    const struct range *ranges, int n)
{
	const char *type;

	if (n == RANGE_IGNORED)
		return content_send(res, content, 0, content->st.st_size);
	type = fieldrules_type(&files->rules, doc->path, doc->type);
	return byteranges_send(res, content, type, ranges, n);
}

/*
 * Answers with a form of the document that is open: 0, or the status to refuse
 * with.  Refusals are not described as the document is: its fields would let
 * caches keep them.
 */
static enum http_status
answer_form(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, struct document *doc, enum encoding e)
{
	const struct document_form *form = &doc->forms[e];
	bool is_dated = form->last_modified == form->st.st_mtime;
	/* A date that is not its own another version may have, too. */
	const struct validators validators = {
		.etag = form->etag,
		.last_modified = form->last_modified + (is_dated ? 0 : 1),
		.now = doc->now,
		.date = is_dated ? form->date : NULL,
	};
	off_t size = form->content->st.st_size;
	struct range ranges[RANGE_MAX];
	enum http_status status;
	int n = RANGE_IGNORED;
	const char *range;

	status = precondition_evaluate(req, &validators, &range);
	if (status == HTTP_PRECONDITION_FAILED)
		return status;
	if (status == HTTP_OK && range != NULL)
		n = range_parse(ranges, range, size);
	if (n == RANGE_UNSATISFIABLE)
		return byteranges_refuse(res, size) == 0 ?
		    HTTP_RANGE_NOT_SATISFIABLE : files_unable(errno);
	if (document_describe(doc, &files->rules, e) == -1 ||
	    response_add_lines(res, form->lines.data, form->lines.len) == -1)
		return files_unable(errno);
	res->has_upgrade = res->has_upgrade || form->has_upgrade;
	res->is_modified_now = form->is_modified_now;
	if (status == HTTP_NOT_MODIFIED)
		return http_response_set_status(res, (int)status) == 0 ?
		    0 : files_unable(errno);
	return send_content(files, res, doc, form->content, ranges, n) == 0 ?
	    0 : files_unable(errno);
}

void
files_answer(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, struct document *doc)
{
	enum encoding e = ENCODING_IDENTITY;
	enum http_status status = open_form(files, req, doc, &e);

	if (status == 0)
		status = answer_form(files, res, req, doc, e);
	filecache_keep(files->cache, doc);
	if (status != 0)
		files_refuse(files, res, req, status);
}

/* Makes a document the body of an error: 0, or -1 where that can't be. */
static int
send_error_page(struct http_file_server *files, struct http_response *res,
    enum http_status status)
{
	const char *path = files->error_pages[status - FILES_FIRST_ERROR];
	struct document *doc;
	struct content *content;
	int result = -1;

	if (path == NULL || (doc = files_find(files, path)) == NULL)
		return -1;
	if (document_open(doc, &files->root, ENCODING_IDENTITY) == -1)
		goto out;
	content = doc->forms[ENCODING_IDENTITY].content;
	if (http_response_set_header(res, "Content-Type", doc->type) == -1 ||
	    http_response_set_header(res, "X-Content-Type-Options",
	    "nosniff") == -1 ||
	    content_send(res, content, 0, content->st.st_size) == -1)
		goto out;
	result = http_response_set_status(res, (int)status);
out:
	filecache_keep(files->cache, doc);
	return result;
}

void
files_refuse(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, enum http_status status)
{
	/* What was set for the document does not become an error's. */
	if (status >= HTTP_INTERNAL_SERVER_ERROR)
		response_restart(res, res->given);
	if (send_error_page(files, res, status) == -1)
		(void)http_response_error(res, (int)status);
	if (files_apply_rules(files, res, req) == -1)
		(void)http_response_error(res, (int)files_unable(errno));
}

/* The page of an error in place of http_response_error()'s, if there is one. */
static void
replace_page(struct http_file_server *files, struct http_response *res)
{
	if (res->status >= FILES_FIRST_ERROR && res->is_page &&
	    files->error_pages[res->status - FILES_FIRST_ERROR] != NULL &&
	    docroot_follow(&files->root) == 0)
		(void)send_error_page(files, res,
		    (enum http_status)res->status);
}

void
http_file_server_finish(struct http_response *res, struct http_request *req,
    void *arg)
{
	struct http_file_server *files = arg;

	replace_page(files, res);
	if (files_apply_rules(files, res, req) == -1)
		(void)http_response_error(res, (int)files_unable(errno));
}

void
http_file_server_refused(void *arg, struct http_response *res)
{
	struct http_file_server *files = arg;

	replace_page(files, res);
	if (fieldrules_apply(&files->rules, res, "", NULL) == -1)
		(void)http_response_error(res, (int)files_unable(errno));
}
