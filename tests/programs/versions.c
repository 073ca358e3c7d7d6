/*
 * Edits files and fetches them, at random, and sees that every answer is a
 * version that existed while it was asked for and sent.
 *
 *	versions [-cz] [-n operations] [-s seed] [-w seconds] port root
 *
 * root is the server's, empty at first; port one of 127.0.0.1.  With -c a
 * second process edits all the time, without it edits come between requests
 * and, pipelined, behind one that is under way.  With -z files have sidecars.
 * It prints its seed, and what it did, by kind; or the operation that failed,
 * what was asked, what was answered and why no version explains that.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "httpdate.h"
#include "versions_check.h"
#include "versions_client.h"
#include "versions_editor.h"
#include "versions_model.h"

#define NCONNECTIONS	4
#define NMEMORIES	8
#define NTAGS		8192
/* Requests that are sent before the first of their answers is read. */
#define MAX_PIPELINED	4

static const char *const ask_names[NASKS] = {
	"GET", "HEAD", "Range", "ranges", "If-None-Match",
	"If-Modified-Since", "If-Range", "If-Range of a date", "If-Match",
	"If-Unmodified-Since"
};

/* What both processes see. */
struct shared {
	_Atomic bool	 stop;
	uint64_t	 edits[NEDITS];
	struct object	 objects[NOBJECTS];
};

/* What a tag stood for when it was seen last. */
struct tag {
	uint64_t	 hash;		/* 0: none */
	struct content	 content;
	int		 coding;
};

static struct {
	struct connection connections[NCONNECTIONS];
	struct memory	 memories[NOBJECTS][NMEMORIES];
	unsigned int	 nmemories[NOBJECTS];
	struct tag	 tags[NOBJECTS][NTAGS];
	uint64_t	 asks[NASKS];
	uint64_t	 answers[600];
	uint64_t	 cut;
	uint64_t	 torn;
	uint64_t	 pipelined;
} client;

static struct {
	uint64_t	 operations;
	uint64_t	 seed;
	bool		 concurrent;
	bool		 sidecars;
} options = { .operations = 5000 };

static struct shared *shared;
static uint64_t operation;

static size_t
object_number(const struct request *r)
{
	return (size_t)(r->object - shared->objects);
}

static void
show_version(const struct request *r, uint64_t n, const char *why)
{
	const struct version *v = object_version(r->object, n);
	int i;

	(void)printf("version %" PRIu64 ", by %s:", n, v->edit);
	for (i = 0; i < NCODINGS; i++)
		if (v->files[i].size != ABSENT)
			(void)printf(" file%s %" PRId64 " bytes, key %" PRIx64
			    ", mtime %" PRId64 ";", codings[i].suffix,
			    v->files[i].size, v->files[i].key,
			    v->files[i].mtime_ns);
	(void)printf(" %s\n", why);
}

/* Says what is wrong with an answer, and ends the test. */
static _Noreturn void
fail_answer(const struct request *r, const struct answer *a, const char *why)
{
	uint64_t n;

	(void)printf("FAILED: seed %" PRIu64 ", operation %" PRIu64 ": %s\n"
	    "%s%s\nof it came %zu bytes%s\n", options.seed, operation, why,
	    r->text, a->head, a->body_len, a->cut ? ", cut" : "");
	if (r->memory.used)
		(void)printf("remembered: version %" PRIu64 ", key %" PRIx64
		    "\n", r->memory.version, r->memory.content.key);
	for (n = r->from; n <= r->to; n++) {
		reason[0] = '\0';
		if (explains(r, a, object_version(r->object, n)))
			(void)no("as it is answered");
		show_version(r, n, reason);
	}
	exit(EXIT_FAILURE);
}

static uint64_t
hash_tag(const char *s)
{
	uint64_t hash = 1;

	while (*s != '\0')
		hash = mix(hash ^ (unsigned char)*s++);
	return hash == 0 ? 1 : hash;
}

/* A tag never stands for two contents, nor for two codings of a file. */
static void
check_tag(const struct request *r, const struct answer *a,
    const struct content *c, int coding)
{
	const uint64_t hash = hash_tag(a->etag);
	struct tag *tag = &client.tags[object_number(r)][hash % NTAGS];

	if (a->etag[0] == '\0')
		return;
	if (tag->hash == hash && (tag->coding != coding ||
	    !content_equals(&tag->content, c))) {
		(void)printf("it stood for key %" PRIx64 ", %" PRId64
		    " bytes%s\n", tag->content.key, tag->content.size,
		    codings[tag->coding].suffix);
		fail_answer(r, a, "a tag that stood for something else");
	}
	*tag = (struct tag){ hash, *c, coding };
}

/*
 * Whether a date is as good as a tag for who got it: RFC 9110, 8.8.2.2.  That
 * of a file which is then given another one, which is older, is not.
 */
static bool
is_strong_date(const struct answer *a, const struct content *c)
{
	time_t date, modified;

	return httpdate_parse(&date, a->date) == 0 &&
	    httpdate_parse(&modified, a->last_modified) == 0 &&
	    modified < date &&
	    (c->mtime_ns == 0 || modified == c->mtime_ns / 1000000000);
}

static void
remember(const struct request *r, const struct answer *a,
    const struct content *c, int coding)
{
	const size_t i = object_number(r);
	struct memory *m =
	    &client.memories[i][client.nmemories[i]++ % NMEMORIES];

	m->used = true;
	m->content = *c;
	m->coding = coding;
	m->version = r->from == r->to ? r->from : 0;
	m->dates = !options.sidecars && is_strong_date(a, c);
	memcpy(m->etag, a->etag, sizeof(m->etag));
	memcpy(m->last_modified, a->last_modified, sizeof(m->last_modified));
}

/*
 * Learns from an answer that a version explains.  While a file is written in
 * place its date is new already, and its bytes are not: nothing is learned.
 */
static void
learn(const struct request *r, const struct answer *a,
    const struct version *v)
{
	const int coding = coding_of(a);
	const struct content *c = &v->files[coding];
	const bool whole = a->status == 200 && r->ask != ASK_HEAD && !a->cut;

	if (was_written(r) || (a->status != 200 && a->status != 206))
		return;
	if (whole || r->from == r->to)
		check_tag(r, a, c, coding);
	if (whole)
		remember(r, a, c, coding);
}

static void
check_answer(const struct request *r, const struct answer *a)
{
	uint64_t n;

	if (a->cut && r->from == r->to)
		fail_answer(r, a, "cut, though nothing changed");
	client.cut += a->cut;
	for (n = r->from; n <= r->to; n++)
		if (explains(r, a, object_version(r->object, n))) {
			learn(r, a, object_version(r->object, n));
			return;
		}
	if (!is_torn(r, a))
		fail_answer(r, a, "no version explains this answer");
	client.torn++;
}

/* Chooses bytes of a file that is about that large. */
static void
choose_spans(struct request *r, int n)
{
	const uint64_t size = (uint64_t)r->object->base_size;
	struct span *s;

	for (r->nspans = 0; r->nspans < n; r->nspans++) {
		s = &r->spans[r->nspans];
		s->first = (int64_t)random_below(size + size / 8 + 2);
		s->last = s->first + (int64_t)random_below(size / 4 + 8);
		switch (random_below(4)) {
		case 0:
			s->last = -1;
			break;
		case 1:
			s->first = -1;
			s->last = (int64_t)random_below(size + 2);
			break;
		}
	}
}

__attribute__((format(printf, 2, 3)))
static void
add_text(struct request *r, const char *fmt, ...)
{
	const size_t len = strlen(r->text);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r->text + len, sizeof(r->text) - len, fmt, ap);
	va_end(ap);
}

static void
add_range(struct request *r)
{
	const struct span *s;
	int i;

	for (i = 0; i < r->nspans; i++) {
		s = &r->spans[i];
		add_text(r, i == 0 ? "Range: bytes=" : ", ");
		if (s->first == -1)
			add_text(r, "-%" PRId64, s->last);
		else if (s->last == -1)
			add_text(r, "%" PRId64 "-", s->first);
		else
			add_text(r, "%" PRId64 "-%" PRId64, s->first, s->last);
	}
	if (r->nspans > 0)
		add_text(r, "\r\n");
}

static void
add_accepted(struct request *r)
{
	int i, n = 0;

	r->accepts[CODING_NONE] = true;
	for (i = CODING_NONE + 1; i < NCODINGS; i++) {
		if (random_below(3) != 0)
			continue;
		r->accepts[i] = true;
		add_text(r, "%s%s", n++ == 0 ? "Accept-Encoding: " : ", ",
		    codings[i].name);
	}
	r->names_none = n == 0;
	if (n > 0)
		add_text(r, "\r\n");
}

static bool
asks_by_date(const struct request *r)
{
	return r->ask == ASK_IF_MODIFIED_SINCE ||
	    r->ask == ASK_IF_RANGE_DATE || r->ask == ASK_IF_UNMODIFIED_SINCE;
}

/*
 * Takes one of the last answers, and the condition it allows.  Codings have
 * dates of their own, and when a sidecar goes the file may be the older one:
 * dates tell nothing there.
 */
static void
choose_memory(struct request *r)
{
	const size_t i = object_number(r);
	const uint64_t back = random_below(2) == 0 ? 1 :
	    1 + random_below(NMEMORIES);

	r->memory = client.memories[i]
	    [(client.nmemories[i] - back) % NMEMORIES];
	if (!r->memory.used || (asks_by_date(r) && !r->memory.dates) ||
	    r->memory.etag[0] == '\0') {
		r->ask = ASK_GET;
		r->memory.used = false;
	}
}

static void
add_condition(struct request *r)
{
	switch (r->ask) {
	case ASK_IF_NONE_MATCH:
		add_text(r, "If-None-Match: %s\r\n", r->memory.etag);
		break;
	case ASK_IF_MODIFIED_SINCE:
		add_text(r, "If-Modified-Since: %s\r\n",
		    r->memory.last_modified);
		break;
	case ASK_IF_RANGE:
		add_text(r, "If-Range: %s\r\n", r->memory.etag);
		break;
	case ASK_IF_RANGE_DATE:
		add_text(r, "If-Range: %s\r\n", r->memory.last_modified);
		break;
	case ASK_IF_MATCH:
		add_text(r, "If-Match: %s\r\n", r->memory.etag);
		break;
	case ASK_IF_UNMODIFIED_SINCE:
		add_text(r, "If-Unmodified-Since: %s\r\n",
		    r->memory.last_modified);
		break;
	default:
		break;
	}
}

/* Makes up a request for an object, and notes when it is sent: now. */
static void
choose_request(struct request *r, size_t object)
{
	*r = (struct request){
		.object = &shared->objects[object],
		.ask = (enum ask)random_below(NASKS)
	};
	if (r->ask >= ASK_IF_NONE_MATCH)
		choose_memory(r);
	if (r->ask == ASK_RANGES)
		choose_spans(r, MAX_SPANS);
	else if (r->ask == ASK_RANGE || has_if_range(r))
		choose_spans(r, 1);
	add_text(r, "%s /%zu/file HTTP/1.1\r\nHost: localhost\r\n",
	    r->ask == ASK_HEAD ? "HEAD" : "GET", object);
	add_range(r);
	add_condition(r);
	add_accepted(r);
	add_text(r, "\r\n");
	client.asks[r->ask]++;
	r->from = atomic_load(&r->object->settled);
}

/*
 * Reads the answers to requests that were sent, and checks them.  Behind one
 * that ended the connection there are none.  A file that is gone when its
 * first byte should follow the head costs the head, too.
 */
static void
read_answers(struct connection *c, struct request *requests, int n)
{
	static struct answer a;
	bool ended = false;
	int i;

	for (i = 0; i < n; i++) {
		answer_read(&a, c, requests[i].ask != ASK_HEAD);
		requests[i].to = atomic_load(&requests[i].object->announced);
		if (a.status == 0 &&
		    (ended || requests[i].from != requests[i].to)) {
			client.cut += !ended;
			ended = true;
			continue;
		}
		if (a.status < 200 || a.status > 599)
			fail_answer(&requests[i], &a, "no answer");
		client.answers[a.status]++;
		check_answer(&requests[i], &a);
		ended = a.close || a.cut;
	}
}

/* A connection: one that is kept, or a new one in every eighth time. */
static struct connection *
choose_connection(void)
{
	const size_t i = random_below(NCONNECTIONS);
	struct connection *c = &client.connections[i];

	if (random_below(8) == 0)
		connection_close(c);
	return c;
}

static void
pause_us(uint64_t us)
{
	const struct timespec ts = { .tv_nsec = (long)us * 1000 };

	if (us > 0)
		(void)nanosleep(&ts, NULL);
}

/*
 * Sends some requests, and without waiting for their answers another one.
 * Between them the object is edited, unless that goes on all the time.
 */
static void
pipeline(size_t object)
{
	struct connection *c = choose_connection();
	struct request requests[MAX_PIPELINED];
	const int n = 2 + (int)random_below(MAX_PIPELINED - 1);
	int i;

	for (i = 0; i < n; i++) {
		if (i == n - 1 && !options.concurrent) {
			pause_us(random_below(2) * random_below(300));
			(void)editor_edit(object, MOMENT_IN_FLIGHT);
		}
		choose_request(&requests[i], object);
		connection_send(c, requests[i].text);
	}
	client.pipelined += (uint64_t)n;
	read_answers(c, requests, n);
}

static void
fetch(size_t object)
{
	struct connection *c = choose_connection();
	struct request r;

	choose_request(&r, object);
	connection_send(c, r.text);
	read_answers(c, &r, 1);
}

/* What happens, happens to one object for a while. */
static size_t
choose_object(void)
{
	static size_t object;

	if (random_below(4) == 0)
		object = random_below(NOBJECTS);
	return object;
}

static void
operate(void)
{
	const size_t object = choose_object();
	const uint64_t kind = random_below(16);

	if (kind < 2)
		pipeline(object);
	else if (kind < 8 && !options.concurrent)
		(void)editor_edit(object, MOMENT_QUIET);
	else
		fetch(object);
}

/* The other process: edits until it is told to stop. */
static _Noreturn void
edit_all_the_time(void)
{
	random_state = mix(options.seed + 1);
	while (!atomic_load(&shared->stop) && getppid() != 1) {
		(void)editor_edit(choose_object(), MOMENT_ANY);
		pause_us(random_below(4) / 3 * random_below(300));
	}
	memcpy(shared->edits, editor.edits, sizeof(shared->edits));
	_exit(EXIT_SUCCESS);
}

/* Starts the editor, who does not outlive this process. */
static pid_t
start_editor(void)
{
	pid_t pid = fork();

	if (pid == -1)
		err(EX_OSERR, "fork");
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		edit_all_the_time();
	}
	return pid;
}

static void
stop_editor(pid_t pid)
{
	int status;

	atomic_store(&shared->stop, true);
	if (waitpid(pid, &status, 0) == -1)
		err(EX_OSERR, "waitpid");
	if (status != 0)
		errx(EXIT_FAILURE, "the editor failed");
	memcpy(editor.edits, shared->edits, sizeof(editor.edits));
}

static void
show_counts(void)
{
	int i;

	for (i = 0; i < NEDITS; i++)
		(void)printf("edits: %s: %" PRIu64 "\n", edit_names[i],
		    editor.edits[i]);
	for (i = 0; i < NASKS; i++)
		(void)printf("requests: %s: %" PRIu64 "\n", ask_names[i],
		    client.asks[i]);
	(void)printf("requests: pipelined: %" PRIu64 "\n", client.pipelined);
	for (i = 0; i < 600; i++)
		if (client.answers[i] > 0)
			(void)printf("answers: %d: %" PRIu64 "\n", i,
			    client.answers[i]);
	(void)printf("answers: cut: %" PRIu64 "\nanswers: torn: %" PRIu64
	    "\n", client.cut, client.torn);
}

static _Noreturn void
usage(void)
{
	errx(EX_USAGE, "usage: versions [-cz] [-n operations] [-s seed] "
	    "[-w seconds]\n\tport root");
}

static uint64_t
number(const char *arg, long long max)
{
	const char *problem;
	long long n = strtonum(arg, 0, max, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "%s: %s", arg, problem);
	return (uint64_t)n;
}

static void
parse_options(int argc, char *argv[])
{
	int option;

	options.seed = arc4random();
	while ((option = getopt(argc, argv, "cn:s:w:z")) != -1)
		switch (option) {
		case 'c':
			options.concurrent = true;
			break;
		case 'n':
			options.operations = number(optarg, INT32_MAX);
			break;
		case 's':
			options.seed = number(optarg, UINT32_MAX);
			break;
		case 'w':
			client_seconds = (time_t)number(optarg, 3600);
			break;
		case 'z':
			options.sidecars = true;
			break;
		default:
			usage();
		}
	if (argc - optind != 2)
		usage();
	client_port = (in_port_t)number(argv[optind], UINT16_MAX);
	if (chdir(argv[optind + 1]) == -1)
		err(EX_NOINPUT, "%s", argv[optind + 1]);
}

/* Some connections take little at once: what they get is long under way. */
static void
init_connections(void)
{
	int i;

	for (i = 0; i < NCONNECTIONS; i++) {
		client.connections[i].fd = -1;
		client.connections[i].buffer_bytes = i % 2 == 0 ? 0 : 32768;
	}
}

int
main(int argc, char *argv[])
{
	pid_t pid = -1;

	parse_options(argc, argv);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)printf("seed: %" PRIu64 "\n", options.seed);
	random_state = mix(options.seed);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(EX_OSERR, "mmap");
	editor_init(shared->objects, options.sidecars);
	init_connections();
	if (options.concurrent)
		pid = start_editor();
	for (operation = 1; operation <= options.operations; operation++)
		operate();
	if (pid != -1)
		stop_editor(pid);
	show_counts();
	return EXIT_SUCCESS;
}
