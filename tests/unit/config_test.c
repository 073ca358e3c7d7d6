/* config: -o's text, as it sets a file server, and what is said of wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "handlers/files.h"
#include "mime.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#define BYTES	"give a number of bytes, such as 16m"
#define BOOL	"give yes or no"
#define PAGE	"give a status and a path, such as \"404 /404.html\""
#define EXT	"give an extension with its dot, such as .html"
#define PATH	"give a path, such as /index.html"
#define HEADER	"give a pattern and a field, such as " \
	"\"*.css Cache-Control: max-age=3600\", but none of Date, " \
	"Connection, Content-Length and Transfer-Encoding"
#define INDEX	"give a file name, such as index.html"
#define TYPE	"give an extension and a media type, such as " \
	"\"gltf model/gltf+json\""
#define NONE	"no such option; give one of cache_bytes, dotfiles, " \
	"error_page, extension, fallback, follow_links, header, index, " \
	"listing, status, type"
#define STATUS	"give " CONFIG_STATUS_WANTS

static int
new_server(void **state)
{
	*state = http_file_server_new("/");
	return *state == NULL ? -1 : 0;
}

static int
free_server(void **state)
{
	http_file_server_free(*state);
	return 0;
}

static void
set(struct http_file_server *files, const char *text)
{
	char why[512] = "";

	if (config_set_option(files, text, why,
	    sizeof(why)) != 0)
		fail_msg("%s: %s", text, why);
}

static void
wrong_ones_say_what_to_give(void **state)
{
	static const struct {
		const char	*text;
		const char	*why;
	} rows[] = {
		{ "", NONE }, { "=", NONE }, { "listin", NONE },
		{ "listings", NONE }, { "LISTING", NONE }, { " listing", NONE },
		{ "cache_bytes", BYTES }, { "cache_bytes=", BYTES },
		{ "cache_bytes=k", BYTES }, { "cache_bytes=-1", BYTES },
		{ "cache_bytes= 1", BYTES }, { "cache_bytes=1x", BYTES },
		{ "cache_bytes=1k1", BYTES }, { "cache_bytes=16mib", BYTES },
		{ "cache_bytes=1 m", BYTES }, { "cache_bytes=1m ", BYTES },
		{ "cache_bytes=17179869184g", BYTES },
		{ "dotfiles=1", BOOL }, { "follow_links=true", BOOL },
		{ "listing=yess", BOOL }, { "listing==yes", BOOL },
		{ "error_page=", PAGE }, { "error_page=404 ", PAGE },
		{ "error_page=200 /x", PAGE }, { "error_page=x /x", PAGE },
		{ "error_page=404x /x", PAGE }, { "error_page=404 x", PAGE },
		{ "extension=html", EXT }, { "extension=.", EXT },
		{ "extension=.a/b", EXT }, { "fallback=x", PATH },
		{ "header=", HEADER }, { "header=X: y", HEADER },
		{ "header=* X", HEADER }, { "header=* X Y: z", HEADER },
		{ "header=* X : z", HEADER }, { "header=* Date: z", HEADER },
		{ "header= X: y", HEADER }, { "header=* X: y\n", HEADER },
		{ "index=/", INDEX }, { "index=a/b", INDEX },
		{ "status", STATUS }, { "status=", STATUS },
		{ "status=x", STATUS }, { "status=/a?b", STATUS },
		{ "status=/a#b", STATUS }, { "status=/a%62", STATUS },
		{ "status=/a/../b", STATUS }, { "status=/.", STATUS },
		{ "status=/a/./b", STATUS }, { "status=/a/..", STATUS },
		{ "type=a", TYPE }, { "type=a ", TYPE }, { "type=a b", TYPE },
		{ "type=.a b/c", TYPE }, { "type=a.b c/d", TYPE },
		{ "type= a/b", TYPE },
	};
	char why[512];
	size_t i;

	for (i = 0; i < LEN(rows); i++) {
		why[0] = '\0';
		if (config_set_option(*state, rows[i].text,
		    why, sizeof(why)) != -1)
			fail_msg("\"%s\" is taken", rows[i].text);
		if (strcmp(why, rows[i].why) != 0)
			fail_msg("\"%s\": \"%s\", not \"%s\"", rows[i].text,
			    why, rows[i].why);
	}
}

/* Also where what is wrong does not fit. */
static void
says_no_more_than_fits(void **state)
{
	char why[8];

	memset(why, 'x', sizeof(why));
	assert_int_equal(config_set_option(*state, "x", why, 4),
	    -1);
	assert_string_equal(why, "no ");
	assert_int_equal(why[4], 'x');
	assert_int_equal(config_set_option(*state, "listing=x",
	    why, 4), -1);
	assert_string_equal(why, "giv");
	assert_int_equal(why[4], 'x');
}

static void
booleans_are_yes_unless_no(void **state)
{
	static const struct {
		const char	*value;
		bool		 on;
	} rows[] = {
		{ "", true }, { "=", true }, { "=yes", true }, { "=on", true },
		{ "=YES", true }, { " yes", true }, { "\ton", true },
		{ "=no", false }, { "=off", false }, { "=No", false },
		{ " off", false },
	};
	struct http_file_server *files = *state;
	char text[64];
	size_t i;

	for (i = 0; i < LEN(rows); i++) {
		files->lists = files->root.shows_dotfiles =
		    files->root.follows_links = !rows[i].on;
		(void)snprintf(text, sizeof(text), "listing%s", rows[i].value);
		set(files, text);
		assert_int_equal(files->lists, rows[i].on);
		assert_int_equal(files->root.shows_dotfiles, !rows[i].on);
		(void)snprintf(text, sizeof(text), "dotfiles%s",
		    rows[i].value);
		set(files, text);
		assert_int_equal(files->root.shows_dotfiles, rows[i].on);
		assert_int_equal(files->root.follows_links, !rows[i].on);
		(void)snprintf(text, sizeof(text), "follow_links%s",
		    rows[i].value);
		set(files, text);
		assert_int_equal(files->root.follows_links, rows[i].on);
	}
}

static void
sizes_have_units(void **state)
{
	static const struct {
		const char	*text;
		size_t		 bytes;
	} rows[] = {
		{ "cache_bytes=0", 0 }, { "cache_bytes=1", 1 },
		{ "cache_bytes 12345", 12345 }, { "cache_bytes=1k", 1024 },
		{ "cache_bytes=16m", 16777216 }, { "cache_bytes=1M", 1048576 },
		{ "cache_bytes=2g", 2147483648 },
	};
	struct http_file_server *files = *state;
	size_t i;

	assert_int_equal(files->cache->max_size, 16777216);
	for (i = 0; i < LEN(rows); i++) {
		set(files, rows[i].text);
		assert_int_equal(files->cache->max_size, rows[i].bytes);
	}
}

static void
names_and_paths_are_kept_and_taken_back(void **state)
{
	struct http_file_server *files = *state;

	assert_string_equal(files->index, "index.html");
	assert_null(files->extension);
	assert_null(files->fallback);
	set(files, "index=a b.c");
	assert_string_equal(files->index, "a b.c");
	set(files, "index");
	assert_null(files->index);
	set(files, "extension=.html");
	assert_string_equal(files->extension, ".html");
	set(files, "extension=");
	assert_null(files->extension);
	set(files, "fallback=/a=b c");
	assert_string_equal(files->fallback, "/a=b c");
	set(files, "fallback=/x");
	assert_string_equal(files->fallback, "/x");
	set(files, "fallback");
	assert_null(files->fallback);
}

static void
error_pages_are_by_status(void **state)
{
	struct http_file_server *files = *state;

	set(files, "error_page=400 /first");
	set(files, "error_page=599 \t /last");
	set(files, "error_page 404 /not found");
	assert_string_equal(files->error_pages[0], "/first");
	assert_string_equal(files->error_pages[199], "/last");
	assert_string_equal(files->error_pages[4], "/not found");
	assert_null(files->error_pages[1]);
	set(files, "error_page=404 /other");
	assert_string_equal(files->error_pages[4], "/other");
}

static void
headers_are_added_in_order(void **state)
{
	struct http_file_server *files = *state;

	set(files, "header=*.css Cache-Control: max-age=3600");
	set(files, "header text/html\tX-A:b:c  d");
	set(files, "header=/a  X-Empty:");
	assert_int_equal(files->rules.len, 3);
}

static void
types_are_over_all_tables(void **state)
{
	struct http_file_server *files = *state;

	set(files, "type=gltf model/gltf+json");
	set(files, "type html  text/x-own; charset=ascii");
	assert_string_equal(mime_type(files->mime, "/a.gltf"),
	    "model/gltf+json");
	assert_string_equal(mime_type(files->mime, "/a.html"),
	    "text/x-own; charset=ascii");
}

/* A value of 8191 bytes is the longest. */
static void
values_have_a_longest(void **state)
{
	char text[9000], why[512];

	memset(text, 'a', sizeof(text));
	memcpy(text, "index=", 6);
	text[6 + 8191] = '\0';
	set(*state, text);
	text[6 + 8191] = 'a';
	text[6 + 8192] = '\0';
	assert_int_equal(config_set_option(*state, text, why,
	    sizeof(why)), -1);
	assert_string_equal(why, INDEX);
}

static void
status_is_a_path(void **state)
{
	static const char *const texts[] = { "status=/status", "status /a b",
	    "status=/.well-known/x", "status=/a/...", "status=/" };
	size_t i;

	for (i = 0; i < LEN(texts); i++)
		set(*state, texts[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, new_server, free_server)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wrong_ones_say_what_to_give),
		TEST(says_no_more_than_fits),
		TEST(booleans_are_yes_unless_no),
		TEST(sizes_have_units),
		TEST(names_and_paths_are_kept_and_taken_back),
		TEST(error_pages_are_by_status),
		TEST(headers_are_added_in_order),
		TEST(types_are_over_all_tables),
		TEST(values_have_a_longest),
		TEST(status_is_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
