#include "config_paths.h"

#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "config_keys.h"
#include "config_tree.h"
#include "confine.h"
#include "httpfiles.h"
#include "options.h"
#include "privileges.h"

/* A root, or a file that is looked for in one. */
struct wanted {
	const struct config_section *section;
	const struct config_value *value;
	const char		*path;		/* of the file; NULL: a root */
};

struct search {
	const struct options	*o;
	struct config_faults	*faults;
	const struct config_key	*root, *listing, *dotfiles, *follow_links;
	const struct privileges	*user;		/* NULL: who we are */
	char			 who[300];	/* the same in messages */
	struct http_file_server	*files;		/* others are beside it */
	struct wanted		*wanted;
	size_t			 n;
	int			*errors;	/* of each, or 0; shared */
};

static int
add(struct search *s, const struct config_section *section,
    const struct config_value *value, const char *path)
{
	struct wanted *grown;

	grown = reallocarray(s->wanted, s->n + 1, sizeof(*grown));
	if (grown == NULL)
		return -1;
	s->wanted = grown;
	grown[s->n++] = (struct wanted){ section, value, path };
	return 0;
}

/* The path of an error page, which is behind a status, or of a fallback. */
static const char *
path_of(const struct config_value *value)
{
	const char *text = value->text;

	if (value->line == 0)
		return NULL;
	if (strcmp(value->key->name, "error_page") == 0) {
		/* What is no status is config_check()'s, too. */
		if (strspn(text, "0123456789") != 3 || strchr("45", *text) ==
		    NULL || strspn(text + 3, " \t") == 0)
			return NULL;
		text += 3 + strspn(text + 3, " \t");
	} else if (strcmp(value->key->name, "fallback") != 0)
		return NULL;
	return *text == '/' ? text : NULL;
}

/* Collects what is to be looked for: 0, or -1 and ENOMEM. */
static int
collect(struct search *s, const struct config_section *section)
{
	const struct config_section *sub;
	const struct config_value *value;
	const char *path;

	STAILQ_FOREACH(value, &section->values, entry) {
		path = path_of(value);
		if ((path != NULL || (value->key == s->root &&
		    value->text[0] != '\0')) &&
		    add(s, section, value, path) == -1)
			return -1;
	}
	STAILQ_FOREACH(sub, &section->sections, entry)
		if (collect(s, sub) == -1)
			return -1;
	return 0;
}

static const char *
root_of(const struct search *s, const struct config_section *section)
{
	const struct config_value *value;

	value = config_find_effective(section, s->root);
	return value == NULL || value->text[0] == '\0' ? NULL : value->text;
}

/* Whether a key is on in a section; config_set_option() has other words. */
static bool
is_on(const struct config_section *section, const struct config_key *key,
    bool standard)
{
	const struct config_value *value = config_find_effective(section, key);
	const char *text;

	if (value == NULL)
		return standard;
	text = config_value_text(value);
	return strcasecmp(text, "no") != 0 && strcasecmp(text, "off") != 0;
}

/* Acts as the user, or as root again; a child that can't is of no use. */
static void
act_as(const struct privileges *user)
{
	if (user == NULL)
		return;
	if (setgroups((size_t)user->ngroups, user->groups) == -1 ||
	    setegid(user->gid) == -1 || seteuid(user->uid) == -1)
		_exit(1);
}

static void
act_as_root(const struct privileges *user)
{
	if (user != NULL && seteuid(0) == -1)
		_exit(1);
}

/* Whether a directory can't be opened, with these flags, from itself. */
static bool
is_closed(int dir, int flags)
{
	int fd = openat(dir, ".", flags | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1)
		(void)close(fd);
	return fd == -1 && errno == EACCES;
}

/*
 * Whether a root can be entered, and listed if it is: 0, EACCES, or EISDIR for
 * the latter.  One that is not there is config_check()'s, and so is one that
 * we may not enter.
 */
static int
look_at_root(const struct search *s, const struct wanted *w)
{
	int dir = open(w->value->text, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	if (dir == -1 || access(w->value->text, X_OK) == -1)
		goto out;
	act_as(s->user);
	if (is_closed(dir, O_PATH))
		error = EACCES;
	else if (is_on(w->section, s->listing, true) &&
	    is_closed(dir, O_RDONLY))
		error = EISDIR;
	act_as_root(s->user);
out:
	if (dir != -1)
		(void)close(dir);
	return error;
}

/* Whether a file is in the root of a section: 0, or an errno. */
static int
look_for_file(const struct search *s, const struct wanted *w,
    const struct config_section *section)
{
	struct http_file_server *files;
	int error = 0;

	files = http_file_server_new_beside(s->files, root_of(s, section));
	if (files == NULL)
		return 0;
	http_file_server_set_dotfiles(files,
	    is_on(section, s->dotfiles, false));
	http_file_server_set_follow_links(files,
	    is_on(section, s->follow_links, false));
	act_as(s->user);
	if (http_file_server_check(files, w->path) == -1)
		error = errno;
	act_as_root(s->user);
	http_file_server_free(files);
	return error;
}

/*
 * Whether a file is in one of the roots that it is for, as others may do
 * without: 0, or the first errno.
 */
static int
look_below(const struct search *s, const struct wanted *w,
    const struct config_section *section)
{
	const struct config_section *sub;
	int error = -1, other;

	if (root_of(s, section) != NULL &&
	    (section == w->section || config_find_value(section, s->root)))
		error = look_for_file(s, w, section);
	STAILQ_FOREACH(sub, &section->sections, entry) {
		if (error == 0)
			break;
		other = look_below(s, w, sub);
		if (other != -1 && (error == -1 || other == 0))
			error = other;
	}
	return error;
}

static void
look_at_all(const struct search *s)
{
	size_t i;
	int error;

	for (i = 0; i < s->n; i++) {
		if (s->wanted[i].path == NULL)
			error = look_at_root(s, &s->wanted[i]);
		else
			error = look_below(s, &s->wanted[i],
			    s->wanted[i].section);
		s->errors[i] = error == -1 ? 0 : error;
	}
}

/*
 * Only a process of that user knows what the user may: all of groups, ACLs and
 * file systems count.  0, or -1 and errno.
 */
static int
look_as_user(const struct search *s)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		return -1;
	if (pid == 0) {
		look_at_all(s);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	errno = EPERM;
	return -1;
}

static void
refuse_root(struct search *s, const struct wanted *w, int error)
{
	const char *what = error == EACCES ? "enter" : "list";

	if (w->value->line == 0)
		config_fault(s->faults, 0, EX_NOPERM, "root directory %s: %s "
		    "may not %s it", w->value->text, s->who, what);
	else
		config_fault(s->faults, w->value->line, EX_CONFIG,
		    "root = \"%s\": %s may not %s it; change its mode, or "
		    "%s", w->value->text, s->who, what, error == EACCES ?
		    "give another user" : "say listing = no");
}

static void
refuse_file(struct search *s, const struct wanted *w, int error)
{
	const char *root = root_of(s, w->section);

	if (error == EACCES)
		config_fault(s->faults, w->value->line, EX_CONFIG,
		    "%s = \"%s\": %s may not read %s%s; change its mode",
		    w->value->key->name, w->value->text, s->who,
		    root == NULL ? "" : root, w->path);
	else
		config_fault(s->faults, w->value->line, EX_CONFIG,
		    "%s = \"%s\": there is no file %s%s%s; make it, or give "
		    "another", w->value->key->name, w->value->text,
		    root == NULL ? "" : root, w->path,
		    root == NULL ? " in any root" : "");
}

static void
refuse_all(struct search *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->errors[i] != 0 && s->wanted[i].path == NULL)
			refuse_root(s, &s->wanted[i], s->errors[i]);
		else if (s->errors[i] != 0)
			refuse_file(s, &s->wanted[i], s->errors[i]);
}

/* Children could not look again where a root outside of theirs is. */
static void
check_below(struct search *s, const struct config_section *top)
{
	const struct confine c = { .sandbox.chroot_dir = s->o->chroot_dir };
	const struct config_value *chroot, *root;
	size_t i;

	chroot = config_find_value(top, config_key_find("chroot"));
	for (i = 0; i < s->n; i++) {
		root = s->wanted[i].value;
		if (s->wanted[i].path != NULL ||
		    confine_check(&c, root->text) == 0 || errno != EXDEV)
			continue;
		if (root->line == 0)
			config_fault(s->faults, 0, s->o->file == NULL ?
			    EX_USAGE : EX_CONFIG, "root directory %s: not "
			    "below -r %s", root->text, c.sandbox.chroot_dir);
		else
			config_fault(s->faults, root->line, EX_CONFIG,
			    "root = \"%s\": not below %s %s; give one that "
			    "is, or another chroot", root->text,
			    s->o->given['r'] || chroot == NULL ? "-r" :
			    "chroot", c.sandbox.chroot_dir);
	}
}

/* Room for what a child of ours finds out: 0, or -1 and ENOMEM. */
static int
share_errors(struct search *s)
{
	s->errors = mmap(NULL, s->n * sizeof(*s->errors),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->errors != MAP_FAILED)
		return 0;
	s->errors = NULL;
	return -1;
}

/* All that is wanted: 0, or -1 and errno. */
static int
look(struct search *s)
{
	int rv = 0;

	if ((s->files = http_file_server_new("/")) == NULL)
		return -1;
	if (share_errors(s) == -1)
		rv = -1;
	else if (s->user != NULL)
		rv = look_as_user(s);
	else
		look_at_all(s);
	if (rv == 0)
		refuse_all(s);
	http_file_server_free(s->files);
	if (s->errors != NULL)
		(void)munmap(s->errors, s->n * sizeof(*s->errors));
	return rv;
}

void
config_check_paths(const struct config_section *top, const struct options *o,
    struct config_faults *faults)
{
	struct privileges user;
	char why[CONFIG_WHY_SIZE];
	struct search s = {
		.o = o,
		.faults = faults,
		.who = "this user",
		.root = config_key_find("root"),
		.listing = config_key_find("listing"),
		.dotfiles = config_key_find("dotfiles"),
		.follow_links = config_key_find("follow_links"),
	};

	/* Another user is for root alone, which is said at start. */
	if (o->user != NULL && geteuid() == 0 &&
	    privileges_parse(&user, o->user, why, sizeof(why)) == 0) {
		s.user = &user;
		(void)snprintf(s.who, sizeof(s.who), "user %s", o->user);
	}
	if (collect(&s, top) == -1 || (s.n > 0 && look(&s) == -1))
		config_fault(faults, 0, EX_OSERR, "roots: %s",
		    strerror(errno));
	else if (o->chroot_dir != NULL)
		check_below(&s, top);
	free(s.wanted);
}
