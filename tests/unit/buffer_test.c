/* buffer: growth, limits, and what stays after a failure. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "buffer.h"

const char *__asan_default_options(void);

/* AddressSanitizer ends the program when memory is short, unless told. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void
assert_holds(const struct buffer *b, const char *want)
{
	assert_int_equal(b->len, strlen(want));
	assert_true(b->size >= b->len);
	assert_memory_equal(b->data, want, b->len);
}

static void
empty_has_no_memory(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(buffer_reserve(&b, 0), 0);
	assert_int_equal(buffer_append(&b, NULL, 0), 0);
	assert_int_equal(buffer_append_string(&b, ""), 0);
	buffer_consume(&b, 0);
	buffer_reset(&b, 0);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	buffer_free(&b);
	buffer_free(&b);
}

static void
append_adds_to_the_end(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(buffer_append(&b, "GET\0", 3), 0);
	assert_int_equal(buffer_append_string(&b, " / "), 0);
	assert_int_equal(buffer_printf(&b, "HTTP/%d.%d", 1, 1), 0);
	assert_holds(&b, "GET / HTTP/1.1");
	buffer_free(&b);
}

static void
append_keeps_every_byte_value(void **state)
{
	struct buffer b = { 0 };
	unsigned char byte;
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		byte = (unsigned char)(i * 7);
		assert_int_equal(buffer_append(&b, &byte, 1), 0);
	}
	assert_int_equal(b.len, 100000);
	for (i = 0; i < 100000; i++) {
		if ((unsigned char)b.data[i] != (unsigned char)(i * 7))
			fail_msg("byte %zu differs", i);
	}
	buffer_free(&b);
}

static void
growth_doubles(void **state)
{
	struct buffer b = { 0 };
	size_t grown = 0, i, size = 0;

	(void)state;
	for (i = 0; i < 1000000; i++) {
		assert_int_equal(buffer_append(&b, "x", 1), 0);
		if (b.size != size) {
			assert_true(b.size >= size * 2);
			size = b.size;
			grown++;
		}
	}
	assert_true(grown <= 20);
	assert_true(b.size <= 2 * b.len);
	buffer_free(&b);
}

static void
reserve_makes_room_without_use(void **state)
{
	struct buffer b = { 0 };
	char *data;

	(void)state;
	assert_int_equal(buffer_append_string(&b, "abc"), 0);
	assert_int_equal(buffer_reserve(&b, 5000), 0);
	assert_true(b.size - b.len >= 5000);
	assert_holds(&b, "abc");
	data = b.data;
	memset(b.data + b.len, 'x', 5000);
	b.len += 5000;
	assert_int_equal(buffer_reserve(&b, b.size - b.len), 0);
	assert_ptr_equal(b.data, data);
	buffer_free(&b);
}

static void
too_much_is_enomem(void **state)
{
	static const size_t sizes[] = {
		SIZE_MAX, SIZE_MAX - 3, SIZE_MAX - 4, SIZE_MAX / 2 + 2,
		SIZE_MAX / 2
	};
	struct buffer b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buffer_free(&b);
		errno = 0;
		assert_int_equal(buffer_reserve(&b, sizes[i]), -1);
		assert_int_equal(errno, ENOMEM);
		assert_null(b.data);

		assert_int_equal(buffer_append_string(&b, "abcd"), 0);
		errno = 0;
		assert_int_equal(buffer_reserve(&b, sizes[i]), -1);
		assert_int_equal(errno, ENOMEM);
		errno = 0;
		assert_int_equal(buffer_append(&b, "abcd", sizes[i]), -1);
		assert_int_equal(errno, ENOMEM);
		assert_holds(&b, "abcd");
	}
	buffer_free(&b);
}

static void
printf_fits_at_every_length(void **state)
{
	char text[1100];
	struct buffer b = { 0 };
	size_t i;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (i = 0; i < sizeof(text); i++) {
		text[i] = '\0';
		buffer_reset(&b, i % 2 == 0 ? 0 : SIZE_MAX);
		assert_int_equal(buffer_append_string(&b, "<"), 0);
		assert_int_equal(buffer_printf(&b, "%s", text), 0);
		assert_int_equal(buffer_printf(&b, "%c", '>'), 0);
		assert_int_equal(b.len, i + 2);
		assert_int_equal(b.data[0], '<');
		assert_memory_equal(b.data + 1, text, i);
		assert_int_equal(b.data[i + 1], '>');
		text[i] = 'x';
	}
	buffer_free(&b);
}

static void
printf_of_nothing_adds_nothing(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(buffer_printf(&b, "%s", ""), 0);
	assert_int_equal(b.len, 0);
	buffer_free(&b);
}

static void
failed_printf_adds_nothing(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(buffer_append_string(&b, "abc"), 0);
	/* printf(3): no character of any locale. */
	errno = 0;
	assert_int_equal(buffer_printf(&b, "x%lc", (wint_t)0x7fffffff), -1);
	assert_int_equal(errno, EILSEQ);
	assert_holds(&b, "abc");
	buffer_free(&b);
}

static void
consume_drops_the_front(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(buffer_append_string(&b, "abcdef"), 0);
	buffer_consume(&b, 0);
	assert_holds(&b, "abcdef");
	buffer_consume(&b, 1);
	assert_holds(&b, "bcdef");
	buffer_consume(&b, 4);
	assert_holds(&b, "f");
	assert_int_equal(buffer_append_string(&b, "gh"), 0);
	assert_holds(&b, "fgh");
	buffer_consume(&b, 3);
	assert_int_equal(b.len, 0);
	assert_int_equal(buffer_append_string(&b, "ij"), 0);
	buffer_consume(&b, SIZE_MAX);
	assert_int_equal(b.len, 0);
	buffer_free(&b);
}

static void
reset_keeps_small_memory_only(void **state)
{
	struct buffer b = { 0 };
	char *data;

	(void)state;
	assert_int_equal(buffer_append_string(&b, "abc"), 0);
	data = b.data;
	buffer_reset(&b, b.size);
	assert_int_equal(b.len, 0);
	assert_ptr_equal(b.data, data);
	assert_int_equal(buffer_append_string(&b, "abc"), 0);
	buffer_reset(&b, b.size - 1);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_has_no_memory),
		cmocka_unit_test(append_adds_to_the_end),
		cmocka_unit_test(append_keeps_every_byte_value),
		cmocka_unit_test(growth_doubles),
		cmocka_unit_test(reserve_makes_room_without_use),
		cmocka_unit_test(too_much_is_enomem),
		cmocka_unit_test(printf_fits_at_every_length),
		cmocka_unit_test(printf_of_nothing_adds_nothing),
		cmocka_unit_test(failed_printf_adds_nothing),
		cmocka_unit_test(consume_drops_the_front),
		cmocka_unit_test(reset_keeps_small_memory_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
