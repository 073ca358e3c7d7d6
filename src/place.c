#include "place.h"

#include <signal.h>
#include <unistd.h>

#include "clock.h"

#define PAUSE_MIN_MS	5
#define PAUSE_MAX_MS	1000

void
place_claim(struct place *place, enum place_state state)
{
	place->state = state;
	place->pause_ms = 0;
	place->respawn_ms = 0;
}

void
place_retire(struct place *place, int sig)
{
	place->state = place->pid != 0 ? PLACE_LEAVING : PLACE_FREE;
	if (place->pid != 0)
		(void)kill(place->pid, sig);
}

void
place_postpone(struct place *place)
{
	place->pause_ms = place->pause_ms == 0 ? PAUSE_MIN_MS :
	    place->pause_ms * 2;
	if (place->pause_ms > PAUSE_MAX_MS)
		place->pause_ms = PAUSE_MAX_MS;
	place->respawn_ms = clock_ms(CLOCK_MONOTONIC) + place->pause_ms;
}

void
place_end_channel(struct place *place)
{
	if (place->channel != -1)
		(void)close(place->channel);
	place->channel = -1;
}
