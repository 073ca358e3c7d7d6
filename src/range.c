#include "range.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The ranges of a field so far. */
struct range_set {
	struct range	*ranges;
	int		 count;
	bool		 has_specs;	/* satisfiable or not */
	int64_t		 length;	/* of the representation */
	uint64_t	 total;		/* bytes of all ranges */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Reads digits and moves *s behind them: false where there are none.  What is
 * too large for a length is as good as the largest (RFC 9110, 14.1.2: "prevent
 * parsing errors due to integer conversion overflows").
 */
static bool
range_scan_number(int64_t *n, const char **s)
{
	const char *p = *s;

	if (!is_digit(*p))
		return false;
	for (*n = 0; is_digit(*p); p++) {
		int digit = *p - '0';

		*n = *n > (INT64_MAX - digit) / 10 ?
		    INT64_MAX : *n * 10 + digit;
	}
	*s = p;
	return true;
}

/*
 * These read a range-spec and move *s behind it: 1, 0 where it is beyond the
 * representation, or -1 where it is none.
 */
static int
range_scan_int(struct range *r, const char **s, int64_t length)
{
	int64_t first, last;

	if (!range_scan_number(&first, s) || **s != '-')
		return -1;
	(*s)++;
	if (!range_scan_number(&last, s))
		last = INT64_MAX;
	if (last < first)
		return -1;
	if (first >= length)
		return 0;
	if (last >= length)
		last = length - 1;
	r->offset = first;
	r->length = last - first + 1;
	return 1;
}

static int
range_scan_suffix(struct range *r, const char **s, int64_t length)
{
	int64_t suffix;

	(*s)++;
	if (!range_scan_number(&suffix, s))
		return -1;
	if (suffix == 0)
		return 0;
	if (suffix > length)
		suffix = length;
	r->offset = length - suffix;
	r->length = suffix;
	return 1;
}

/* Adds the range-spec at *s, if it can be satisfied: 0, or -1 to ignore all. */
static int
range_add(struct range_set *set, const char **s)
{
	struct range r;
	int found;

	if (**s == '-')
		found = range_scan_suffix(&r, s, set->length);
	else
		found = range_scan_int(&r, s, set->length);
	if (found == -1)
		return -1;
	set->has_specs = true;
	if (found == 0)
		return 0;
	if (set->count == RANGE_MAX ||
	    (uint64_t)r.length > 2 * (uint64_t)set->length - set->total)
		return -1;
	set->ranges[set->count++] = r;
	set->total += (uint64_t)r.length;
	return 0;
}

/*
 * Reads a list by its recipient's grammar, in which elements may be missing
 * (RFC 9110, 5.6.1.2): 0, or -1 to ignore all.  A blank before the first is
 * not in that grammar, but in an example of 14.1.2.
 */
static int
range_read_list(struct range_set *set, const char *s)
{
	for (;;) {
		s += strspn(s, " \t");
		if (*s != ',' && *s != '\0' && range_add(set, &s) == -1)
			return -1;
		s += strspn(s, " \t");
		if (*s == '\0')
			return 0;
		if (*s++ != ',')
			return -1;
	}
}

static bool
range_overlaps(const struct range *a, const struct range *b)
{
	return a->offset < b->offset + b->length &&
	    b->offset < a->offset + a->length;
}

/* Makes r what both cover, where they overlap. */
static void
range_widen(struct range *r, const struct range *by)
{
	int64_t end = r->offset + r->length;

	if (by->offset + by->length > end)
		end = by->offset + by->length;
	if (by->offset < r->offset)
		r->offset = by->offset;
	r->length = end - r->offset;
}

/*
 * Adds one to n that have nothing in common, and returns how many there are
 * then: those that it overlaps become one with it, where the first of them is.
 */
static int
range_join(struct range *ranges, int n, struct range r)
{
	int at = -1, kept = 0, i;

	for (i = 0; i < n; i++) {
		if (!range_overlaps(&ranges[i], &r)) {
			ranges[kept++] = ranges[i];
			continue;
		}
		range_widen(&r, &ranges[i]);
		if (at == -1)
			at = kept++;
	}
	ranges[at == -1 ? kept++ : at] = r;
	return kept;
}

int
range_parse(struct range ranges[RANGE_MAX], const char *value, int64_t length)
{
	struct range_set set = { .ranges = ranges, .length = length };
	int i, n = 0;

	if (strncasecmp(value, "bytes=", 6) != 0 ||
	    range_read_list(&set, value + 6) == -1 || !set.has_specs)
		return RANGE_IGNORED;
	if (set.count == 0)
		return RANGE_UNSATISFIABLE;
	if (length == 0)
		return RANGE_IGNORED;
	for (i = 0; i < set.count; i++)
		n = range_join(ranges, n, ranges[i]);
	return n;
}
