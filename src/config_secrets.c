#include "config_secrets.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "config_handlers.h"
#include "config_keys.h"
#include "config_tree.h"
#include "confine.h"
#include "options.h"
#include "privileges.h"

/* Becomes the user and tries it: 0, or errno. */
static int
try_to_read(const struct privileges *user, const char *path)
{
	int fd;

	if (privileges_drop(user) == -1)
		return errno;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

/* The same in a process that is made for that. */
static int
read_error(const struct privileges *user, const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(try_to_read(user, path));
	if (pid == -1)
		return errno;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

void
config_secrets_check(const struct config_handlers *handlers,
    const struct options *o, struct config_faults *faults)
{
	const struct confine c = { .sandbox.chroot_dir = o->chroot_dir };
	const struct config_auth *auth;
	struct privileges user;
	char why[CONFIG_WHY_SIZE];
	bool is_other;
	size_t i;
	int error;

	/* Who is not root stays who it is, and has read them. */
	is_other = o->user != NULL && geteuid() == 0 &&
	    privileges_parse(&user, o->user, why, sizeof(why)) == 0;
	for (i = 0; i < handlers->nauths; i++) {
		auth = &handlers->auths[i];
		error = is_other ? read_error(&user, auth->path) : 0;
		if (error != 0)
			config_fault(faults, auth->line, EX_CONFIG, "auth: "
			    "%s: %s for %s, who has to read it when it "
			    "changes; chgrp it, and chmod 640", auth->path,
			    strerror(error), o->user);
		if (confine_check(&c, auth->path) == -1)
			config_fault(faults, auth->line, EX_CONFIG, "auth: "
			    "%s: not below %s, the root directory of the "
			    "children", auth->path, o->chroot_dir);
	}
}
