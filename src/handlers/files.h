/* A file server, as its rooms share it. */
#ifndef FILES_H
#define FILES_H

#include <limits.h>
#include <stdbool.h>

#include "../docroot.h"
#include "../httpfiles.h"
#include "fieldrules.h"
#include "filecache.h"

struct document;
struct mime;

/* Statuses that may have a page of their own: 400 to 599. */
#define FILES_FIRST_ERROR	400
#define FILES_ERRORS		200

struct http_file_server {
	struct docroot		 root;
	struct http_file_server	*other;		/* that it is beside, or NULL */
	struct mime		*mime;		/* that one's, or its own */
	struct filecache	*cache;		/* the same */
	struct filecache	 own_cache;
	struct fieldrules	 rules;
	bool			 lists;
	unsigned int		 large_listings;	/* under way */
	char			*index;		/* of a directory; or NULL */
	char			*extension;	/* added where one is missing */
	char			*fallback;	/* path, for what is missing */
	char			*error_pages[FILES_ERRORS]; /* paths */
};

/*
 * The path of a request with one slash before each name, so that a document
 * has one path, whatever its length: in collapsed, unless the request has it
 * so.  One that has no room there stays as it is, and names nothing.
 */
const char *files_path(const struct http_request *req,
    char collapsed[PATH_MAX]);

/*
 * Finds the document that such a path names: NULL and errno as
 * document_look(), and as files_status() understands it.  It is the cache's,
 * until filecache_keep().
 */
struct document *files_find(struct http_file_server *files, const char *path);

/* The status that tells a client why there is no such document. */
enum http_status files_status(int error);
/* The same, and says what has run out, or that the disk has failed. */
enum http_status files_failed(int error);
/* That of what is no word about a document: 503 or 500, and says so, too. */
enum http_status files_unable(int error);

/*
 * Adds the fields that the rules have for a request's path, however many
 * slashes it has in a row, and for the type of the answer.
 */
int files_apply_rules(const struct http_file_server *files,
    struct http_response *res, const struct http_request *req);

/* Answers what a request asks of a document. */
void files_answer(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, struct document *doc);

/* Answers an error, with its own page where it has one. */
void files_refuse(struct http_file_server *files, struct http_response *res,
    const struct http_request *req, enum http_status status);

#endif
