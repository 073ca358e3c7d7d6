/*
 * For valgrind(1), which before 3.20 knows no openat2(2) and has it fail:
 * preloaded, this has openat(2) open what httpserve asks for.  Names that
 * lead out of the root are not kept from doing so any more, which nobody
 * tries where this is used; what a request costs beside that is the same.
 */
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>

long syscall(long, long, long, long, long, long, long);

/* syscall(2), in front of libc's, with as many arguments as there can be. */
long
syscall(long number, long a, long b, long c, long d, long e, long f)
{
	static long (*next)(long, ...);
	const struct open_how *how = (const void *)(uintptr_t)c;

	if (number == SYS_openat2)
		return openat((int)a, (const char *)(uintptr_t)b,
		    (int)how->flags);
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a, b, c, d, e, f);
}
