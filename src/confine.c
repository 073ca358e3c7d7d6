#include "confine.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The directory that a path is in; NULL for "/", which would be everything. */
static char *
parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path) {
		errno = 0;
		return NULL;
	}
	return strndup(path, (size_t)(slash - path));
}

static void
free_paths(char **paths, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(paths[i]);
	free(paths);
}

/* Adds the directory that a path is in, if that is not "/": 0, or -1. */
static int
add_parent(char **paths, size_t *n, const char *path)
{
	char *parent = parent_of(path);

	if (parent == NULL)
		return errno == 0 ? 0 : -1;
	paths[(*n)++] = parent;
	return 0;
}

/* Where this path is a link, adds what it and what it leads to are in. */
static int
add_link(char **paths, size_t *n, const char *path)
{
	struct stat st;
	char *real;
	int rv;

	if (lstat(path, &st) == -1)
		return -1;
	if (!S_ISLNK(st.st_mode))
		return 0;
	if ((real = realpath(path, NULL)) == NULL)
		return -1;
	rv = add_parent(paths, n, path) == -1 ? -1 :
	    add_parent(paths, n, real);
	free(real);
	return rv;
}

/* Adds what the links of a path need: any directory in it may be one. */
static int
add_links(char **paths, size_t *n, const char *path)
{
	char *copy = strdup(path), *end;
	int rv = copy == NULL ? -1 : 0;

	for (end = copy; rv == 0 && *end != '\0'; *end = path[end - copy]) {
		end += strspn(end, "/");
		end += strcspn(end, "/");
		*end = '\0';
		rv = add_link(paths, n, copy);
	}
	free(copy);
	return rv;
}

/* So many paths at the most may come of one root. */
static size_t
count_paths(const char *root)
{
	size_t n = 3;

	for (; *root != '\0'; root++)
		n += *root == '/' ? 2 : 0;
	return n;
}

/*
 * Finds a root, and where links lead to it, what they and it are in; and adds
 * them to paths, which has room for them.
 */
static int
find_paths(char **paths, size_t *n, const char *root)
{
	char *real = realpath(root, NULL);

	if (real == NULL)
		return -1;
	paths[(*n)++] = real;
	return strcmp(real, root) == 0 ? 0 : add_links(paths, n, root);
}

int
confine_to(struct confine *c, char *const *roots, size_t nroots,
    char *const *files, size_t nfiles)
{
	char **paths;
	size_t n = 0, max = 0, i;

	for (i = 0; i < nroots; i++)
		max += count_paths(roots[i]);
	for (i = 0; i < nfiles; i++)
		max += count_paths(files[i]);
	/* The list ends with NULL. */
	paths = calloc(max + 1, sizeof(*paths));
	if (paths == NULL)
		return -1;
	for (i = 0; i < nroots; i++)
		if (find_paths(paths, &n, roots[i]) == -1) {
			free_paths(paths, n);
			return -1;
		}
	for (i = 0; i < nfiles; i++)
		(void)find_paths(paths, &n, files[i]);
	free_paths(c->paths, c->npaths);
	c->paths = paths;
	c->npaths = n;
	c->sandbox.read_paths = (const char *const *)paths;
	return 0;
}

/* What of a path is below a directory, "/" and on; or NULL. */
static const char *
below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 0 && dir[len - 1] == '/')
		len--;
	if (strncmp(path, dir, len) != 0)
		return NULL;
	if (path[len] == '\0')
		return "/";
	return path[len] == '/' ? path + len : NULL;
}

/* Whether a path goes up again: then its names don't tell where it leads. */
static bool
goes_up(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, "/..")) != NULL) {
		at += 3;
		if (*at == '/' || *at == '\0')
			return true;
	}
	return false;
}

/* The same of what both lead to. */
static char *
really_below(const char *path, const char *dir)
{
	char *real_path = realpath(path, NULL), *real_dir = NULL;
	char *result = NULL;
	const char *rest;

	if (real_path != NULL && (real_dir = realpath(dir, NULL)) != NULL) {
		rest = below(real_path, real_dir);
		errno = EXDEV;
		if (rest != NULL)
			result = strdup(rest);
	}
	free(real_path);
	free(real_dir);
	return result;
}

char *
confine_path(const struct confine *c, const char *path)
{
	const char *rest = below(path, c->sandbox.chroot_dir);

	if (rest != NULL && !goes_up(path))
		return strdup(rest);
	return really_below(path, c->sandbox.chroot_dir);
}

int
confine_check(const struct confine *c, const char *path)
{
	char *rest;

	if (c->sandbox.chroot_dir == NULL)
		return 0;
	if ((rest = really_below(path, c->sandbox.chroot_dir)) == NULL)
		return -1;
	free(rest);
	return 0;
}

int
confine_child(const struct confine *c, char *why, size_t size)
{
	struct sandbox sandbox;

	if (sandbox_prepare(&sandbox, &c->sandbox, why, size) == -1)
		return -1;
	if (c->privileges != NULL && privileges_drop(c->privileges) == -1) {
		(void)snprintf(why, size, "privileges: %s", strerror(errno));
		return -1;
	}
	return sandbox_enter(&sandbox, why, size);
}
