/*
 * The scoreboard of a server of another version, as far as it can be read: the
 * version is the argument, with an escape sequence behind it.  Says when it is
 * there, and waits to be killed.
 */
#include <sys/mman.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "scoreboard.h"

int
main(int argc, char *argv[])
{
	struct scoreboard_head head = { .magic = SCOREBOARD_MAGIC };
	int fd = memfd_create(SCOREBOARD_NAME, MFD_CLOEXEC |
	    MFD_ALLOW_SEALING);

	if (argc != 2)
		errx(EX_USAGE, "otherboard version");
	(void)snprintf(head.version, sizeof(head.version), "%s\033[2J",
	    argv[1]);
	head.master = getpid();
	if (fd == -1 || write(fd, &head, sizeof(head)) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == -1)
		err(EX_OSERR, "memfd_create");
	(void)dprintf(STDOUT_FILENO, "ready\n");
	return pause();
}
