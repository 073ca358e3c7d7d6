#include "request_lines.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "headscan.h"
#include "request.h"

/* Takes the field of a line from name to end, which has a colon there. */
static void
take_field(struct http_request *req, char *name, char *colon, char *end)
{
	char *value = colon + 1;

	if (req->nfields == REQUEST_MAX_FIELDS)
		return;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*colon = *end = '\0';
	value += strspn(value, " \t");
	req->fields[req->nfields++] = (struct request_field){ .name = name,
	    .name_len = (uint32_t)(colon - name), .value = value,
	    .value_len = (uint32_t)(end - value) };
	req->initials |= request_initial(name);
}

void
request_find_accept(struct http_request *req, char *lines, size_t len)
{
	static const char accept[] = "Accept:";
	char *s = lines, *end = lines + len, *colon, *lf;

	req->nfields = 0;
	req->initials = 0;
	for (; (lf = memchr(s, '\n', (size_t)(end - s))) != NULL; s = lf + 1) {
		colon = s + sizeof(accept) - 2;
		if (lf - s >= (ptrdiff_t)sizeof(accept) && lf[-1] == '\r' &&
		    strncasecmp(s, accept, sizeof(accept) - 1) == 0 &&
		    headscan_is_value(colon + 1, (size_t)(lf - colon) - 2))
			take_field(req, s, colon, lf - 1);
	}
}

void
request_cut_lines(struct http_request *req, char *head, size_t len)
{
	char *end = head + len, *s, *colon, *cr;

	req->nfields = 0;
	req->initials = 0;
	req->method = head;
	s = memchr(head, ' ', len);
	*s++ = '\0';
	req->target = s;
	s = memchr(s, ' ', (size_t)(end - s));
	*s = '\0';
	req->target_len = (size_t)(s - req->target);
	req->minor = s[sizeof(" HTTP/1.") - 1] - '0';
	for (s += sizeof(" HTTP/1.1\r\n") - 1; *s != '\r'; s = cr + 2) {
		colon = memchr(s, ':', (size_t)(end - s));
		cr = memchr(colon, '\r', (size_t)(end - colon));
		take_field(req, s, colon, cr);
	}
}
