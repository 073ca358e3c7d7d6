/*
 * A file below the root by its path, with what stands beside it in other
 * codings ("x.css.gz"), as the file system last had it.  It is looked at again
 * in each turn that asks for it, with one or two system calls; bytes and fields
 * are kept as long as that finds the same versions.
 */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <sys/queue.h>
#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../buffer.h"
#include "../encoding.h"
#include "../httpdate.h"

struct content;
struct docroot;
struct fieldrules;

/*
 * Quotes around two numbers of 64 bits in hex, a random one, and the coding's
 * name, each behind a dash, and a NUL.
 */
#define DOCUMENT_ETAG_SIZE (2 + 3 * 16 + 8 + 3 + 1)

/* The document in one coding, or as it is. */
struct document_form {
	bool		 is_there;
	bool		 has_name;	/* perhaps a link to nothing */
	bool		 is_settled;	/* another change would show in st */
	bool		 was_opened;	/* this version: it may be read */
	struct stat	 st;
	struct content	*content;	/* NULL until it is asked for */
	char		 etag[DOCUMENT_ETAG_SIZE];
	time_t		 last_modified;	/* as the field has it, */
	char		 date[HTTPDATE_SIZE];	/* in words; "": as Date */
	struct buffer	 lines;		/* its fields, when they are known, */
	bool		 has_upgrade;	/* and these two of a response */
	bool		 is_modified_now;
};

struct document {
	LIST_ENTRY(document)	 chain;	/* the cache's: of one hash, */
	TAILQ_ENTRY(document)	 used;	/* and in order of their use */
	const void		*owner;	/* of several in one cache */
	size_t			 size;	/* bytes it took when it was counted */
	unsigned int		 nfds;
	bool			 is_measured;	/* both are still right */

	uint64_t		 turn;	/* when it was last looked at, */
	time_t			 now;	/* by CLOCK_REALTIME_COARSE */
	struct stat		 dir;	/* the directory that it is in */
	bool			 dir_is_settled;
	const char		*type;	/* media type */
	unsigned int		 available;	/* ENCODING_BIT()s */
	bool			 varies;	/* by Accept-Encoding */
	struct document_form	 forms[ENCODING_COUNT];
	char			 path[];	/* one slash before each name */
};

/* type outlives it.  NULL and ENOMEM. */
struct document *document_new(const char *path, const char *type);
void document_free(struct document *doc);

/*
 * Looks, once a turn, what there is: 0, or -1 and errno as docroot_open() has
 * it, EISDIR for a directory, ENXIO for what is no file either.
 */
int document_look(struct document *doc, const struct docroot *root);

/*
 * Opens a form that is available, unless it is: 0, or -1 and errno, also where
 * it is not the plain file, and that is there but may not be read.
 */
int document_open(struct document *doc, const struct docroot *root,
    enum encoding e);

/* Makes the fields of a form that is open, unless it has them. */
int document_describe(struct document *doc, const struct fieldrules *rules,
    enum encoding e);

/* Counts what it holds now, into size and nfds. */
void document_measure(struct document *doc);

#endif
