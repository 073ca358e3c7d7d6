#include "request_lines.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "headscan.h"
#include "request.h"

/* Takes the Accept in the line from s to end, if its value is one. */
static void
take_accept(struct http_request *req, char *s, char *end)
{
	struct request_field *field = &req->fields[req->nfields];
	char *value = s + sizeof("Accept:") - 1;

	value += strspn(value, " \t");
	if (req->nfields == REQUEST_MAX_FIELDS ||
	    !headscan_is_value(value, (size_t)(end - value)))
		return;
	*end = '\0';
	s[sizeof("Accept") - 1] = '\0';
	*field = (struct request_field){ .name = s,
	    .name_len = sizeof("Accept") - 1, .value = value,
	    .value_len = (size_t)(end - value) };
	req->initials |= request_initial(s);
	req->nfields++;
}

void
request_find_accept(struct http_request *req, char *lines, size_t len)
{
	char *s = lines, *end = lines + len, *lf;

	req->nfields = 0;
	req->initials = 0;
	for (; (lf = memchr(s, '\n', (size_t)(end - s))) != NULL; s = lf + 1)
		if (lf - s >= (ptrdiff_t)sizeof("Accept:") && lf[-1] == '\r' &&
		    strncasecmp(s, "Accept:", sizeof("Accept:") - 1) == 0)
			take_accept(req, s, lf - 1);
}
