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

/* Sorts by offset, by insertion: there are few, and most are in order. */
static void
range_sort(struct range *ranges, int n)
{
	struct range r;
	int i, j;

	for (i = 1; i < n; i++) {
		r = ranges[i];
		for (j = i; j > 0 && ranges[j - 1].offset > r.offset; j--)
			ranges[j] = ranges[j - 1];
		ranges[j] = r;
	}
}

/* Makes one of those that overlap or touch, and returns how many are left. */
static int
range_merge(struct range *ranges, int n)
{
	struct range *last = ranges;
	int64_t end;
	int i;

	range_sort(ranges, n);
	for (i = 1; i < n; i++) {
		if (ranges[i].offset > last->offset + last->length) {
			*++last = ranges[i];
			continue;
		}
		end = ranges[i].offset + ranges[i].length;
		if (end > last->offset + last->length)
			last->length = end - last->offset;
	}
	return (int)(last - ranges) + 1;
}

int
range_parse(struct range ranges[RANGE_MAX], const char *value, int64_t length)
{
	struct range_set set = { .ranges = ranges, .length = length };

	if (strncasecmp(value, "bytes=", 6) != 0 ||
	    range_read_list(&set, value + 6) == -1 || !set.has_specs)
		return RANGE_IGNORED;
	if (set.count == 0)
		return RANGE_UNSATISFIABLE;
	if (length == 0)
		return RANGE_IGNORED;
	if (set.total > (uint64_t)length)
		return range_merge(ranges, set.count);
	return set.count;
}
