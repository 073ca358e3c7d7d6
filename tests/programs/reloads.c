/*
 * A server that reloads, by the library alone: "text" is its answer to
 * everything.
 */
#include <err.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <httpserve.h>

static struct http_server server;

static void
answer(struct http_response *res, struct http_request *req, void *arg)
{
	(void)req;
	(void)arg;
	(void)http_response_printf(res, "text\n");
}

static int
reload(void *arg)
{
	(void)arg;
	return 0;
}

static unsigned int
number(const char *arg)
{
	const char *problem;
	long long n = strtonum(arg, 1, 1000000, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "%s: %s", arg, problem);
	return (unsigned int)n;
}

int
main(int argc, char *argv[])
{
	int option;

	server.children = 1;
	server.handler.serve = answer;
	server.reload = reload;
	while ((option = getopt(argc, argv, "p:R:")) != -1)
		switch (option) {
		case 'p':
			server.max_processes = number(optarg);
			break;
		case 'R':
			server.max_requests_per_child = number(optarg);
			break;
		default:
			errx(EX_USAGE, "usage: reloads [-p processes] "
			    "[-R requests] address");
		}
	server.addr = argv[optind];
	if (http_server_listen_and_serve(&server) == HTTP_SERVER_CLOSED)
		return EX_OK;
	errx(EX_UNAVAILABLE, "%s", http_server_error(&server));
}
