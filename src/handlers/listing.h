/* The page that shows a directory. */
#ifndef LISTING_H
#define LISTING_H

struct docroot;
struct http_response;

/*
 * Answers the page of an open directory: its files and directories and the
 * links to such below the root.  path is the request's, and ends in a slash.
 * fd is closed in every case.  0, or -1 and errno, with nothing answered yet.
 */
int listing_send(struct http_response *res, const struct docroot *root,
    const char *path, int fd);

#endif
