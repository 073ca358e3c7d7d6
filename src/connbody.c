#include "connbody.h"

/* A body that nobody wanted is read to its end if that is near. */
#define DISCARD_BYTES	65536

int
connbody_continue(struct conn *c)
{
	struct exchange *x = c->x;

	if (!x->req.expects_continue || exchange_has_input(x))
		return 0;
	c->continued = true;
	return buffer_append_string(&x->out,
	    "HTTP/1.1 100 Continue\r\n\r\n");
}

/* Takes the next piece: 0, or -1 where it is malformed. */
static int
take(struct exchange *x, const char **data, size_t *len)
{
	ssize_t n = body_read(&x->body, x->in + x->pos, x->len - x->pos,
	    data, len);

	if (n == -1)
		return -1;
	x->pos += (size_t)n;
	return 0;
}

enum http_status
connbody_collect(struct conn *c)
{
	struct exchange *x = c->x;
	const char *data;
	size_t len;

	while (exchange_has_input(x) && !body_is_done(&x->body)) {
		if (take(x, &data, &len) == -1)
			return HTTP_BAD_REQUEST;
		if (body_announced(&x->body) > c->set->srv->max_body_bytes)
			return HTTP_CONTENT_TOO_LARGE;
		if (buffer_append(&x->req.body, data, len) == -1)
			return HTTP_SERVICE_UNAVAILABLE;
	}
	return 0;
}

/*
 * Whether the client sends it without another word from here: one that waits
 * for 100 Continue may keep it back, or not (RFC 9110, 10.1.1).
 */
static bool
is_coming(const struct conn *c)
{
	return !c->x->req.expects_continue || c->continued;
}

int
connbody_discard(struct conn *c)
{
	struct exchange *x = c->x;
	const char *data;
	size_t len;

	if (!is_coming(c))
		return -1;
	while (exchange_has_input(x) && !body_is_done(&x->body))
		if (take(x, &data, &len) == -1 ||
		    body_announced(&x->body) > DISCARD_BYTES)
			return -1;
	return 0;
}

bool
connbody_can_discard(const struct conn *c)
{
	const struct body *body = &c->x->body;

	return body_is_done(body) || (body->framing == BODY_LENGTH &&
	    body_announced(body) <= DISCARD_BYTES && is_coming(c));
}

bool
connbody_may_discard(const struct conn *c)
{
	const struct body *body = &c->x->body;

	return !body_is_done(body) && body->framing == BODY_CHUNKED &&
	    is_coming(c);
}
