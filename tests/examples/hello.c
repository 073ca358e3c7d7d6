#include <httpserve.h>

static void
hello(struct http_response *res, struct http_request *req, void *arg)
{
	http_response_printf(res, "hello, %s\n", http_request_path(req));
}

int
main(int argc, char *argv[])
{
	return http_listen_and_serve(argc > 1 ? argv[1] : ":8080", hello, NULL);
}
