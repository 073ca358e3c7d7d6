#include "config_roots.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct root {
	const char		*path;
	struct http_file_server	*files;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct root *)a)->path,
	    ((const struct root *)b)->path);
}

struct http_file_server *
config_roots_find(const struct config_roots *roots, const char *path)
{
	const struct root sought = { .path = path };
	struct root *const *found;

	found = tfind(&sought, &roots->tree, compare);
	return found == NULL ? NULL : (*found)->files;
}

int
config_roots_add(struct config_roots *roots, const char *path,
    struct http_file_server *files)
{
	struct root *root = malloc(sizeof(*root));

	if (root == NULL)
		return -1;
	*root = (struct root){ path, files };
	if (tsearch(root, &roots->tree, compare) != NULL)
		return 0;
	free(root);
	errno = ENOMEM;
	return -1;
}

void
config_roots_free(struct config_roots *roots)
{
	tdestroy(roots->tree, free);
	roots->tree = NULL;
}
