/*
 * Ends of http_server_serve() and its kin that need no client: runs the case
 * that is named, and says what the call returned, with errno and the text.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <httpserve.h>

static int
shutdown_before(struct http_server *srv)
{
	(void)http_server_shutdown(srv);
	return http_server_listen_and_serve(srv);
}

static int
close_before(struct http_server *srv)
{
	(void)http_server_close(srv);
	return http_server_listen_and_serve(srv);
}

/* Listening came first: that is undone, too. */
static int
shutdown_between(struct http_server *srv)
{
	if (http_server_listen(srv, srv->addr) == -1)
		return -1;
	(void)http_server_shutdown(srv);
	return http_server_serve(srv, -1);
}

static int
refuse_to_start(void *arg, unsigned int child)
{
	(void)arg;
	errno = ENOTTY;
	return child == 2 ? -1 : 0;
}

static int
failing_start(struct http_server *srv)
{
	srv->children = 4;
	srv->child_start = refuse_to_start;
	return http_server_listen_and_serve(srv);
}

/* Comes between ready and the drain: a server that stops by itself. */
static void
stop_at_once(void *arg)
{
	(void)http_server_shutdown(arg);
}

static int
ready_hook(struct http_server *srv)
{
	srv->ready = stop_at_once;
	srv->notify_arg = srv;
	return http_server_listen_and_serve(srv);
}

/* Children of a reload that die of a signal before they are ready. */
static int
die_after_reload(void *arg, unsigned int child)
{
	const struct http_server *srv = arg;

	(void)child;
	if (srv->max_requests == 2)
		(void)raise(SIGKILL);
	return 0;
}

static void
ask_for_reload(void *arg)
{
	(void)arg;
	(void)raise(SIGHUP);
}

/* What the children know by. */
static int
reload(void *arg)
{
	struct http_server *srv = arg;

	srv->max_requests = 2;
	return 0;
}

static void
stop_after_reload(void *arg, int took_over)
{
	(void)fprintf(stderr, "they %s\n", took_over ? "took over" : "did not");
	(void)http_server_shutdown(arg);
}

static int
dying_reload(struct http_server *srv)
{
	srv->children = 2;
	srv->child_start = die_after_reload;
	srv->child_arg = srv;
	srv->ready = ask_for_reload;
	srv->reload = reload;
	srv->reloaded = stop_after_reload;
	srv->notify_arg = srv;
	return http_server_listen_and_serve(srv);
}

static int
no_listener(struct http_server *srv)
{
	return http_server_serve(srv, -1);
}

static int
no_socket(struct http_server *srv)
{
	return http_server_serve(srv, fileno(stdin));
}

static int
bad_address(struct http_server *srv)
{
	srv->addr = "127.0.0.1";
	return http_server_listen_and_serve(srv);
}

static const struct {
	const char	*name;
	int		(*run)(struct http_server *srv);
} cases[] = {
	{ "bad-address", bad_address },
	{ "close-before", close_before },
	{ "dying-reload", dying_reload },
	{ "failing-start", failing_start },
	{ "no-listener", no_listener },
	{ "no-socket", no_socket },
	{ "ready-hook", ready_hook },
	{ "shutdown-before", shutdown_before },
	{ "shutdown-between", shutdown_between },
};

static int
report(const struct http_server *srv, int rv)
{
	if (rv == HTTP_SERVER_CLOSED) {
		(void)printf("closed: %s\n", http_server_error(srv));
		return EX_OK;
	}
	(void)printf("failed, %s: %s\n", strerrorname_np(errno),
	    http_server_error(srv));
	return EX_UNAVAILABLE;
}

int
main(int argc, char *argv[])
{
	struct http_server srv = { .addr = "127.0.0.1:0" };
	size_t i;

	if (argc != 2)
		errx(EX_USAGE, "usage: lifecycle case");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			return report(&srv, cases[i].run(&srv));
	errx(EX_USAGE, "%s: no such case", argv[1]);
}
