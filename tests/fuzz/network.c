/*
 * network: "network\naddress".  Whether the one has the other is the same as
 * comparing them bit by bit.
 */
#include <stdbool.h>

#include "fuzz.h"
#include "network.h"

static bool
has_bits(const struct network *n, const struct address *a)
{
	unsigned int i;

	for (i = 0; i < n->bits; i++)
		if (((n->bytes[i / 8] ^ a->bytes[i / 8]) >> (7 - i % 8) & 1)
		    != 0)
			return false;
	return true;
}

/* A network of IPv4 has nothing of IPv6, nor the other way round. */
static bool
is_one_family(const struct network *n, const struct address *a)
{
	struct address own = { .kind = ADDRESS_IP };

	memcpy(own.bytes, n->bytes, sizeof(own.bytes));
	return address_is_ipv4(a) == (n->bits >= 96 && address_is_ipv4(&own));
}

static void
check_network(const struct network *n, const struct address *a)
{
	unsigned int i;

	if (n->kind == ADDRESS_IP) {
		CHECK(n->bits <= 128);
		for (i = n->bits; i < 128; i++)
			CHECK((n->bytes[i / 8] >> (7 - i % 8) & 1) == 0);
		CHECK(network_has(n, a) == (a->kind == ADDRESS_IP &&
		    has_bits(n, a) && is_one_family(n, a)));
	} else if (n->kind == ADDRESS_UNIX)
		CHECK(network_has(n, a) == (a->kind == ADDRESS_UNIX));
	else
		CHECK(network_has(n, a));
}

/* Its own address is in a network. */
static void
check_own(const struct network *n)
{
	struct address a = { .kind = n->kind };

	memcpy(a.bytes, n->bytes, sizeof(a.bytes));
	if (n->bits >= 96 || !address_is_ipv4(&a))
		CHECK(network_has(n, &a));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	char *text = fuzz_string(&in), *rest = text;
	const char *prefix = strsep(&rest, "\n"), *why = NULL;
	struct address a;
	struct network n;

	CHECK(address_parse(&a, rest == NULL ? "" : rest) ==
	    (a.kind == ADDRESS_UNKNOWN ? -1 : 0));
	if (network_parse(&n, prefix, &why) == 0) {
		check_network(&n, &a);
		check_own(&n);
	} else
		CHECK(why != NULL);
	free(text);
	return 0;
}
