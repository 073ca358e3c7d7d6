#include "listing_entries.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../docroot.h"
#include "listing_order.h"

/* Names that are looked up in a slice: it takes some 0.5 ms. */
#define SLICE_NAMES	256
/* What a link counts for: looking it up takes several system calls. */
#define LINK_NAMES	8

#define POINTER_BYTES sizeof(const struct listing_entry *)

/* The entries of a slice, sorted; those before next have been given out. */
struct listing_run {
	const struct listing_entry	**next;
	const struct listing_entry	**end;
};

/*
 * Each slice becomes a run.  The runs are a heap whose first has the entry
 * that comes next, so giving out merges them.
 */
struct listing_entries {
	struct docroot		  root;	/* as it was at the start */
	struct listing_order	  order;
	DIR			 *dir;	/* NULL when all is read */
	char			 *path;	/* room for a name at its end */
	size_t			  path_len;
	struct arena		  arena;
	struct listing_run	 *runs;
	size_t			  nruns;
	size_t			  size;
};

struct listing_entries *
listing_entries_new(const struct docroot *root, const char *path, int fd,
    const struct listing_order *order)
{
	struct listing_entries *list;
	int error;

	if ((list = calloc(1, sizeof(*list))) == NULL)
		goto fail;
	list->root.fd = -1;
	list->order = *order;
	list->path_len = strlen(path);
	if ((list->path = malloc(list->path_len + NAME_MAX + 1)) == NULL ||
	    docroot_copy(&list->root, root) == -1 ||
	    (list->dir = fdopendir(fd)) == NULL)
		goto fail;
	memcpy(list->path, path, list->path_len);
	return list;
fail:
	error = errno;
	close(fd);
	listing_entries_free(list);
	errno = error;
	return NULL;
}

void
listing_entries_free(struct listing_entries *list)
{
	if (list == NULL)
		return;
	if (list->dir != NULL)
		closedir(list->dir);
	docroot_close(&list->root);
	arena_free(&list->arena);
	free(list->runs);
	free(list->path);
	free(list);
}

/* Stats what a link leads to, if the root has that. */
static int
entries_stat_link(const struct listing_entries *list, const char *name,
    struct stat *st)
{
	struct docroot_dir dir = {
		.fd = dirfd(list->dir),
		.path = list->path,
		.name = list->path + list->path_len
	};

	if (strlcpy(list->path + list->path_len, name, NAME_MAX + 1) >
	    NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return docroot_stat(&list->root, &dir, "", st);
}

/* Whether a client could get what a directory has, by its type alone. */
static bool
entries_may_show(const struct listing_entries *list,
    const struct dirent *entry)
{
	if (docroot_hides(&list->root, entry->d_name, strlen(entry->d_name)))
		return false;
	return entry->d_type == DT_REG || entry->d_type == DT_DIR ||
	    entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
}

/*
 * Finds out what an entry is, and what a link leads to: 0, or -1 and errno.
 * Counts the names that were looked up for it.
 */
static int
entries_stat(const struct listing_entries *list, const char *name,
    struct stat *st, size_t *names)
{
	*names = 1;
	if (fstatat(dirfd(list->dir), name, st, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (!S_ISLNK(st->st_mode))
		return 0;
	*names = LINK_NAMES;
	return entries_stat_link(list, name, st);
}

static const struct listing_entry *
entries_add(struct listing_entries *list, const char *name,
    const struct stat *st)
{
	struct listing_entry *entry;
	size_t name_size = strlen(name) + 1;

	entry = arena_alloc(&list->arena,
	    offsetof(struct listing_entry, name) + name_size);
	if (entry == NULL)
		return NULL;
	entry->size = S_ISDIR(st->st_mode) ? -1 : (int64_t)st->st_size;
	entry->mtime = (int64_t)st->st_mtime;
	memcpy(entry->name, name, name_size);
	return entry;
}

/*
 * Takes an entry, if a client could get it: not hidden names, links out of the
 * root, FIFOs, sockets, devices.  What has just gone is not shown, and where
 * that can't be known there is no listing.  1, 0 where it is not taken, or -1.
 */
static int
entries_take(struct listing_entries *list, const struct dirent *entry,
    const struct listing_entry **taken, size_t *names)
{
	struct stat st;

	*names = 1;
	if (!entries_may_show(list, entry))
		return 0;
	if (entries_stat(list, entry->d_name, &st, names) == -1)
		return docroot_has_failed(errno) ? -1 : 0;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return 0;
	*taken = entries_add(list, entry->d_name, &st);
	return *taken == NULL ? -1 : 1;
}

static int
entries_compare(const void *a, const void *b, void *arg)
{
	const struct listing_entry *const *x = a, *const *y = b;

	return listing_compare(*x, *y, arg);
}

/* Whether the run at i has an entry that comes before that of j's. */
static bool
entries_is_before(const struct listing_entries *list, size_t i, size_t j)
{
	return listing_compare(*list->runs[i].next, *list->runs[j].next,
	    &list->order) < 0;
}

static void
entries_swap(struct listing_entries *list, size_t i, size_t j)
{
	struct listing_run run = list->runs[i];

	list->runs[i] = list->runs[j];
	list->runs[j] = run;
}

/* Moves the last run up in the heap to its place. */
static void
entries_sift_up(struct listing_entries *list)
{
	size_t i, parent;

	for (i = list->nruns - 1; i > 0; i = parent) {
		parent = (i - 1) / 2;
		if (!entries_is_before(list, i, parent))
			break;
		entries_swap(list, i, parent);
	}
}

/* Moves the first run down in the heap to its place. */
static void
entries_sift_down(struct listing_entries *list)
{
	size_t child, i;

	for (i = 0; (child = 2 * i + 1) < list->nruns; i = child) {
		if (child + 1 < list->nruns &&
		    entries_is_before(list, child + 1, child))
			child++;
		if (!entries_is_before(list, child, i))
			break;
		entries_swap(list, i, child);
	}
}

/* Sorts the entries of a slice into a run. */
static int
entries_add_run(struct listing_entries *list,
    const struct listing_entry **slice, size_t n)
{
	const struct listing_entry **entries;
	struct listing_run *runs;
	size_t size;

	if (n == 0)
		return 0;
	if (list->nruns == list->size) {
		size = list->size == 0 ? 4 : list->size * 2;
		runs = reallocarray(list->runs, size, sizeof(*runs));
		if (runs == NULL)
			return -1;
		list->runs = runs;
		list->size = size;
	}
	entries = arena_alloc(&list->arena, n * POINTER_BYTES);
	if (entries == NULL)
		return -1;
	qsort_r(slice, n, POINTER_BYTES, entries_compare, &list->order);
	memcpy(entries, slice, n * POINTER_BYTES);
	list->runs[list->nruns].next = entries;
	list->runs[list->nruns].end = entries + n;
	list->nruns++;
	entries_sift_up(list);
	return 0;
}

int
listing_entries_read(struct listing_entries *list)
{
	const struct listing_entry *slice[SLICE_NAMES];
	struct dirent *entry;
	size_t n = 0, names, read;
	int taken;

	for (read = 0; read < SLICE_NAMES; read += names) {
		errno = 0;
		if ((entry = readdir(list->dir)) == NULL) {
			if (errno != 0)
				return -1;
			closedir(list->dir);
			list->dir = NULL;
			break;
		}
		if ((taken = entries_take(list, entry, &slice[n],
		    &names)) == -1)
			return -1;
		n += (size_t)taken;
	}
	if (entries_add_run(list, slice, n) == -1)
		return -1;
	return list->dir != NULL;
}

const struct listing_entry *
listing_entries_next(struct listing_entries *list)
{
	const struct listing_entry *entry;
	struct listing_run *first = list->runs;

	if (list->nruns == 0)
		return NULL;
	entry = *first->next++;
	if (first->next == first->end)
		*first = list->runs[--list->nruns];
	entries_sift_down(list);
	return entry;
}
