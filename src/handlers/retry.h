/* Answers to who is to come back later. */
#ifndef RETRY_H
#define RETRY_H

#include <stdint.h>

#include "httpserve.h"

/* An error that says when: Retry-After, in whole seconds from 1 on. */
void retry_after(struct http_response *res, int status, uint64_t wait_us);

#endif
