#include "boards.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What proc(5) says of a file of memfd_create(2). */
#define LINK "/memfd:" SCOREBOARD_NAME " (deleted)"

static bool
is_scoreboard(int dir, const char *name)
{
	char link[sizeof(LINK)];

	return readlinkat(dir, name, link, sizeof(link)) ==
	    (ssize_t)strlen(LINK) && memcmp(link, LINK, strlen(LINK)) == 0;
}

/*
 * Whoever likes can give a file that name.  A process that a master has just
 * forked has its descriptors, too, but is not who the board says.
 */
static void
add_board(struct boards *b, int dir, const char *name, pid_t pid)
{
	struct board *board = &b->found[b->n];
	struct scoreboard_head head;
	int fd;

	fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return;
	*board = (struct board){ .master = pid };
	board->size = scoreboard_map(fd, &board->map, &head);
	if (board->size == 0 && errno != EPROTO)
		goto out;
	if (head.master != pid) {
		if (board->size != 0)
			scoreboard_unmap(board->map, board->size);
		goto out;
	}
	memcpy(board->version, head.version, sizeof(board->version));
	b->n++;
out:
	(void)close(fd);
}

/* Looks at what a process has open, one board at most: 0, or -1 and errno. */
static int
look_at(struct boards *b, pid_t pid)
{
	const size_t end = b->n < BOARDS_MAX ? b->n + 1 : BOARDS_MAX;
	const struct dirent *entry;
	char path[64];
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	if ((dir = opendir(path)) == NULL)
		return -1;
	while (b->n < end && (entry = readdir(dir)) != NULL)
		if (is_scoreboard(dirfd(dir), entry->d_name))
			add_board(b, dirfd(dir), entry->d_name, pid);
	(void)closedir(dir);
	return 0;
}

/* Most processes are none of ours, and many are not to be looked at. */
static int
look_at_all(struct boards *b)
{
	const struct dirent *entry;
	const char *problem;
	DIR *proc;
	int pid;

	if ((proc = opendir("/proc")) == NULL)
		return -1;
	while ((entry = readdir(proc)) != NULL) {
		pid = (int)strtonum(entry->d_name, 1, INT_MAX, &problem);
		if (problem == NULL)
			(void)look_at(b, pid);
	}
	(void)closedir(proc);
	return 0;
}

int
boards_find(struct boards *b, pid_t master)
{
	int result;

	b->n = 0;
	result = master == 0 ? look_at_all(b) : look_at(b, master);
	return result == -1 ? -1 : (int)b->n;
}

void
boards_close(struct boards *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->found[i].map != NULL)
			scoreboard_unmap(b->found[i].map, b->found[i].size);
	b->n = 0;
}
