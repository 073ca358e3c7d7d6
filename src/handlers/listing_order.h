/* What a listing shows of a file or a directory, and which comes first. */
#ifndef LISTING_ORDER_H
#define LISTING_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct listing_entry {
	int64_t	 size;		/* in bytes; -1 for a directory */
	int64_t	 mtime;		/* seconds since the Epoch */
	char	 name[];
};

static inline bool
listing_is_directory(const struct listing_entry *entry)
{
	return entry->size == -1;
}

enum listing_key {
	LISTING_BY_NAME,
	LISTING_BY_SIZE,
	LISTING_BY_DATE
};

struct listing_order {
	enum listing_key key;
	bool		 descending;
};

/*
 * Reads an order from a query, "sort=name", "size" or "date" and "order=asc"
 * or "desc": of several the last counts, what is unknown is ignored.  Without
 * an order names ascend, the largest comes first, and the newest.
 */
struct listing_order listing_order_parse(const char *query);

/* The shortest query, with its question mark, that means an order; or "". */
const char *listing_order_query(const struct listing_order *order);

/* The order that a click on a column's head leads to. */
struct listing_order listing_order_next(const struct listing_order *order,
    enum listing_key key);

/*
 * Compares names as strcmp(3), but as people do: digits are numbers, upper
 * and lower case of ASCII are alike.  0 only for equal strings.
 */
int listing_compare_names(const char *a, const char *b);

/*
 * Compares entries as strcmp(3).  Directories come first in every order; they
 * have no size.  What is alike otherwise is in ascending order of names.
 */
int listing_compare(const struct listing_entry *a,
    const struct listing_entry *b, const struct listing_order *order);

#endif
