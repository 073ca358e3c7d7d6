/* What the tests of the listener share: an assertion for either outcome. */
#ifndef LISTENER_TEST_H
#define LISTENER_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../../src/listener.h"

static char why[256];

/* Opens a listener that must open. */
static int
open_listener(const char *addr)
{
	int fd;

	why[0] = '\0';
	fd = listener_open(addr, 0, why, sizeof(why));
	if (fd == -1)
		print_error("%s\n", why);
	assert_int_not_equal(fd, -1);
	return fd;
}

static void
assert_refused(const char *addr, int error, const char *text)
{
	errno = 0;
	assert_int_equal(listener_open(addr, 0, why, sizeof(why)), -1);
	assert_int_equal(errno, error);
	if (strstr(why, text) == NULL)
		fail_msg("%s: \"%s\" without \"%s\"", addr, why, text);
}

#endif
