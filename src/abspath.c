#include "abspath.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *
abspath(const char *path)
{
	char dir[PATH_MAX], *whole;

	if (path[0] == '/')
		return strdup(path);
	if (getcwd(dir, sizeof(dir)) == NULL ||
	    asprintf(&whole, "%s/%s", dir, path) == -1)
		return NULL;
	return whole;
}
