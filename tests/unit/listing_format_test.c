/* What a listing says of its path and its entries, as a page and as JSON. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

#include <cmocka.h>

#include "handlers/listing_format.h"

static const struct {
	int64_t		 t;
	const char	*text;
} times[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ -1, "1969-12-31T23:59:59Z" },
	{ 784111777, "1994-11-06T08:49:37Z" },
	{ 1709164800, "2024-02-29T00:00:00Z" },
	{ INT64_C(4294967296), "2106-02-07T06:28:16Z" },
	{ INT64_C(253402300799), "9999-12-31T23:59:59Z" },
	{ INT64_C(253402300800), "9999-12-31T23:59:59Z" },
	{ INT64_MAX, "9999-12-31T23:59:59Z" },
	{ INT64_C(-62167219200), "0000-01-01T00:00:00Z" },
	{ INT64_C(-62167219201), "0000-01-01T00:00:00Z" },
	{ INT64_MIN, "0000-01-01T00:00:00Z" },
};

static void
test_time(void **state)
{
	char text[LISTING_TIME_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		listing_time(text, times[i].t);
		assert_string_equal(text, times[i].text);
	}
}

/* Fills in an entry whose name is at the most NAME_MAX bytes. */
static const struct listing_entry *
entry(const char *name, int64_t size)
{
	static union {
		struct listing_entry	e;
		char			space[sizeof(struct listing_entry) +
					    NAME_MAX + 1];
	} u;

	u.e.size = size;
	u.e.mtime = 0;
	(void)snprintf(u.e.name, NAME_MAX + 1, "%s", name);
	return &u.e;
}

static void
test_url(void **state)
{
	char name[NAME_MAX + 1], *url = malloc(LISTING_URL_SIZE);

	(void)state;
	assert_non_null(url);
	listing_url(url, entry("a b%2f#?:\"\\", 0));
	assert_string_equal(url, "a%20b%252f%23%3F%3A%22%5C");
	listing_url(url, entry("dir", -1));
	assert_string_equal(url, "dir/");
	memset(name, '\xff', NAME_MAX);
	name[NAME_MAX] = '\0';
	listing_url(url, entry(name, -1));
	assert_int_equal(strlen(url), LISTING_URL_SIZE - 1);
	free(url);
}

/* The text between two others of what a format writes; static. */
static const char *
part(const struct listing_output *output, const char *from, const char *to)
{
	static char text[16384];
	char *start, *end;

	assert_in_range(output->out.len, 1, sizeof(text) - 1);
	memcpy(text, output->out.data, output->out.len);
	text[output->out.len] = '\0';
	assert_non_null(start = strstr(text, from));
	start += strlen(from);
	assert_non_null(end = strstr(start, to));
	*end = '\0';
	return start;
}

#define LI "<li><a href=\""
#define HERE "<li><h1 aria-current=\"page\"><bdi>"

static const struct {
	const char	*path;
	const char	*query;
	const char	*crumbs;
} paths[] = {
	{ "/", "", HERE "Index</bdi></h1>" },
	{ "//", "", HERE "Index</bdi></h1>" },
	{ "/a/", "", LI "../\"><bdi>Index</bdi></a>" HERE "a</bdi></h1>" },
	{ "/a/b c/", "", LI "../../\"><bdi>Index</bdi></a>"
	    LI "../\"><bdi>a</bdi></a>" HERE "b c</bdi></h1>" },
	{ "//a//b/", "", LI "../../../../\"><bdi>Index</bdi></a>"
	    LI "../../\"><bdi>a</bdi></a>" HERE "b</bdi></h1>" },
	{ "/<b>/", "sort=name&order=desc",
	    LI "../?sort=name&amp;order=desc\"><bdi>Index</bdi></a>"
	    HERE "&lt;b&gt;</bdi></h1>" },
	{ "/\xff/", "sort=size", LI "../?sort=size\"><bdi>Index</bdi></a>"
	    HERE "\xef\xbf\xbd</bdi></h1>" },
};

static void
test_path(void **state)
{
	struct listing_output output = { 0 };
	const char *crumbs;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		output.out.len = 0;
		output.order = listing_order_parse(paths[i].query);
		assert_int_equal(listing_page.begin(&output, paths[i].path),
		    0);
		crumbs = part(&output, "<ol>\n", "\n</ol>");
		if (strcmp(crumbs, paths[i].crumbs) != 0)
			fail_msg("%s: %s, not %s", paths[i].path, crumbs,
			    paths[i].crumbs);
	}
	buffer_free(&output.out);
}

/* A segment that no file can have is shown cut. */
static void
test_path_too_long(void **state)
{
	struct listing_output output = { 0 };
	char path[NAME_MAX + 64];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = path[sizeof(path) - 2] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(listing_page.begin(&output, path), 0);
	assert_int_equal(strlen(part(&output, HERE, "<")), NAME_MAX);
	buffer_free(&output.out);
}

static const struct {
	int64_t		 size;
	const char	*text;
} sizes[] = {
	{ 0, "<td title=\"0 bytes\">0 B" },
	{ 1, "<td title=\"1 bytes\">1 B" },
	{ 999, "<td title=\"999 bytes\">999 B" },
	{ 1024, "<td title=\"1024 bytes\">1.0 KiB" },
	{ 1536, "<td title=\"1536 bytes\">1.5 KiB" },
	{ 1023 * 1024, "<td title=\"1047552 bytes\">1.0 MiB" },
	{ 100 * 1024 * 1024, "<td title=\"104857600 bytes\">100 MiB" },
	{ INT64_MAX, "<td title=\"9223372036854775807 bytes\">8.0 EiB" },
	{ -1, "<td>" },
};

static void
test_size(void **state)
{
	struct listing_output output = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		output.out.len = 0;
		assert_int_equal(listing_page.entry(&output, entry("a",
		    sizes[i].size)), 0);
		assert_string_equal(part(&output, "</th>", "</td>"),
		    sizes[i].text);
	}
	buffer_free(&output.out);
}

static void
test_json(void **state)
{
	struct listing_output output = { 0 };

	(void)state;
	assert_int_equal(listing_json.begin(&output, "/"), 0);
	assert_int_equal(listing_json.entry(&output, entry("\xff", -1)), 0);
	output.directories++;
	assert_int_equal(listing_json.entry(&output, entry("\"", 7)), 0);
	output.files++;
	assert_int_equal(listing_json.end(&output), 0);
	assert_int_equal(buffer_append(&output.out, "|", 1), 0);
	assert_string_equal(part(&output, "", "|"), "[\n"
	    "{\"name\":\"\xef\xbf\xbd\",\"url\":\"%FF/\","
	    "\"type\":\"directory\","
	    "\"mtime\":\"1970-01-01T00:00:00Z\"},\n"
	    "{\"name\":\"\\\"\",\"url\":\"%22\",\"type\":\"file\",\"size\":7,"
	    "\"mtime\":\"1970-01-01T00:00:00Z\"}\n]\n");
	buffer_free(&output.out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_path_too_long),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
