#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"

#define COUNT 5000

/* Sizes that are small, odd, and larger than any chunk. */
static size_t
size_of(size_t i)
{
	return i % 1000 == 999 ? 100000 + i : i % 300;
}

static void
test_alloc(void **state)
{
	static unsigned char *things[COUNT];
	struct arena arena = { 0 };
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		things[i] = arena_alloc(&arena, size_of(i));
		assert_non_null(things[i]);
		assert_int_equal((uintptr_t)things[i] % 8, 0);
		memset(things[i], (int)(i % 251), size_of(i));
	}
	for (i = 0; i < COUNT; i++)
		for (j = 0; j < size_of(i); j++)
			assert_int_equal(things[i][j], i % 251);
	arena_free(&arena);
}

/* Like the empty one it was. */
static void
test_alloc_after_free(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	arena_free(&arena);
	assert_non_null(arena_alloc(&arena, 1));
	arena_free(&arena);
	assert_non_null(arena_alloc(&arena, 70000));
	assert_non_null(arena_alloc(&arena, 1));
	arena_free(&arena);
}

static void
test_alloc_too_much(void **state)
{
	struct arena arena = { 0 };
	size_t size;

	(void)state;
	for (size = SIZE_MAX; size > SIZE_MAX - 16; size--) {
		errno = 0;
		assert_null(arena_alloc(&arena, size));
		assert_int_equal(errno, ENOMEM);
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_alloc_after_free),
		cmocka_unit_test(test_alloc_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
