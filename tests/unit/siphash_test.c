/* siphash: the vectors of its authors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "siphash.h"

/* Key 00 01 ... 0f, message 00 01 ...: vectors.h of the reference, in part. */
static void
hashes_as_its_authors_do(void **state)
{
	static const struct {
		size_t		len;
		uint64_t	want;
	} rows[] = {
		{ 0, 0x726fdb47dd0e0e31 }, { 1, 0x74f839c593dc67fd },
		{ 7, 0xab0200f58b01d137 }, { 8, 0x93f5f5799a932462 },
		{ 15, 0xa129ca6149be45e5 }, { 63, 0x958a324ceb064572 },
	};
	const struct siphash_key key = {
		{ 0x0706050403020100, 0x0f0e0d0c0b0a0908 }
	};
	uint8_t data[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(siphash(&key, data, rows[i].len) == rows[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_as_its_authors_do),
	};

	return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}
