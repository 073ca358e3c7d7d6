/*
 * Sets and shows faults: the table that faults.h describes.
 *
 *	control file new			makes it, without a fault
 *	control file set call=value ...		one call fails from now on
 *	control file clear			none does any more
 *	control file show			calls that were seen, and faults
 *
 * The values of "set" are call=name error=name every=n percent=n seed=n
 * after=n count=n where=master|children|all on=socket|file.  Both counters of
 * the call begin at 0.
 */
#include "faults.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct name {
	const char	*name;
	int		 value;
};

static const char *const calls[] = {
#define X(name) #name,
	FAULTS_CALLS(X)
#undef X
};

static const struct name wheres[] = {
	{ "master", FAULTS_MASTER },
	{ "children", FAULTS_CHILDREN },
	{ "all", FAULTS_MASTER | FAULTS_CHILDREN },
	{ NULL, 0 }
};

static const struct name modes[] = {
	{ "socket", S_IFSOCK },
	{ "file", S_IFREG },
	{ "any", 0 },
	{ NULL, 0 }
};

/* strerrorname_np(3) has them the other way round. */
static int
find_error(const char *name)
{
	const char *known;
	int error;

	if (strcmp(name, "0") == 0)
		return 0;
	if (strcmp(name, "short") == 0)
		return FAULTS_SHORT;
	if (strcmp(name, "hang") == 0)
		return FAULTS_HANG;
	for (error = 1; error < 4096; error++) {
		known = strerrorname_np(error);
		if (known != NULL && strcmp(known, name) == 0)
			return error;
	}
	errx(EX_USAGE, "%s: no error", name);
}

static int
find_name(const struct name *names, const char *name)
{
	for (; names->name != NULL; names++)
		if (strcmp(names->name, name) == 0)
			return names->value;
	errx(EX_USAGE, "%s: unknown", name);
}

static enum faults_call
find_call(const char *name)
{
	size_t i;

	for (i = 0; i < FAULTS_NCALLS; i++)
		if (strcmp(calls[i], name) == 0)
			return (enum faults_call)i;
	errx(EX_USAGE, "%s: no call", name);
}

static uint64_t
number(const char *arg)
{
	const char *problem;
	long long n = strtonum(arg, 0, INT32_MAX, &problem);

	if (problem != NULL)
		errx(EX_USAGE, "%s: %s", arg, problem);
	return (uint64_t)n;
}

static struct faults *
map_table(const char *path, int flags)
{
	struct faults *faults;
	int fd;

	if ((fd = open(path, O_RDWR | O_CLOEXEC | flags, 0666)) == -1 ||
	    ftruncate(fd, sizeof(*faults)) == -1)
		err(EX_CANTCREAT, "%s", path);
	faults = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (faults == MAP_FAILED)
		err(EX_OSERR, "%s", path);
	(void)close(fd);
	return faults;
}

/* One "key=value" of a rule, whose call and error are the caller's. */
static void
set_value(struct faults_rule *rule, const char *key, const char *value)
{
	if (strcmp(key, "where") == 0)
		rule->where = (unsigned int)find_name(wheres, value);
	else if (strcmp(key, "on") == 0)
		rule->mode = (unsigned int)find_name(modes, value);
	else if (strcmp(key, "every") == 0)
		rule->every = number(value);
	else if (strcmp(key, "percent") == 0)
		rule->percent = (unsigned int)number(value);
	else if (strcmp(key, "seed") == 0)
		rule->seed = (unsigned int)number(value);
	else if (strcmp(key, "after") == 0)
		rule->after = number(value);
	else if (strcmp(key, "count") == 0)
		rule->count = number(value);
	else
		errx(EX_USAGE, "%s: unknown", key);
}

static void
set(struct faults *faults, char *args[])
{
	struct faults_rule *rule = NULL;
	int error = 0;
	char *value;

	for (; *args != NULL; args++) {
		if ((value = strchr(*args, '=')) == NULL)
			errx(EX_USAGE, "%s: no value", *args);
		*value++ = '\0';
		if (strcmp(*args, "call") == 0) {
			rule = &faults->rules[find_call(value)];
			memset(rule, 0, sizeof(*rule));
			rule->where = FAULTS_MASTER | FAULTS_CHILDREN;
			rule->every = 1;
		} else if (strcmp(*args, "error") == 0) {
			error = find_error(value);
		} else if (rule == NULL) {
			errx(EX_USAGE, "begin with call=");
		} else {
			set_value(rule, *args, value);
		}
	}
	if (rule != NULL)
		rule->error = error;
}

/* The counters stay, for "show". */
static void
clear(struct faults *faults)
{
	size_t i;

	for (i = 0; i < FAULTS_NCALLS; i++)
		faults->rules[i].error = 0;
}

static void
show(const struct faults *faults)
{
	size_t i;

	for (i = 0; i < FAULTS_NCALLS; i++)
		if (faults->rules[i].where != 0)
			(void)printf("%s %ju %ju\n", calls[i],
			    (uintmax_t)faults->rules[i].seen,
			    (uintmax_t)faults->rules[i].injected);
}

int
main(int argc, char *argv[])
{
	struct faults *faults;
	bool is_new;

	if (argc < 3)
		errx(EX_USAGE, "usage: control file new|set|clear|show ...");
	is_new = strcmp(argv[2], "new") == 0;
	faults = map_table(argv[1], is_new ? O_CREAT | O_TRUNC : 0);
	if (strcmp(argv[2], "set") == 0)
		set(faults, argv + 3);
	else if (strcmp(argv[2], "clear") == 0)
		clear(faults);
	else if (strcmp(argv[2], "show") == 0)
		show(faults);
	else if (!is_new)
		errx(EX_USAGE, "%s: unknown", argv[2]);
	return 0;
}
