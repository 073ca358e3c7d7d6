/* proxyheader: the PROXY protocol, versions 1 and 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxyheader.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define ENDS(s) { s, sizeof(s) - 1 }

struct bytes {
	const char	*data;
	size_t		 len;
};

/* Parses a copy of these bytes, so that an overread shows. */
static ssize_t
parse(struct proxyheader *h, const char *data, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);
	ssize_t rv;

	assert_non_null(copy);
	memcpy(copy, data, len);
	rv = proxyheader_parse(h, copy, len);
	free(copy);
	return rv;
}

/* Whether it is this address, "" where it says none. */
static void
assert_source(const struct proxyheader *h, const char *text)
{
	struct address a;

	assert_int_equal(h->has_source, text[0] != '\0');
	if (!h->has_source)
		return;
	assert_int_equal(address_parse(&a, text), 0);
	assert_int_equal(h->source.kind, a.kind);
	if (a.kind == ADDRESS_IP)
		assert_memory_equal(h->source.bytes, a.bytes, 16);
}

/* All of it is needed, and what follows does not matter. */
static void
assert_header(const char *data, size_t len, const char *source)
{
	struct proxyheader h;
	char more[512];
	size_t i;

	for (i = 0; i < len; i++)
		assert_int_equal(parse(&h, data, i), 0);
	assert_int_equal(parse(&h, data, len), len);
	assert_source(&h, source);
	memset(more, 'x', sizeof(more));
	memcpy(more, data, len);
	assert_int_equal(parse(&h, more, sizeof(more)), len);
	assert_source(&h, source);
}

static void
reads_version_1(void **state)
{
	static const struct {
		struct bytes	 header;
		const char	*source;
	} rows[] = {
		{ ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"),
		    "192.0.2.1" },
		{ ENDS("PROXY TCP4 255.255.255.255 255.255.255.255 65535 "
		    "65535\r\n"), "255.255.255.255" },
		{ ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 0 0\r\n"),
		    "192.0.2.1" },
		{ ENDS("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"), "2001:db8::1" },
		{ ENDS("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"),
		    "192.0.2.1" },
		{ ENDS("PROXY UNKNOWN\r\n"), "" },
		{ ENDS("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 "
		    "65535\r\n"), "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_header(rows[i].header.data, rows[i].header.len,
		    rows[i].source);
}

static void
reads_version_2(void **state)
{
	static const char unix_path[108] = "/path";
	char header[16 + 216] = SIGNATURE "\x21\x31\x00\xd8";
	static const struct {
		struct bytes	 header;
		const char	*source;
	} rows[] = {
		{ ENDS(SIGNATURE "\x21\x11\x00\x0c" "\xc0\x00\x02\x01"
		    "\xc0\x00\x02\x02" "\x12\x34\x00\x50"), "192.0.2.1" },
		{ ENDS(SIGNATURE "\x21\x21\x00\x24" "\x20\x01\x0d\xb8"
		    "\0\0\0\0\0\0\0\0\0\0\0\x01" "\0\0\0\0\0\0\0\0\0\0\0\0"
		    "\0\0\0\x01" "\x12\x34\x00\x50"), "2001:db8::1" },
		/* With TLVs, one of which has no value. */
		{ ENDS(SIGNATURE "\x21\x11\x00\x14" "\xc0\x00\x02\x01"
		    "\xc0\x00\x02\x02" "\x12\x34\x00\x50"
		    "\x04\x00\x00\x02\x00\x02" "ab"), "192.0.2.1" },
		/* LOCAL, whatever it says. */
		{ ENDS(SIGNATURE "\x20\x00\x00\x00"), "" },
		{ ENDS(SIGNATURE "\x20\x11\x00\x03" "abc"), "" },
		/* Not known. */
		{ ENDS(SIGNATURE "\x21\x00\x00\x00"), "" },
		{ ENDS(SIGNATURE "\x21\x00\x00\x05" "abcde"), "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_header(rows[i].header.data, rows[i].header.len,
		    rows[i].source);
	memcpy(header + 16, unix_path, sizeof(unix_path));
	assert_header(header, sizeof(header), "unix:");
}

static void
refuses_all_else(void **state)
{
	static const struct bytes rows[] = {
		ENDS("G"), ENDS("GET /\r\n"), ENDS("proxy "),
		ENDS("PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n"),
		ENDS("PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n"),
		ENDS("PROXY tcp4 192.0.2.1 192.0.2.2 1 2\r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"),
		ENDS("PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n"),
		ENDS("PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.256 1 2\r\n"),
		ENDS("PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n"),
		ENDS("PROXY TCP4 ::1 ::1 1 2\r\n"),
		ENDS("PROXY TCP6 192.0.2.1 ::1 1 2\r\n"),
		ENDS("PROXY TCP6 ::1%lo ::1 1 2\r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 1 \r\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n"),
		ENDS("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r "),
		ENDS("PROXY TCP4 192.0.2.1\t192.0.2.2 1 2\r\n"),
		ENDS("PROXY UNKNOWNX\r\n"), ENDS("PROXY \r\n"),
		ENDS("PROXY UNKNOWN 3456789 123456789 123456789 123456789 "
		    "123456789 123456789 123456789 123456789 123456789 "
		    "1234567"),
		ENDS("\r\n\r\n\0\r\nQUIX"),
		ENDS(SIGNATURE "\x11"), ENDS(SIGNATURE "\x22"),
		ENDS(SIGNATURE "\x21\x11\x00\x0b" "12345678901"),
		ENDS(SIGNATURE "\x21\x12\x00\x0c" "123456789012"),
		ENDS(SIGNATURE "\x21\x41\x00\x0c" "123456789012"),
		ENDS(SIGNATURE "\x21\x01\x00\x00"),
		ENDS(SIGNATURE "\x21\x11\x0f\xf1"),
		/* TLVs that are longer than the header, or cut off. */
		ENDS(SIGNATURE "\x21\x11\x00\x10" "123456789012"
		    "\x01\x00\x02" "a"),
		ENDS(SIGNATURE "\x21\x11\x00\x0e" "123456789012" "\x01\x00"),
	};
	struct proxyheader h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (parse(&h, rows[i].data, rows[i].len) != -1)
			fail_msg("row %zu was not refused", i);
}

static void
a_long_header_is_taken_whole(void **state)
{
	static char header[4096] = SIGNATURE "\x21\x11\x0f\xf0" "123456789012"
	    "\x04\x0f\xe1";
	struct proxyheader h;

	(void)state;
	assert_int_equal(parse(&h, header, sizeof(header) - 1), 0);
	assert_int_equal(parse(&h, header, sizeof(header)), 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_version_1),
		cmocka_unit_test(reads_version_2),
		cmocka_unit_test(refuses_all_else),
		cmocka_unit_test(a_long_header_is_taken_whole),
	};

	return cmocka_run_group_tests_name("proxyheader", tests, NULL, NULL);
}
