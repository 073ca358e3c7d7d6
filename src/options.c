#include "options.h"

#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "httpserve.h"
#include "logtarget.h"

const char *const options_part_names[OPTIONS_PARTS] = { "capabilities",
    "landlock", "seccomp", "no_new_privs" };
/* Their bits, of which the first two need the third. */
#define PART_LANDLOCK		2u
#define PART_SECCOMP		4u
#define PART_NO_NEW_PRIVS	8u

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr, "usage: %s [-djqtTvV] [-c connections] "
	    "[-e errorlog] [-f file] [-g seconds]\n\t[-H seconds] "
	    "[-L accesslog] [-l address]... [-m connections]\n\t"
	    "[-n children] [-o option[=value]]... [-p pidfile] "
	    "[-R requests]\n\t[-r directory] [-u user[:group]] [-w level] "
	    "[-x part]... [root]\n       %s -s [-p pidfile]\n", getprogname(),
	    getprogname());
	exit(EX_USAGE);
}

static _Noreturn void
print_version(void)
{
	(void)printf("httpserve %s\n", HTTPSERVE_VERSION);
	exit(EX_OK);
}

static unsigned int
number(int option, const char *arg, unsigned int min, unsigned int max)
{
	const char *problem;
	long long n = strtonum(arg, min, max, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "-%c %s: %s: give a number from %u to %u",
		    option, arg, problem, min, max);
	return (unsigned int)n;
}

static void
add_address(struct options *o, const char *address)
{
	if (o->naddresses == MAX_ADDRESSES)
		errx(EX_USAGE, "-l %s: more than %d addresses", address,
		    MAX_ADDRESSES);
	o->addresses[o->naddresses++] = address;
}

static void
add_option(const char *options[MAX_OPTIONS], size_t *n, int option,
    const char *arg)
{
	if (*n == MAX_OPTIONS)
		errx(EX_USAGE, "-%c %s: more than %d options", option, arg,
		    MAX_OPTIONS);
	options[(*n)++] = arg;
}

static int
level(const char *arg)
{
	int priority = logtarget_level(arg);

	if (priority == -1)
		errx(EX_USAGE, "-w %s: give a level: alert, crit, err, "
		    "warning, notice, info or debug", arg);
	return priority;
}

/* Whether it is a part of the sandbox, by its number, or all of them. */
static bool
is_part(const char *name, size_t i)
{
	return strcmp(name, options_part_names[i]) == 0 ||
	    strcmp(name, "all") == 0;
}

static const char *
part(const char *arg)
{
	size_t i;

	for (i = 0; i < OPTIONS_PARTS; i++)
		if (is_part(arg, i))
			return arg;
	errx(EX_USAGE, "-x %s: give capabilities, landlock, seccomp, "
	    "no_new_privs or all", arg);
}

/* Seconds as milliseconds; to the library 0 would be the default. */
static unsigned int
milliseconds(int option, const char *arg, unsigned int if_0)
{
	unsigned int seconds = number(option, arg, 0, MAX_SECONDS);

	return seconds == 0 ? if_0 : seconds * 1000;
}

static void
take_number(struct options *o, int option, const char *arg)
{
	switch (option) {
	case 'c':
		o->connections = number(option, arg, 1, MAX_CONNECTIONS);
		break;
	case 'g':
		o->drain_ms = milliseconds(option, arg, 1);
		break;
	case 'H':
		o->hang_ms = milliseconds(option, arg, UINT_MAX);
		break;
	case 'm':
		o->per_address = number(option, arg, 0, MAX_CONNECTIONS);
		break;
	case 'n':
		o->children = number(option, arg, 1, MAX_CHILDREN);
		break;
	case 'R':
		o->requests = number(option, arg, 0, MAX_REQUESTS);
		break;
	}
}

/* An option without an argument: 0, or -1 for another. */
static int
take_flag(struct options *o, int option)
{
	switch (option) {
	case 'd':
		o->detach = true;
		break;
	case 'j':
		o->json = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'T':
		o->prints = true;
		break;
	case 't':
		o->checks = true;
		break;
	case 'V':
		print_version();
	case 'v':
		o->level = LOG_DEBUG;
		break;
	default:
		return -1;
	}
	return 0;
}

static void
take_option(struct options *o, int option, const char *arg)
{
	switch (option) {
	case 'e':
		o->error_log = arg;
		break;
	case 'f':
		o->file = arg;
		break;
	case 'L':
		o->access_log = arg;
		break;
	case 'l':
		add_address(o, arg);
		break;
	case 'o':
		add_option(o->files, &o->nfiles, option, arg);
		break;
	case 'p':
		o->pidfile = arg;
		break;
	case 'r':
		o->chroot_dir = arg;
		break;
	case 's':
		o->shows = true;
		break;
	case 'u':
		o->user = arg;
		break;
	case 'x':
		add_option(o->without, &o->nwithout, option, part(arg));
		break;
	case 'w':
		o->level = level(arg);
		break;
	case '?':
		usage();
	default:
		if (take_flag(o, option) == -1)
			take_number(o, option, arg);
	}
}

/* Whatever is not -p is for one that is to serve: option, or 0 for a root. */
static _Noreturn void
refuse_to_show(int option)
{
	if (option == 0)
		errx(EX_USAGE, "-s shows a running httpserve: a root is for "
		    "one that is to serve");
	errx(EX_USAGE, "-s shows a running httpserve: -%c is for one that is "
	    "to serve", option);
}

/* What says the same as another option is noted as that one. */
static void
note_given(struct options *o, int option)
{
	if (option == 'q')
		option = 'L';
	else if (option == 'v')
		option = 'w';
	if (option > 0 && option < 128)
		o->given[option] = true;
}

/* What would go unheeded beside another option, or without one, is refused. */
/* What -x leaves, and what the file names. */
static unsigned int
parts_left(const struct options *o)
{
	unsigned int parts = OPTIONS_ALL_PARTS;
	size_t i, j;

	for (i = 0; i < o->nwithout; i++)
		for (j = 0; j < OPTIONS_PARTS; j++)
			if (is_part(o->without[i], j))
				parts &= ~(1u << j);
	return parts;
}

static unsigned int
parts_named(const struct options *o)
{
	if (o->parts == 0)
		return OPTIONS_ALL_PARTS;
	return o->parts & OPTIONS_NO_PARTS ? 0 : o->parts;
}

static void
check_parts(const struct options *o)
{
	unsigned int parts = parts_left(o);

	if ((parts & PART_NO_NEW_PRIVS) == 0 &&
	    (parts & (PART_LANDLOCK | PART_SECCOMP)) != 0)
		errx(EX_USAGE, "-x no_new_privs: landlock and seccomp need "
		    "it; give -x landlock and -x seccomp, too");
}

static void
check_options(const struct options *o)
{
	if (o->quiet && o->access_log != NULL)
		errx(EX_USAGE, "-L %s: -q writes no access log; give one of "
		    "them", o->access_log);
	if (o->quiet && o->json)
		errx(EX_USAGE, "-j: -q writes no access log; give one of them");
	check_parts(o);
	/* A file may say what is missing here, or what is in the way. */
	if (o->file != NULL)
		return;
	if (o->detach && o->json && o->access_log == NULL)
		errx(EX_USAGE, "-j: behind -d there is no standard output; "
		    "give an access log by -L");
	if (o->detach && o->error_log != NULL &&
	    strcmp(o->error_log, "-") == 0)
		errx(EX_USAGE, "-e -: behind -d there is no standard error");
	if (o->chroot_dir != NULL && o->user == NULL)
		errx(EX_USAGE, "-r %s: who stays root can leave it; give a "
		    "user by -u", o->chroot_dir);
}

void
options_parse(struct options *o, int argc, char *argv[])
{
	int option, serves = 0;

	o->level = LOG_INFO;
	while ((option = getopt(argc, argv,
	    "c:de:f:g:H:jL:l:m:n:o:p:qR:r:sTtu:Vvw:x:")) != -1) {
		take_option(o, option, optarg);
		note_given(o, option);
		if (option != 's' && option != 'p')
			serves = option;
	}
	argc -= optind;
	argv += optind;
	if (argc > 1)
		usage();
	if (o->shows && (serves != 0 || argc > 0))
		refuse_to_show(serves);
	if (argc == 1)
		o->root = argv[0];
	else if (o->file == NULL)
		o->root = ".";
	check_options(o);
	if (o->checks && o->file == NULL)
		errx(EX_USAGE, "-t: give the file to check with -f");
}

unsigned int
options_parts(const struct options *o)
{
	unsigned int parts = o->given['x'] ? parts_left(o) : parts_named(o);

	if ((parts & (PART_LANDLOCK | PART_SECCOMP)) != 0)
		parts |= PART_NO_NEW_PRIVS;
	return parts;
}
