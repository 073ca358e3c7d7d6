/* topview: a server's state as text, for a terminal and for others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ctype.h>

#include "snapshot.h"
#include "topview.h"

static struct snapshot_child child = {
	.number = 1,
	.pid = 42,
	.state = SNAPSHOT_ACCEPTING,
	.age_ms = 3000,
	.total = { 12, 3456 },
	.request_ms = 2000,
};
static struct snapshot snapshot = {
	.version = "0.1.0",
	.addresses = "127.0.0.1:80",
	.children = &child,
	.nchildren = 1,
};

/* The text for this, NUL-terminated; it is the view's. */
static const char *
text_of(struct topview *view)
{
	assert_int_equal(topview_add_server(view, &snapshot), 0);
	assert_int_equal(buffer_append(&view->out, "", 1), 0);
	return view->out.data;
}

static void
escapes_what_comes_from_outside(void **state)
{
	struct topview view = { .is_terminal = false };
	const char *text, *s;
	int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		child.request[c % 100] = (char)c;
		child.client[c % 40] = (char)c;
		snapshot.addresses[c] = (char)c;
		snapshot.version[c % 15] = (char)c;
	}
	text = text_of(&view);
	for (s = text; *s != '\0'; s++)
		if (*s != '\n')
			assert_true(*s >= 0x20 && *s < 0x7f);
	assert_non_null(strstr(text, "2s ago: "));
	buffer_free(&view.out);
	(void)strlcpy(snapshot.addresses, "127.0.0.1:80",
	    sizeof(snapshot.addresses));
	(void)strlcpy(snapshot.version, "0.1.0", sizeof(snapshot.version));
}

/* Lines and columns of what a terminal shows of a text. */
static void
measure(const char *text, size_t *lines, size_t *columns)
{
	size_t column = 0;

	*lines = 1;
	*columns = 0;
	for (; *text != '\0'; text++) {
		if (*text == '\033') {
			while (!isalpha((unsigned char)*text))
				text++;
		} else if (*text == '\n') {
			(*lines)++;
			column = 0;
		} else if (++column > *columns) {
			*columns = column;
		}
	}
}

static void
cuts_to_the_terminal(void **state)
{
	size_t lines, columns, i;

	(void)state;
	memset(child.request, 'r', sizeof(child.request) - 1);
	for (i = 1; i < 200; i++) {
		struct topview view = {
			.is_terminal = true,
			.columns = (unsigned int)i,
			.lines = (unsigned int)(i % 8) + 1,
		};
		measure(text_of(&view), &lines, &columns);
		assert_in_range(columns, 1, i);
		assert_in_range(lines, 1, i % 8 + 1);
		if (i % 8 + 1 <= 6)
			assert_int_equal(lines, i % 8 + 1);
		buffer_free(&view.out);
	}
}

static void
says_for_how_long(void **state)
{
	struct topview view = { .is_terminal = false };

	(void)state;
	(void)strlcpy(child.client, "192.0.2.1", sizeof(child.client));
	(void)strlcpy(child.request, "GET /x", sizeof(child.request));
	child.is_serving = true;
	assert_non_null(strstr(text_of(&view), "  for 2s: 192.0.2.1 GET /x\n"));
	view.out.len = 0;
	child.request[0] = '\0';
	assert_null(strstr(text_of(&view), "for 2s"));
	buffer_free(&view.out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_what_comes_from_outside),
		cmocka_unit_test(cuts_to_the_terminal),
		cmocka_unit_test(says_for_how_long),
	};

	return cmocka_run_group_tests_name("topview", tests, NULL, NULL);
}
