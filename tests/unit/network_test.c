/* network: addresses, and the networks that they are in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "network.h"

static void
reads_addresses(void **state)
{
	static const struct {
		const char	*text;
		int		 rv;
		int		 kind;
		int		 is_ipv4;
	} rows[] = {
		{ "192.0.2.1", 0, ADDRESS_IP, 1 },
		{ "::ffff:192.0.2.1", 0, ADDRESS_IP, 1 },
		{ "2001:db8::1", 0, ADDRESS_IP, 0 },
		{ "::1", 0, ADDRESS_IP, 0 },
		{ "unix:", 0, ADDRESS_UNIX, 0 },
		{ "?", -1, ADDRESS_UNKNOWN, 0 },
		{ "", -1, ADDRESS_UNKNOWN, 0 },
		{ "192.0.2.1:80", -1, ADDRESS_UNKNOWN, 0 },
		{ "[::1]", -1, ADDRESS_UNKNOWN, 0 },
		{ "192.0.2", -1, ADDRESS_UNKNOWN, 0 },
		{ "unix:/path", -1, ADDRESS_UNKNOWN, 0 },
	};
	struct address a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(address_parse(&a, rows[i].text), rows[i].rv);
		assert_int_equal(a.kind, rows[i].kind);
		assert_int_equal(address_is_ipv4(&a), rows[i].is_ipv4);
	}
}

static void
knows_who_is_in_a_network(void **state)
{
	static const struct {
		const char	*network;
		const char	*address;
		int		 has;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.0", 1 },
		{ "192.0.2.0/24", "192.0.2.255", 1 },
		{ "192.0.2.0/24", "192.0.3.0", 0 },
		{ "192.0.2.0/24", "::ffff:192.0.2.9", 1 },
		{ "192.0.2.128/25", "192.0.2.128", 1 },
		{ "192.0.2.128/25", "192.0.2.127", 0 },
		{ "192.0.2.4/31", "192.0.2.5", 1 },
		{ "192.0.2.4/31", "192.0.2.6", 0 },
		{ "192.0.2.4", "192.0.2.4", 1 },
		{ "192.0.2.4", "192.0.2.5", 0 },
		{ "192.0.2.4/32", "192.0.2.5", 0 },
		{ "0.0.0.0/0", "255.255.255.255", 1 },
		{ "0.0.0.0/0", "::1", 0 },
		{ "0.0.0.0/0", "unix:", 0 },
		{ "::ffff:192.0.2.0/120", "192.0.2.7", 1 },
		{ "::ffff:192.0.2.0/120", "192.0.3.7", 0 },
		{ "::ffff:0:0/96", "10.0.0.1", 1 },
		{ "2001:db8::/32", "2001:db8:ffff::1", 1 },
		{ "2001:db8::/32", "2001:db9::1", 0 },
		{ "2001:db8::/33", "2001:db8:8000::", 0 },
		{ "2001:db8::1", "2001:db8::1", 1 },
		{ "2001:db8::1", "2001:db8::2", 0 },
		{ "::/0", "2001:db8::1", 1 },
		{ "::/0", "192.0.2.1", 0 },
		{ "::/80", "192.0.2.1", 0 },
		{ "unix", "unix:", 1 },
		{ "unix", "192.0.2.1", 0 },
		{ "all", "192.0.2.1", 1 },
		{ "all", "::1", 1 },
		{ "all", "unix:", 1 },
		{ "all", "?", 1 },
		{ "::/0", "?", 0 },
	};
	struct network n;
	struct address a;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(network_parse(&n, rows[i].network, &why), 0);
		(void)address_parse(&a, rows[i].address);
		if (network_has(&n, &a) != rows[i].has)
			fail_msg("%s, %s: not %d", rows[i].network,
			    rows[i].address, rows[i].has);
	}
}

static void
refuses_what_is_no_network(void **state)
{
	static const char *const texts[] = {
		"", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
		"192.0.2.0/+8", "192.0.2.0/ 8", "192.0.2.0/8x", "192.0.2.1/24",
		"192.0.2.0/24/24", "192.0.2", "192.0.2.0.0", "192.0.2.256",
		"::/129", "2001:db8::1/64", "::ffff:0:0/90", "[::1]", "::1%lo",
		"fe80::1%eth0/64", "unix:", "unix/8", "ALL", "all ",
		"example.org", "192.0.2.0/4294967320",
		"1111:2222:3333:4444:5555:6666:123.123.123.1234/128",
	};
	struct network n;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		why = NULL;
		errno = 0;
		if (network_parse(&n, texts[i], &why) != -1)
			fail_msg("\"%s\" was taken", texts[i]);
		assert_int_equal(errno, EINVAL);
		assert_non_null(why);
	}
}

static void
a_list_has_what_one_of_it_has(void **state)
{
	struct networks list = { 0 };
	const char *why;
	struct address a;

	(void)state;
	(void)address_parse(&a, "192.0.2.1");
	assert_false(networks_have(&list, &a));
	assert_int_equal(networks_add(&list, "10.0.0.0/8", &why), 0);
	assert_int_equal(networks_add(&list, "10.0.0.1/8", &why), -1);
	assert_false(networks_have(&list, &a));
	assert_int_equal(networks_add(&list, "192.0.2.0/24", &why), 0);
	assert_true(networks_have(&list, &a));
	networks_free(&list);
	assert_false(networks_have(&list, &a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_addresses),
		cmocka_unit_test(knows_who_is_in_a_network),
		cmocka_unit_test(refuses_what_is_no_network),
		cmocka_unit_test(a_list_has_what_one_of_it_has),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
