/*
 * A head that is refused before http-parser has cut all of it into tokens: what
 * can be read of its lines without it.
 */
#ifndef REQUEST_LINES_H
#define REQUEST_LINES_H

#include <stddef.h>

struct http_request;

/*
 * Finds Accept among the lines of a head that can't be read, as far as they are
 * there, and writes NULs into them: for the page that says so.  It is the only
 * field that there is then.
 */
void request_find_accept(struct http_request *req, char *lines, size_t len);

/*
 * Cuts a head that the scan has let through into the tokens that the parser
 * would find, and ends each with a NUL.
 */
void request_cut_lines(struct http_request *req, char *head, size_t len);

#endif
