#include "confine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one root. */
#define MAX_PATHS 3

int
confine_without(struct confine *c, const char *part)
{
	bool all = strcmp(part, "all") == 0;
	bool *parts[] = { &c->sandbox.capabilities, &c->sandbox.landlock,
	    &c->sandbox.seccomp };
	static const char *const names[] = { "capabilities", "landlock",
	    "seccomp" };
	bool is_known = all;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!all && strcmp(part, names[i]) != 0)
			continue;
		*parts[i] = false;
		is_known = true;
	}
	return is_known ? 0 : -1;
}

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

/*
 * Finds a root, and where links lead to it, what they and it are in; and adds
 * them to paths, which has room for three.
 */
static int
find_paths(char **paths, size_t *n, const char *root)
{
	char *real = realpath(root, NULL), *parent;

	if (real == NULL)
		return -1;
	paths[(*n)++] = real;
	if (strcmp(real, root) == 0)
		return 0;
	if ((parent = parent_of(root)) != NULL)
		paths[(*n)++] = parent;
	else if (errno != 0)
		return -1;
	if ((parent = parent_of(real)) != NULL)
		paths[(*n)++] = parent;
	return parent == NULL && errno != 0 ? -1 : 0;
}

int
confine_to(struct confine *c, char *const *roots, size_t nroots)
{
	/* The list ends with NULL, but for what it has. */
	char **paths = calloc(nroots * MAX_PATHS + 1, sizeof(*paths));
	size_t n = 0, i;

	if (paths == NULL)
		return -1;
	for (i = 0; i < nroots; i++)
		if (find_paths(paths, &n, roots[i]) == -1) {
			free_paths(paths, n);
			return -1;
		}
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
