#include "tcpoptions.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

/* Slow readers would else hold all of tcp_mem: 4 MiB each. */
#define UNSENT_BYTES	(16 * 1024)

void
tcpoptions_set(int fd, int defer_s)
{
	const int on = 1, unsent = UNSENT_BYTES;
	socklen_t len = sizeof(int);
	int deferred;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
	    sizeof(unsent));
	/* Without it accept(2) just returns before the request is in. */
	if (defer_s > 0 && getsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT,
	    &deferred, &len) == 0 && deferred == 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer_s,
		    sizeof(defer_s));
}
