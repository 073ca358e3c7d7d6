/* Prints the time of CLOCK_MONOTONIC, in microseconds. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

int
main(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
		return 1;
	(void)printf("%" PRId64 "\n", (int64_t)now.tv_sec * 1000000 +
	    now.tv_nsec / 1000);
	return 0;
}
