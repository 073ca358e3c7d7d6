/* forwarded: whose a request is that came by proxies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "forwarded.h"

static struct networks trusted;

static int
setup(void **state)
{
	const char *why;

	(void)state;
	return networks_add(&trusted, "10.0.0.0/8", &why) |
	    networks_add(&trusted, "2001:db8:1::/48", &why);
}

static int
teardown(void **state)
{
	(void)state;
	networks_free(&trusted);
	return 0;
}

/* Fails unless that is the client, "" where it is not known. */
static void
assert_client(const struct forwarded *f, const char *field, const char *want)
{
	char text[ADDRESS_SIZE] = "";

	if (f->is_known)
		address_format(&f->client, text);
	if (strcmp(text, want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", field, text, want);
}

static void
reads_x_forwarded_for(void **state)
{
	static const struct {
		const char	*field;
		const char	*want;
	} rows[] = {
		{ "", "" }, { ",", "" }, { " , ", "" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "  192.0.2.1\t ", "192.0.2.1" },
		{ "192.0.2.1:8080", "192.0.2.1" },
		{ "2001:db8::7", "2001:db8::7" },
		{ "[2001:db8::7]", "2001:db8::7" },
		{ "[2001:db8::7]:80", "2001:db8::7" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		/* The last that is not trusted. */
		{ "192.0.2.1,192.0.2.2", "192.0.2.2" },
		{ "192.0.2.1, 10.0.0.1", "192.0.2.1" },
		{ "192.0.2.1, 192.0.2.2, 10.0.0.1,10.0.0.2", "192.0.2.2" },
		{ "192.0.2.1, 10.0.0.1, 192.0.2.2, 2001:db8:1::2",
		    "192.0.2.2" },
		/* Or the first, where all are. */
		{ "10.0.0.1, 10.0.0.2, 2001:db8:1::1", "10.0.0.1" },
		/* Behind what is no address. */
		{ "192.0.2.1, unknown", "" },
		{ "192.0.2.1, unknown, 10.0.0.1", "10.0.0.1" },
		{ "192.0.2.1, x, 10.0.0.1, 10.0.0.2", "10.0.0.1" },
		{ "x, 192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1 192.0.2.2", "" },
		{ "192.0.2.1, unix:", "" },
		{ "192.0.2.1:", "" }, { "[192.0.2.1]", "" }, { "[::1", "" },
		{ "[::1]80", "" }, { "[]", "" }, { "192.0.2.1:a b", "" },
		{ "192.0.2.1,,", "192.0.2.1" },
		{ "\"192.0.2.1\"", "" },
		{ "192.0.2.1, 1111111111111111111111111111111111111111111111"
		    "111111111111111111111111111111111111111111111111111",
		    "" },
	};
	struct forwarded f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f = (struct forwarded){ .trusted = &trusted };
		forwarded_add_x(&f, rows[i].field);
		assert_client(&f, rows[i].field, rows[i].want);
	}
}

static void
reads_forwarded(void **state)
{
	static const struct {
		const char	*field;
		const char	*want;
	} rows[] = {
		{ "", "" },
		/* RFC 7239, 4 and 6.3. */
		{ "for=\"_gazonk\"", "" },
		{ "For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17" },
		{ "for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60" },
		{ "for=192.0.2.43, for=198.51.100.17", "198.51.100.17" },
		{ "for=192.0.2.43,for=\"[2001:db8:cafe::17]\",for=unknown",
		    "" },
		{ "for=_hidden, for=_SEVKISEK", "" },
		{ "proto=https ; for=192.0.2.1 ; by=_x", "192.0.2.1" },
		{ "for=192.0.2.1;;proto=http;", "192.0.2.1" },
		{ ", for=192.0.2.1 ,, ", "192.0.2.1" },
		{ "for=\"192.0.2.1\"", "192.0.2.1" },
		{ "for=\"192.0.2.1:80\"", "192.0.2.1" },
		{ "for=192.0.2.1:80", "192.0.2.1" },
		{ "for=[2001:db8::1]:80", "2001:db8::1" },
		{ "for=\"192.0\\.2\\.1\"", "192.0.2.1" },
		{ "for=192.0.2.1, for=10.0.0.1", "192.0.2.1" },
		{ "for=192.0.2.1, proto=http", "" },
		{ "by=\"a,for=192.0.2.1\", for=192.0.2.2", "192.0.2.2" },
		{ "for=192.0.2.1;by=\"for=192.0.2.2, for=192.0.2.3\"",
		    "192.0.2.1" },
		{ "for=\"\", for=10.0.0.1", "10.0.0.1" },
	};
	struct forwarded f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f = (struct forwarded){ .trusted = &trusted };
		assert_int_equal(forwarded_add(&f, rows[i].field), 0);
		assert_client(&f, rows[i].field, rows[i].want);
	}
}

/* Whoever opens a quote would have what the proxy adds in it. */
static void
refuses_what_is_no_forwarded(void **state)
{
	static const char *const fields[] = {
		"for", "for=", "=1", "for=\"", "for=\"192.0.2.1",
		"for=\"192.0.2.1\\", "for=\"x, for=192.0.2.1",
		"for=\"x, for=\"192.0.2.1\"", "for=\"a\"b", "for = 192.0.2.1",
		"for= 192.0.2.1", "for=192.0.2.1 by=x", "f or=192.0.2.1",
		"for=192.0.2.1;for=192.0.2.2", "192.0.2.1", "for=a/b",
		"for=\"a\";FOR=b",
	};
	struct forwarded f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		f = (struct forwarded){ .trusted = &trusted };
		if (forwarded_add(&f, fields[i]) != -1)
			fail_msg("%s: was taken", fields[i]);
	}
}

static void
fields_follow_each_other(void **state)
{
	struct forwarded f = { .trusted = &trusted };

	(void)state;
	forwarded_add_x(&f, "192.0.2.1");
	forwarded_add_x(&f, "10.0.0.1");
	assert_client(&f, "two", "192.0.2.1");
	forwarded_add_x(&f, "192.0.2.3, 10.0.0.1");
	assert_client(&f, "three", "192.0.2.3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_x_forwarded_for),
		cmocka_unit_test(reads_forwarded),
		cmocka_unit_test(refuses_what_is_no_forwarded),
		cmocka_unit_test(fields_follow_each_other),
	};

	return cmocka_run_group_tests_name("forwarded", tests, setup,
	    teardown);
}
