#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../buffer.h"
#include "../negotiate.h"
#include "../precondition.h"
#include "../response.h"
#include "../uri.h"
#include "listing.h"

/*
 * Writes a directory's own name, with its slash and the request's query.  It
 * is a path and begins with one slash: no target leads to another site.
 */
static int
files_location(struct buffer *location, const struct http_request *req,
    const char *path)
{
	const char *query = http_request_query(req);

	if (buffer_reserve(location, 3 * strlen(path) + 1) == -1)
		return -1;
	location->len = uri_encode_path(location->data, path);
	if (buffer_append_string(location, "/") == -1)
		return -1;
	if (query != NULL && (buffer_append_string(location, "?") == -1 ||
	    buffer_append_string(location, query) == -1))
		return -1;
	return buffer_append(location, "", 1);
}

/* Redirects to the directory that was asked for without its slash. */
static void
files_redirect(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, const char *path)
{
	struct buffer location = { 0 };

	if (files_location(&location, req, path) == -1 ||
	    http_response_redirect(res, HTTP_MOVED_PERMANENTLY,
	    location.data) == -1 ||
	    files_apply_rules(files, res, req) == -1)
		(void)http_response_error(res, (int)files_unable(errno));
	buffer_free(&location);
}

/* The document of a path with something behind it; as files_find(). */
static struct document *
files_find_with(struct http_file_server *files, const char *path,
    const char *suffix)
{
	char whole[PATH_MAX];
	int len;

	len = snprintf(whole, sizeof(whole), "%s%s", path, suffix);
	if (len >= 0 && (size_t)len < sizeof(whole))
		return files_find(files, whole);
	errno = ENAMETOOLONG;
	return NULL;
}

/* The document of a path with its slash: the index; as files_find(). */
static struct document *
files_find_index(struct http_file_server *files, const char *path)
{
	errno = ENOENT;
	if (files->index == NULL)
		return NULL;
	return files_find_with(files, path, files->index);
}

/* The document of a path without a slash at its end; as files_find(). */
static struct document *
files_find_file(struct http_file_server *files, const char *path)
{
	struct document *doc = files_find(files, path);
	int error = errno;

	if (doc == NULL && files->extension != NULL &&
	    (error == ENOENT || error == EISDIR))
		doc = files_find_with(files, path, files->extension);
	errno = error;
	return doc;
}

static bool
is_directory(const char *path)
{
	return path[0] != '\0' && path[strlen(path) - 1] == '/';
}

/* Whether a name has a dot, as parts of pages have. */
static bool
is_part(const struct http_request *req)
{
	const char *name = strrchr(http_request_path(req), '/');

	return name != NULL && strchr(name, '.') != NULL;
}

/*
 * Whether what was not found may be a page that the browser makes itself, and
 * is not one of its parts.  Where Accept decides that, caches are told.
 */
static bool
is_page(struct http_response *res, const struct http_request *req)
{
	if (!is_part(req))
		return true;
	return http_response_add_header(res, "Vary", "Accept") == 0 &&
	    negotiate_prefers(req, "text/html", "text/plain");
}

/* Answers a request for which errno says why nothing was found. */
static void
files_miss(struct http_file_server *files, struct http_response *res,
    const struct http_request *req)
{
	enum http_status status = files_failed(errno);
	struct document *doc;

	if (status == HTTP_NOT_FOUND && files->fallback != NULL &&
	    is_page(res, req)) {
		doc = files_find(files, files->fallback);
		if (doc != NULL) {
			files_answer(files, res, req, doc);
			return;
		}
	}
	files_refuse(files, res, req, status);
}

/* Answers with the listing: 0, or -1 and errno. */
static int
files_list(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, const char *path)
{
	enum http_status status;
	int fd;

	if (!files->lists) {
		errno = ENOENT;
		return -1;
	}
	fd = docroot_open(&files->root, path,
	    O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	if (fd == -1)
		return -1;
	status = precondition_evaluate_bare(req);
	if (status == HTTP_PRECONDITION_FAILED) {
		(void)close(fd);
		files_refuse(files, res, req, status);
		return 0;
	}
	if (listing_send(res, req, &files->root, path, fd,
	    &files->large_listings) == -1 ||
	    http_response_set_status(res, (int)status) == -1)
		return -1;
	return files_apply_rules(files, res, req);
}

/*
 * Answers a path that ends in a slash with the directory's index, or where it
 * has none with its listing.  The index is tried first: that is one lookup.
 * An index that may not be read is not replaced by a listing, nor is one that
 * may be there under a path that is too long.
 */
static void
files_serve_directory(struct http_file_server *files,
    struct http_response *res, const struct http_request *req,
    const char *path)
{
	struct document *doc;

	doc = files_find_index(files, path);
	if (doc != NULL)
		files_answer(files, res, req, doc);
	else if (errno == ENAMETOOLONG ||
	    files_status(errno) != HTTP_NOT_FOUND ||
	    files_list(files, res, req, path) == -1)
		files_miss(files, res, req);
}

/* Answers a path without a slash at its end. */
static void
files_serve_file(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, const char *path)
{
	struct document *doc;

	doc = files_find_file(files, path);
	if (doc != NULL)
		files_answer(files, res, req, doc);
	else if (errno == EISDIR)
		files_redirect(files, res, req, path);
	else
		files_miss(files, res, req);
}

/* Of what there is, documents alone can be had in parts: 0, or -1. */
static int
files_set_ranges(struct http_file_server *files, struct http_response *res,
    const char *path)
{
	struct document *doc;

	if (is_directory(path))
		doc = files_find_index(files, path);
	else
		doc = files_find_file(files, path);
	if (doc == NULL)
		return 0;
	filecache_keep(files->cache, doc);
	return http_response_set_header(res, "Accept-Ranges", "bytes");
}

/* Answers a method that reads nothing: what is allowed, by RFC 9110, 9.3.7. */
static void
files_serve_allow(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, const char *path, enum http_status status)
{
	if (http_response_set_header(res, "Allow",
	    "GET, HEAD, OPTIONS") == -1 ||
	    (status == HTTP_NO_CONTENT && *path == '/' &&
	    files_set_ranges(files, res, path) == -1))
		status = files_unable(errno);
	if (status != HTTP_NO_CONTENT) {
		files_refuse(files, res, req, status);
		return;
	}
	(void)http_response_set_status(res, (int)status);
	(void)files_apply_rules(files, res, req);
}

void
http_file_server_serve(struct http_response *res, struct http_request *req,
    void *arg)
{
	struct http_file_server *files = arg;
	const char *method = http_request_method(req);
	char collapsed[PATH_MAX];
	const char *path = files_path(req, collapsed);

	res->given = res->fields.len;
	if (res->finish == http_file_server_finish && res->finish_arg == files)
		res->finish = NULL;
	if (docroot_follow(&files->root) == -1)
		files_refuse(files, res, req, files_unable(errno));
	else if (strcmp(method, "OPTIONS") == 0)
		files_serve_allow(files, res, req, path, HTTP_NO_CONTENT);
	else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		files_serve_allow(files, res, req, path,
		    HTTP_METHOD_NOT_ALLOWED);
	else if (is_directory(path))
		files_serve_directory(files, res, req, path);
	else
		files_serve_file(files, res, req, path);
}
