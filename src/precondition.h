/* Whether a request's conditions hold: RFC 9110, 13. */
#ifndef PRECONDITION_H
#define PRECONDITION_H

#include <time.h>

#include "httpserve.h"

/* What tells the version that would be answered from others. */
struct validators {
	const char	*etag;		/* as the field ETag has it */
	time_t		 last_modified;
	time_t		 now;		/* when that was looked up */
	const char	*date;		/* last_modified in words, or NULL */
};

/*
 * Evaluates the conditions on something that exists, in the order of RFC 9110,
 * 13.2.2: HTTP_OK to go on, HTTP_NOT_MODIFIED or HTTP_PRECONDITION_FAILED.
 *
 * Sets *range to the field Range, or to NULL where it is not to be followed:
 * there is none, or several, the method is not GET, or If-Range wants the
 * whole.
 *
 * Lines of If-Match and If-None-Match are one list (5.3).  A list that has an
 * error matches nothing; a date that is none, or is given twice, is ignored.
 */
enum http_status precondition_evaluate(const struct http_request *req,
    const struct validators *current, const char **range);

/*
 * The same for what has neither an entity tag nor a date: no tag is its own,
 * dates and Range are ignored, and so is everything for OPTIONS (13.2.1).
 */
enum http_status precondition_evaluate_bare(const struct http_request *req);

#endif
