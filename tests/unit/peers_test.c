/* peers: connections counted by client address, over all children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "peers.h"

#define CHILDREN 3

static struct peers *peers;

static struct peers *
new_peers(size_t nchildren)
{
	struct peers *p = peers_new(nchildren);
	size_t child;

	for (child = 0; p != NULL && child < nchildren; child++)
		peers_begin(p, child);
	return p;
}

static int
setup(void **state)
{
	(void)state;
	peers = new_peers(CHILDREN);
	return peers == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	peers_free(peers);
	return 0;
}

static struct sockaddr_storage
address(const char *text)
{
	struct sockaddr_storage ss = { .ss_family = AF_INET };
	struct sockaddr_in *in = (void *)&ss;
	struct sockaddr_in6 *in6 = (void *)&ss;

	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		return ss;
	ss.ss_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
	return ss;
}

static struct peers_key
key_in(const struct peers *p, const char *text)
{
	struct sockaddr_storage ss = address(text);
	struct peers_key key;

	assert_int_equal(peers_find(p, &ss, &key), 0);
	return key;
}

static struct peers_key
key_of(const char *text)
{
	return key_in(peers, text);
}

static int
same_key(struct peers_key a, struct peers_key b)
{
	return a.place[0] == b.place[0] && a.place[1] == b.place[1];
}

static void
counts_over_all_children(void **state)
{
	struct peers_key key = key_of("192.0.2.1");
	size_t child;

	(void)state;
	assert_int_equal(peers_count(peers, key), 0);
	for (child = 0; child < CHILDREN; child++) {
		peers_add(peers, child, key);
		peers_add(peers, child, key);
		assert_int_equal(peers_count(peers, key), 2 * (child + 1));
	}
	for (child = 0; child < CHILDREN; child++)
		peers_remove(peers, child, key);
	assert_int_equal(peers_count(peers, key), CHILDREN);
	for (child = 0; child < CHILDREN; child++)
		peers_remove(peers, child, key);
	assert_int_equal(peers_count(peers, key), 0);
}

static void
clears_one_child(void **state)
{
	struct peers_key a = key_of("192.0.2.1"), b = key_of("2001:db8::1");

	(void)state;
	peers_add(peers, 0, a);
	peers_add(peers, 1, a);
	peers_add(peers, 1, b);
	peers_add(peers, 2, b);
	peers_clear(peers, 1);
	assert_int_equal(peers_count(peers, a), 1);
	assert_int_equal(peers_count(peers, b), 1);
	peers_clear(peers, 0);
	assert_int_equal(peers_count(peers, a), 0);
	assert_int_equal(peers_count(peers, b), 1);
}

/* A port is no part of an address. */
static void
every_port_is_the_same_client(void **state)
{
	struct sockaddr_storage ss = address("192.0.2.1");
	struct sockaddr_in *in = (void *)&ss;
	struct peers_key key;

	(void)state;
	in->sin_port = htons(12345);
	assert_int_equal(peers_find(peers, &ss, &key), 0);
	assert_true(same_key(key, key_of("192.0.2.1")));
}

static const struct {
	const char	*a;
	const char	*b;
	int		 same;
} pairs[] = {
	{ "192.0.2.1", "192.0.2.1", 1 },
	{ "192.0.2.1", "::ffff:192.0.2.1", 1 },
	{ "192.0.2.1", "192.0.2.2", 0 },
	{ "192.0.2.1", "193.0.2.1", 0 },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", 0 },
	{ "2001:db8:1:2::", "2001:db8:1:2:ffff:ffff:ffff:ffff", 1 },
	{ "2001:db8:1:2::1", "2001:db8:1:3::1", 0 },
	{ "2001:db8:1:2::1", "2001:db9:1:2::1", 0 },
	{ "::1", "::2", 1 },
	{ "::1", "0:0:0:1::1", 0 },
	{ "::1", "127.0.0.1", 0 },
};

static void
who_is_one_client(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (same_key(key_of(pairs[i].a), key_of(pairs[i].b)) !=
		    pairs[i].same)
			fail_msg("%s and %s are %s", pairs[i].a, pairs[i].b,
			    pairs[i].same ? "two" : "one");
}

static void
other_families_are_not_counted(void **state)
{
	static const sa_family_t families[] = { AF_UNIX, AF_UNSPEC };
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	struct peers_key key;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		ss.ss_family = families[i];
		assert_int_equal(peers_find(peers, &ss, &key), -1);
	}
}

static struct peers_key
nth_key(unsigned int n)
{
	char text[INET_ADDRSTRLEN];

	(void)snprintf(text, sizeof(text), "10.0.%u.%u", n / 256, n % 256);
	return key_of(text);
}

/*
 * Nobody is counted too low, and two places are rarely both another's: of
 * 2,000 clients each with one connection, two or three are counted as two.
 */
static void
clients_are_told_apart(void **state)
{
	unsigned int i, count, wrong = 0, n = 2000;

	(void)state;
	for (i = 0; i < n; i++)
		peers_add(peers, i % CHILDREN, nth_key(i));
	for (i = 0; i < n; i++) {
		count = peers_count(peers, nth_key(i));
		assert_in_range(count, 1, n);
		wrong += count > 1;
	}
	assert_in_range(wrong, 0, 40);
	for (i = 0; i < n; i++)
		peers_remove(peers, i % CHILDREN, nth_key(i));
	for (i = 0; i < n; i++)
		assert_int_equal(peers_count(peers, nth_key(i)), 0);
}

/* Nobody outside can tell whose places are whose. */
static void
places_differ_from_server_to_server(void **state)
{
	struct peers *other = peers_new(1);
	char text[INET_ADDRSTRLEN];
	int i, same = 0;

	(void)state;
	assert_non_null(other);
	for (i = 0; i < 8; i++) {
		(void)snprintf(text, sizeof(text), "192.0.2.%d", i);
		same += same_key(key_of(text), key_in(other, text));
	}
	peers_free(other);
	assert_in_range(same, 0, 1);
}

static void
children_share_it(void **state)
{
	struct peers_key key = key_of("192.0.2.1");
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		peers_add(peers, 1, key);
		_exit(peers_count(peers, key) == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(peers_count(peers, key), 1);
}

/* -c and -m go to a million. */
static void
counts_more_than_sixteen_bits(void **state)
{
	struct peers_key key = key_of("192.0.2.1");
	unsigned int i, n = 1000000;

	(void)state;
	for (i = 0; i < n; i++)
		peers_add(peers, 0, key);
	assert_int_equal(peers_count(peers, key), n);
	for (i = 0; i < n; i++)
		peers_remove(peers, 0, key);
	assert_int_equal(peers_count(peers, key), 0);
}

static void
many_children_add_up(void **state)
{
	struct peers *many = new_peers(200);
	struct peers_key key;
	size_t i;

	(void)state;
	assert_non_null(many);
	key = key_in(many, "192.0.2.1");
	for (i = 0; i < 200; i++)
		peers_add(many, i, key);
	assert_int_equal(peers_count(many, key), 200);
	peers_free(many);
	peers_free(NULL);
}

static size_t
resident_pages(void)
{
	char line[128], *rest;
	FILE *fp = fopen("/proc/self/statm", "r");

	assert_non_null(fp);
	assert_non_null(fgets(line, sizeof(line), fp));
	(void)fclose(fp);
	(void)strtoul(line, &rest, 10);
	return strtoul(rest, NULL, 10);
}

/* Of a thousand tables, with an address in each page of one. */
static void
only_tables_in_use_take_memory(void **state)
{
	struct peers *many = peers_new(1000);
	struct sockaddr_storage ss = address("10.0.0.0");
	struct sockaddr_in *in = (void *)&ss;
	struct peers_key key;
	size_t before;
	uint32_t i;

	(void)state;
	assert_non_null(many);
	peers_begin(many, 1);
	before = resident_pages();
	for (i = 0; i < 2000; i++) {
		in->sin_addr.s_addr = htonl(i);
		assert_int_equal(peers_find(many, &ss, &key), 0);
		peers_add(many, 1, key);
		assert_in_range(peers_count(many, key), 1, 2000);
		peers_remove(many, 1, key);
	}
	peers_clear(many, 999);
	/* Two tables of 128 pages each, and a few more. */
	assert_in_range(resident_pages(), before, before + 512);
	peers_free(many);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_over_all_children),
		TEST(clears_one_child),
		TEST(every_port_is_the_same_client),
		TEST(who_is_one_client),
		TEST(other_families_are_not_counted),
		TEST(clients_are_told_apart),
		TEST(places_differ_from_server_to_server),
		TEST(children_share_it),
		TEST(counts_more_than_sixteen_bits),
		TEST(many_children_add_up),
		TEST(only_tables_in_use_take_memory),
	};

	return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
