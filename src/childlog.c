#include "childlog.h"

#include <sys/epoll.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "accesslogs.h"
#include "child.h"
#include "fdpass.h"
#include "logids.h"

/* What a reload has brought since, or another has dropped, is not for us. */
static int
childlog_set(struct child *child, int fd, int id)
{
	int number = logids_find(child->config.logs, id), n;

	if (number == -1)
		return 0;
	if ((n = accesslogs_reopen(&child->conns.logs, number, fd)) != 0)
		return n;
	return dup3(fd, number, O_CLOEXEC);
}

void
childlog_change(struct child *child)
{
	int id, fd = fdpass_receive(child->config.channel, &id);

	if (fd == -1 && errno == EAGAIN)
		return;
	if (fd == -1) {
		/* Its other end goes with the master, which is noticed. */
		if (errno != EPIPE)
			child_give_up(child, "log", errno);
		(void)epoll_ctl(child->epoll_fd, EPOLL_CTL_DEL,
		    child->config.channel, NULL);
		return;
	}
	if (childlog_set(child, fd, id) == -1)
		child_give_up(child, "log", errno);
	(void)close(fd);
}
