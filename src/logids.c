#include "logids.h"

#include <errno.h>

/* While it is somebody's. */
#define NEVER UINT64_MAX

static const struct logid *
find_fd(const struct logids *ids, int fd)
{
	size_t i;

	for (i = 0; i < ids->n; i++)
		if (ids->logs[i].fd == fd)
			return &ids->logs[i];
	return NULL;
}

/* 0, or -1 where all are in use. */
static int
take_place(struct logids *ids, size_t *place, uint64_t oldest_ms)
{
	size_t i;

	for (i = 0; i < SCOREBOARD_LOGS; i++) {
		if (ids->until_ms[i] >= oldest_ms && ids->until_ms[i] != 0)
			continue;
		ids->until_ms[i] = NEVER;
		*place = i;
		return 0;
	}
	errno = EAGAIN;
	return -1;
}

/* Makes it the next one: that of before, or with an id of its own. */
static int
add(struct logids *ids, const struct logids *former, int fd,
    uint64_t oldest_ms)
{
	const struct logid *same = find_fd(former, fd);
	struct logid *log = &ids->logs[ids->n];

	if (same != NULL) {
		*log = *same;
	} else {
		log->fd = fd;
		if (take_place(ids, &log->place, oldest_ms) == -1)
			return -1;
		log->id = ++ids->last;
	}
	ids->n++;
	return 0;
}

int
logids_set(struct logids *ids, const int *fds, size_t n, uint64_t oldest_ms)
{
	const struct logids former = *ids;
	size_t i;

	ids->n = 0;
	for (i = 0; i < n; i++)
		if (fds[i] != 0 && find_fd(ids, fds[i]) == NULL &&
		    add(ids, &former, fds[i], oldest_ms) == -1)
			return -1;
	return 0;
}

void
logids_drop(struct logids *ids, const struct logids *former, uint64_t now_ms)
{
	const struct logid *log = former->logs, *end = log + former->n;

	for (; log < end; log++)
		if (logids_find(ids, log->id) == -1)
			ids->until_ms[log->place] = now_ms;
}

void
logids_restore(struct logids *ids, const struct logids *former,
    uint64_t now_ms)
{
	const struct logids failed = *ids;

	*ids = *former;
	ids->last = failed.last;
	logids_drop(ids, &failed, now_ms);
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

size_t
logids_place(const struct logids *ids, int fd)
{
	return find_fd(ids, fd)->place;
}
