#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../buffer.h"
#include "../docroot.h"
#include "../httpdate.h"
#include "../httpserve.h"
#include "../mime.h"
#include "../precondition.h"
#include "../range.h"
#include "../uri.h"
#include "byteranges.h"
#include "listing.h"

/* Two numbers of 64 bits in hex, a dash between, quotes around, and a NUL. */
#define FILES_ETAG_SIZE (16 + 1 + 16 + 2 + 1)

struct http_file_server {
	struct docroot	 root;
	struct mime	*mime;
};

/* A regular file that is asked for. */
struct files_file {
	int			 fd;		/* -1 when given away */
	off_t			 size;
	const char		*type;
	char			 etag[FILES_ETAG_SIZE];
	struct validators	 validators;
};

struct http_file_server *
http_file_server_new(const char *root)
{
	struct http_file_server *files;
	int error;

	if ((files = calloc(1, sizeof(*files))) == NULL)
		return NULL;
	files->root.fd = -1;
	if (docroot_init(&files->root, root) == -1 ||
	    (files->mime = mime_new(MIME_TYPES_FILE)) == NULL) {
		error = errno;
		http_file_server_free(files);
		errno = error;
		return NULL;
	}
	return files;
}

void
http_file_server_free(struct http_file_server *files)
{
	if (files == NULL)
		return;
	mime_free(files->mime);
	docroot_close(&files->root);
	free(files);
}

/* The status that tells a client why a file can't be had. */
static enum http_status
files_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ELOOP:		/* links in a circle */
	case EXDEV:		/* a link that leaves the root */
	case ENXIO:		/* a socket, or a device that is not there */
	case ENODEV:
		return HTTP_NOT_FOUND;
	case EACCES:
	case EPERM:
		return HTTP_FORBIDDEN;
	case EAGAIN:		/* renames raced with every attempt */
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return HTTP_SERVICE_UNAVAILABLE;
	default:
		return HTTP_INTERNAL_SERVER_ERROR;
	}
}

/*
 * Opens a path that is a regular file or a directory, and stats it; what else
 * there may be in a root fails with ENXIO.  Never blocks, not on a FIFO.
 */
static int
files_open(const struct http_file_server *files, const char *path,
    struct stat *st)
{
	int error, fd;

	fd = docroot_open(&files->root, path,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return -1;
	if (fstat(fd, st) == -1)
		error = errno;
	else if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		error = ENXIO;
	else
		return fd;
	close(fd);
	errno = error;
	return -1;
}

/* Writes a number in hex, without a NUL, and returns where it ends. */
static char *
files_hex(char *dst, uintmax_t n)
{
	int shift = 0;

	while (n >> shift > 0xf)
		shift += 4;
	for (; shift >= 0; shift -= 4)
		*dst++ = "0123456789abcdef"[n >> shift & 0xf];
	return dst;
}

/*
 * A strong validator of the file's version: its mtime in nanoseconds and its
 * size.  No inode, so that two machines with the same tree agree.
 */
static void
files_etag(char dst[FILES_ETAG_SIZE], const struct stat *st)
{
	uintmax_t mtime_ns;

	mtime_ns = (uintmax_t)st->st_mtim.tv_sec * 1000000000 +
	    (uintmax_t)st->st_mtim.tv_nsec;
	*dst++ = '"';
	dst = files_hex(dst, mtime_ns);
	*dst++ = '-';
	dst = files_hex(dst, (uintmax_t)st->st_size);
	*dst++ = '"';
	*dst = '\0';
}

/* Notes what tells this version of the file from others. */
static void
files_identify(struct files_file *file, const struct stat *st)
{
	time_t now = time(NULL);

	files_etag(file->etag, st);
	file->validators.etag = file->etag;
	file->validators.now = now;
	/* Never later than Date: RFC 9110, 8.8.2.1. */
	file->validators.last_modified =
	    st->st_mtime < now ? st->st_mtime : now;
}

/* Sets the fields that describe a file, whatever of it is sent. */
static int
files_describe(struct http_response *res, const struct files_file *file)
{
	char date[HTTPDATE_SIZE];

	httpdate_format(date, file->validators.last_modified);
	if (http_response_set_header(res, "Content-Type", file->type) == -1 ||
	    http_response_set_header(res, "X-Content-Type-Options",
	    "nosniff") == -1 ||
	    http_response_set_header(res, "Last-Modified", date) == -1 ||
	    http_response_set_header(res, "ETag", file->etag) == -1 ||
	    http_response_set_header(res, "Accept-Ranges", "bytes") == -1)
		return -1;
	return 0;
}

/* Answers with the file, or with what a Range field asks for of it. */
static int
files_send_content(struct http_response *res, struct files_file *file,
    const char *range)
{
	struct range ranges[RANGE_MAX];
	int fd = file->fd, n = RANGE_IGNORED;

	if (range != NULL)
		n = range_parse(ranges, range, file->size);
	if (n == RANGE_UNSATISFIABLE)
		return byteranges_refuse(res, file->size);
	if (files_describe(res, file) == -1)
		return -1;
	file->fd = -1;
	if (n == RANGE_IGNORED)
		return http_response_send_file(res, fd, 0, file->size);
	return byteranges_send(res, fd, file->size, file->type, ranges, n);
}

/*
 * Answers what a request asks of a file.  Refusals are not described as the
 * file is: its fields would let caches keep them.
 */
static int
files_answer(struct http_response *res, const struct http_request *req,
    struct files_file *file)
{
	enum http_status status;
	const char *range;

	status = precondition_evaluate(req, &file->validators, &range);
	if (status == HTTP_OK)
		return files_send_content(res, file, range);
	if (status != HTTP_NOT_MODIFIED)
		return http_response_error(res, status);
	if (files_describe(res, file) == -1)
		return -1;
	return http_response_set_status(res, status);
}

/* Answers with an open, regular file.  fd is closed in every case. */
static void
files_send(const struct http_file_server *files, struct http_response *res,
    const struct http_request *req, const char *path, int fd,
    const struct stat *st)
{
	struct files_file file = {
		.fd = fd,
		.size = st->st_size,
		.type = mime_type(files->mime, path)
	};

	files_identify(&file, st);
	if (files_answer(res, req, &file) == -1)
		http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	if (file.fd != -1)
		close(file.fd);
}

/*
 * Writes a directory's own name, with its slash and the request's query.  It
 * is a path and begins with one slash: no target leads to another site.
 */
static int
files_location(struct buffer *location, const struct http_request *req)
{
	const char *path = http_request_path(req);
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
files_redirect(struct http_response *res, const struct http_request *req)
{
	struct buffer location = { 0 };

	if (files_location(&location, req) == -1 ||
	    http_response_redirect(res, HTTP_MOVED_PERMANENTLY,
	    location.data) == -1)
		http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	buffer_free(&location);
}

/*
 * Answers a path that ends in a slash with the directory's index, or where it
 * has none with its listing.  The index is tried first: that is one lookup.
 * An index that may not be read is not replaced by a listing.
 */
static void
files_serve_directory(const struct http_file_server *files,
    struct http_response *res, const struct http_request *req)
{
	const char *path = http_request_path(req);
	char index[PATH_MAX];
	struct stat st;
	int fd, len;

	len = snprintf(index, sizeof(index), "%sindex.html", path);
	if (len < 0 || (size_t)len >= sizeof(index)) {
		http_response_error(res, HTTP_NOT_FOUND);
		return;
	}
	fd = files_open(files, index, &st);
	if (fd != -1 && S_ISREG(st.st_mode)) {
		files_send(files, res, req, index, fd, &st);
		return;
	}
	if (fd != -1)
		close(fd);
	else if (files_status(errno) != HTTP_NOT_FOUND) {
		http_response_error(res, files_status(errno));
		return;
	}
	if ((fd = files_open(files, path, &st)) == -1 ||
	    listing_send(res, &files->root, path, fd) == -1)
		http_response_error(res, files_status(errno));
}

/* Answers a path without a slash at its end. */
static void
files_serve_file(const struct http_file_server *files,
    struct http_response *res, const struct http_request *req)
{
	const char *path = http_request_path(req);
	struct stat st;
	int fd;

	if ((fd = files_open(files, path, &st)) == -1)
		http_response_error(res, files_status(errno));
	else if (S_ISREG(st.st_mode))
		files_send(files, res, req, path, fd, &st);
	else {
		close(fd);
		files_redirect(res, req);
	}
}

/* Answers a method that reads nothing: what is allowed, by RFC 9110, 9.3.7. */
static void
files_serve_allow(struct http_response *res, int status)
{
	if (http_response_set_header(res, "Allow", "GET, HEAD, OPTIONS") == -1)
		status = HTTP_INTERNAL_SERVER_ERROR;
	if (status == HTTP_NO_CONTENT)
		http_response_set_status(res, status);
	else
		http_response_error(res, status);
}

void
http_file_server_serve(struct http_response *res, struct http_request *req,
    void *arg)
{
	const struct http_file_server *files = arg;
	const char *method = http_request_method(req);
	const char *path = http_request_path(req);

	if (strcmp(method, "OPTIONS") == 0)
		files_serve_allow(res, HTTP_NO_CONTENT);
	else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		files_serve_allow(res, HTTP_METHOD_NOT_ALLOWED);
	else if (path[0] != '\0' && path[strlen(path) - 1] == '/')
		files_serve_directory(files, res, req);
	else
		files_serve_file(files, res, req);
}
