#include "confine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int
confine_to(struct confine *c, const char *root)
{
	const char *paths[CONFINE_MAX_PATHS + 1] = { NULL };
	char *real = realpath(root, NULL), *parent;
	size_t n = 0;

	c->sandbox.read_paths = c->paths;
	if (real == NULL)
		return -1;
	paths[n++] = real;
	if (strcmp(real, root) != 0) {
		if ((parent = parent_of(real)) != NULL)
			paths[n++] = parent;
		else if (errno != 0)
			return -1;
		if ((parent = parent_of(root)) != NULL)
			paths[n++] = parent;
		else if (errno != 0)
			return -1;
	}
	memcpy(c->paths, paths, sizeof(paths));
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
