/* mime: the built-in table, the system's file over it, and hostile names. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mime.h"

#define UNKNOWN "application/octet-stream"

struct row {
	const char	*name;
	const char	*want;
};

static void
assert_types(const struct mime *mime, const struct row *rows, size_t n)
{
	const char *got;
	size_t i;

	for (i = 0; i < n; i++) {
		got = mime_type(mime, rows[i].name);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s is %s, not %s", rows[i].name, got,
			    rows[i].want);
	}
}

/* Returns a new table over which a file of this text was read. */
static struct mime *
mime_of(const char *text, size_t len)
{
	char path[] = "/tmp/mime_test.XXXXXX";
	struct mime *mime;
	int fd;

	fd = mkstemp(path);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	mime = mime_new(path);
	unlink(path);
	assert_non_null(mime);
	return mime;
}

static void
knows_the_types_of_the_web(void **state)
{
	static const struct row rows[] = {
		{ "index.html", "text/html; charset=utf-8" },
		{ "index.htm", "text/html; charset=utf-8" },
		{ "a.xhtml", "application/xhtml+xml" },
		{ "a.css", "text/css; charset=utf-8" },
		/* RFC 9239 */
		{ "a.js", "text/javascript; charset=utf-8" },
		{ "a.mjs", "text/javascript; charset=utf-8" },
		{ "a.cjs", "text/javascript; charset=utf-8" },
		/* RFC 8259, 11: no charset parameter. */
		{ "a.json", "application/json" },
		{ "a.js.map", "application/json" },
		{ "a.jsonld", "application/ld+json" },
		{ "a.webmanifest", "application/manifest+json" },
		/* RFC 7303: the document says its encoding. */
		{ "a.xml", "application/xml" },
		{ "a.rss", "application/rss+xml" },
		{ "a.atom", "application/atom+xml" },
		{ "a.svg", "image/svg+xml" },
		{ "a.svgz", "image/svg+xml" },
		{ "a.txt", "text/plain; charset=utf-8" },
		{ "a.md", "text/markdown; charset=utf-8" },
		{ "a.csv", "text/csv; charset=utf-8" },
		{ "a.ics", "text/calendar; charset=utf-8" },
		{ "a.vtt", "text/vtt; charset=utf-8" },
		{ "a.wgsl", "text/wgsl; charset=utf-8" },
		{ "a.tsv", "text/tab-separated-values; charset=utf-8" },
		{ "a.vcf", "text/vcard; charset=utf-8" },
		{ "a.ttl", "text/turtle; charset=utf-8" },
		{ "a.png", "image/png" },
		{ "a.jpg", "image/jpeg" },
		{ "a.jpeg", "image/jpeg" },
		{ "a.gif", "image/gif" },
		{ "a.webp", "image/webp" },
		{ "a.avif", "image/avif" },
		{ "a.apng", "image/apng" },
		{ "a.jxl", "image/jxl" },
		{ "a.heic", "image/heic" },
		{ "a.heif", "image/heif" },
		{ "favicon.ico", "image/vnd.microsoft.icon" },
		{ "a.bmp", "image/bmp" },
		{ "a.tiff", "image/tiff" },
		{ "a.woff", "font/woff" },
		{ "a.woff2", "font/woff2" },
		{ "a.ttf", "font/ttf" },
		{ "a.otf", "font/otf" },
		{ "a.ttc", "font/collection" },
		{ "a.eot", "application/vnd.ms-fontobject" },
		/* WebAssembly.compileStreaming() takes no other. */
		{ "a.wasm", "application/wasm" },
	};
	struct mime *mime;

	(void)state;
	mime = mime_new(NULL);
	assert_non_null(mime);
	assert_types(mime, rows, sizeof(rows) / sizeof(rows[0]));
	mime_free(mime);
}

static void
knows_what_is_played_and_downloaded(void **state)
{
	static const struct row rows[] = {
		{ "a.pdf", "application/pdf" },
		{ "a.zip", "application/zip" },
		{ "a.gz", "application/gzip" },
		{ "a.bz2", "application/x-bzip2" },
		{ "a.xz", "application/x-xz" },
		{ "a.zst", "application/zstd" },
		{ "a.tar", "application/x-tar" },
		{ "a.7z", "application/x-7z-compressed" },
		{ "a.mp3", "audio/mpeg" },
		{ "a.m4a", "audio/mp4" },
		{ "a.ogg", "audio/ogg" },
		{ "a.opus", "audio/ogg" },
		{ "a.flac", "audio/flac" },
		{ "a.wav", "audio/wav" },
		{ "a.mp4", "video/mp4" },
		{ "a.m4v", "video/mp4" },
		{ "a.webm", "video/webm" },
		{ "a.ogv", "video/ogg" },
		{ "a.mov", "video/quicktime" },
		{ "a.mkv", "video/matroska" },
		{ "a.avi", "video/x-msvideo" },
		{ "a.ts", "video/mp2t" },
		{ "a.m3u8", "application/vnd.apple.mpegurl" },
		{ "a.mpd", "application/dash+xml" },
		{ "a.epub", "application/epub+zip" },
		{ "a.docx", "application/vnd.openxmlformats-officedocument"
		    ".wordprocessingml.document" },
		{ "a.glb", "model/gltf-binary" },
		{ "a.gltf", "model/gltf+json" },
		{ "a.stl", "model/stl" },
		{ "a.usdz", "model/vnd.usdz+zip" },
		{ "a.oga", "audio/ogg" },
		{ "a.aac", "audio/aac" },
		{ "a.mka", "audio/matroska" },
		{ "a.m3u", "audio/mpegurl" },
		{ "a.m4s", "video/iso.segment" },
		{ "a.3gp", "video/3gpp" },
		{ "a.rdf", "application/rdf+xml" },
		{ "a.geojson", "application/geo+json" },
		{ "a.kml", "application/vnd.google-earth.kml+xml" },
		{ "a.yaml", "application/yaml" },
		{ "a.toml", "application/toml" },
		{ "a.rtf", "application/rtf" },
		{ "a.tgz", "application/gzip" },
		{ "a.apk", "application/vnd.android.package-archive" },
		/* RFC 2585 and 5280: fetched to check certificates. */
		{ "a.cer", "application/pkix-cert" },
		{ "a.crl", "application/pkix-crl" },
		{ "a.doc", "application/msword" },
		{ "a.xls", "application/vnd.ms-excel" },
		{ "a.ppt", "application/vnd.ms-powerpoint" },
		{ "a.odt", "application/vnd.oasis.opendocument.text" },
		{ "a.ods", "application/vnd.oasis.opendocument.spreadsheet" },
		{ "a.odp", "application/vnd.oasis.opendocument.presentation" },
	};
	struct mime *mime;

	(void)state;
	mime = mime_new(NULL);
	assert_non_null(mime);
	assert_types(mime, rows, sizeof(rows) / sizeof(rows[0]));
	mime_free(mime);
}

static void
finds_the_extension_of_a_name(void **state)
{
	static const struct row rows[] = {
		{ "a.HTML", "text/html; charset=utf-8" },
		{ "A.ZIP", "application/zip" },
		{ "A.Js", "text/javascript; charset=utf-8" },
		{ "a.tar.gz", "application/gzip" },
		{ "a.html.bak", UNKNOWN },
		{ "/srv/www/a.png", "image/png" },
		{ "/srv/www.d/a.png", "image/png" },
		{ "/srv/www.png/a", UNKNOWN },
		{ "www.png/", UNKNOWN },
		{ "a b.png", "image/png" },
		{ "\xc3\xa4.png", "image/png" },
		/* A dot at the beginning begins no extension. */
		{ ".html", UNKNOWN },
		{ ".profile", UNKNOWN },
		{ "/home/x/.css", UNKNOWN },
		{ ".config.json", "application/json" },
		/* None at all. */
		{ "", UNKNOWN },
		{ ".", UNKNOWN },
		{ "..", UNKNOWN },
		{ "/", UNKNOWN },
		{ "README", UNKNOWN },
		{ "html", UNKNOWN },
		{ "a.", UNKNOWN },
		{ "a.html.", UNKNOWN },
		/* Unknown ones, and such as are almost known. */
		{ "a.nosuch", UNKNOWN },
		{ "a.htmlx", UNKNOWN },
		{ "a.htm ", UNKNOWN },
		{ "a. html", UNKNOWN },
		{ "a.\xc8\xd4\xcd\xcc", UNKNOWN },
		{ "a.html\r\nX-Evil: 1", UNKNOWN },
		/* 31, 32 and 255 bytes of extension. */
		{ "a.1234567890123456789012345678901", UNKNOWN },
		{ "a.12345678901234567890123456789012", UNKNOWN },
	};
	char name[258];
	struct mime *mime;

	(void)state;
	mime = mime_new(NULL);
	assert_non_null(mime);
	assert_types(mime, rows, sizeof(rows) / sizeof(rows[0]));
	memset(name, 'x', sizeof(name));
	name[1] = '.';
	name[sizeof(name) - 1] = '\0';
	assert_string_equal(mime_type(mime, name), UNKNOWN);
	mime_free(mime);
}

static void
every_short_extension_is_safe_to_ask(void **state)
{
	char name[] = "a.xy";
	int a, b;
	struct mime *mime;

	(void)state;
	mime = mime_new(NULL);
	assert_non_null(mime);
	for (a = 1; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			name[2] = (char)a;
			name[3] = (char)b;
			assert_non_null(mime_type(mime, name));
		}
	}
	mime_free(mime);
}

static void
a_file_goes_over_the_table(void **state)
{
	static const char text[] =
	    "# a comment\n"
	    "\n"
	    "   \t \n"
	    "application/x-none\n"
	    "image/x-new\t\tpng  NEW\tnewer\n"
	    "text/x-one one\r\n"
	    "  text/x-two two # not-three\n"
	    "TEXT/X-Upper upper\n"
	    "application/first twice\n"
	    "application/last twice\n"
	    "text/x-end end";
	static const struct row rows[] = {
		{ "a.png", "image/x-new" },
		{ "a.new", "image/x-new" },
		{ "a.newer", "image/x-new" },
		{ "a.one", "text/x-one; charset=utf-8" },
		{ "a.two", "text/x-two; charset=utf-8" },
		{ "a.not-three", UNKNOWN },
		{ "a.upper", "TEXT/X-Upper; charset=utf-8" },
		{ "a.twice", "application/last" },
		{ "a.end", "text/x-end; charset=utf-8" },
		{ "a.gif", "image/gif" },
	};
	struct mime *mime;

	(void)state;
	mime = mime_of(text, sizeof(text) - 1);
	assert_types(mime, rows, sizeof(rows) / sizeof(rows[0]));
	mime_free(mime);
}

static void
wrong_lines_are_skipped(void **state)
{
	static const char text[] =
	    "png\n"
	    "image png\n"
	    "/x png\n"
	    "image/ png\n"
	    "/ png\n"
	    "image/x/y png\n"
	    "image/x;q=1 png\n"
	    "image/(x) png\n"
	    "image/x\x01 png\n"
	    "image/x\vy png\n"
	    "image/\xe4 png\n"
	    "image/x\0y png\n"
	    "image/x-long 12345678901234567890123456789012\n"
	    "#image/x-comment png\n"
	    "image/x-good good\n";
	static const struct row rows[] = {
		{ "a.png", "image/png" },
		{ "a.12345678901234567890123456789012", UNKNOWN },
		{ "a.good", "image/x-good" },
	};
	struct mime *mime;

	(void)state;
	mime = mime_of(text, sizeof(text) - 1);
	assert_types(mime, rows, sizeof(rows) / sizeof(rows[0]));
	mime_free(mime);
}

static void
translations_are_no_video(void **state)
{
	static const char debian[] = "text/vnd.trolltech.linguist ts qm\n";
	static const char own[] = "text/typescript ts\n";
	struct mime *mime;

	(void)state;
	mime = mime_of(debian, sizeof(debian) - 1);
	assert_string_equal(mime_type(mime, "a.ts"), "video/mp2t");
	assert_string_equal(mime_type(mime, "a.qm"),
	    "text/vnd.trolltech.linguist; charset=utf-8");
	mime_free(mime);
	mime = mime_of(own, sizeof(own) - 1);
	assert_string_equal(mime_type(mime, "a.ts"),
	    "text/typescript; charset=utf-8");
	mime_free(mime);
}

static void
a_large_file_grows_the_table(void **state)
{
	char *text, type[64], name[32];
	FILE *f;
	size_t i, len;
	struct mime *mime;

	(void)state;
	f = open_memstream(&text, &len);
	assert_non_null(f);
	for (i = 0; i < 20000; i++)
		fprintf(f, "application/x-%zu e%zu\n", i, i);
	/* One line of many extensions, longer than any buffer. */
	fprintf(f, "application/x-many");
	for (i = 0; i < 20000; i++)
		fprintf(f, " m%zu", i);
	assert_int_equal(fclose(f), 0);
	mime = mime_of(text, len);
	free(text);
	for (i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "a.E%zu", i);
		snprintf(type, sizeof(type), "application/x-%zu", i);
		if (strcmp(mime_type(mime, name), type) != 0)
			fail_msg("%s is %s", name, mime_type(mime, name));
		snprintf(name, sizeof(name), "a.m%zu", i);
		assert_string_equal(mime_type(mime, name),
		    "application/x-many");
	}
	assert_string_equal(mime_type(mime, "a.e20000"), UNKNOWN);
	assert_string_equal(mime_type(mime, "a.gif"), "image/gif");
	mime_free(mime);
}

static void
a_missing_file_leaves_the_table(void **state)
{
	struct mime *mime;

	(void)state;
	mime = mime_new("/nonexistent/mime.types");
	assert_non_null(mime);
	assert_string_equal(mime_type(mime, "a.gif"), "image/gif");
	mime_free(mime);
}

static void
a_file_that_cannot_be_read_is_an_error(void **state)
{
	(void)state;
	errno = 0;
	assert_null(mime_new("/"));
	assert_int_equal(errno, EISDIR);
	errno = 0;
	assert_null(mime_new("/dev/null/x"));
	assert_int_equal(errno, ENOTDIR);
}

static void
no_descriptor_stays_open(void **state)
{
	int after, before;

	(void)state;
	before = dup(STDERR_FILENO);
	assert_int_not_equal(before, -1);
	close(before);
	mime_free(mime_of("image/x x\n", 10));
	assert_null(mime_new("/"));
	after = dup(STDERR_FILENO);
	close(after);
	assert_int_equal(after, before);
}

static void
an_empty_file_and_no_table_are_fine(void **state)
{
	struct mime *mime;

	(void)state;
	mime = mime_of("", 0);
	assert_string_equal(mime_type(mime, "a.gif"), "image/gif");
	mime_free(mime);
	mime_free(NULL);
}

/* What the web depends on, under the file that this system has. */
static void
the_systems_file_does_no_harm(void **state)
{
	static const struct row rows[] = {
		{ "a.html", "text/html; charset=utf-8" },
		{ "a.css", "text/css; charset=utf-8" },
		{ "a.js", "text/javascript; charset=utf-8" },
		{ "a.mjs", "text/javascript; charset=utf-8" },
		{ "a.json", "application/json" },
		{ "a.wasm", "application/wasm" },
		{ "a.svg", "image/svg+xml" },
		{ "a.png", "image/png" },
		{ "a.woff2", "font/woff2" },
		{ "a.ts", "video/mp2t" },
		{ "a.m3u8", "application/vnd.apple.mpegurl" },
		{ "a.gz", "application/gzip" },
	};
	struct mime *mime;

	(void)state;
	if (access(MIME_TYPES_FILE, R_OK) == -1)
		skip();
	mime = mime_new(MIME_TYPES_FILE);
	assert_non_null(mime);
	assert_types(mime, rows, sizeof(rows) / sizeof(rows[0]));
	mime_free(mime);
}

static void
types_are_added_over_all(void **state)
{
	static const char text[] = "image/x-file png\nimage/x-file new\n";
	static const struct row rows[] = {
		{ "a.png", "image/x-own" },
		{ "a.PNG", "image/x-own" },
		{ "a.new", "image/x-newer" },
		{ "a.gif", "image/gif" },
		{ "a.one", "application/x-one" },
		/* The last one counts. */
		{ "a.two", "application/x-2" },
		{ "a.ts", "text/vnd.trolltech.linguist; charset=utf-8" },
		{ "a.1234567890123456789012345678901", "image/x-long" },
		{ "a.c++", "text/x-c++; charset=utf-8" },
	};
	struct mime *mime;

	(void)state;
	mime = mime_of(text, sizeof(text) - 1);
	assert_int_equal(mime_add(mime, "png", "image/x-own"), 0);
	assert_int_equal(mime_add(mime, "NeW", "image/x-newer"), 0);
	assert_int_equal(mime_add(mime, "one", "application/x-one"), 0);
	assert_int_equal(mime_add(mime, "two", "application/x-1"), 0);
	assert_int_equal(mime_add(mime, "TWO", "application/x-2"), 0);
	assert_int_equal(mime_add(mime, "ts", "text/vnd.trolltech.linguist"),
	    0);
	assert_int_equal(mime_add(mime, "1234567890123456789012345678901",
	    "image/x-long"), 0);
	assert_int_equal(mime_add(mime, "c++", "text/x-c++"), 0);
	assert_types(mime, rows, sizeof(rows) / sizeof(rows[0]));
	mime_free(mime);
}

static void
added_types_have_parameters(void **state)
{
	/* What is added, and what comes of it. */
	static const struct row rows[] = {
		{ "a/b", "a/b" },
		{ "a/b;c=d", "a/b;c=d" },
		{ "a/b ; c=d; e=\"f; g\"", "a/b ; c=d; e=\"f; g\"" },
		{ "a/b; c=\"\"", "a/b; c=\"\"" },
		{ "a/b; c=\"\\\"\\\\\"", "a/b; c=\"\\\"\\\\\"" },
		{ "application/json; charset=x",
		    "application/json; charset=x" },
		{ "!#$%&'*+-.^_`|~1/A; !#$%&'*+-.^_`|~1=!#$%&'*+-.^_`|~1",
		    "!#$%&'*+-.^_`|~1/A; !#$%&'*+-.^_`|~1=!#$%&'*+-.^_`|~1" },
		{ "text/x", "text/x; charset=utf-8" },
		{ "TEXT/x", "TEXT/x; charset=utf-8" },
		{ "text/x;format=flowed",
		    "text/x;format=flowed; charset=utf-8" },
		{ "text/x; charset=latin1", "text/x; charset=latin1" },
		{ "Text/x;a=b;CharSet=\"x\"", "Text/x;a=b;CharSet=\"x\"" },
		/* Not a charset. */
		{ "text/x; charsets=a", "text/x; charsets=a; charset=utf-8" },
		{ "text/x; xcharset=a", "text/x; xcharset=a; charset=utf-8" },
		{ "text/x; a=\"; charset=b\"",
		    "text/x; a=\"; charset=b\"; charset=utf-8" },
	};
	struct mime *mime;
	size_t i;

	(void)state;
	mime = mime_new(NULL);
	assert_non_null(mime);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (mime_add(mime, "x", rows[i].name) == -1)
			fail_msg("%s is refused", rows[i].name);
		assert_string_equal(mime_type(mime, "a.x"), rows[i].want);
	}
	mime_free(mime);
}

static void
what_is_no_type_is_not_added(void **state)
{
	static const char *const types[] = {
		"", "/", "png", "image", "image/", "/png", "image/png/x",
		" image/png", "image/png ", "image /png", "image/ png",
		"image/p ng", "image/(x)", "image/\xe4", "image/\xc3\xa4",
		"image/\x01", "image/\x7f", "image/png\n", "image/png\r\nA: b",
		"image/png;", "image/png; ", "image/png;;a=b", "image/png;a",
		"image/png;a=", "image/png;=b", "image/png;a =b",
		"image/png;a= b", "image/png;a=b;", "image/png;a=b c=d",
		"image/png;a=b, image/gif", "image/png;a=\xe4",
		"image/png;a=b\n", "image/png;\ta=b", "image/png;a=b\x7f",
		"image/png;a=\"", "image/png;a=\"b", "image/png;a=\"b\"c",
		"image/png;a=\"\n\"", "image/png;a=\"\x7f\"",
		"image/png;a=\"\t\"", "image/png;a=\"\xe4\"",
		"image/png;a=\"\\", "image/png;a=\"\\\"",
		"image/png;a=\"\\\n\"",
	};
	char *copy;
	struct mime *mime;
	size_t i;

	(void)state;
	mime = mime_new(NULL);
	assert_non_null(mime);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		errno = 0;
		copy = strdup(types[i]);
		assert_non_null(copy);
		if (mime_add(mime, "gif", copy) != -1)
			fail_msg("\"%s\" is added", types[i]);
		free(copy);
		assert_int_equal(errno, EINVAL);
	}
	assert_string_equal(mime_type(mime, "a.gif"), "image/gif");
	mime_free(mime);
}

static void
what_no_name_ends_in_is_not_added(void **state)
{
	static const char *const extensions[] = {
		"", ".", ".gif", "gif.", "tar.gif", "/", "/gif", "gif/",
		"a/gif", "12345678901234567890123456789012",
	};
	struct mime *mime;
	size_t i;

	(void)state;
	mime = mime_new(NULL);
	assert_non_null(mime);
	for (i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		errno = 0;
		if (mime_add(mime, extensions[i], "image/x") != -1)
			fail_msg("\"%s\" is added", extensions[i]);
		assert_int_equal(errno, EINVAL);
	}
	assert_string_equal(mime_type(mime, "a.gif"), "image/gif");
	assert_string_equal(mime_type(mime, "a."), UNKNOWN);
	mime_free(mime);
}

static void
many_types_are_added(void **state)
{
	char extension[32], name[40];
	struct mime *mime;
	size_t i;

	(void)state;
	mime = mime_new(NULL);
	assert_non_null(mime);
	for (i = 0; i < 5000; i++) {
		snprintf(extension, sizeof(extension), "n%zu", i);
		assert_int_equal(mime_add(mime, extension, "a/b"), 0);
	}
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "a.n%zu", i);
		assert_string_equal(mime_type(mime, name), "a/b");
	}
	assert_string_equal(mime_type(mime, "a.gif"), "image/gif");
	mime_free(mime);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_types_of_the_web),
		cmocka_unit_test(knows_what_is_played_and_downloaded),
		cmocka_unit_test(finds_the_extension_of_a_name),
		cmocka_unit_test(every_short_extension_is_safe_to_ask),
		cmocka_unit_test(a_file_goes_over_the_table),
		cmocka_unit_test(wrong_lines_are_skipped),
		cmocka_unit_test(translations_are_no_video),
		cmocka_unit_test(a_large_file_grows_the_table),
		cmocka_unit_test(a_missing_file_leaves_the_table),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
		cmocka_unit_test(no_descriptor_stays_open),
		cmocka_unit_test(an_empty_file_and_no_table_are_fine),
		cmocka_unit_test(the_systems_file_does_no_harm),
		cmocka_unit_test(types_are_added_over_all),
		cmocka_unit_test(added_types_have_parameters),
		cmocka_unit_test(what_is_no_type_is_not_added),
		cmocka_unit_test(what_no_name_ends_in_is_not_added),
		cmocka_unit_test(many_types_are_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
