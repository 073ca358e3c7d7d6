/*
 * A server with an answer of each kind, one a path, and settings that a test
 * can turn.  It says on standard output when children start and stop, and what
 * serving returned.  SIGUSR1 shuts it down, SIGUSR2 closes it.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <httpserve.h>
#include <httpstatus.h>

static struct http_server server;
/* A file that is served in parts. */
static const char *file_name;

/* Bodies that come from a function are of the alphabet, over and over. */
struct letters {
	off_t	at;
	off_t	end;
	size_t	piece;		/* the most it gives at a time, 0 is any */
	bool	fails;		/* at the end */
};

static unsigned int sources, releases;

static void
answer_pid(struct http_response *res, struct http_request *req, void *arg)
{
	(void)req;
	(void)arg;
	(void)http_response_printf(res, "%d\n", (int)getpid());
}

/* A sanitizer would take SIGSEGV for a finding, so that has its default. */
static void
answer_crash(struct http_response *res, struct http_request *req, void *arg)
{
	volatile char *page = mmap(NULL, 1, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)res;
	(void)req;
	(void)arg;
	(void)signal(SIGSEGV, SIG_DFL);
	*page = 1;
}

static void
answer_raise(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)req;
	(void)arg;
	(void)signal(SIGBUS, SIG_DFL);
	(void)raise(SIGBUS);
}

static void
answer_exit(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)req;
	(void)arg;
	_exit(3);
}

/* Never answers, and is deaf to everything that can be caught. */
static void
answer_block(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)req;
	(void)arg;
	for (;;)
		(void)pause();
}

/* The same, and to SIGABRT as well. */
static void
answer_deaf(struct http_response *res, struct http_request *req, void *arg)
{
	(void)signal(SIGABRT, SIG_IGN);
	answer_block(res, req, arg);
}

static void
answer_spin(struct http_response *res, struct http_request *req, void *arg)
{
	volatile bool ends = false;

	(void)res;
	(void)req;
	(void)arg;
	while (!ends)
		;
}

static void
answer_shutdown(struct http_response *res, struct http_request *req, void *arg)
{
	(void)req;
	(void)arg;
	(void)http_response_printf(res, "%d\n", http_server_shutdown(&server));
}

static void
answer_close(struct http_response *res, struct http_request *req, void *arg)
{
	(void)req;
	(void)arg;
	(void)http_response_printf(res, "%d\n", http_server_close(&server));
}

static void
answer_nothing(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)req;
	(void)arg;
}

static void
answer_error(struct http_response *res, struct http_request *req, void *arg)
{
	(void)req;
	(void)arg;
	(void)http_response_printf(res, "a body that the error replaces");
	(void)http_response_set_header(res, "X-Kept", "yes");
	(void)http_response_error(res, HTTP_CONFLICT);
}

static void
answer_redirect(struct http_response *res, struct http_request *req, void *arg)
{
	(void)req;
	(void)arg;
	(void)http_response_redirect(res, HTTP_SEE_OTHER, "/pid?a=b");
}

/* What may not be set, with what the library says to it. */
static void
answer_refused(struct http_response *res, struct http_request *req, void *arg)
{
	static const char *const fields[][2] = {
		{ "Content-Length", "7" },
		{ "transfer-encoding", "chunked" },
		{ "Connection", "close" },
		{ "Date", "today" },
		{ "X-Split", "a\r\nX-Smuggled: b" },
		{ "X Space", "a" },
		{ "", "a" },
	};
	size_t i;

	(void)req;
	(void)arg;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (http_response_set_header(res, fields[i][0],
		    fields[i][1]) == 0)
			(void)http_response_printf(res, "%s was taken\n",
			    fields[i][0]);
	if (http_response_set_status(res, 99) == 0 ||
	    http_response_set_status(res, 600) == 0)
		(void)http_response_printf(res, "a status was taken\n");
	(void)http_response_printf(res, "done\n");
}

static ssize_t
letters_read(void *arg, char *buf, size_t size)
{
	struct letters *l = arg;
	size_t n;

	if (l->piece != 0 && l->piece < size)
		size = l->piece;
	for (n = 0; n < size && l->at < l->end; n++)
		buf[n] = (char)('a' + l->at++ % 26);
	return n == 0 && l->fails ? -1 : (ssize_t)n;
}

static void
letters_release(void *arg)
{
	releases++;
	free(arg);
}

/* Sends these letters, and says that there are length. */
static void
send_source(struct http_response *res, const struct letters *letters,
    off_t length)
{
	struct letters *l = malloc(sizeof(*l));
	const struct http_source source = {
		.read = letters_read,
		.release = letters_release,
		.arg = l,
	};

	if (l == NULL)
		err(EX_OSERR, NULL);
	*l = *letters;
	sources++;
	(void)http_response_send_source(res, &source, length);
}

static void
send_letters(struct http_response *res, off_t letters, off_t length,
    bool fails)
{
	const struct letters l = { .end = letters, .fails = fails };

	send_source(res, &l, length);
}

/* The query is how many. */
static off_t
wanted(const struct http_request *req)
{
	const char *query = http_request_query(req);

	return query == NULL ? 0 :
	    (off_t)strtonum(query, 0, 1000000000, NULL);
}

static void
answer_known(struct http_response *res, struct http_request *req, void *arg)
{
	(void)arg;
	send_letters(res, wanted(req), wanted(req), false);
}

/* Works for so many milliseconds, and writes nothing. */
static void
answer_nap(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)arg;
	(void)usleep((useconds_t)wanted(req) * 1000);
}

/* The same, but it writes each ten of them: something, or nothing. */
static void
answer_slowly(struct http_response *res, struct http_request *req, void *arg)
{
	off_t ms;

	(void)arg;
	for (ms = 0; ms < wanted(req); ms += 10) {
		(void)usleep(10000);
		(void)http_response_write(res, ".", ms % 20 == 0);
	}
}

static void
answer_pieces(struct http_response *res, struct http_request *req, void *arg)
{
	const struct letters l = { .end = wanted(req), .piece = 1000 };

	(void)arg;
	send_source(res, &l, l.end);
}

static void
answer_unknown(struct http_response *res, struct http_request *req, void *arg)
{
	(void)arg;
	send_letters(res, wanted(req), -1, false);
}

static void
answer_short(struct http_response *res, struct http_request *req, void *arg)
{
	(void)arg;
	send_letters(res, wanted(req), wanted(req) + 1, false);
}

static void
answer_long(struct http_response *res, struct http_request *req, void *arg)
{
	(void)arg;
	send_letters(res, wanted(req) + 1, wanted(req), false);
}

static void
answer_fail(struct http_response *res, struct http_request *req, void *arg)
{
	(void)arg;
	send_letters(res, wanted(req), -1, true);
}

/* The sources there were, and how many of them were released. */
static void
answer_sources(struct http_response *res, struct http_request *req, void *arg)
{
	(void)req;
	(void)arg;
	(void)http_response_printf(res, "%u %u\n", sources, releases);
}

/* The query is offset:length. */
static void
answer_range(struct http_response *res, struct http_request *req, void *arg)
{
	const char *query = http_request_query(req);
	int fd = open(file_name, O_RDONLY | O_CLOEXEC);
	off_t offset;
	char *end;

	(void)arg;
	if (fd == -1 || query == NULL) {
		(void)http_response_error(res, HTTP_NOT_FOUND);
		return;
	}
	offset = strtoll(query, &end, 10);
	(void)http_response_send_file(res, fd, offset,
	    strtoll(end + 1, NULL, 10));
}

/* Like the letters of a source, but all of them at once. */
static void
answer_memory(struct http_response *res, struct http_request *req, void *arg)
{
	struct letters l = { .end = wanted(req) };
	char piece[26 * 1024];
	ssize_t n;

	(void)arg;
	while ((n = letters_read(&l, piece, sizeof(piece))) > 0)
		(void)http_response_write(res, piece, (size_t)n);
}

static void
answer_body_length(struct http_response *res, struct http_request *req,
    void *arg)
{
	size_t len;

	(void)arg;
	(void)http_request_body(req, &len);
	(void)http_response_printf(res, "%zu\n", len);
}

/* The body is awaited; every other path leaves it. */
static void
answer_body(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)http_request_await_body(req, answer_body_length, arg);
}

static void
answer_status(struct http_response *res, struct http_request *req, void *arg)
{
	(void)arg;
	http_status_serve(res, req, &server);
}

static const struct {
	const char	*path;
	http_handler_fn	*answer;
} answers[] = {
	{ "/", answer_nothing },
	{ "/block", answer_block },
	{ "/body", answer_body },
	{ "/close", answer_close },
	{ "/crash", answer_crash },
	{ "/deaf", answer_deaf },
	{ "/error", answer_error },
	{ "/exit", answer_exit },
	{ "/fail", answer_fail },
	{ "/known", answer_known },
	{ "/long", answer_long },
	{ "/memory", answer_memory },
	{ "/nap", answer_nap },
	{ "/pid", answer_pid },
	{ "/pieces", answer_pieces },
	{ "/raise", answer_raise },
	{ "/range", answer_range },
	{ "/redirect", answer_redirect },
	{ "/refused", answer_refused },
	{ "/short", answer_short },
	{ "/shutdown", answer_shutdown },
	{ "/slowly", answer_slowly },
	{ "/sources", answer_sources },
	{ "/spin", answer_spin },
	{ "/status", answer_status },
	{ "/unknown", answer_unknown },
};

static void
answer(struct http_response *res, struct http_request *req, void *arg)
{
	const char *path = http_request_path(req);
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(path, answers[i].path) == 0) {
			answers[i].answer(res, req, arg);
			return;
		}
	(void)http_response_error(res, HTTP_NOT_FOUND);
}

/* The argument, unless NULL, is a file: while it exists, children crash. */
static int
child_start(void *arg, unsigned int child)
{
	const char *crash = arg;

	if (crash != NULL && access(crash, F_OK) == 0)
		(void)raise(SIGKILL);
	(void)dprintf(STDOUT_FILENO, "child %u starts\n", child);
	return 0;
}

static void
child_stop(void *arg, unsigned int child)
{
	(void)arg;
	(void)dprintf(STDOUT_FILENO, "child %u stops\n", child);
}

static void
on_signal(int sig)
{
	if (sig == SIGUSR1)
		(void)http_server_shutdown(&server);
	else
		(void)http_server_close(&server);
}

/* A listener as another program might hand it down. */
static int
listen_anywhere(void)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 16) == -1)
		err(EX_OSERR, "listen");
	return fd;
}

static unsigned int
number(const char *arg)
{
	const char *problem;
	long long n = strtonum(arg, 1, 100000000, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "%s: %s", arg, problem);
	return (unsigned int)n;
}

/* What -o sets: each is a count or a size. */
static const struct {
	const char	*name;
	unsigned int	*count;
	size_t		*bytes;
} members[] = {
	{ "connections_per_address", &server.connections_per_address, NULL },
	{ "hang_timeout", &server.hang_timeout, NULL },
	{ "max_body_bytes", NULL, &server.max_body_bytes },
	{ "max_field_bytes", NULL, &server.max_field_bytes },
	{ "max_fields", &server.max_fields, NULL },
	{ "max_header_bytes", NULL, &server.max_header_bytes },
	{ "max_request_line_bytes", NULL, &server.max_request_line_bytes },
	{ "max_requests", &server.max_requests, NULL },
	{ "max_requests_per_child", &server.max_requests_per_child, NULL },
	{ "min_rate", &server.min_rate, NULL },
	{ "read_header_timeout", &server.read_header_timeout, NULL },
	{ "read_timeout", &server.read_timeout, NULL },
	{ "write_timeout", &server.write_timeout, NULL },
};

/* Sets a member of the server by its name: member=value. */
static void
set_member(char *arg)
{
	const char *name = strsep(&arg, "=");
	unsigned int value;
	size_t i;

	if (arg == NULL)
		errx(EX_USAGE, "%s: no value", name);
	value = number(arg);
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(name, members[i].name) != 0)
			continue;
		if (members[i].count != NULL)
			*members[i].count = value;
		else
			*members[i].bytes = value;
		return;
	}
	errx(EX_USAGE, "%s: no such member", name);
}

static int
open_log(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1)
		err(EX_CANTCREAT, "%s", path);
	return fd;
}

/* Serves its own listener; afterwards it has to be as it was. */
static int
serve_descriptor(void)
{
	int fd = listen_anywhere(), flags = fcntl(fd, F_GETFL), rv;

	rv = http_server_serve(&server, fd);
	(void)dprintf(STDOUT_FILENO, "descriptor %s\n",
	    fcntl(fd, F_GETFL) == flags ? "kept" : "changed");
	return rv;
}

static _Noreturn void
usage(void)
{
	errx(EX_USAGE, "usage: answers [-c connections] [-f file] "
	    "[-g drain_ms] [-i idle_ms]\n\t[-L accesslog] [-n children] "
	    "[-o member=value] [-x crash_file] [address]");
}

static void
take_option(int option, char *arg)
{
	switch (option) {
	case 'c':
		server.connections_per_child = number(arg);
		break;
	case 'f':
		file_name = arg;
		break;
	case 'g':
		server.shutdown_timeout = number(arg);
		break;
	case 'i':
		server.idle_timeout = number(arg);
		break;
	case 'L':
		server.access_log = open_log(arg);
		break;
	case 'n':
		server.children = number(arg);
		break;
	case 'o':
		set_member(arg);
		break;
	case 'x':
		server.child_arg = arg;
		break;
	default:
		usage();
	}
}

int
main(int argc, char *argv[])
{
	struct sigaction sa = { .sa_handler = on_signal };
	int option, rv;

	server.children = 1;
	server.handler.serve = answer;
	server.child_start = child_start;
	server.child_stop = child_stop;
	while ((option = getopt(argc, argv, "c:f:g:i:L:n:o:x:")) != -1)
		take_option(option, optarg);
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGUSR1, &sa, NULL);
	(void)sigaction(SIGUSR2, &sa, NULL);
	server.addr = argv[optind];
	rv = server.addr == NULL ? serve_descriptor() :
	    http_server_listen_and_serve(&server);
	(void)dprintf(STDOUT_FILENO, "returned %d: %s\n", rv,
	    http_server_error(&server));
	return rv == HTTP_SERVER_CLOSED ? EX_OK : EX_UNAVAILABLE;
}
