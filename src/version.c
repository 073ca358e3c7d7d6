#include "version.h"

struct version
version_of(const struct stat *st)
{
	return (struct version){ st->st_size, st->st_mtim };
}

bool
version_is_current(const struct version *v, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return false;
	return st.st_size > v->size || (st.st_size == v->size &&
	    st.st_mtim.tv_sec == v->mtime.tv_sec &&
	    st.st_mtim.tv_nsec == v->mtime.tv_nsec);
}
