/* exchange: the pool, and room for what is still to be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exchange.h"

/* As exchange.c has them. */
#define MAX_SPARE	64
#define MIN_ROOM	8192
#define OUT_KEEP_BYTES	65536

#define SIZE		32768

static struct exchange_pool pool;

static int
setup(void **state)
{
	(void)state;
	exchange_pool_init(&pool, SIZE);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	exchange_pool_free(&pool);
	return 0;
}

static void
gives_what_was_given_back(void **state)
{
	struct exchange *x, *y;

	(void)state;
	x = exchange_take(&pool);
	y = exchange_take(&pool);
	assert_non_null(x);
	assert_non_null(y);
	assert_ptr_not_equal(x, y);
	assert_int_equal(x->size, SIZE);
	memset(x->in, 'x', x->size);
	exchange_give(&pool, x);
	assert_int_equal(pool.nspare, 1);
	assert_ptr_equal(exchange_take(&pool), x);
	assert_int_equal(pool.nspare, 0);
	exchange_give(&pool, x);
	exchange_give(&pool, y);
}

static void
is_empty_again(void **state)
{
	struct exchange *x = exchange_take(&pool);

	(void)state;
	x->keep = 10;
	x->pos = 20;
	x->len = 30;
	assert_int_equal(buffer_append(&x->out, "hello", 5), 0);
	x->out_pos = 2;
	http_response_set_status(&x->res, 404);
	http_response_set_header(&x->res, "A", "b");
	assert_true(exchange_has_input(x));
	assert_true(exchange_has_output(x));
	exchange_give(&pool, x);
	assert_ptr_equal(exchange_take(&pool), x);
	assert_false(exchange_has_input(x));
	assert_false(exchange_has_output(x));
	assert_int_equal(x->keep + x->pos + x->len, 0);
	assert_int_equal(x->out_pos, 0);
	assert_int_equal(x->res.status, 200);
	assert_int_equal(x->res.fields.len, 0);
	exchange_give(&pool, x);
}

/* A source is released now, not when the next request comes. */
static int released;

static ssize_t
no_read(void *arg, char *buf, size_t size)
{
	(void)arg;
	(void)buf;
	(void)size;
	return 0;
}

static void
note_release(void *arg)
{
	(void)arg;
	released++;
}

static void
gives_up_what_it_holds(void **state)
{
	const struct http_source source = { no_read, note_release, NULL };
	struct exchange *x = exchange_take(&pool);

	(void)state;
	released = 0;
	assert_int_equal(http_response_send_source(&x->res, &source, -1), 0);
	exchange_give(&pool, x);
	assert_int_equal(released, 1);
}

static void
keeps_a_bounded_number(void **state)
{
	struct exchange *x[MAX_SPARE + 10];
	size_t i, n = sizeof(x) / sizeof(x[0]);

	(void)state;
	for (i = 0; i < n; i++) {
		x[i] = exchange_take(&pool);
		assert_non_null(x[i]);
	}
	for (i = 0; i < n; i++)
		exchange_give(&pool, x[i]);
	assert_int_equal(pool.nspare, MAX_SPARE);
}

/* One large answer does not hold its memory for ever. */
static void
keeps_a_bounded_buffer(void **state)
{
	struct exchange *x = exchange_take(&pool);

	(void)state;
	assert_int_equal(buffer_reserve(&x->out, OUT_KEEP_BYTES), 0);
	exchange_give(&pool, x);
	assert_ptr_equal(exchange_take(&pool), x);
	exchange_equip(&pool, x);
	assert_int_equal(x->out.size, OUT_KEEP_BYTES);
	assert_int_equal(buffer_reserve(&x->out, OUT_KEEP_BYTES + 1), 0);
	exchange_give(&pool, x);
	assert_ptr_equal(exchange_take(&pool), x);
	exchange_equip(&pool, x);
	assert_int_equal(x->out.size, 0);
	exchange_give(&pool, x);
}

/* Of two that answer one after the other the second has the first's memory. */
static void
lends_buffers_in_turn(void **state)
{
	struct exchange *x = exchange_take(&pool), *y = exchange_take(&pool);
	const char *out, *fields;

	(void)state;
	exchange_equip(&pool, x);
	assert_int_equal(buffer_append(&x->out, "hello", 5), 0);
	http_response_set_header(&x->res, "A", "b");
	out = x->out.data;
	fields = x->res.fields.data;
	exchange_equip(&pool, y);
	assert_null(y->out.data);
	assert_int_equal(buffer_append(&y->out, "there", 5), 0);
	exchange_give(&pool, y);
	/* It has some: nobody takes them from it. */
	exchange_equip(&pool, x);
	assert_ptr_equal(x->out.data, out);
	assert_int_equal(x->out.len, 5);
	y = exchange_take(&pool);
	exchange_equip(&pool, y);
	assert_non_null(y->out.data);
	assert_int_equal(y->out.len, 0);
	exchange_give(&pool, x);
	exchange_give(&pool, y);

	x = exchange_take(&pool);
	exchange_equip(&pool, x);
	assert_ptr_equal(x->out.data, out);
	assert_ptr_equal(x->res.fields.data, fields);
	assert_int_equal(x->res.fields.len, 0);
	exchange_give(&pool, x);
}

/* The bytes before keep stay where they are, those not yet taken stay whole. */
static void
makes_room(void **state)
{
	static const struct {
		size_t	keep, pos, len;
		size_t	want_pos, want_len;
	} rows[] = {
		/* Nothing is left: the next bytes come to the front. */
		{ 0, 0, 0, 0, 0 },
		{ 0, 100, 100, 0, 0 },
		{ 0, SIZE, SIZE, 0, 0 },
		{ 50, 100, 100, 50, 50 },
		{ 100, 100, 100, 100, 100 },
		/* There is room enough. */
		{ 0, 100, 200, 100, 200 },
		{ 0, 100, SIZE - MIN_ROOM, 100, SIZE - MIN_ROOM },
		/* There is not. */
		{ 0, 100, SIZE - MIN_ROOM + 1, 0, SIZE - MIN_ROOM - 99 },
		{ 0, SIZE - 1, SIZE, 0, 1 },
		{ 50, 100, SIZE, 50, SIZE - 50 },
		{ 50, 50, SIZE, 50, SIZE },
		{ 0, 0, SIZE, 0, SIZE },
	};
	struct exchange *x = exchange_take(&pool);
	size_t at, i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (at = 0; at < SIZE; at++)
			x->in[at] = (char)(at % 251);
		x->keep = rows[i].keep;
		x->pos = rows[i].pos;
		x->len = rows[i].len;
		exchange_make_room(x);
		assert_int_equal(x->keep, rows[i].keep);
		assert_int_equal(x->pos, rows[i].want_pos);
		assert_int_equal(x->len, rows[i].want_len);
		for (at = 0; at < x->keep; at++)
			assert_int_equal(x->in[at], (char)(at % 251));
		for (at = x->pos; at < x->len; at++)
			assert_int_equal(x->in[at],
			    (char)((at - x->pos + rows[i].pos) % 251));
	}
	x->keep = 100;
	exchange_next(x);
	assert_int_equal(x->keep, 0);
	exchange_give(&pool, x);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_what_was_given_back),
		TEST(is_empty_again),
		TEST(gives_up_what_it_holds),
		TEST(keeps_a_bounded_number),
		TEST(keeps_a_bounded_buffer),
		TEST(lends_buffers_in_turn),
		TEST(makes_room),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
