/* place: how long it stays empty. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "place.h"

static void
pauses_double_up_to_a_second(void **state)
{
	static const unsigned int pauses[] = { 5, 10, 20, 40, 80, 160, 320,
	    640, 1000, 1000, 1000 };
	struct place place = { .channel = -1 };
	uint64_t before_ms;
	size_t i;

	(void)state;
	place_claim(&place, PLACE_PRESENT);
	assert_int_equal(place.respawn_ms, 0);
	for (i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		before_ms = clock_ms(CLOCK_MONOTONIC);
		place_postpone(&place);
		assert_int_equal(place.pause_ms, pauses[i]);
		assert_in_range(place.respawn_ms, before_ms + pauses[i],
		    clock_ms(CLOCK_MONOTONIC) + pauses[i]);
	}
}

static void
begins_anew_when_it_is_claimed(void **state)
{
	struct place place = { .channel = -1 };

	(void)state;
	place_claim(&place, PLACE_PRESENT);
	place_postpone(&place);
	place_postpone(&place);
	place_retire(&place, 0);
	assert_int_equal(place.state, PLACE_FREE);
	place_claim(&place, PLACE_COMING);
	assert_int_equal(place.state, PLACE_COMING);
	assert_int_equal(place.respawn_ms, 0);
	place_postpone(&place);
	assert_int_equal(place.pause_ms, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_double_up_to_a_second),
		cmocka_unit_test(begins_anew_when_it_is_claimed),
	};

	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
