/* encoding: RFC 9110, 12.5.3 by what exists, and 12.4.2 by its grammar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "encoding.h"

/* Encodings by a letter each; "-" is that none is acceptable. */
#define LETTERS	"ibzg"
#define ALL	"ibzg"

struct row {
	const char	*lines;		/* '\n' between them; or NULL */
	const char	*available;
	const char	*want;
};

static unsigned int
set_of(const char *letters)
{
	unsigned int set = 0;

	for (; *letters != '\0'; letters++)
		set |= ENCODING_BIT(strchr(LETTERS, *letters) - LETTERS);
	return set;
}

/* Reads each line from memory that ends where it does. */
static void
parse_lines(struct encoding_preferences *p, const char *lines)
{
	char *copy;
	size_t len;

	for (;; lines += len + 1) {
		len = strcspn(lines, "\n");
		copy = exactly(lines, len + 1);
		copy[len] = '\0';
		encoding_parse(p, copy);
		free(copy);
		if (lines[len] == '\0')
			break;
	}
}

static void
assert_rows(const struct row *rows, size_t n)
{
	struct encoding_preferences p;
	char have;
	size_t i;
	int choice;

	for (i = 0; i < n; i++) {
		memset(&p, 0, sizeof(p));
		if (rows[i].lines != NULL)
			parse_lines(&p, rows[i].lines);
		choice = encoding_choose(&p, set_of(rows[i].available));
		assert_in_range(choice + 1, 0, ENCODING_COUNT);
		have = choice == -1 ? '-' : LETTERS[choice];
		if (have != rows[i].want[0])
			fail_msg("\"%s\" of %s: %c, not %s",
			    rows[i].lines == NULL ? "(none)" : rows[i].lines,
			    rows[i].available, have, rows[i].want);
	}
}

#define ASSERT_ROWS(rows) assert_rows((rows), sizeof(rows) / sizeof((rows)[0]))

static void
names_and_suffixes(void **state)
{
	(void)state;
	assert_string_equal(encoding_name(ENCODING_IDENTITY), "identity");
	assert_string_equal(encoding_name(ENCODING_BR), "br");
	assert_string_equal(encoding_name(ENCODING_ZSTD), "zstd");
	assert_string_equal(encoding_name(ENCODING_GZIP), "gzip");
	assert_string_equal(encoding_suffix(ENCODING_IDENTITY), "");
	assert_string_equal(encoding_suffix(ENCODING_BR), ".br");
	assert_string_equal(encoding_suffix(ENCODING_ZSTD), ".zst");
	assert_string_equal(encoding_suffix(ENCODING_GZIP), ".gz");
}

/* "any content coding is considered acceptable by the user agent" */
static void
without_the_field(void **state)
{
	static const struct row rows[] = {
		{ NULL, ALL, "i" },
		{ NULL, "i", "i" },
		{ NULL, "bzg", "b" },
		{ NULL, "zg", "z" },
		{ NULL, "g", "g" },
		{ NULL, "", "-" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

/* "implies that the user agent does not want any content coding" */
static void
an_empty_field(void **state)
{
	static const struct row rows[] = {
		{ "", ALL, "i" },
		{ "", "bzg", "-" },
		{ " \t", ALL, "i" },
		{ ",", ALL, "i" },
		{ ",", "bzg", "-" },
		{ " , ,\t,", "bzg", "-" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
what_is_named_is_taken(void **state)
{
	static const struct row rows[] = {
		{ "gzip", ALL, "g" },
		{ "br", ALL, "b" },
		{ "zstd", ALL, "z" },
		{ "identity", ALL, "i" },
		{ "identity", "bzg", "-" },
		/* What browsers send. */
		{ "gzip, deflate", ALL, "g" },
		{ "gzip, deflate, br", ALL, "b" },
		{ "gzip, deflate, br, zstd", ALL, "b" },
		{ "gzip, deflate, br, zstd", "izg", "z" },
		{ "gzip, deflate, br, zstd", "ig", "g" },
		{ "gzip, deflate, br, zstd", "i", "i" },
		/* What is not named is not. */
		{ "gzip", "ibz", "i" },
		{ "gzip", "bz", "-" },
		{ "deflate", ALL, "i" },
		{ "compress, deflate, dcb, dcz", "bzg", "-" },
		/* Names that have ours in them. */
		{ "gzi", "bzg", "-" },
		{ "gzipp", "bzg", "-" },
		{ "xgzip", "bzg", "-" },
		{ "x-br", "bzg", "-" },
		{ "b", "bzg", "-" },
		{ "brr", "bzg", "-" },
		{ "**", "bzg", "-" },
		{ "q", "bzg", "-" },
		/* In any case; RFC 9110, 8.4.1.3. */
		{ "GZip", ALL, "g" },
		{ "BR", ALL, "b" },
		{ "zSTD", ALL, "z" },
		{ "IDENTITY;q=0", "i", "-" },
		{ "x-gzip", ALL, "g" },
		{ "X-GZIP;q=0.5", ALL, "g" },
		/* Every byte of a token. */
		{ "!#$%&'*+-.^_`|~09AZaz, gzip", ALL, "g" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
the_greatest_weight_wins(void **state)
{
	static const struct row rows[] = {
		{ "gzip, br;q=0.9", ALL, "g" },
		{ "br;q=0.9, gzip", ALL, "g" },
		{ "br;q=0.1, zstd;q=0.3, gzip;q=0.2", ALL, "z" },
		{ "br;q=0.1, zstd;q=0.3, gzip;q=0.2", "ibg", "g" },
		{ "br;q=0.123, gzip;q=0.124", ALL, "g" },
		{ "br;q=0.12, gzip;q=0.119", ALL, "b" },
		{ "br;q=0.999, gzip;q=1", ALL, "g" },
		{ "br;q=0.999, gzip", ALL, "g" },
		{ "br;q=0.9, gzip;q=1.", ALL, "g" },
		{ "br;q=0.9, gzip;q=1.000", ALL, "g" },
		{ "br;q=0.99, gzip;q=0.9", ALL, "b" },
		/* Equal: the smaller answer. */
		{ "gzip;q=0.5, zstd;q=0.50, br;q=0.500", ALL, "b" },
		{ "gzip;q=0.5, zstd;q=0.5, br;q=0.5", "izg", "z" },
		{ "identity, gzip", ALL, "g" },
		{ "identity;q=0.5, gzip;q=0.5", ALL, "g" },
		{ "identity;q=1.0, gzip;q=1", ALL, "g" },
		/* Identity, where the client prefers it. */
		{ "gzip;q=0.1, identity;q=1", ALL, "i" },
		{ "gzip;q=0.1, identity", ALL, "i" },
		{ "gzip;q=0.5, identity;q=0.501", ALL, "i" },
		{ "gzip;q=0.5, identity;q=0.499", ALL, "g" },
		{ "gzip;q=0.1, identity;q=1", "g", "g" },
		/* Not named, it is behind all that is. */
		{ "gzip;q=0.001", ALL, "g" },
		{ "gzip;q=0.001", "i", "i" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
no_weight_is_a_refusal(void **state)
{
	static const struct row rows[] = {
		{ "gzip;q=0", ALL, "i" },
		{ "gzip;q=0", "g", "-" },
		{ "br;q=0., gzip", "bg", "g" },
		{ "br;q=0.0, gzip", "bg", "g" },
		{ "br;q=0.00, gzip", "bg", "g" },
		{ "br;q=0.000, gzip", "bg", "g" },
		{ "gzip;q=0.001", "g", "g" },
		{ "br;q=0.1, x-gzip;q=0", "bg", "b" },
		{ "identity;q=0", ALL, "-" },
		{ "identity;q=0", "i", "-" },
		{ "identity;q=0, gzip", ALL, "g" },
		{ "identity;q=0, gzip;q=0.1", ALL, "g" },
		{ "identity;q=0, gzip", "i", "-" },
		{ "identity;q=0, gzip", "ibz", "-" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
a_star_is_what_is_not_named(void **state)
{
	static const struct row rows[] = {
		{ "*", ALL, "b" },
		{ "*", "ig", "g" },
		{ "*", "i", "i" },
		{ "*;q=0.1", ALL, "b" },
		{ "gzip, *;q=0.1", ALL, "g" },
		{ "gzip;q=0.1, *", ALL, "b" },
		{ "gzip;q=0.1, *", "ig", "i" },
		{ "gzip;q=0.5, *;q=0.5", "ig", "g" },
		{ "br;q=0, *", ALL, "z" },
		{ "br;q=0, *", "b", "-" },
		{ "*, br;q=0", ALL, "z" },
		{ "identity, *;q=0.5", ALL, "i" },
		{ "identity;q=0, *", ALL, "b" },
		{ "identity;q=0, *", "i", "-" },
		/* "*;q=0" without a more specific entry for "identity" */
		{ "*;q=0", ALL, "-" },
		{ "*;q=0", "i", "-" },
		{ "gzip, *;q=0", ALL, "g" },
		{ "gzip, *;q=0", "ib", "-" },
		{ "identity, *;q=0", ALL, "i" },
		{ "identity;q=0.001, *;q=0", ALL, "i" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

/* RFC 9110, 5.6.1.2, 5.6.3 and 12.4.2. */
static void
blanks_and_empty_elements(void **state)
{
	static const struct row rows[] = {
		{ " \tgzip\t ", ALL, "g" },
		{ "gzip,br", ALL, "b" },
		{ "gzip\t ,\t br", ALL, "b" },
		{ ",,gzip,, ,br,", ALL, "b" },
		{ ", gzip", ALL, "g" },
		{ "br ;q=0, gzip", "bg", "g" },
		{ "br; q=0, gzip", "bg", "g" },
		{ "br\t \t;\t \tq=0\t , gzip", "bg", "g" },
		{ "br;Q=0, gzip", "bg", "g" },
		{ "gzip;q=1 ", "g", "g" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
several_lines_are_one_list(void **state)
{
	static const struct row rows[] = {
		{ "gzip\nbr", ALL, "b" },
		{ "br\ngzip", ALL, "b" },
		{ "gzip;q=0.5\nbr;q=0.4", ALL, "g" },
		{ "gzip\nidentity;q=0", "i", "-" },
		{ "*;q=0\ngzip", ALL, "g" },
		{ "\ngzip", ALL, "g" },
		{ "gzip\n", ALL, "g" },
		{ "\n", "bzg", "-" },
		/* Lines end where they end. */
		{ "gz\nip", "bzg", "-" },
		{ "gzip;q=0\n.5", "g", "-" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void
the_least_of_several_weights_counts(void **state)
{
	static const struct row rows[] = {
		{ "gzip, gzip;q=0", ALL, "i" },
		{ "gzip;q=0, gzip", ALL, "i" },
		{ "gzip;q=0\ngzip", "g", "-" },
		{ "gzip, x-gzip;q=0", "g", "-" },
		{ "gzip;q=0.5, gzip, br;q=0.6", ALL, "b" },
		{ "gzip, gzip;q=0.5, br;q=0.6", ALL, "b" },
		{ "*, *;q=0", ALL, "-" },
		{ "*;q=0, *", ALL, "-" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

/* An error costs the codings, beside whatever it stands. */
static void
malformed_lists(void **state)
{
	static const char *const errors[] = {
		/* Weights. */
		"gzip;", "gzip;q", "gzip;q=", "gzip;q=,", "gzip; ,",
		"gzip;q=2", "gzip;q=-1", "gzip;q=+1", "gzip;q=.5",
		"gzip;q=10", "gzip;q=01", "gzip;q=00", "gzip;q=1.001",
		"gzip;q=1.1", "gzip;q=1.01", "gzip;q=1.0000",
		"gzip;q=0.0000", "gzip;q=0.1234",
		"gzip;q=0x1", "gzip;q=1e0", "gzip;q=0.5e", "gzip;q=0..5",
		"gzip;q=\"1\"", "gzip;q=one", "gzip;q =1", "gzip;q= 1",
		"gzip;q=0. 5", "gzip;qq=1", "gzip;w=1", "gzip;q:1",
		/* Parameters: a coding has none. */
		"gzip;level=9", "gzip;q=1;level=9", "gzip;level=9;q=1",
		"gzip;q=1;q=1", "gzip;q=1;", "gzip;;q=1",
		/* What is no list. */
		"gzip br", "gzip q=1", "gzip=1", ";q=1", "gzip,;q=1", "=",
		"\"gzip\"", "gzip/1", "(gzip)", "gz\x01ip", "gz\x7fip",
		"gzip\v", "gzip\r", "\xc3\xa4", "gzip;q=1\xc2\xa0",
		/* Ours is in the string of another one. */
		"x;y=\"a, gzip, b\"", "x;y=\"a\\\", gzip",
	};
	char value[128];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const char *const others[] = {
			"", "gzip, br, ", "*, ", "identity;q=0, ", "*;q=0, ",
			"gzip\n", "identity;q=0\n",
		};

		for (n = 0; n < sizeof(others) / sizeof(others[0]); n++) {
			(void)snprintf(value, sizeof(value), "%s%s, br",
			    others[n], errors[i]);
			assert_rows(&(struct row){ value, ALL, "i" }, 1);
			assert_rows(&(struct row){ value, "bzg", "-" }, 1);
		}
		(void)snprintf(value, sizeof(value), "%s\nidentity;q=0, br",
		    errors[i]);
		assert_rows(&(struct row){ value, ALL, "i" }, 1);
		assert_rows(&(struct row){ value, "bzg", "-" }, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_suffixes),
		cmocka_unit_test(without_the_field),
		cmocka_unit_test(an_empty_field),
		cmocka_unit_test(what_is_named_is_taken),
		cmocka_unit_test(the_greatest_weight_wins),
		cmocka_unit_test(no_weight_is_a_refusal),
		cmocka_unit_test(a_star_is_what_is_not_named),
		cmocka_unit_test(blanks_and_empty_elements),
		cmocka_unit_test(several_lines_are_one_list),
		cmocka_unit_test(the_least_of_several_weights_counts),
		cmocka_unit_test(malformed_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
