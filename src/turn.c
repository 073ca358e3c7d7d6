#include "turn.h"

static uint64_t turn = 1;

void
turn_begin(void)
{
	turn++;
}

uint64_t
turn_current(void)
{
	return turn;
}
