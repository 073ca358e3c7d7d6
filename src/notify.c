#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify.h"

/* The address of a path, or of "@name": its length, or 0 and errno. */
static socklen_t
notify_address(struct sockaddr_un *sun, const char *path)
{
	size_t len = strlen(path);

	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((path[0] != '/' && path[0] != '@') || path[1] == '\0') {
		errno = EINVAL;
		return 0;
	}
	if (len >= sizeof(sun->sun_path)) {
		errno = ENAMETOOLONG;
		return 0;
	}
	memcpy(sun->sun_path, path, len);
	if (path[0] == '/')
		return sizeof(*sun);
	/* Every byte of an abstract name counts, so no NUL: unix(7). */
	sun->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

int
notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun;
	socklen_t len;
	ssize_t n;
	int error, fd;

	if (path == NULL || path[0] == '\0')
		return 0;
	len = notify_address(&sun, path);
	if (len == 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	do {
		n = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		    (const struct sockaddr *)&sun, len);
	} while (n == -1 && errno == EINTR);
	error = errno;
	(void)close(fd);
	errno = error;
	return n == -1 ? -1 : 1;
}
