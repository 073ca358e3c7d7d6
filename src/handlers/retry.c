#include "retry.h"

#include <inttypes.h>
#include <stdio.h>

void
retry_after(struct http_response *res, int status, uint64_t wait_us)
{
	char seconds[24];

	(void)snprintf(seconds, sizeof(seconds), "%" PRIu64,
	    wait_us == 0 ? 1 : (wait_us + 999999) / 1000000);
	(void)http_response_set_header(res, "Retry-After", seconds);
	(void)http_response_error(res, status);
}
