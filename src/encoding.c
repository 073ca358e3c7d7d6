#include "encoding.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "headscan.h"
#include "qvalue.h"

/* Where the weight of "*" is kept. */
#define ANY ENCODING_COUNT

/* Weights: not in the list, q=0, and q=1. */
#define NOT_NAMED	0
#define REFUSED		1
#define FULL		(QVALUE_MAX + REFUSED)

static const struct {
	const char	*name;
	const char	*suffix;
} encodings[ENCODING_COUNT] = {
	[ENCODING_IDENTITY] = { "identity", "" },
	[ENCODING_BR] = { "br", ".br" },
	[ENCODING_ZSTD] = { "zstd", ".zst" },
	[ENCODING_GZIP] = { "gzip", ".gz" },
};

const char *
encoding_name(enum encoding encoding)
{
	return encodings[encoding].name;
}

const char *
encoding_suffix(enum encoding encoding)
{
	return encodings[encoding].suffix;
}

static bool
is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

/* Which coding a name means, or ANY, or -1 for one that is none of ours. */
static int
find_coding(const char *s, size_t len)
{
	int i;

	for (i = 0; i < ENCODING_COUNT; i++)
		if (is_word(s, len, encodings[i].name))
			return i;
	if (is_word(s, len, "x-gzip"))
		return ENCODING_GZIP;
	return is_word(s, len, "*") ? ANY : -1;
}

/* Reads what may follow a coding and moves *s behind it: a weight, or -1. */
static int
scan_weight(const char **s)
{
	size_t len;
	int q;

	*s += strspn(*s, " \t");
	if (**s != ';')
		return FULL;
	(*s)++;
	*s += strspn(*s, " \t");
	if (strncasecmp(*s, "q=", 2) != 0)
		return -1;
	*s += 2;
	len = strcspn(*s, " \t,");
	q = qvalue_parse(*s, len);
	*s += len;
	return q == -1 ? -1 : q + REFUSED;
}

/* Reads the element at *s and moves *s behind it: 0 or -1. */
static int
read_element(struct encoding_preferences *p, const char **s)
{
	size_t len = strcspn(*s, " \t;,");
	int coding, weight;

	if (!headscan_is_token(*s, len))
		return -1;
	coding = find_coding(*s, len);
	*s += len;
	weight = scan_weight(s);
	if (weight == -1)
		return -1;
	if (coding != -1 && (p->weights[coding] == NOT_NAMED ||
	    weight < p->weights[coding]))
		p->weights[coding] = weight;
	return 0;
}

/* Reads a list, whose elements may be missing (5.6.1.2): 0 or -1. */
static int
read_list(struct encoding_preferences *p, const char *s)
{
	for (;;) {
		s += strspn(s, " \t");
		if (*s != ',' && *s != '\0' && read_element(p, &s) == -1)
			return -1;
		s += strspn(s, " \t");
		if (*s == '\0')
			return 0;
		if (*s++ != ',')
			return -1;
	}
}

void
encoding_parse(struct encoding_preferences *p, const char *value)
{
	p->has_field = true;
	if (read_list(p, value) == -1)
		p->is_malformed = true;
}

/*
 * How much the client wants an encoding: 0 is not at all, 1 is where there is
 * nothing better, and more is its weight.
 */
static int
rank(const struct encoding_preferences *p, enum encoding encoding)
{
	int weight = p->weights[encoding];

	if (!p->has_field)
		return encoding == ENCODING_IDENTITY ? FULL : 1;
	if (p->is_malformed)
		return encoding == ENCODING_IDENTITY ? FULL : 0;
	if (weight == NOT_NAMED)
		weight = p->weights[ANY];
	if (weight == NOT_NAMED)
		return encoding == ENCODING_IDENTITY ? 1 : 0;
	return weight == REFUSED ? 0 : weight;
}

int
encoding_choose(const struct encoding_preferences *p, unsigned int available)
{
	static const enum encoding order[] = {
		ENCODING_BR, ENCODING_ZSTD, ENCODING_GZIP, ENCODING_IDENTITY
	};
	int best = -1, best_rank = 0, r;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if ((available & ENCODING_BIT(order[i])) == 0)
			continue;
		r = rank(p, order[i]);
		if (r > best_rank) {
			best = (int)order[i];
			best_rank = r;
		}
	}
	return best;
}
