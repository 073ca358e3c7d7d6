/* utf8: what the tests of html and json do not see. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdbool.h>

#include <cmocka.h>

#include "utf8.h"

/* Writes a code point as UTF-8 has it, in the shortest form. */
static size_t
encode(char dst[5], uint32_t c)
{
	size_t i, len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (i = len - 1; i > 0; i--) {
		dst[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	dst[0] = (char)(lead[len] | c);
	dst[len] = '\0';
	return len;
}

static void
test_every_code_point(void **state)
{
	char text[5];
	size_t len, want;
	uint32_t c;
	bool is_surrogate;

	(void)state;
	for (c = 0; c < 0x120000; c++) {
		is_surrogate = c >= 0xd800 && c <= 0xdfff;
		len = encode(text, c);
		want = is_surrogate || c > 0x10ffff ? 0 : len;
		if (utf8_length(text) != want)
			fail_msg("U+%04X: %zu, not %zu", c, utf8_length(text),
			    want);
	}
}

static void
test_cut_short(void **state)
{
	char text[5];
	size_t cut, len;
	uint32_t c;

	(void)state;
	for (c = 0x80; c < 0x110000; c += 0x3b) {
		len = encode(text, c);
		for (cut = 1; cut < len; cut++) {
			text[len - cut] = '\0';
			assert_int_equal(utf8_length(text), 0);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_point),
		cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
