/*
 * What of a directory is shown, read and sorted in slices: nothing here takes
 * longer than a slice does, however large the directory is.
 */
#ifndef LISTING_ENTRIES_H
#define LISTING_ENTRIES_H

struct docroot;
struct listing_entries;
struct listing_entry;
struct listing_order;

/*
 * Begins to read a directory, whose path below the root ends in a slash.  fd
 * is closed in every case, here or when all is read.  root stays the caller's,
 * and may move to another directory meanwhile.  NULL and errno.
 */
struct listing_entries *listing_entries_new(const struct docroot *root,
    const char *path, int fd, const struct listing_order *order);
void listing_entries_free(struct listing_entries *list);

/* Reads a slice: 1 when there may be more, 0 at the end, or -1 and errno. */
int listing_entries_read(struct listing_entries *list);

/* Once all is read: the next entry in order, or NULL behind the last. */
const struct listing_entry *listing_entries_next(struct listing_entries *list);

#endif
