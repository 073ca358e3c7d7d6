/* uri: RFC 3986 and RFC 9112, 3.2, with hostile bytes at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "uri.h"

#define ALNUM "0123456789" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define UNRESERVED ALNUM "-._~"
#define SUB_DELIMS "!$&'()*+,;="

/* Copies bytes to memory of exactly that size, so that overreads show. */
static char *
exactly(const char *s, size_t len)
{
	char *copy;

	copy = malloc(len);
	if (copy == NULL)
		abort();
	return memcpy(copy, s, len);
}

static void
assert_part(const char *target, const char *part, size_t len, const char *want)
{
	if (want == NULL) {
		if (part != NULL)
			fail_msg("%s: %.*s", target, (int)len, part);
		return;
	}
	if (part == NULL || len != strlen(want) || memcmp(part, want, len) != 0)
		fail_msg("%s: not \"%s\"", target, want);
}

static void
splits(void **state)
{
	static const struct {
		const char	*target;
		enum uri_form	 form;
		const char	*authority;
		const char	*path;
		const char	*query;
	} rows[] = {
		/* RFC 9112, 3.2.1: origin-form. */
		{ "/", URI_ORIGIN, NULL, "/", NULL },
		{ "/where?q=now", URI_ORIGIN, NULL, "/where", "q=now" },
		{ "/?", URI_ORIGIN, NULL, "/", "" },
		{ "/a?b?c/d", URI_ORIGIN, NULL, "/a", "b?c/d" },
		{ "/a//b/", URI_ORIGIN, NULL, "/a//b/", NULL },
		{ "/a;b=1/c:d@e", URI_ORIGIN, NULL, "/a;b=1/c:d@e", NULL },
		{ "/%41%2f%2F%ff", URI_ORIGIN, NULL, "/%41%2f%2F%ff", NULL },
		{ "/a?%41%2f%2F%ff", URI_ORIGIN, NULL, "/a", "%41%2f%2F%ff" },
		{ "/../..", URI_ORIGIN, NULL, "/../..", NULL },
		/* RFC 3986, 3.3: only a path, whatever it looks like. */
		{ "//evil/x", URI_ORIGIN, NULL, "//evil/x", NULL },
		{ "/http://h/", URI_ORIGIN, NULL, "/http://h/", NULL },
		{ "/*", URI_ORIGIN, NULL, "/*", NULL },
		/*
		 * Not RFC 3986's; WHATWG URL, 1.3: browsers send them, and
		 * until 2025 the ^ of a path.
		 */
		{ "/[a]|^", URI_ORIGIN, NULL, "/[a]|^", NULL },
		{ "/?a[]=1|^`{}", URI_ORIGIN, NULL, "/", "a[]=1|^`{}" },
		/* RFC 9112, 3.2.2: absolute-form. */
		{ "http://h", URI_ABSOLUTE, "h", "/", NULL },
		{ "http://h/", URI_ABSOLUTE, "h", "/", NULL },
		{ "http://h?q", URI_ABSOLUTE, "h", "/", "q" },
		{ "http://h/a?q", URI_ABSOLUTE, "h", "/a", "q" },
		{ "http://h:80//a", URI_ABSOLUTE, "h:80", "//a", NULL },
		{ "http://h:/", URI_ABSOLUTE, "h:", "/", NULL },
		{ "https://[::1]:8/x", URI_ABSOLUTE, "[::1]:8", "/x", NULL },
		{ "http://h?a/b@c:d", URI_ABSOLUTE, "h", "/", "a/b@c:d" },
		{ "http://h/http://i/", URI_ABSOLUTE, "h", "/http://i/", NULL },
		/* RFC 3986, 3.1: schemes have no case. */
		{ "HTTP://H/", URI_ABSOLUTE, "H", "/", NULL },
		{ "hTtPs://h/", URI_ABSOLUTE, "h", "/", NULL },
		/* RFC 9112, 3.2.4: asterisk-form. */
		{ "*", URI_ASTERISK, NULL, "*", NULL },
	};
	struct uri u;
	char *copy;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i].target);
		copy = exactly(rows[i].target, len);
		if (uri_split(&u, copy, len) == -1)
			fail_msg("%s: refused", rows[i].target);
		assert_int_equal(u.form, rows[i].form);
		assert_part(rows[i].target, u.authority, u.authority_len,
		    rows[i].authority);
		assert_part(rows[i].target, u.path, u.path_len, rows[i].path);
		assert_part(rows[i].target, u.query, u.query_len,
		    rows[i].query);
		free(copy);
	}
}

static void
refuses(void **state)
{
	static const char *const rows[] = {
		/* RFC 9112, 3.2: none of the forms. */
		"", "a", "a/b", "?q", "#", "index.html", "*foo", "**", "*/",
		"*?q", "%2f", "\\", ".", "..",
		/* RFC 9112, 3.2.3: authority-form is CONNECT's. */
		"h:443", "[::1]:443",
		/* RFC 9112, 3.2.1: no fragment. */
		"/#", "/a#f", "/a?q#f", "http://h#f", "http://h/#f",
		/* RFC 3986, 2.1: bad percent escapes. */
		"/%", "/%4", "/%zz", "/%4g", "/%g4", "/%%41", "/% 1", "/%-1",
		"/%+1", "/%0x", "/%u0041", "/a%", "/?%", "/?%4", "/?%zz",
		"/a?b%", "http://h/%", "http://h?%",
		/* A NUL would end the path of a file. */
		"/%00", "/a%00.html", "/?%00", "/?a=%00b", "http://%00/",
		/* RFC 3986, 2: no URI characters. */
		"/\\", "/..\\", "/a b", "/\t", "/\r", "/\n", "/\x01", "/\x7f",
		"/\x80", "/\xff", "/\xc3\xa4", "/\"", "/<", "/>", "/{", "/}",
		"/`",
		"/?\\", "/? ", "/?\t", "/?\r\n", "/?\x7f", "/?\x80", "/?\xff",
		"/?\"", "/?<", "/?>", "http://h/ ", " /", "/ ",
		"/ HTTP/1.1", "/\tHTTP/1.1",
		/* RFC 9110, 4.2: other schemes, and what is none. */
		"ftp://h/", "javascript://x", "file:///etc/passwd", "ws://h/",
		"httpx://h/", "http+unix://h/", "http", "http:", "http:/",
		"http:/h", "http:h", "https:/h", "https", "https:", "://h/",
		"h://h/", "ttp://h/", "http;//h/", "http%3a//h/",
		/* RFC 9110, 4.2.1: an empty host. */
		"http://", "http:///", "http:///p", "http://:80/", "http://?q",
		"https://", "https:///",
		/* RFC 9110, 4.2.4: userinfo. */
		"http://u@h/", "http://u:p@h/", "http://@h/", "http://h@/",
		/* RFC 3986, 3.2: bad authorities. */
		"http://h:99999/", "http://h:x/", "http://[::1/", "http://[]/",
		"http://h h/", "http://h\\i/", "http://[h]/", "http://h|/",
	};
	struct uri u;
	char *copy;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i]);
		copy = exactly(rows[i], len);
		if (uri_split(&u, copy, len) != -1)
			fail_msg("\"%s\": accepted", rows[i]);
		free(copy);
	}
}

/* Which of all bytes stand in a path, a query and a host: one by one. */
static void
takes_the_bytes_of_each_part(void **state)
{
	static const struct {
		const char	*before;
		const char	*bytes;
	} rows[] = {
		{ "/a", UNRESERVED SUB_DELIMS ":@/?[]|^" },
		{ "/a?", UNRESERVED SUB_DELIMS ":@/?[]|^`{}" },
		{ "http://h/", UNRESERVED SUB_DELIMS ":@/?[]|^" },
		{ "http://h", UNRESERVED SUB_DELIMS ":/?" },
		{ "http://h:", "0123456789/?" },
		{ "http://", UNRESERVED SUB_DELIMS },
		{ "http://[v1.", "" },
	};
	char target[32], *copy;
	struct uri u;
	size_t i, len;
	int c, want;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (c = 0; c < 256; c++) {
			len = strlen(rows[i].before);
			memcpy(target, rows[i].before, len);
			target[len++] = (char)c;
			copy = exactly(target, len);
			want = c != 0 && strchr(rows[i].bytes, c) != NULL;
			if ((uri_split(&u, copy, len) == 0) != want)
				fail_msg("%s and byte %d", rows[i].before, c);
			free(copy);
		}
	}
}

static void
checks_authorities(void **state)
{
	static const struct {
		const char	*authority;
		int		 want;
	} rows[] = {
		/* RFC 3986, 3.2.2: reg-name. */
		{ "h", 1 }, { "example.org", 1 }, { "example.org.", 1 },
		{ "EXAMPLE", 1 }, { "a_b", 1 }, { "xn--4ca", 1 }, { "-", 1 },
		{ "a!$&'()*+,;=b", 1 }, { "a~b", 1 }, { "%41", 1 },
		{ "%c3%a4", 1 }, { ".", 1 }, { "0", 1 },
		/* IPv4, and reg-names that look like it. */
		{ "127.0.0.1", 1 }, { "127.0.0.1:80", 1 }, { "256.1.1.1", 1 },
		/* RFC 3986, 3.2.3: port. */
		{ "h:80", 1 }, { "h:", 1 }, { "h:0", 1 }, { "h:65535", 1 },
		{ "h:00080", 1 }, { "h:65536", 0 }, { "h:99999", 0 },
		{ "h:100000", 0 }, { "h:000080", 1 }, { "h:0000000000", 1 },
		{ "h:00000000000000000065535", 1 }, { "h:000065536", 0 },
		{ "h:000000x", 0 }, { "h:655350", 0 }, { "h:42949672960", 0 },
		{ "h:4294967376", 0 }, { "h:18446744073709551696", 0 },
		{ "h:80a", 0 }, { "h:a", 0 }, { "h:-1", 0 }, { "h:+1", 0 },
		{ "h: 80", 0 }, { "h:80 ", 0 }, { "h:0x50", 0 }, { "h::", 0 },
		{ "h::80", 0 }, { "h:80:", 0 }, { "h:80:80", 0 },
		{ "h:%38", 0 }, { "h:http", 0 },
		/* RFC 9112, 3.2: a Host that is wrong. */
		{ "", 0 }, { ":", 0 }, { ":80", 0 }, { " ", 0 }, { "h ", 0 },
		{ " h", 0 }, { "a b", 0 }, { "a,b", 1 }, { "a, b", 0 },
		{ "u@h", 0 }, { "u:p@h", 0 }, { "@", 0 }, { "h/", 0 },
		{ "h/p", 0 }, { "http://h", 0 }, { "h?q", 0 }, { "h#f", 0 },
		{ "h\\", 0 }, { "h\t", 0 }, { "h\x80", 0 }, { "\xc3\xa4", 0 },
		{ "h\"", 0 }, { "<h>", 0 }, { "h|i", 0 }, { "h^", 0 },
		{ "{h}", 0 }, { "h`", 0 }, { "%", 0 }, { "%4", 0 },
		{ "%zz", 0 }, { "%00", 0 }, { "h%", 0 }, { "h%00i", 0 },
		/* RFC 3986, 3.2.2: IPv6address. */
		{ "[::]", 1 }, { "[::1]", 1 }, { "[::1]:80", 1 },
		{ "[::1]:", 1 }, { "[1:2:3:4:5:6:7:8]", 1 },
		{ "[1:2:3:4:5:6:7::]", 1 }, { "[2001:DB8::1]", 1 },
		{ "[::ffff:192.0.2.1]", 1 },
		{ "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]", 1 },
		{ "[0000:0000:0000:0000:0000:0000:255.255.255.2555]", 0 },
		{ "[1:2:3:4:5:6:7:8:9]", 0 }, { "[1:2:3:4:5:6:7]", 0 },
		{ "[1::2::3]", 0 }, { "[:::]", 0 }, { "[:1]", 0 },
		{ "[1:]", 0 }, { "[12345::]", 0 }, { "[g::]", 0 },
		{ "[::ffff:256.0.2.1]", 0 }, { "[127.0.0.1]", 0 },
		{ "[h]", 0 }, { "[]", 0 }, { "[", 0 }, { "]", 0 },
		{ "[::1", 0 }, { "::1", 0 }, { "::1]", 0 }, { "[::1]]", 0 },
		{ "[[::1]]", 0 }, { "[::1]h", 0 }, { "h[::1]", 0 },
		{ "[::1]80", 0 }, { "[::1]:65536", 0 }, { "[::1]:x", 0 },
		{ "[ ::1]", 0 }, { "[::1 ]", 0 },
		/* RFC 9844: zones mean nothing on the wire. */
		{ "[fe80::1%25eth0]", 0 }, { "[fe80::1%eth0]", 0 },
		/* RFC 3986, 3.2.2: IPvFuture. */
		{ "[v1.a]", 1 }, { "[V1.a]", 1 }, { "[vfF.a:b!]", 1 },
		{ "[v1.a]:80", 1 }, { "[v.a]", 0 }, { "[v1.]", 0 },
		{ "[v1]", 0 }, { "[v]", 0 }, { "[vg.a]", 0 }, { "[v1a", 0 },
		{ "[v1.a%41]", 0 }, { "[v1.a/b]", 0 }, { "[v1.a@b]", 0 },
		{ "[v1.a b]", 0 },
	};
	char *copy;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i].authority);
		copy = exactly(rows[i].authority, len);
		if (uri_check_authority(copy, len) != rows[i].want)
			fail_msg("\"%s\" is not %d", rows[i].authority,
			    rows[i].want);
		free(copy);
	}
}

/* A NUL is a byte like another, and not the end. */
static void
a_nul_is_refused_everywhere(void **state)
{
	static const char *const rows[] = {
		"/a@b", "/a?q=@", "http://h@/", "http://@h/",
		"http://h:8@0/", "http://[::1@]/", "http://[@::1]/",
		"http://[v1.a@]/", "h@ttp://h/", "*@",
	};
	struct uri u;
	char *copy, *at;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i]);
		copy = exactly(rows[i], len);
		at = memchr(copy, '@', len);
		assert_non_null(at);
		*at = '\0';
		if (uri_split(&u, copy, len) == 0)
			fail_msg("\"%s\": accepted", rows[i]);
		free(copy);
	}
	assert_int_equal(uri_check_authority("[::1\0]", 6), 0);
	assert_int_equal(uri_check_authority("[::1\0::]", 8), 0);
	assert_int_equal(uri_check_authority("h\0", 2), 0);
	assert_int_equal(uri_check_authority("\0", 1), 0);
}

static void
long_targets_do_not_wrap(void **state)
{
	static const size_t sizes[] = { 65535, 65536, 66009, 1 << 20 };
	struct uri u;
	char *target;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		target = malloc(sizes[i]);
		assert_non_null(target);
		memset(target, 'a', sizes[i]);
		target[0] = '/';
		assert_int_equal(uri_split(&u, target, sizes[i]), 0);
		assert_int_equal(u.path_len, sizes[i]);
		target[1] = '?';
		assert_int_equal(uri_split(&u, target, sizes[i]), 0);
		assert_int_equal(u.path_len, 1);
		assert_int_equal(u.query_len, sizes[i] - 2);
		memcpy(target, "http://", 7);
		assert_int_equal(uri_split(&u, target, sizes[i]), 0);
		assert_int_equal(u.authority_len, sizes[i] - 7);
		memset(target, ':', sizes[i]);
		memcpy(target, "http://[", 8);
		target[sizes[i] - 1] = ']';
		assert_int_equal(uri_split(&u, target, sizes[i]), -1);
		free(target);
	}
}

static void
decodes(void **state)
{
	static const struct {
		const char	*path;
		const char	*want;
	} rows[] = {
		{ "/", "/" }, { "/a", "/a" }, { "/a/", "/a/" },
		{ "/a/b", "/a/b" }, { "*", "*" },
		/* RFC 3986, 2.1: escapes in either case, once. */
		{ "/%41%62%7e", "/Ab~" }, { "/a%20b", "/a b" },
		{ "/%e2%82%ac", "/\xe2\x82\xac" }, { "/%E2%82%AC",
		    "/\xe2\x82\xac" }, { "/%ff%01%0d%0a", "/\xff\x01\r\n" },
		{ "/%25", "/%" }, { "/%2541", "/%41" }, { "/%25%34%31",
		    "/%41" }, { "/%252e%252e/", "/%2e%2e/" },
		{ "/%2500", "/%00" }, { "/%3f%23", "/?#" }, { "/%5c..%5c",
		    "/\\..\\" }, { "/+", "/+" },
		/* RFC 3986, 2.2: an encoded slash does not separate. */
		{ "/a%2fb", "/a%2Fb" }, { "/a%2Fb", "/a%2Fb" },
		{ "/%2f", "/%2F" }, { "/..%2f..%2fx", "/..%2F..%2Fx" },
		{ "/a/%2f../b", "/a/%2F../b" }, { "/%2e%2e%2fx", "/..%2Fx" },
		{ "/a/..%2f/../b", "/a/b" },
		/* As uri.h has it: an encoded percent sign reads the same. */
		{ "/a%252Fb", "/a%2Fb" }, { "/a%252fb", "/a%2fb" },
		/* RFC 3986, 5.2.4. */
		{ "/a/b/c/./../../g", "/a/g" }, { "/.", "/" }, { "/./", "/" },
		{ "/././.", "/" }, { "/./a", "/a" }, { "/a/./b", "/a/b" },
		{ "/a/.", "/a/" }, { "/a/./", "/a/" }, { "/a/..", "/" },
		{ "/a/../", "/" }, { "/a/../b", "/b" }, { "/a/b/..", "/a/" },
		{ "/a/b/../", "/a/" }, { "/a/b/../..", "/" },
		{ "/a/b/../../c", "/c" }, { "/a/../b/../c/..", "/" },
		/* An encoded dot is one. */
		{ "/%2e", "/" }, { "/%2E/a", "/a" }, { "/a/%2e%2e", "/" },
		{ "/a/.%2e/b", "/b" }, { "/a/%2E./b", "/b" },
		/* No dot segments. */
		{ "/...", "/..." }, { "/a/.../b", "/a/.../b" },
		{ "/.a", "/.a" }, { "/..a", "/..a" }, { "/a.", "/a." },
		{ "/a..", "/a.." }, { "/a/..b/c", "/a/..b/c" },
		{ "/.%20", "/. " }, { "/..;/a", "/..;/a" },
		/* An empty segment is one. */
		{ "//", "//" }, { "//a", "//a" }, { "/a//b", "/a//b" },
		{ "/a//../b", "/a/b" }, { "//..", "/" }, { "//../", "/" },
		{ "/a///../../b", "/a/b" }, { "/.//a", "//a" },
		{ "/a/..//b", "//b" },
		/* Above the root: refused. */
		{ "/..", NULL }, { "/../", NULL }, { "/../a", NULL },
		{ "/./..", NULL }, { "/a/../..", NULL },
		{ "/a/../../b", NULL }, { "/%2e%2e", NULL },
		{ "/%2e%2e/etc/passwd", NULL }, { "/.%2E/", NULL },
		{ "/a/%2e%2e/%2e%2e/b", NULL }, { "//../..", NULL },
	};
	char *copy, *dst;
	size_t i, len;
	ssize_t n, want;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i].path);
		want = rows[i].want == NULL ? -1 :
		    (ssize_t)strlen(rows[i].want);
		copy = exactly(rows[i].path, len);
		dst = malloc(len + 1);
		assert_non_null(dst);
		n = uri_decode_path(dst, copy, len);
		if (n != want || (n != -1 && strcmp(dst, rows[i].want) != 0))
			fail_msg("\"%s\" is \"%s\"", rows[i].path,
			    n == -1 ? "refused" : dst);
		free(copy);

		/* The same in place. */
		memcpy(dst, rows[i].path, len);
		dst[len] = '#';
		n = uri_decode_path(dst, dst, len);
		if (n != want || (n != -1 && strcmp(dst, rows[i].want) != 0))
			fail_msg("\"%s\" in place", rows[i].path);
		free(dst);
	}
}

static void
encodes_paths(void **state)
{
	static const struct {
		const char	*path;
		const char	*want;
	} rows[] = {
		{ "", "" }, { "/", "/" }, { "/a/b", "/a/b" }, { "*", "*" },
		{ "/a b", "/a%20b" }, { "/100%", "/100%25" },
		{ "/%41", "/%2541" }, { "/?#", "/%3F%23" },
		{ "/\\", "/%5C" }, { "/[]|^`{}<>\"", "/%5B%5D%7C%5E%60%7B%7D"
		    "%3C%3E%22" },
		{ "/\r\nX: y", "/%0D%0AX:%20y" }, { "/\x7f\x80\xff",
		    "/%7F%80%FF" }, { "/\xc3\xa4", "/%C3%A4" },
		{ "/:@!$&'()*+,;=-._~", "/:@!$&'()*+,;=-._~" },
		/* What uri_decode_path() left, in that spelling only. */
		{ "/a%2Fb", "/a%2Fb" }, { "/%2F%2F", "/%2F%2F" },
		{ "/%%2F", "/%25%2F" }, { "/a%2fb", "/a%252fb" },
		{ "/%2", "/%252" }, { "/%", "/%25" },
		/* RFC 3986, 4.2: "//" would begin an authority. */
		{ "//evil/x", "/evil/x" }, { "////", "/" },
		{ "///a//b", "/a//b" }, { "/%2Fevil", "/%2Fevil" },
		{ "/\\evil", "/%5Cevil" },
	};
	char *dst;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		dst = malloc(3 * strlen(rows[i].path) + 1);
		assert_non_null(dst);
		assert_int_equal(uri_encode_path(dst, rows[i].path),
		    strlen(rows[i].want));
		assert_string_equal(dst, rows[i].want);
		free(dst);
	}
}

static void
collapses_slashes(void **state)
{
	static const struct {
		const char	*path;
		const char	*want;
	} rows[] = {
		{ "", "" }, { "*", "*" }, { "/", "/" }, { "//", "/" },
		{ "////", "/" }, { "/a", "/a" }, { "//a", "/a" },
		{ "/a//", "/a/" }, { "a//b", "a/b" },
		{ "///a//b/c////d", "/a/b/c/d" }, { "/a/./ /", "/a/./ /" },
		{ "/%2F/", "/%2F/" },
	};
	char dst[32];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i].want);
		assert_int_equal(uri_collapse_slashes(dst, len + 1,
		    rows[i].path), len);
		assert_string_equal(dst, rows[i].want);
		assert_int_equal(uri_collapse_slashes(dst, len, rows[i].path),
		    -1);
		(void)strlcpy(dst, rows[i].path, sizeof(dst));
		assert_int_equal(uri_collapse_slashes(dst, sizeof(dst), dst),
		    len);
		assert_string_equal(dst, rows[i].want);
	}
}

static void
encodes_names(void **state)
{
	static const struct {
		const char	*name;
		const char	*want;
	} rows[] = {
		{ "", "" }, { "a", "a" }, { "a.b-c_d~e", "a.b-c_d~e" },
		{ "a:b", "a%3Ab" }, { "javascript:alert(1)",
		    "javascript%3Aalert(1)" }, { "100%", "100%25" },
		{ "a%2Fb", "a%252Fb" }, { "%41", "%2541" }, { "a/b", "a%2Fb" },
		{ "a b", "a%20b" }, { "?#", "%3F%23" }, { "<\">", "%3C%22%3E" },
		{ "\\", "%5C" }, { "\n", "%0A" }, { "\xff", "%FF" },
		{ "\xc3\xa4", "%C3%A4" }, { "@!$&'()*+,;=", "@!$&'()*+,;=" },
	};
	char *dst;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		dst = malloc(3 * strlen(rows[i].name) + 1);
		assert_non_null(dst);
		assert_int_equal(uri_encode_name(dst, rows[i].name),
		    strlen(rows[i].want));
		assert_string_equal(dst, rows[i].want);
		free(dst);
	}
}

static void
encodes_components(void **state)
{
	static const struct {
		const char	*value;
		const char	*want;
	} rows[] = {
		{ "", "" }, { "aZ09-._~", "aZ09-._~" }, { "a/b", "a%2Fb" },
		{ "a%2Fb", "a%2Fb" }, { "a%2fb", "a%252fb" }, { "%", "%25" },
		{ "a=b&c", "a%3Db%26c" }, { "+ #?", "%2B%20%23%3F" },
		{ "\r\n", "%0D%0A" }, { "\xff", "%FF" },
	};
	char dst[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(uri_encode_component(dst, rows[i].value),
		    strlen(rows[i].want));
		assert_string_equal(dst, rows[i].want);
	}
}

/* A file of any name is found again behind its link. */
static void
names_come_back_from_a_link(void **state)
{
	char dst[32], name[] = "?a%2F", path[32];
	int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		if (c == '/')
			continue;
		name[0] = (char)c;
		path[0] = '/';
		uri_encode_name(path + 1, name);
		assert_true(uri_decode_path(dst, path, strlen(path)) > 0);
		assert_string_equal(dst + 1, name);
	}
}

/* Whether a decoded path holds a segment of dots only. */
static int
has_dot_segment(const char *path)
{
	size_t n;

	while (*path != '\0') {
		path++;
		n = strcspn(path, "/");
		if ((n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return 1;
		path += n;
	}
	return 0;
}

/* What holds for one target, whatever it is. */
static void
check_invariants(const char *s, size_t len)
{
	char again[64], encoded[160], *copy, dst[64], *in_place;
	const char *p;
	struct uri u;
	ssize_t n;

	copy = exactly(s, len);
	if (uri_split(&u, copy, len) == -1)
		goto out;
	n = uri_decode_path(dst, u.path, u.path_len);
	in_place = malloc(u.path_len + 1);
	assert_non_null(in_place);
	memcpy(in_place, u.path, u.path_len);
	if (uri_decode_path(in_place, in_place, u.path_len) != n ||
	    (n != -1 && strcmp(in_place, dst) != 0))
		fail_msg("%.*s: in place differs", (int)len, s);
	free(in_place);
	if (n == -1)
		goto out;
	if (dst[0] != '/' || strlen(dst) != (size_t)n ||
	    (size_t)n > u.path_len || has_dot_segment(dst))
		fail_msg("%.*s is %s", (int)len, s, dst);
	/* A redirect to it leads to it. */
	uri_encode_path(encoded, dst);
	if (uri_split(&u, encoded, strlen(encoded)) == -1 ||
	    u.query != NULL || encoded[1] == '/' ||
	    uri_decode_path(again, u.path, u.path_len) == -1)
		fail_msg("%.*s is %s", (int)len, s, encoded);
	for (p = dst; p[0] == '/' && p[1] == '/'; p++)
		continue;
	if (strcmp(again, p) != 0)
		fail_msg("%.*s: %s is not %s", (int)len, s, again, p);
out:
	free(copy);
}

/* All targets of a slash and up to seven of the bytes that matter. */
static void
invariants_hold_for_all_short_targets(void **state)
{
	static const char bytes[] = "/.%2eF5";
	char target[16];
	size_t digits[7] = { 0 }, i, len;

	(void)state;
	target[0] = '/';
	for (len = 0; len <= 7; len++) {
		do {
			for (i = 0; i < len; i++)
				target[1 + i] = bytes[digits[i]];
			check_invariants(target, 1 + len);
			for (i = 0; i < len; i++) {
				if (++digits[i] < sizeof(bytes) - 1)
					break;
				digits[i] = 0;
			}
		} while (i < len);
	}
}

/* Random bytes, of which most stand somewhere in a URI. */
static void
invariants_hold_for_random_targets(void **state)
{
	static const char *const words[] = {
		"/", "/", "..", ".", "%2e", "%2F", "%25", "a", "b", "?", "%",
		"http://", "[::1]", ":80", "@", "%00", "\\", "#", "%ff", "*"
	};
	char target[64];
	uint32_t random = 1;
	size_t i, len, n, word;

	(void)state;
	for (i = 0; i < 300000; i++) {
		len = 0;
		for (n = 0; n < 8; n++) {
			random = random * 1664525 + 1013904223;
			word = (random >> 16) %
			    (sizeof(words) / sizeof(words[0]));
			memcpy(target + len, words[word], strlen(words[word]));
			len += strlen(words[word]);
		}
		check_invariants(target, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits),
		cmocka_unit_test(refuses),
		cmocka_unit_test(takes_the_bytes_of_each_part),
		cmocka_unit_test(checks_authorities),
		cmocka_unit_test(a_nul_is_refused_everywhere),
		cmocka_unit_test(long_targets_do_not_wrap),
		cmocka_unit_test(decodes),
		cmocka_unit_test(encodes_paths),
		cmocka_unit_test(collapses_slashes),
		cmocka_unit_test(encodes_names),
		cmocka_unit_test(encodes_components),
		cmocka_unit_test(names_come_back_from_a_link),
		cmocka_unit_test(invariants_hold_for_all_short_targets),
		cmocka_unit_test(invariants_hold_for_random_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
