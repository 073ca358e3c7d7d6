/*
 * httpserve.h: Go's http.ListenAndServe for Unix and C.
 *
 * One call binds an address, pre-forks children, serves every connection
 * with a handler, and blocks until it is told to stop:
 *
 *	static void
 *	hello(struct http_response *res, struct http_request *req, void *arg)
 *	{
 *		http_response_printf(res, "hello, %s\n",
 *		    http_request_path(req));
 *	}
 *
 *	return http_listen_and_serve(":8080", hello, NULL);
 *
 * The process that calls it becomes the master: it forks the children,
 * replaces those that die, and takes SIGCHLD, SIGTERM, SIGINT, SIGHUP and
 * SIGQUIT for itself until the call returns, and others that a member below
 * speaks of; other threads of the program keep these signals blocked.  In the
 * children SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU and
 * SIGXFSZ are ignored, and SIGTERM, SIGQUIT, SIGCONT, SIGURG and SIGRTMIN+1 are
 * the library's: a handler that runs programs resets them.  Handlers run in
 * the children, one at a time in each: they need no lock, and must not block
 * for long unless connections_per_child is 1, nor then beyond hang_timeout.
 *
 * Functions that return int return 0, or -1 with errno set, unless they say
 * otherwise.  Strings are NUL-terminated and belong to whom the comment says.
 * httpserve(3) is the manual page; httpfiles.h is a server of files.
 */
#ifndef HTTPSERVE_H
#define HTTPSERVE_H

#include <sys/types.h>

#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "httpcodes.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HTTPSERVE_VERSION "0.1.0"

/* A request's line in the access log: Combined Log Format, or JSON. */
enum http_log_format {
	HTTP_LOG_COMBINED,
	HTTP_LOG_JSON
};

/*
 * An access log beside the first: a descriptor, which is no other's, 0 for
 * none; its format; and its priority and name, both as below.
 */
struct http_log {
	int			 fd;
	enum http_log_format	 format;
	int			 priority;
	const char		*name;
};

/* Access logs that a server can have, with the first. */
#define HTTP_MAX_LOGS 64

struct http_request;
struct http_response;
struct http_listener;

/*
 * Answers one request.  It is called in a child when the head of the request
 * is in.  It answers at once, or asks for the body with
 * http_request_await_body() and returns.  res and req are the library's and
 * live until the answer is sent; what a handler keeps beyond its return it
 * copies.  A handler that sets nothing answers 200 with an empty body.
 * Go: http.HandlerFunc.
 */
typedef void http_handler_fn(struct http_response *res,
    struct http_request *req, void *arg);

/* A function and its argument.  Go: http.Handler. */
struct http_handler {
	http_handler_fn	*serve;
	void		*arg;
};

/*
 * The return value of a server that was shut down, told apart from every
 * failure, which is -1: so a program may return it from main().
 * Go: http.ErrServerClosed.
 */
#define HTTP_SERVER_CLOSED 0

/* What a server's children do. */
struct http_server_load {
	unsigned int	children;	/* that there are */
	unsigned int	stuck;		/* whose loop missed an interval */
	unsigned int	connections;
	uint64_t	requests;	/* answered since serving began */
};

/*
 * A server.  Zero it, set what should differ from the defaults, and call
 * http_server_listen_and_serve().  Zero means the default everywhere.  The
 * members are read when serving starts and belong to the caller, who keeps
 * them unchanged until it returns.  Go: http.Server.
 */
struct http_server {
	/*
	 * Where to listen: "host:port", ":port", "[::1]:port" or "unix:/path";
	 * NULL and "" mean ":http".  Port 0 takes a free one.
	 */
	const char	*addr;

	/* What answers; without one every answer is 404. */
	struct http_handler handler;
	/*
	 * Called with each answer that the server gives itself: to what it
	 * refuses (400, 408, 413, 414, 417, 421, 431, 501, 505), unless finish
	 * is set for it, and where a handler's fails (500, 503).  The page may
	 * be given fields or another body.
	 */
	void		(*refused)(void *arg, struct http_response *res);
	void		*refused_arg;

	/*
	 * Milliseconds from the first byte of a head, or from the connection
	 * if it is the first, to its last: 10,000.  For so many whole seconds
	 * http_server_listen() also has the kernel keep silent connections.
	 */
	unsigned int	 read_header_timeout;
	/*
	 * Milliseconds a body may make no progress: 30,000.  Whoever was sent
	 * the last answer may send on for so long.
	 */
	unsigned int	 read_timeout;
	/* Milliseconds an answer may make no progress: 30,000. */
	unsigned int	 write_timeout;
	/* Bytes a second, on average, that count as progress: 240. */
	unsigned int	 min_rate;
	/*
	 * Milliseconds a kept connection may wait for a request: 60,000.  It
	 * shrinks to a tenth while a child fills up beyond three quarters of
	 * connections_per_child.
	 */
	unsigned int	 idle_timeout;
	/* Milliseconds a drain may take before connections are cut: 30,000. */
	unsigned int	 shutdown_timeout;
	/*
	 * Milliseconds a child that is at work, or that was stopped, may show
	 * no sign of life before it is aborted, for a core dump, and replaced:
	 * 30,000; UINT_MAX is never.  The call of a handler or of a source is
	 * such a sign, and what a handler writes, also if that is 0 bytes.
	 */
	unsigned int	 hang_timeout;

	/* Bytes of a request line, longer ones get 414, or 501: 8 KiB. */
	size_t		 max_request_line_bytes;
	/* Bytes of one field's line, longer ones are answered 431: 8 KiB. */
	size_t		 max_field_bytes;
	/* Fields of a request, more are answered 431: 100, the most it can. */
	unsigned int	 max_fields;
	/* Bytes of a request's head, larger ones are answered 431: 32 KiB. */
	size_t		 max_header_bytes;
	/* Bytes of a body that a handler awaits, else 413: 1 MiB. */
	size_t		 max_body_bytes;

	/* Child processes: as many as processors are online. */
	unsigned int	 children;
	/* At once, with those that finish: 16 a child, and at least 1,024. */
	unsigned int	 max_processes;
	/*
	 * Connections a child holds at once: 10,000, and never more than the
	 * limit on open descriptors leaves room for.  1 is one connection a
	 * process: a handler may then block or crash and hurts nobody else.
	 */
	unsigned int	 connections_per_child;
	/* Descriptors that handlers keep, for which they leave room: 0. */
	unsigned int	 reserved_descriptors;
	/*
	 * Connections that one client address (of IPv6, one /64) may have in
	 * all children; further ones are closed unanswered.  0 is no limit:
	 * behind a proxy or NAT, many clients are one address.  unix(7)
	 * connections are not counted.
	 */
	unsigned int	 connections_per_address;
	/* Requests a connection is kept for: 10,000. */
	unsigned int	 max_requests;
	/*
	 * Requests a child answers before another takes its place, as in a
	 * reload, so that what handlers leak does not pile up; each has its own
	 * number, a tenth more or less, lest all retire at once.  0 is never.
	 */
	unsigned int	 max_requests_per_child;

	/*
	 * Called in each child, numbered from 1, before it accepts and after
	 * it has drained.  A start that returns -1 (with errno) makes serving
	 * fail.  Here a program opens its databases or drops its privileges.
	 */
	int		(*child_start)(void *arg, unsigned int child);
	void		(*child_stop)(void *arg, unsigned int child);
	void		*child_arg;

	/*
	 * Called in the master once all children accept, and before they are
	 * told to stop, for service managers.
	 */
	void		(*ready)(void *arg);
	void		(*stopping)(void *arg);

	/*
	 * SIGHUP, if it is set: changes what members of the server it likes,
	 * but addr, and its listeners: 0, or -1 when all is to stay.  Children
	 * that are forked then take the place of the present ones when all of
	 * them accept, and not at all when one can't start: reloaded says
	 * which, so that what is now old can be freed, or put back.
	 * Connections are served out by whom they are with, and closed by an
	 * answer.  SIGTTIN and SIGTTOU then start a child more and end one.
	 * Without it, SIGHUP is a shutdown.
	 */
	int		(*reload)(void *arg);
	void		(*reloaded)(void *arg, int took_over);
	/*
	 * SIGUSR1, if it is set: opens the logs anew at the numbers that they
	 * have in access_log, more_logs and error_log_fd (dup2(2)), which all
	 * children then get: 0, or -1.  A child from before a reload gets those
	 * that had the same number behind it.  It waits for a reload's end.
	 */
	int		(*reopen)(void *arg);
	/*
	 * SIGUSR2, if it is set: starts a successor, which is given the
	 * listeners of http_server_listener(), and returns its process id, or
	 * -1.  When that is ready it calls http_server_succeed(); succeeded is
	 * called here, and this server returns when its connections are done.
	 */
	pid_t		(*upgrade)(void *arg);
	void		(*succeeded)(void *arg);
	/* Called every so many milliseconds, unless they are 0. */
	void		(*tick)(void *arg, const struct http_server_load *load);
	unsigned int	 tick_ms;
	void		*notify_arg;

	/*
	 * Takes messages, each a line without its newline, with a syslog(3)
	 * priority.  It runs in master and children.  Without one they go to
	 * standard error, behind the program's name.
	 */
	void		(*error_log)(void *arg, int priority, const char *line);
	void		*error_log_arg;
	/* The least important syslog(3) priority that is logged: LOG_INFO. */
	int		 error_log_priority;
	/* The descriptor that error_log writes to, for reopen; 0 is none. */
	int		 error_log_fd;

	/*
	 * A descriptor that gets a line a request, in whole lines also from
	 * many children when it is a file opened with O_APPEND, or a pipe.  A
	 * datagram socket is syslogd's and gets each line as a message.  0
	 * means none.  It stays the caller's.
	 */
	int		 access_log;
	enum http_log_format access_log_format;
	/* syslog(3)'s for these messages: LOG_DAEMON | LOG_INFO. */
	int		 access_log_priority;
	/*
	 * Further ones, from number 1 on; access_log is number 0.  A handler
	 * chooses by http_request_set_log().  A message about one has its name
	 * behind "access log", unless that is NULL.
	 */
	const struct http_log *more_logs;
	size_t		 nmore_logs;

	/* The library's own; zero it and leave it alone. */
	struct {
		volatile sig_atomic_t	 closing;
		volatile pid_t		 master;
		struct http_listener	*listeners;
		size_t			 nlisteners;
		const void		*scoreboard;
		char			 error[256];
	} internal;
};

/*
 * Makes a server of addr and handler and calls its
 * http_server_listen_and_serve().  As it keeps no server to ask for the
 * reason of a failure, it says it on standard error.
 */
int http_listen_and_serve(const char *addr, http_handler_fn *serve, void *arg);

/*
 * Listens on srv->addr and serves.  Returns HTTP_SERVER_CLOSED after a
 * shutdown, when all connections are drained and all children gone, and at
 * once when the shutdown came before; -1 on failure.  http_server_error()
 * has the text for either.  Go: (*Server).ListenAndServe.
 */
int http_server_listen_and_serve(struct http_server *srv);

/*
 * Binds one address and keeps its listener in the server until serving is
 * over.  Call it as often as there are addresses, then http_server_serve().
 */
int http_server_listen(struct http_server *srv, const char *addr);

/*
 * The same for a socket that listens already, such as one that was inherited,
 * which becomes the server's when that is ready: until then whoever passed it
 * can go on with it.  If keep is not 0 somebody else has it, too, and goes on
 * with the clients that wait in its queue when serving is over.
 */
int http_server_listen_fd(struct http_server *srv, int fd, int keep);
/*
 * Has connections to the listener that came in last begin with a header of the
 * PROXY protocol, version 1 or 2, by which a proxy says whose they are: then
 * that is their address everywhere.  They are closed unanswered without one,
 * and where they are not of this network, or of one of several: as that of
 * http_access_allow() in httphandlers.h.
 */
int http_server_expect_proxy(struct http_server *srv, const char *network);
/* The same for any, by its number; NULL is none, and none of before. */
int http_server_expect_proxy_at(struct http_server *srv, size_t i,
    const char *network);
/* Has one leave, before serving or in a reload; or somebody else keep it. */
int http_server_unlisten(struct http_server *srv, size_t i, int keep);
/* These listeners in the order they came in, from 0; -1 behind the last. */
int http_server_listener(const struct http_server *srv, size_t i);
/* Tells a server, by its master's process id, that this one succeeds it. */
int http_server_succeed(pid_t master);

/*
 * Serves fd, a listening stream socket (inherited, unix(7), ...), beside what
 * http_server_listen() has opened; -1 is these alone.  fd stays the caller's.
 * Returns as http_server_listen_and_serve() does.  Go: (*Server).Serve.
 */
int http_server_serve(struct http_server *srv, int fd);

/*
 * Asks the server to stop, and returns at once.  Shutdown lets it answer what
 * is in flight, for shutdown_timeout at the most; close cuts it.  The call
 * that serves returns when all is done.  Safe from a signal handler, from
 * another thread of the master, and from a handler in a child, where it fails
 * with EPERM once the child may not signal its master.
 * Go: (*Server).Shutdown, (*Server).Close.
 */
int http_server_shutdown(struct http_server *srv);
int http_server_close(struct http_server *srv);

/* Why the last call on this server failed, or that the server is closed. */
const char *http_server_error(const struct http_server *srv);

/* The request: its strings live as long, and are NULL only where said. */

/* "GET", in the case it came in: methods are case-sensitive. */
const char *http_request_method(const struct http_request *req);
/* The request-target as it came.  RFC 9112, 3.2. */
const char *http_request_target(const struct http_request *req);
/*
 * The path, percent-decoded once and without dot segments; it begins with a
 * slash.  An encoded slash stays "%2F": it does not separate.  "*" for
 * OPTIONS * and OPTIONS http://host.  It holds no NUL.
 */
const char *http_request_path(const struct http_request *req);
/* What follows the question mark, not decoded; NULL where there is none. */
const char *http_request_query(const struct http_request *req);
/* Host and port, of the target or the Host field; "" where 1.0 sends none. */
const char *http_request_host(const struct http_request *req);
/* The minor version: 0 or 1 and up, for HTTP/1.0 and HTTP/1.1. */
int http_request_minor_version(const struct http_request *req);
/*
 * The client's address without port; "unix:" on a unix(7) socket.  Behind a
 * proxy it is what http_server_expect_proxy() or a handler has found out.
 */
const char *http_request_remote_addr(const struct http_request *req);

/*
 * Who that is, as a handler has found out and says here: the access log has
 * it, and so have handlers behind that one.  The name is copied; NULL is
 * nobody, and one of more than 255 bytes ENAMETOOLONG.
 */
int http_request_set_user(struct http_request *req, const char *name);
/* That name; "" where nobody has said one. */
const char *http_request_user(const struct http_request *req);

/*
 * Chooses the access log that has the answer to this request: 0 is access_log,
 * which has it unless another is chosen, and from 1 on come more_logs.  -1 is
 * none, and so is what there is not.
 */
void http_request_set_log(struct http_request *req, int log);

/* The first field of that name, in any case; NULL where there is none. */
const char *http_request_header(const struct http_request *req,
    const char *name);
/* The fields in order, from 0: 1 and the field, or 0 behind the last. */
int http_request_header_at(const struct http_request *req, size_t i,
    const char **name, const char **value);

/* What a handler leaves for those behind it; else NULL.  Go: Context. */
void http_request_set_context(struct http_request *req, void *context);
void *http_request_context(const struct http_request *req);

/*
 * Asks for the whole body; then is called with the same res and req once it
 * is in, at once where there is none.  A body of more than max_body_bytes is
 * answered 413, and then is not called; nor is it when the client goes away.
 * A client that expects it gets 100 Continue now.  Call it from the handler,
 * at the most once for a request, and leave res alone until then.
 */
int http_request_await_body(struct http_request *req, http_handler_fn *then,
    void *arg);
/*
 * The body that was awaited, and its length in bytes; "" and 0 before.  A NUL
 * follows it, and may also be in it.
 */
const char *http_request_body(const struct http_request *req, size_t *len);

/*
 * The response.  The library writes the status line, Date, Connection and
 * the framing; a handler sets the rest.
 */

/* Sets the status, 200 to 599; EINVAL for another.  200 unless set. */
int http_response_set_status(struct http_response *res, int status);
int http_response_status(const struct http_response *res);

/*
 * Sets a field in place of all of that name, or adds one.  EINVAL for what is
 * no field name or value (so no line can be smuggled in) and for
 * Content-Length, Transfer-Encoding, Connection and Date, which the library
 * writes: with Upgrade, Connection says that, too.  Both are copied.
 */
int http_response_set_header(struct http_response *res, const char *name,
    const char *value);
int http_response_add_header(struct http_response *res, const char *name,
    const char *value);

/*
 * Adds to the body, which is kept in memory until it is sent.  Content-Type
 * is "text/plain; charset=utf-8" unless set.  EINVAL after a file or a source
 * was given.  When memory is short the answer becomes 500, so a handler need
 * not look at the result.
 */
int http_response_write(struct http_response *res, const void *data,
    size_t len);
int http_response_printf(struct http_response *res, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int http_response_vprintf(struct http_response *res, const char *fmt,
    va_list ap) __attribute__((format(printf, 2, 0)));

/*
 * Makes length bytes of a file from offset the body.  fd becomes the
 * library's, which closes it, also when the call fails.  A file that turns
 * out shorter costs the connection, nothing else.
 */
int http_response_send_file(struct http_response *res, int fd, off_t offset,
    off_t length);

/*
 * Makes a function the body, which is called each time the socket takes more:
 * it puts up to size bytes into buf and returns how many, 0 at the end, or -1
 * to cut the connection.  -1 with errno EAGAIN is nothing yet: it is asked
 * again in the next turn, so that long work can be done in pieces between
 * which others are served.  length is the whole in bytes, or -1 when it is
 * not known: then the body is chunked, or ends with the connection for
 * HTTP/1.0, and the answer to HEAD says nothing of it.  release, unless NULL,
 * is called once when the body is sent or given up.
 */
struct http_source {
	ssize_t	(*read)(void *arg, char *buf, size_t size);
	void	(*release)(void *arg);
	void	*arg;
};
int http_response_send_source(struct http_response *res,
    const struct http_source *source, off_t length);

/*
 * Answers a small page that says the status, in place of any body: HTML for
 * who accepts that by name, else text.  Other fields that were set stay.
 * Go: http.Error.
 */
int http_response_error(struct http_response *res, int status);
/* Answers a redirect to location, a URI reference.  Go: http.Redirect. */
int http_response_redirect(struct http_response *res, int status,
    const char *location);

/*
 * Has finish called once there is an answer, also by another handler, or by the
 * server to a wrong body.  The last one that was set counts, and NULL is none.
 */
void http_response_set_finish(struct http_response *res,
    http_handler_fn *finish, void *arg);

#ifdef __cplusplus
}
#endif

#endif
