#include "proxyheader.h"

#include <arpa/inet.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* With CRLF, and for that a NUL. */
#define V1_MAX		107
#define V2_HEAD		16
#define TLV_HEAD	3

static const char v1_start[] = "PROXY ";
static const char v2_start[] = "\r\n\r\n\0\r\nQUIT\n";

/* Whether data begins like this, as far as either goes. */
static bool
begins(const char *data, size_t len, const char *start, size_t start_len)
{
	return memcmp(data, start, len < start_len ? len : start_len) == 0;
}

/* A port in decimal, as it is written: no sign, no zero in front. */
static bool
is_port(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= 5 && strspn(s, "0123456789") == len &&
	    (s[0] != '0' || len == 1) && strtol(s, NULL, 10) <= 65535;
}

/* Reads "source destination port port" of one family. */
static int
parse_v1_addresses(struct proxyheader *h, char *s, int family)
{
	uint8_t scrap[16];
	const char *source = strsep(&s, " "), *destination = strsep(&s, " ");
	const char *port = strsep(&s, " ");

	if (port == NULL || s == NULL || !is_port(port) || !is_port(s) ||
	    inet_pton(family, source, scrap) != 1 ||
	    inet_pton(family, destination, scrap) != 1)
		return -1;
	h->has_source = true;
	return address_parse(&h->source, source);
}

/* The line without CRLF. */
static int
parse_v1_line(struct proxyheader *h, char *line)
{
	char *s = line + sizeof(v1_start) - 1;

	if (strncmp(s, "TCP4 ", 5) == 0)
		return parse_v1_addresses(h, s + 5, AF_INET);
	if (strncmp(s, "TCP6 ", 5) == 0)
		return parse_v1_addresses(h, s + 5, AF_INET6);
	return strcmp(s, "UNKNOWN") == 0 ||
	    strncmp(s, "UNKNOWN ", 8) == 0 ? 0 : -1;
}

static ssize_t
parse_v1(struct proxyheader *h, const char *data, size_t len)
{
	char line[V1_MAX + 1];
	size_t n = len < V1_MAX ? len : V1_MAX, i;

	for (i = 0; i < n && data[i] != '\r'; i++)
		if (data[i] < 0x20 || data[i] > 0x7e)
			return -1;
	if (i + 1 >= n)
		return len < V1_MAX ? 0 : -1;
	if (data[i + 1] != '\n')
		return -1;
	memcpy(line, data, i);
	line[i] = '\0';
	return parse_v1_line(h, line) == -1 ? -1 : (ssize_t)i + 2;
}

static size_t
get16(const char *s)
{
	return (size_t)((unsigned char)s[0] << 8 | (unsigned char)s[1]);
}

/* What stands behind the addresses is well-formed: type, length and value. */
static bool
are_tlvs(const char *s, size_t len)
{
	size_t n;

	while (len >= TLV_HEAD) {
		n = TLV_HEAD + get16(s + 1);
		if (n > len)
			return false;
		s += n;
		len -= n;
	}
	return len == 0;
}

/* Reads the addresses of this family, over TCP: their length, or -1. */
static ssize_t
parse_v2_addresses(struct proxyheader *h, int family, const char *s)
{
	switch (family) {
	case 0x00:		/* not known */
		h->has_source = false;
		return 0;
	case 0x11:
		h->source.kind = ADDRESS_IP;
		memset(h->source.bytes, 0, 10);
		memset(h->source.bytes + 10, 0xff, 2);
		memcpy(h->source.bytes + 12, s, 4);
		return 12;
	case 0x21:
		h->source.kind = ADDRESS_IP;
		memcpy(h->source.bytes, s, 16);
		return 36;
	case 0x31:
		h->source.kind = ADDRESS_UNIX;
		return 216;
	default:
		return -1;
	}
}

/* The longest addresses there are, of unix(7). */
#define V2_ADDRESSES 216

static ssize_t
parse_v2(struct proxyheader *h, const char *data, size_t len)
{
	char addresses[V2_ADDRESSES] = "";
	size_t size, n;
	ssize_t used;

	if (len >= 13 && data[12] != 0x20 && data[12] != 0x21)
		return -1;
	if (len < V2_HEAD)
		return 0;
	size = get16(data + 14);
	if (size > PROXYHEADER_MAX - V2_HEAD)
		return -1;
	if (len < V2_HEAD + size)
		return 0;
	/* LOCAL: whatever it says, it is the proxy that connects. */
	if (data[12] == 0x20)
		return (ssize_t)(V2_HEAD + size);
	n = size < sizeof(addresses) ? size : sizeof(addresses);
	memcpy(addresses, data + V2_HEAD, n);
	h->has_source = true;
	used = parse_v2_addresses(h, (unsigned char)data[13], addresses);
	if (used == -1 || (size_t)used > size)
		return -1;
	/* The family that is not known says nothing of what follows. */
	if (used > 0 &&
	    !are_tlvs(data + V2_HEAD + used, size - (size_t)used))
		return -1;
	return (ssize_t)(V2_HEAD + size);
}

ssize_t
proxyheader_parse(struct proxyheader *h, const char *data, size_t len)
{
	memset(h, 0, sizeof(*h));
	if (len == 0)
		return 0;
	if (begins(data, len, v1_start, sizeof(v1_start) - 1))
		return parse_v1(h, data, len);
	if (begins(data, len, v2_start, sizeof(v2_start) - 1))
		return parse_v2(h, data, len);
	return -1;
}
