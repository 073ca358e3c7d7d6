/* Answers with what it was asked: method, target, fields and body. */
#include <httpserve.h>

static void
echo_body(struct http_response *res, struct http_request *req, void *arg)
{
	const char *body, *name, *value;
	size_t i, len;

	http_response_printf(res, "%s %s HTTP/1.%d\n", http_request_method(req),
	    http_request_target(req), http_request_minor_version(req));
	for (i = 0; http_request_header_at(req, i, &name, &value); i++)
		http_response_printf(res, "%s: %s\n", name, value);
	body = http_request_body(req, &len);
	http_response_write(res, "\n", 1);
	http_response_write(res, body, len);
}

static void
echo(struct http_response *res, struct http_request *req, void *arg)
{
	http_request_await_body(req, echo_body, arg);
}

int
main(int argc, char *argv[])
{
	return http_listen_and_serve(argc > 1 ? argv[1] : ":8080", echo, NULL);
}
