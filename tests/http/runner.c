/*
 * Tries every rule against servers that it starts, or with "name host:port"
 * against one that runs, and says what came of it in TAP, a line a rule.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "rules.h"
#include "server.h"

#define GOOD "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
#define BAD "BAD\r\n\r\n"

/* What is longer goes in so many pieces and not byte by byte. */
#define MAX_PIECES 4096

/* The ways in which a rule is tried. */
struct way {
	const char	*name;
	const char	*before;	/* a request, answered 200, in front */
	const char	*after;		/* one behind, answered 400 */
	bool		 bytewise;
};

static const struct way ways[] = {
	{ .name = "in one piece" },
	{ .name = "byte by byte", .bytewise = true },
	{ .name = "behind a good request", .before = GOOD },
	{ .name = "before a bad request", .after = BAD },
};

/* One trial of a rule: where it is sent, and what has come back. */
struct trial {
	const struct rule	*rule;
	const struct way	*way;
	int			 port;
	struct peer		 peer;
	char			 got[256];	/* "200 close" */
	size_t			 got_len;
	const char		*why;		/* it failed, or NULL */
	struct answer		 last;
};

static int patience = 5;		/* seconds */
static unsigned int tests_run, tests_failed;

static void note(struct trial *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds to what is said of the trial if it fails. */
static void
note(struct trial *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->got + t->got_len, sizeof(t->got) - t->got_len, fmt,
	    ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(t->got) - t->got_len)
		t->got_len += (size_t)n;
}

static void
failed(struct trial *t, const char *why)
{
	if (t->why == NULL)
		t->why = why;
}

static const char *
end_name(enum answer_end end)
{
	switch (end) {
	case ANSWER_IS:
		return "more";
	case ANSWER_EOF:
		return "close";
	case ANSWER_RESET:
		return "reset";
	case ANSWER_NONE:
		break;
	}
	return "nothing";
}

/* Reads one answer, which has to be there and have this status. */
static void
want_status(struct trial *t, int status, bool is_head, bool may_lack)
{
	struct peer *p = &t->peer;
	enum answer_end end;

	end = answer_read(p, &t->last, is_head);
	if (end != ANSWER_IS) {
		note(t, "%s", end_name(end));
		failed(t, "an answer is missing");
		return;
	}
	if (may_lack && t->last.status != status)
		return;
	note(t, "%d ", t->last.status);
	if (t->last.wrong != NULL)
		failed(t, t->last.wrong);
	else if (t->last.status != status)
		failed(t, "another status");
}

/* The answer is done with: the next one takes its place. */
static void
take_answer(struct trial *t)
{
	struct peer *p = &t->peer;

	if (t->why != NULL)
		return;
	p->len -= t->last.taken;
	memmove(p->in, p->in + t->last.taken, p->len);
}

static void
check_field(struct trial *t, const char *field)
{
	bool absent = *field == '!';

	if ((answer_field(&t->last, field + absent) == NULL) != absent)
		failed(t, absent ? "a field that may not be" :
		    "a field is missing");
}

static void
check_body(struct trial *t, const char *body)
{
	const struct answer *a = &t->last;
	size_t len = strlen(body);

	/* A page in HTML goes on behind its text. */
	if (answer_field(a, "Content-Type: text/html") != NULL)
		return;
	if (a->body_len < len ||
	    memcmp(a->body + a->body_len - len, body, len) != 0)
		failed(t, "another body");
}

static void
check_lacks(struct trial *t, const char *lacks)
{
	const struct answer *a = &t->last;
	size_t len = strlen(lacks);

	if (memmem(a->head, a->head_len, lacks, len) != NULL ||
	    memmem(a->body, a->body_len, lacks, len) != NULL)
		failed(t, "what it may not have");
}

/* What the rule says of its last answer, beside the status. */
static void
check_last(struct trial *t)
{
	const struct rule *r = t->rule;
	bool closes = strstr(r->want, "close") != NULL;

	if (r->field != NULL)
		check_field(t, r->field);
	if (r->body != NULL)
		check_body(t, r->body);
	if (r->lacks != NULL)
		check_lacks(t, r->lacks);
	if (r->ends)
		return;
	if ((answer_field(&t->last, "Connection: close") != NULL) != closes)
		failed(t, closes ? "a close that is not announced" :
		    "a close that is");
}

/* One word of what is wanted: "200", "200h", "100?" or "200*1000". */
static void
want_word(struct trial *t, const char *word, bool is_last)
{
	char *end;
	int status = (int)strtol(word, &end, 10);
	bool may_lack = *end == '?';
	long i, n = *end == '*' ? strtol(end + 1, NULL, 10) : 1;

	for (i = 0; i < n && t->why == NULL; i++) {
		want_status(t, status, *end == 'h', may_lack);
		if (may_lack && t->last.status != status)
			return;
		if (is_last && i == n - 1 && t->why == NULL)
			check_last(t);
		take_answer(t);
	}
	if (status == 100 && t->rule->more.len > 0)
		peer_send(&t->peer, t->rule->more.data, t->rule->more.len,
		    t->way->bytewise ? 1 : SIZE_MAX);
}

/* Reads the rule's answers; returns whether the connection is then kept. */
static bool
want_answers(struct trial *t)
{
	char words[256], *next = words, *word;

	(void)strlcpy(words, t->rule->want, sizeof(words));
	while ((word = strsep(&next, " ")) != NULL) {
		if (next == NULL)
			break;
		want_word(t, word, strchr(next, ' ') == NULL);
	}
	return word != NULL && strcmp(word, "keep") == 0;
}

/* The server has closed, in order: a reset could have cost the answer. */
static void
want_close(struct trial *t)
{
	struct answer answer;
	enum answer_end end;

	if (t->why != NULL)
		return;
	end = answer_read(&t->peer, &answer, false);
	note(t, "%s", end_name(end));
	if (end != ANSWER_EOF && (end != ANSWER_RESET || !t->rule->breaks))
		failed(t, "the connection is not closed");
}

static void
want_keep(struct trial *t)
{
	if (t->why != NULL)
		return;
	peer_send(&t->peer, GOOD, strlen(GOOD), SIZE_MAX);
	want_status(t, 200, false, false);
	if (t->why != NULL)
		t->why = "the connection is not kept";
}

/* All that is sent, for free(3). */
static char *
compose(const struct trial *t, size_t *len)
{
	const struct rule *r = t->rule;
	const char *before = t->way->before != NULL ? t->way->before : "";
	const char *after = t->way->after != NULL ? t->way->after : "";
	char *message, *s;
	unsigned int i;

	*len = strlen(before) + r->bytes.len + r->fill.len * r->times +
	    r->rest.len + strlen(after);
	s = message = malloc(*len + 1);
	if (message == NULL)
		err(1, NULL);
	s = mempcpy(s, before, strlen(before));
	s = mempcpy(s, r->bytes.data, r->bytes.len);
	for (i = 0; i < r->times; i++)
		s = mempcpy(s, r->fill.data, r->fill.len);
	if (r->rest.len > 0)
		s = mempcpy(s, r->rest.data, r->rest.len);
	(void)mempcpy(s, after, strlen(after));
	return message;
}

static void
send_message(struct trial *t)
{
	size_t len, piece = SIZE_MAX;
	char *message = compose(t, &len);

	if (t->way->bytewise)
		piece = len / MAX_PIECES + 1;
	peer_send(&t->peer, message, len, piece);
	free(message);
	if (t->rule->ends)
		(void)shutdown(t->peer.fd, SHUT_WR);
}

static void
converse(struct trial *t)
{
	bool keeps;

	send_message(t);
	if (t->way->before != NULL) {
		want_status(t, 200, false, false);
		take_answer(t);
	}
	keeps = want_answers(t);
	if (!keeps) {
		want_close(t);
		return;
	}
	if (t->way->after == NULL) {
		want_keep(t);
		return;
	}
	want_status(t, 400, false, false);
	take_answer(t);
	want_close(t);
}

/* A server that has refused something serves the next client. */
static void
try_next_client(struct trial *t)
{
	if (t->why != NULL)
		return;
	if (peer_connect(&t->peer, t->port, patience) == -1) {
		failed(t, "the next client can't connect");
		return;
	}
	peer_send(&t->peer, GOOD, strlen(GOOD), SIZE_MAX);
	want_status(t, 200, false, false);
	peer_close(&t->peer);
}

/* A rule whose end is awaited, or whose peer ends, can't be followed. */
static bool
applies(const struct way *way, const struct rule *rule)
{
	return way->after == NULL || (!rule->ends && rule->more.len == 0 &&
	    (strstr(rule->want, "keep") != NULL ||
	    strstr(rule->want, "200 close") != NULL));
}

/* Tries a rule in one way: 0, or -1 and it is said what was wrong. */
static int
try_rule(const struct rule *rule, const struct way *way, int port)
{
	static struct peer peer;
	struct trial t = {
		.rule = rule, .way = way, .port = port, .peer = peer
	};

	if (peer_connect(&t.peer, port, patience) == -1) {
		failed(&t, "can't connect");
	} else {
		converse(&t);
		peer_close(&t.peer);
		if (strstr(rule->want, "close") != NULL)
			try_next_client(&t);
	}
	peer = t.peer;
	if (t.why == NULL)
		return 0;
	(void)printf("# %s: %s: wants \"%s\", gets \"%s\"\n", way->name,
	    t.why, rule->want, t.got);
	return -1;
}

static void
result(bool ok, const char *set, const char *clause, const char *name)
{
	(void)printf("%sok %u - %s: %s%s: %s\n", ok ? "" : "not ",
	    ++tests_run, set, *clause >= '0' && *clause <= '9' ? "RFC " : "",
	    clause, name);
	tests_failed += !ok;
}

static void
run_set(const struct rule_set *set, int port)
{
	size_t i, j;

	for (i = 0; i < set->nrules; i++) {
		const struct rule *rule = &set->rules[i];
		bool ok = true;

		for (j = 0; j < sizeof(ways) / sizeof(ways[0]); j++)
			if (applies(&ways[j], rule) &&
			    try_rule(rule, &ways[j], port) == -1)
				ok = false;
		result(ok, set->name, rule->clause, rule->name);
	}
}

/* Servers, and the rules that are for them. */
struct target {
	const char		*name;
	const struct rule_set	*sets[8];
};

static const struct target targets[] = {
	{ "echo", { &request_line_rules, &target_rules, &field_rules,
	    &framing_rules, &chunk_rules, &connection_rules, &limit_rules } },
	{ "httpserve", { &file_rules } },
};

static void
run_target(const struct target *target, int port)
{
	size_t i;

	for (i = 0; target->sets[i] != NULL; i++)
		run_set(target->sets[i], port);
}

static unsigned int
count_rules(const struct target *target)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; target->sets[i] != NULL; i++)
		n += (unsigned int)target->sets[i]->nrules;
	return n;
}

static void
write_file(const char *dir, const char *name, const char *data, off_t size)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd == -1 || write(fd, data, strlen(data)) == -1 ||
	    ftruncate(fd, size) == -1)
		err(1, "%s", path);
	(void)close(fd);
}

/* The daemon's root: what file.c asks for. */
static void
make_root(char *root)
{
	/* 2100-01-01. */
	static const struct timespec future[2] = {
		{ .tv_sec = 4102444800 }, { .tv_sec = 4102444800 }
	};
	char path[256];

	if (mkdtemp(root) == NULL || chmod(root, 0755) == -1)
		err(1, "%s", root);
	write_file(root, "hello.txt", "hello\n", 6);
	write_file(root, "large", "", 100000);
	write_file(root, "future", "", 1);
	(void)snprintf(path, sizeof(path), "%s/future", root);
	if (utimensat(AT_FDCWD, path, future, 0) == -1)
		err(1, "%s", path);
	(void)snprintf(path, sizeof(path), "%s/dir", root);
	if (mkdir(path, 0755) == -1)
		err(1, "%s", path);
}

static void
remove_root(const char *root)
{
	static const char *const names[] = {
		"hello.txt", "large", "future"
	};
	char path[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", root, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/dir", root);
	(void)rmdir(path);
	(void)rmdir(root);
}

/* Starts a server, tries its rules, and stops it, which is a test too. */
static void
run_server(const struct target *target, char *const argv[])
{
	struct server server;

	if (server_start(&server, argv) == -1)
		exit(1);
	run_target(target, server.port);
	result(server_stop(&server) == 0, target->name, "httpserve(8)",
	    "it stops with status 0");
}

static void
run_all(void)
{
	char address[] = "127.0.0.1:0", listen[] = "-l", quiet[] = "-q";
	char root[] = "/tmp/rules.XXXXXX";
	char echo[256], httpserve[256];
	const char *build = getenv("BUILD");

	if (build == NULL)
		build = "build";
	(void)snprintf(echo, sizeof(echo), "%s/examples/echo", build);
	(void)snprintf(httpserve, sizeof(httpserve), "%s/httpserve", build);
	(void)printf("1..%u\n", count_rules(&targets[0]) +
	    count_rules(&targets[1]) + 2);
	run_server(&targets[0], (char *[]){ echo, address, NULL });
	make_root(root);
	run_server(&targets[1], (char *[]){ httpserve, quiet, listen, address,
	    root, NULL });
	remove_root(root);
}

/* One set of rules against a server that runs already. */
static void
run_one(const char *name, const char *address)
{
	const char *colon = strrchr(address, ':'), *why;
	int port = (int)strtonum(colon == NULL ? address : colon + 1, 1,
	    65535, &why);
	size_t i;

	if (why != NULL)
		errx(64, "%s: port %s", address, why);
	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (strcmp(targets[i].name, name) != 0)
			continue;
		(void)printf("1..%u\n", count_rules(&targets[i]));
		run_target(&targets[i], port);
		return;
	}
	errx(64, "%s: no such rules", name);
}

int
main(int argc, char *argv[])
{
	const char *slow = getenv("SLOW");

	if (slow != NULL)
		patience *= (int)strtonum(slow, 1, 100, NULL);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3)
		run_one(argv[1], argv[2]);
	else if (argc == 1)
		run_all();
	else
		errx(64, "usage: rules [echo | httpserve host:port]");
	return tests_failed > 0;
}
