#include "listing_order.h"

#include <stddef.h>
#include <string.h>

/* By key; the first is what a key means without an order. */
static const struct {
	const char	*name;
	bool		 descending;
	const char	*query;
	const char	*reverse;
} keys[] = {
	[LISTING_BY_NAME] =
	    { "name", false, "", "?sort=name&order=desc" },
	[LISTING_BY_SIZE] =
	    { "size", true, "?sort=size", "?sort=size&order=asc" },
	[LISTING_BY_DATE] =
	    { "date", true, "?sort=date", "?sort=date&order=asc" },
};

#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* Whether a query's parameter is one of this name; value is what it is. */
static bool
order_is(const char *parameter, size_t len, const char *name,
    const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);

	return len == name_len + 1 + value_len &&
	    strncmp(parameter, name, name_len) == 0 &&
	    parameter[name_len] == '=' &&
	    strncmp(parameter + name_len + 1, value, value_len) == 0;
}

struct listing_order
listing_order_parse(const char *query)
{
	struct listing_order order = { LISTING_BY_NAME, false };
	bool is_set = false;
	size_t key, len;

	for (; query != NULL && *query != '\0';
	    query += len + (query[len] == '&')) {
		len = strcspn(query, "&");
		for (key = 0; key < NKEYS; key++)
			if (order_is(query, len, "sort", keys[key].name))
				order.key = (enum listing_key)key;
		if (order_is(query, len, "order", "desc"))
			order.descending = is_set = true;
		else if (order_is(query, len, "order", "asc")) {
			order.descending = false;
			is_set = true;
		}
	}
	if (!is_set)
		order.descending = keys[order.key].descending;
	return order;
}

const char *
listing_order_query(const struct listing_order *order)
{
	if (order->descending == keys[order->key].descending)
		return keys[order->key].query;
	return keys[order->key].reverse;
}

struct listing_order
listing_order_next(const struct listing_order *order, enum listing_key key)
{
	struct listing_order next = { key, keys[key].descending };

	if (order->key == key)
		next.descending = !order->descending;
	return next;
}

static bool
order_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What a byte counts as among others: its lower case. */
static int
order_fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 'a';
	return (unsigned char)c;
}

/* Compares the numbers that two strings begin with, and goes behind them. */
static int
order_compare_numbers(const char **a, const char **b)
{
	size_t a_len, b_len;
	int result = 0;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	a_len = strspn(*a, "0123456789");
	b_len = strspn(*b, "0123456789");
	if (a_len != b_len)
		result = a_len < b_len ? -1 : 1;
	else
		result = strncmp(*a, *b, a_len);
	*a += a_len;
	*b += b_len;
	return result;
}

int
listing_compare_names(const char *a, const char *b)
{
	const char *x = a, *y = b;
	int result = 0;

	while (result == 0 && *x != '\0' && *y != '\0') {
		if (order_is_digit(*x) && order_is_digit(*y))
			result = order_compare_numbers(&x, &y);
		else
			result = order_fold(*x++) - order_fold(*y++);
	}
	if (result == 0)
		result = (*x != '\0') - (*y != '\0');
	return result != 0 ? result : strcmp(a, b);
}

int
listing_compare(const struct listing_entry *a, const struct listing_entry *b,
    const struct listing_order *order)
{
	int result = 0;

	if (listing_is_directory(a) != listing_is_directory(b))
		return listing_is_directory(a) ? -1 : 1;
	switch (order->key) {
	case LISTING_BY_NAME:
		result = listing_compare_names(a->name, b->name);
		break;
	case LISTING_BY_SIZE:
		result = (a->size > b->size) - (a->size < b->size);
		break;
	case LISTING_BY_DATE:
		result = (a->mtime > b->mtime) - (a->mtime < b->mtime);
		break;
	}
	if (result == 0)
		return listing_compare_names(a->name, b->name);
	return order->descending ? -result : result;
}
