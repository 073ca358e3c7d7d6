/* credentials: Authorization with the scheme Basic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "handlers/credentials.h"

static void
reads_user_and_password(void **state)
{
	static const struct {
		const char	*value;
		const char	*user;
		const char	*password;
	} rows[] = {
		{ "Basic YTpi", "a", "b" },
		{ "bASIC YTpi", "a", "b" },
		{ "Basic    YTpi", "a", "b" },
		{ "Basic Og==", "", "" },
		{ "Basic YTo=", "a", "" },
		{ "Basic OmI=", "", "b" },
		{ "Basic YTpiOmM=", "a", "b:c" },
		/* RFC 7617, 2 and 2.1. */
		{ "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin",
		    "open sesame" },
		{ "Basic dGVzdDoxMjPCow==", "test", "123\xc2\xa3" },
		{ "Basic YTr/+/8=", "a", "\xff\xfb\xff" },
	};
	struct credentials c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(credentials_parse(&c, rows[i].value), 0);
		assert_string_equal(c.user, rows[i].user);
		assert_string_equal(c.password, rows[i].password);
	}
}

static void
refuses_all_else(void **state)
{
	static const char *const values[] = {
		"", "Basic", "Basic ", "Basic\tYTpi", "BasicYTpi",
		"Bearer YTpi",
		"Basic YTpi ", "Basic YTpiYTpi=", "Basic YT", "Basic YTo",
		"Basic ====", "Basic Y===", "Basic =TpI", "Basic YTo=YTo=",
		"Basic YTpi\n", "Basic YT-i", "Basic YT_i",
		"Basic YTp=",		/* bits behind the last byte */
		"Basic YWI=",		/* no colon */
		"Basic YToA", "Basic YToK", "Basic YTp/",	/* controls */
	};
	struct credentials c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (credentials_parse(&c, values[i]) != -1)
			fail_msg("\"%s\" was taken", values[i]);
}

/* "aaa" is YWFh, ":aa" is OmFh: groups of three bytes. */
static int
parse_lengths(struct credentials *c, size_t user, size_t password)
{
	char value[4096] = "Basic ";
	size_t i;

	for (i = 0; i < user / 3; i++)
		(void)strlcat(value, "YWFh", sizeof(value));
	(void)strlcat(value, "OmFh", sizeof(value));
	for (i = 0; i < password / 3; i++)
		(void)strlcat(value, "YWFh", sizeof(value));
	return credentials_parse(c, value);
}

static void
takes_what_fits(void **state)
{
	struct credentials c;

	(void)state;
	assert_int_equal(parse_lengths(&c, 255, 507), 0);
	assert_int_equal(strlen(c.user), 255);
	assert_int_equal(strlen(c.password), 509);
	assert_int_equal(parse_lengths(&c, 258, 0), -1);
	assert_int_equal(parse_lengths(&c, 0, 510), -1);
	assert_int_equal(parse_lengths(&c, 3, 2000), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_user_and_password),
		cmocka_unit_test(refuses_all_else),
		cmocka_unit_test(takes_what_fits),
	};

	return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
