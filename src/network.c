#include "network.h"

#include <arpa/inet.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What stands before an IPv4 address in one of IPv6. */
#define MAPPED_BYTES	12
#define MAPPED_BITS	96

static const uint8_t mapped[MAPPED_BYTES] = {
	[10] = 0xff, [11] = 0xff
};

int
address_parse(struct address *a, const char *text)
{
	memcpy(a->bytes, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, text, a->bytes + MAPPED_BYTES) == 1 ||
	    inet_pton(AF_INET6, text, a->bytes) == 1) {
		a->kind = ADDRESS_IP;
		return 0;
	}
	a->kind = strcmp(text, "unix:") == 0 ? ADDRESS_UNIX : ADDRESS_UNKNOWN;
	return a->kind == ADDRESS_UNIX ? 0 : -1;
}

bool
address_is_ipv4(const struct address *a)
{
	return a->kind == ADDRESS_IP &&
	    memcmp(a->bytes, mapped, sizeof(mapped)) == 0;
}

void
address_format(const struct address *a, char dst[ADDRESS_SIZE])
{
	bool is_ipv4 = address_is_ipv4(a);

	if (a->kind == ADDRESS_UNIX)
		(void)strlcpy(dst, "unix:", ADDRESS_SIZE);
	else if (a->kind == ADDRESS_UNKNOWN ||
	    inet_ntop(is_ipv4 ? AF_INET : AF_INET6,
	    a->bytes + (is_ipv4 ? MAPPED_BYTES : 0), dst, ADDRESS_SIZE) == NULL)
		(void)strlcpy(dst, "?", ADDRESS_SIZE);
}

/* Whether two have their first bits in common. */
static bool
is_prefix(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	    (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* A decimal number up to max, or -1. */
static int
parse_bits(const char *s, int max)
{
	const char *fault;
	long long bits = strtonum(s, 0, max, &fault);

	return fault != NULL || strspn(s, "0123456789") != strlen(s) ? -1 :
	    (int)bits;
}

static const char *
parse_prefix(struct network *n, const char *text, const char *slash)
{
	static const uint8_t zeros[16];
	struct address a;
	char host[INET6_ADDRSTRLEN];
	size_t len = (size_t)(slash - text), i;
	int bits, rest;

	if (len >= sizeof(host))
		return "no address";
	memcpy(host, text, len);
	host[len] = '\0';
	if (address_parse(&a, host) == -1 || a.kind != ADDRESS_IP)
		return "no address";
	rest = strchr(host, ':') == NULL ? 32 : 128;
	bits = *slash == '\0' ? rest : parse_bits(slash + 1, rest);
	if (bits == -1)
		return "a prefix is a slash and up to 32 bits of IPv4, 128 "
		    "of IPv6";
	memcpy(n->bytes, a.bytes, sizeof(n->bytes));
	n->bits = (unsigned int)(bits + 128 - rest);
	for (i = 0; i < n->bits / 8; i++)
		a.bytes[i] = 0;
	if (n->bits % 8 != 0)
		a.bytes[i] &= 0xff >> n->bits % 8;
	return memcmp(a.bytes, zeros, sizeof(zeros)) == 0 ? NULL :
	    "the address has bits behind its prefix";
}

int
network_parse(struct network *n, const char *text, const char **why)
{
	const char *reason = NULL;

	memset(n, 0, sizeof(*n));
	if (strcmp(text, "all") == 0)
		n->kind = ADDRESS_UNKNOWN;
	else if (strcmp(text, "unix") == 0)
		n->kind = ADDRESS_UNIX;
	else
		reason = parse_prefix(n, text, strchrnul(text, '/'));
	if (reason == NULL)
		return 0;
	*why = reason;
	errno = EINVAL;
	return -1;
}

/* A network of IPv6 has no address of IPv4, however short its prefix is. */
bool
network_has(const struct network *n, const struct address *a)
{
	if (n->kind == ADDRESS_UNKNOWN)
		return true;
	if (n->kind != a->kind)
		return false;
	if (n->kind == ADDRESS_UNIX)
		return true;
	return is_prefix(n->bytes, a->bytes, n->bits) &&
	    (n->bits >= MAPPED_BITS || !address_is_ipv4(a));
}

int
networks_add(struct networks *networks, const char *text, const char **why)
{
	struct network n, *list;

	if (network_parse(&n, text, why) == -1)
		return -1;
	list = reallocarray(networks->list, networks->count + 1,
	    sizeof(*list));
	if (list == NULL) {
		*why = "out of memory";
		return -1;
	}
	list[networks->count++] = n;
	networks->list = list;
	return 0;
}

bool
networks_have(const struct networks *networks, const struct address *a)
{
	size_t i;

	for (i = 0; i < networks->count; i++)
		if (network_has(&networks->list[i], a))
			return true;
	return false;
}

void
networks_free(struct networks *networks)
{
	free(networks->list);
	networks->list = NULL;
	networks->count = 0;
}
