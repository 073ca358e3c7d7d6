/*
 * httpfiles.h: a server of files, as a handler for httpserve.h.
 */
#ifndef HTTPFILES_H
#define HTTPFILES_H

#include <stddef.h>

#include "httpserve.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Files and directories below a root.  Nothing outside of it is reached.  The
 * root is opened now, so that children with fewer rights serve it; NULL and
 * errno when it can't be.  A link to another root that is put in its place is
 * followed.  Free it after serving.  Go: http.FileServer.
 *
 *	struct http_file_server *files = http_file_server_new("/srv/www");
 *	srv.handler = (struct http_handler){ http_file_server_serve, files };
 */
struct http_file_server;
struct http_file_server *http_file_server_new(const char *root);
/*
 * One more, that keeps what it can together with another, which is freed after
 * it: the memory of the cache, the table of media types that a new one has,
 * and where root is NULL the root.  It has the options of a new one.
 */
struct http_file_server *http_file_server_new_beside(
    struct http_file_server *other, const char *root);
void http_file_server_free(struct http_file_server *files);
void http_file_server_serve(struct http_response *res,
    struct http_request *req, void *files);
/*
 * Gives the answer of another handler what a file server has for all of its
 * own: fields, and the page of an error in place of http_response_error()'s.
 * It is set with http_response_set_finish() by who stands in front of both;
 * where the file server itself answers it does nothing more.
 */
void http_file_server_finish(struct http_response *res,
    struct http_request *req, void *files);
/*
 * The same for answers that a server gives by itself, to what has no path that
 * could be read: fields for all paths, such as those of "*", or for the type of
 * the page, and the page.  It is an http_server's refused.
 */
void http_file_server_refused(void *files, struct http_response *res);
/*
 * For a child that has changed its root directory, chroot(2): the path that
 * the root has there.  0, or -1 with ENOMEM.
 */
int http_file_server_set_path(struct http_file_server *files,
    const char *path);

/*
 * What a file server does differently, set before it serves.  Strings are
 * copied.  EINVAL for what can't be meant, ENOMEM.
 *
 * Whether a directory without an index is listed: yes.  If not, it is 404.
 */
void http_file_server_set_listing(struct http_file_server *files, int on);
/* Whether names that begin with a dot are shown: no, but .well-known is. */
void http_file_server_set_dotfiles(struct http_file_server *files, int on);
/* Whether symbolic links that lead out of the root are followed: no. */
void http_file_server_set_follow_links(struct http_file_server *files, int on);
int http_file_server_follows(const struct http_file_server *files);
/*
 * Whether there is a file of this path below the root that this process may
 * read, with these options: 0, or -1 and errno, EISDIR for what is no file.
 */
int http_file_server_check(const struct http_file_server *files,
    const char *path);
/*
 * Bytes of files that each child keeps in memory, for all that keep them
 * together: 16 MiB; 0 keeps none.
 */
void http_file_server_set_cache_bytes(struct http_file_server *files,
    size_t bytes);
/* The file that stands for its directory: "index.html"; "" is none. */
int http_file_server_set_index(struct http_file_server *files,
    const char *name);
/*
 * An extension such as ".html" that is added to a path that names no file: so
 * /about is answered by about.html; "" is none, the default.
 */
int http_file_server_set_extension(struct http_file_server *files,
    const char *extension);
/*
 * The file, by its path below the root, that answers what is not found, as
 * 200: for applications that route in the browser.  Only where HTML may be
 * meant: the last segment has no dot, or Accept names text/html.
 */
int http_file_server_set_fallback(struct http_file_server *files,
    const char *path);
/* The file that is the body of answers with this status, 400 to 599. */
int http_file_server_set_error_page(struct http_file_server *files, int status,
    const char *path);
/*
 * A field of answers, errors too.  A pattern that begins with "/" or "*" is
 * matched with the path by fnmatch(3), where "*" spans slashes; another one,
 * such as "text/html", with the media type of the answer, which an error has
 * from its page.  Of several for one name the last that matches counts.
 * Cache-Control and Expires stay away from errors.
 */
int http_file_server_add_header(struct http_file_server *files,
    const char *pattern, const char *name, const char *value);
/* The media type of an extension without its dot, over every table. */
int http_file_server_add_type(struct http_file_server *files,
    const char *extension, const char *type);

#ifdef __cplusplus
}
#endif

#endif
