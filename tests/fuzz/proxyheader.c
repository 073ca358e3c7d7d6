/*
 * proxyheader: what comes in pieces is read as what comes at once; and a
 * header of version 1, written again from what was read, says the same.
 */
#include <arpa/inet.h>

#include <stdbool.h>

#include "fuzz.h"
#include "proxyheader.h"

static ssize_t
parse_copy(struct proxyheader *h, const char *data, size_t len)
{
	struct fuzz_input in = { data, len };
	char *copy = fuzz_copy(&in);
	ssize_t rv = proxyheader_parse(h, copy, len);

	free(copy);
	return rv;
}

/* Of a part of a header nothing is known yet, or that it is none. */
static void
check_pieces(const char *data, size_t len, ssize_t whole)
{
	struct proxyheader h;
	size_t i, end = whole > 0 ? (size_t)whole : len;
	bool is_bad = false;
	ssize_t rv;

	for (i = 0; i < end; i++) {
		rv = parse_copy(&h, data, i);
		CHECK(rv == (is_bad ? -1 : rv) && rv <= 0);
		is_bad = rv == -1;
		CHECK(!is_bad || whole == -1);
	}
}

static void
check_again(const struct proxyheader *h)
{
	struct proxyheader again;
	char text[INET6_ADDRSTRLEN], line[128];
	int len;

	if (!h->has_source || h->source.kind != ADDRESS_IP)
		return;
	CHECK(inet_ntop(AF_INET6, h->source.bytes, text, sizeof(text)) !=
	    NULL);
	len = snprintf(line, sizeof(line), "PROXY TCP6 %s ::1 1 2\r\n", text);
	CHECK(parse_copy(&again, line, (size_t)len) == len);
	CHECK(again.has_source && memcmp(again.source.bytes, h->source.bytes,
	    16) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct proxyheader h;
	const char *bytes = (const char *)data;
	ssize_t rv = parse_copy(&h, bytes, len);

	CHECK(rv >= -1 && rv <= PROXYHEADER_MAX && rv <= (ssize_t)len);
	if (len <= 512)
		check_pieces(bytes, len, rv);
	if (rv > 0)
		check_again(&h);
	return 0;
}
