/*
 * forwarded: 'X' or another byte, and a value.  Read from left to right, the
 * addresses of X-Forwarded-For say who is said reading from right to left; and
 * what Forwarded is given for an element in front does not change who a
 * proxy behind it has said, if the whole is taken at all.
 */
#include "forwarded.h"
#include "fuzz.h"

static struct networks trusted;

static void
trust(void)
{
	const char *why;

	if (trusted.count == 0)
		CHECK(networks_add(&trusted, "10.0.0.0/8", &why) == 0 &&
		    networks_add(&trusted, "2001:db8::/32", &why) == 0);
}

static bool
is_same(const struct forwarded *a, const struct forwarded *b)
{
	return a->is_known == b->is_known && (!a->is_known ||
	    memcmp(a->client.bytes, b->client.bytes, 16) == 0);
}

/* From the right: while it is trusted, the next may be more. */
static struct forwarded
from_the_right(char *value)
{
	struct forwarded best = { .trusted = &trusted }, one;
	char *comma;

	do {
		comma = strrchr(value, ',');
		one = (struct forwarded){ .trusted = &trusted };
		forwarded_add_x(&one, comma == NULL ? value : comma + 1);
		if (one.is_known)
			best = one;
		else if (strspn(comma == NULL ? value : comma + 1, " \t") !=
		    strlen(comma == NULL ? value : comma + 1))
			return best;
		if (comma != NULL)
			*comma = '\0';
	} while (comma != NULL && (!one.is_known ||
	    networks_have(&trusted, &one.client)));
	return best;
}

static void
check_x(char *value)
{
	struct forwarded left = { .trusted = &trusted }, right;

	forwarded_add_x(&left, value);
	right = from_the_right(value);
	CHECK(is_same(&left, &right));
}

/* A proxy that is trusted adds who it had the request from. */
static void
check_forwarded(const char *value)
{
	struct forwarded whole = { .trusted = &trusted };
	char text[ADDRESS_SIZE], *added;

	CHECK(asprintf(&added, "%s, for=\"192.0.2.1:80\";by=_p", value) > 0);
	if (forwarded_add(&whole, added) == 0) {
		CHECK(whole.is_known);
		address_format(&whole.client, text);
		CHECK(strcmp(text, "192.0.2.1") == 0);
	}
	free(added);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	bool is_x = fuzz_byte(&in) == 'X';
	char *value = fuzz_string(&in);

	trust();
	if (is_x)
		check_x(value);
	else
		check_forwarded(value);
	free(value);
	return 0;
}
