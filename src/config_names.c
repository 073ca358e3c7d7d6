#include "config_names.h"

#include <ctype.h>
#include <string.h>

#include "config_keys.h"
#include "config_tree.h"

/* Parts of names that differ, at the most, of what is taken for a slip. */
#define MAX_SLIPS 3

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Levenshtein's distance, in any case; that of what is too long for a key is
 * its length.
 */
static size_t
distance(const char *a, const char *b)
{
	size_t row[32], len = strlen(b), i, j, left, diagonal;

	if (len >= sizeof(row) / sizeof(row[0]))
		return len;
	for (j = 0; j <= len; j++)
		row[j] = j;
	for (i = 0; a[i] != '\0'; i++) {
		diagonal = i;
		row[0] = left = i + 1;
		for (j = 0; j < len; j++) {
			left = least(least(left, row[j + 1]) + 1,
			    diagonal + (tolower((unsigned char)b[j]) != a[i]));
			diagonal = row[j + 1];
			row[j + 1] = left;
		}
	}
	return row[len];
}

/* The name of what may stand in a section of this kind, or NULL. */
static const char *
inner_name(unsigned int kind)
{
	if (kind == CONFIG_TOP)
		return "site";
	return kind == CONFIG_SITE ? "location" : NULL;
}

/*
 * Takes a name for the best if it is more alike than that; of a short one
 * something has to be left.
 */
static void
guess(const char *name, const char *meant, const char **best, size_t *fewest)
{
	size_t slips = distance(meant, name);

	if (slips >= *fewest || slips * 3 > strlen(meant) + 1)
		return;
	*fewest = slips;
	*best = meant;
}

const char *
config_key_guess(const char *name, unsigned int kind)
{
	const char *best = NULL, *inner = inner_name(kind);
	size_t fewest = MAX_SLIPS + 1;
	const struct config_key *key;

	for (key = config_keys; key->name != NULL; key++)
		if (key->places & kind)
			guess(name, key->name, &best, &fewest);
	if (inner != NULL)
		guess(name, inner, &best, &fewest);
	return best;
}

void
config_key_list(unsigned int kind, char *text, size_t size)
{
	const char *inner = inner_name(kind);
	const struct config_key *key;

	*text = '\0';
	for (key = config_keys; key->name != NULL; key++) {
		if ((key->places & kind) == 0)
			continue;
		if (*text != '\0')
			(void)strlcat(text, ", ", size);
		(void)strlcat(text, key->name, size);
	}
	if (inner == NULL)
		return;
	(void)strlcat(text, ", ", size);
	(void)strlcat(text, inner, size);
}

const char *
config_place(unsigned int kind)
{
	if (kind == CONFIG_TOP)
		return "at the top of the file";
	return kind == CONFIG_SITE ? "in a site" : "in a location";
}
