/*
 * A server of the ready-made handlers, as its arguments say:
 *
 *	handlers [-c connections] [-L accesslog]... [-n children]
 *	    [-p network]... [-t header_ms] address [pattern chain]...
 *
 * Of several logs the first has what no other is chosen for; one is JSON when
 * it is "json:" and its path.
 *
 * A chain is words, such as "redirect 301 /new/{rest...}{?}".  Those that
 * decide whether another handler answers stand in front of it.  Chains end
 * with one of
 *
 *	files root
 *	redirect status target
 *	fixed status type text
 *	gone
 *	whom			says the client's address
 *	user			says who that is
 *
 * and in front of it stand, with all their words up to a "|",
 *
 *	access [+network | -network]...	allows, or denies
 *	auth file realm
 *	cors [origin | method:m | field:f | expose:f | age:s | credentials]...
 *	forwarded field network...	by X-Forwarded-For or Forwarded
 *	log number			of the -L, from 0, or -1
 *	rate requests seconds burst
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <httpfiles.h>
#include <httphandlers.h>
#include <httpmux.h>

static struct http_server server;
static struct http_log more_logs[HTTP_MAX_LOGS];
static const char *pattern;	/* that is being given its handler */
static const char *proxies[8];	/* networks of whom PROXY headers count */
static size_t nproxies;

static struct http_handler chain_read(char *words);

static _Noreturn void
usage(void)
{
	errx(EX_USAGE, "usage: handlers [-c connections] [-L accesslog]... "
	    "[-n children]\n\t[-p network]... [-t header_ms] "
	    "address [pattern chain]...");
}

/* The next word, which has to be there; a line may end in more than one. */
static char *
word(char **words)
{
	char *s = strsep(words, " ");

	if (s == NULL)
		errx(EX_USAGE, "%s: a word is missing", pattern);
	return s;
}

static unsigned int
number(const char *s)
{
	const char *fault;
	long long n = strtonum(s, 0, 1000000000, &fault);

	if (fault != NULL)
		errx(EX_USAGE, "%s: \"%s\" is %s", pattern, s, fault);
	return (unsigned int)n;
}

static _Noreturn void
fail(const char *why)
{
	errx(EX_CONFIG, "%s: %s", pattern, why);
}

static void
user_serve(struct http_response *res, struct http_request *req, void *arg)
{
	(void)arg;
	(void)http_response_printf(res, "%s\n", http_request_user(req));
}

static struct http_handler
user_read(char *words)
{
	(void)words;
	return (struct http_handler){ user_serve, NULL };
}

static void
whom_serve(struct http_response *res, struct http_request *req, void *arg)
{
	(void)arg;
	(void)http_response_printf(res, "%s\n", http_request_remote_addr(req));
}

static struct http_handler
whom_read(char *words)
{
	(void)words;
	return (struct http_handler){ whom_serve, NULL };
}

static struct http_handler
redirect_read(char *words)
{
	int status = (int)number(word(&words));
	const char *why, *name;
	struct http_redirect *r = http_redirect_new(status, word(&words),
	    &why);

	if (r == NULL)
		fail(why);
	else if ((name = http_redirect_lacks(r, pattern)) != NULL)
		errx(EX_CONFIG, "%s: has no {%s}", pattern, name);
	return (struct http_handler){ http_redirect_serve, r };
}

/* The text is all that is left; "-" is the default type. */
static struct http_handler
fixed_read(char *words)
{
	int status = (int)number(word(&words));
	const char *type = word(&words), *why;
	struct http_fixed *f = http_fixed_new(status,
	    strcmp(type, "-") == 0 ? NULL : type, words, &why);

	if (f == NULL)
		fail(why);
	return (struct http_handler){ http_fixed_serve, f };
}

static struct http_handler
files_read(char *words)
{
	struct http_file_server *f = http_file_server_new(word(&words));

	if (f == NULL)
		err(EX_NOINPUT, "%s", pattern);
	return (struct http_handler){ http_file_server_serve, f };
}

static struct http_handler
gone_read(char *words)
{
	(void)words;
	return (struct http_handler){ http_gone_serve, NULL };
}

/* Cuts off the words up to a "|", and makes the handlers behind it. */
static struct http_handler
next_read(char *words)
{
	char *bar = words == NULL ? NULL : strstr(words, " | ");

	if (bar == NULL)
		errx(EX_USAGE, "%s: the next handler is missing", pattern);
	*bar = '\0';
	return chain_read(bar + 3);
}

static struct http_handler
access_read(char *words)
{
	struct http_access *a = http_access_new(next_read(words));
	const char *rule, *why;

	if (a == NULL)
		err(EX_OSERR, NULL);
	while ((rule = strsep(&words, " ")) != NULL)
		if ((rule[0] == '+' ? http_access_allow(a, rule + 1, &why) :
		    http_access_deny(a, rule + 1, &why)) == -1) {
			http_access_free(a);
			fail(why);
		}
	return (struct http_handler){ http_access_serve, a };
}

static struct http_handler
forwarded_read(char *words)
{
	struct http_handler next = next_read(words);
	const char *field = word(&words), *network, *why;
	struct http_forwarded *f = http_forwarded_new(
	    strcmp(field, "Forwarded") == 0 ? HTTP_FORWARDED :
	    HTTP_X_FORWARDED_FOR, next);

	if (f == NULL)
		err(EX_OSERR, NULL);
	while ((network = strsep(&words, " ")) != NULL)
		if (http_forwarded_trust(f, network, &why) == -1) {
			http_forwarded_free(f);
			fail(why);
		}
	return (struct http_handler){ http_forwarded_serve, f };
}

/* One word of cors: 0 or -1. */
static int
cors_set(struct http_cors *c, const char *setting, const char **why)
{
	if (strncmp(setting, "method:", 7) == 0)
		return http_cors_allow_method(c, setting + 7, why);
	if (strncmp(setting, "field:", 6) == 0)
		return http_cors_allow_field(c, setting + 6, why);
	if (strncmp(setting, "expose:", 7) == 0)
		return http_cors_expose_field(c, setting + 7, why);
	if (strcmp(setting, "credentials") == 0)
		return http_cors_allow_credentials(c, why);
	if (strncmp(setting, "age:", 4) != 0)
		return http_cors_allow_origin(c, setting, why);
	http_cors_set_max_age(c, number(setting + 4));
	return 0;
}

static struct http_handler
cors_read(char *words)
{
	struct http_cors *c = http_cors_new(next_read(words));
	const char *setting, *why;

	if (c == NULL)
		err(EX_OSERR, NULL);
	while ((setting = strsep(&words, " ")) != NULL)
		if (cors_set(c, setting, &why) == -1) {
			http_cors_free(c);
			fail(why);
		}
	return (struct http_handler){ http_cors_serve, c };
}

static struct http_handler
auth_read(char *words)
{
	struct http_handler next = next_read(words);
	const char *file = word(&words), *why;
	struct http_basic_auth *a = http_basic_auth_new(file, word(&words),
	    next, &why);

	if (a == NULL)
		fail(why);
	return (struct http_handler){ http_basic_auth_serve, a };
}

static struct http_handler
rate_read(char *words)
{
	struct http_handler next = next_read(words);
	unsigned int requests = number(word(&words));
	unsigned int seconds = number(word(&words));
	const char *why;
	struct http_rate_limit *r = http_rate_limit_new(requests, seconds,
	    number(word(&words)), next, &why);

	if (r == NULL)
		fail(why);
	return (struct http_handler){ http_rate_limit_serve, r };
}

/* What a chain goes on with, and the log that has it. */
struct logged {
	struct http_handler	 next;
	int			 log;
};

static void
log_serve(struct http_response *res, struct http_request *req, void *arg)
{
	const struct logged *l = arg;

	http_request_set_log(req, l->log);
	l->next.serve(res, req, l->next.arg);
}

static struct http_handler
log_read(char *words)
{
	struct logged *l = malloc(sizeof(*l));
	const char *fault;

	if (l == NULL)
		err(EX_OSERR, NULL);
	l->next = next_read(words);
	l->log = (int)strtonum(word(&words), -1, 1000, &fault);
	if (fault != NULL)
		fail(fault);
	return (struct http_handler){ log_serve, l };
}

static const struct {
	const char		*name;
	struct http_handler	 (*read)(char *words);
} kinds[] = {
	{ "access", access_read },
	{ "auth", auth_read },
	{ "cors", cors_read },
	{ "files", files_read },
	{ "fixed", fixed_read },
	{ "forwarded", forwarded_read },
	{ "gone", gone_read },
	{ "log", log_read },
	{ "rate", rate_read },
	{ "redirect", redirect_read },
	{ "user", user_read },
	{ "whom", whom_read },
};

/* Makes the handlers of a chain; they live as long as the program. */
static struct http_handler
chain_read(char *words)
{
	const char *name = word(&words);
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].read(words);
	errx(EX_USAGE, "%s: no such handler: %s", pattern, name);
}

static void
add_chain(struct http_mux *mux, const char *words)
{
	char *copy = strdup(words);
	struct http_handler handler;

	if (copy == NULL)
		err(EX_OSERR, NULL);
	handler = chain_read(copy);
	if (http_mux_handle(mux, pattern, handler.serve, handler.arg) == -1)
		errx(EX_CONFIG, "%s", http_mux_error(mux));
	free(copy);
}

static int
open_log(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd == -1)
		err(EX_CANTCREAT, "%s", path);
	return fd;
}

/* Of several the first is the server's own; it is JSON behind "json:". */
static void
add_log(const char *path)
{
	struct http_log *log = &more_logs[server.nmore_logs];

	if (server.access_log == 0) {
		server.access_log = open_log(path);
		return;
	}
	if (++server.nmore_logs == HTTP_MAX_LOGS)
		usage();
	if (strncmp(path, "json:", 5) == 0) {
		log->format = HTTP_LOG_JSON;
		path += 5;
	}
	log->fd = open_log(path);
	log->name = path;
	server.more_logs = more_logs;
}

static void
take_option(int option, const char *arg)
{
	switch (option) {
	case 'c':
		server.connections_per_address = number(arg);
		break;
	case 'L':
		add_log(arg);
		break;
	case 'n':
		server.children = number(arg);
		break;
	case 'p':
		if (nproxies == sizeof(proxies) / sizeof(proxies[0]))
			usage();
		proxies[nproxies++] = arg;
		break;
	case 't':
		server.read_header_timeout = number(arg);
		break;
	default:
		usage();
	}
}

static int
serve(void)
{
	size_t i;

	if (http_server_listen(&server, server.addr) == -1)
		return -1;
	for (i = 0; i < nproxies; i++)
		if (http_server_expect_proxy(&server, proxies[i]) == -1)
			return -1;
	return http_server_serve(&server, -1);
}

int
main(int argc, char *argv[])
{
	struct http_mux *mux = http_mux_new();
	int option;

	if (mux == NULL)
		err(EX_OSERR, NULL);
	server.children = 1;
	pattern = "option";
	while ((option = getopt(argc, argv, "c:L:n:p:t:")) != -1)
		take_option(option, optarg);
	argv += optind;
	argc -= optind;
	if (argc % 2 != 1)
		usage();
	server.addr = *argv++;
	for (; *argv != NULL; argv += 2) {
		pattern = argv[0];
		add_chain(mux, argv[1]);
	}
	server.handler = (struct http_handler){ http_mux_serve, mux };
	if (serve() == -1)
		errx(EX_UNAVAILABLE, "%s", http_server_error(&server));
	return EX_OK;
}
