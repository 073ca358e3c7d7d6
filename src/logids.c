#include "logids.h"

static int
id_of(const struct logids *ids, int fd)
{
	size_t i;

	for (i = 0; i < ids->n; i++)
		if (ids->logs[i].fd == fd)
			return ids->logs[i].id;
	return 0;
}

void
logids_set(struct logids *ids, const int *fds, size_t n)
{
	const struct logids former = *ids;
	struct logid *log;
	size_t i;

	ids->n = 0;
	for (i = 0; i < n; i++) {
		if (fds[i] == 0)
			continue;
		log = &ids->logs[ids->n++];
		log->fd = fds[i];
		log->id = id_of(&former, fds[i]);
		if (log->id == 0)
			log->id = ++ids->last;
	}
}

void
logids_restore(struct logids *ids, const struct logids *former)
{
	int last = ids->last;

	*ids = *former;
	ids->last = last;
}

int
logids_find(const struct logids *ids, int id)
{
	size_t i;

	for (i = 0; i < ids->n; i++)
		if (ids->logs[i].id == id)
			return ids->logs[i].fd;
	return -1;
}
