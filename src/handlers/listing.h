/* The answer that shows a directory: a page for people, JSON for programs. */
#ifndef LISTING_H
#define LISTING_H

struct docroot;
struct http_request;
struct http_response;

/*
 * Answers GET or HEAD with an open directory: its files and directories, and
 * the links to such that docroot_open() would follow.  path is where it is
 * below the root, as that opens it; the request's, which may have more slashes,
 * is what links are relative to.  Both end in one.  The request's query may
 * choose the order.  A directory that is read in one slice is answered at once;
 * a larger one is a source that reads it slice by slice, and needs root for as
 * long.  HEAD reads nothing.
 *
 * nlarge counts the sources under way, which hold all the names of a directory
 * until their clients have them: beyond so many, errno is ENOMEM.
 *
 * fd is closed in every case, at the latest when the answer is sent.  0, or -1
 * and errno, with no body yet.
 */
int listing_send(struct http_response *res, const struct http_request *req,
    const struct docroot *root, const char *path, int fd,
    unsigned int *nlarge);

#endif
