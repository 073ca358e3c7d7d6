/* sites: which handler a host gets, among few and among many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "bytes.h"
#include "httpsites.h"
#include "request.h"
#include "response.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MANY 5000

static const char *served;

static void
tell(struct http_response *res, struct http_request *req, void *arg)
{
	(void)res;
	(void)req;
	served = arg;
}

static int
add(struct http_sites *sites, const char *name)
{
	return http_sites_add(sites, name, tell, (void *)(uintptr_t)name);
}

/* The name of the site that a host's request went to, or its status. */
static const char *
serve(struct http_sites *sites, const char *host)
{
	struct http_request *req = calloc(1, sizeof(*req));
	struct http_response res;
	static char status[16];
	char head[4096], *copy;
	int len;

	assert_non_null(req);
	len = snprintf(head, sizeof(head), host == NULL ?
	    "GET / HTTP/1.0\r\n\r\n" : "GET / HTTP/1.1\r\nHost: %s\r\n\r\n",
	    host);
	copy = exactly(head, (size_t)len);
	if (request_parse(req, copy, (size_t)len) != 0)
		fail_msg("%s: no request", host);
	response_init(&res);
	res.req = req;
	served = NULL;
	http_sites_serve(&res, req, sites);
	(void)snprintf(status, sizeof(status), "%d", res.status);
	response_free(&res);
	request_free(req);
	free(req);
	free(copy);
	return served == NULL ? status : served;
}

static void
the_longest_name_wins(void **state)
{
	static const char *const names[] = { "example.org", "*.example.org",
	    "*.b.example.org", "C.example.org", "[::1]", "127.0.0.1" };
	static const struct {
		const char	*host;
		const char	*name;
	} rows[] = {
		{ "example.org", "example.org" },
		{ "example.org:8080", "example.org" },
		{ "example.org:", "example.org" },
		{ "EXAMPLE.Org", "example.org" },
		{ "example.org.", "example.org" },
		{ "example.org.:80", "example.org" },
		{ "a.example.org", "*.example.org" },
		{ "b.example.org", "*.example.org" },
		{ "x.b.example.org", "*.b.example.org" },
		{ "y.x.b.example.org", "*.b.example.org" },
		{ "c.example.org", "C.example.org" },
		{ "x.c.example.org", "*.example.org" },
		{ ".example.org", "*.example.org" },
		{ "xexample.org", "421" },
		{ "org", "421" },
		{ "example.org..", "421" },
		{ "example.org.net", "421" },
		{ "[::1]:80", "[::1]" },
		{ "127.0.0.1:80", "127.0.0.1" },
		{ "1.127.0.0.1", "421" },
		{ ".", "421" },
	};
	struct http_sites *sites = http_sites_new();
	char host[2048];
	size_t i;

	(void)state;
	assert_non_null(sites);
	assert_string_equal(serve(sites, "example.org"), "421");
	for (i = 0; i < LEN(names); i++)
		assert_return_code(add(sites, names[i]), errno);
	for (i = 0; i < LEN(rows); i++)
		if (strcmp(serve(sites, rows[i].host), rows[i].name) != 0)
			fail_msg("%s: %s, not %s", rows[i].host,
			    serve(sites, rows[i].host), rows[i].name);
	assert_string_equal(serve(sites, NULL), "421");
	memset(host, 'a', sizeof(host));
	memcpy(host + sizeof(host) - 13, ".example.org", 13);
	assert_string_equal(serve(sites, host), "421");
	assert_return_code(add(sites, "*"), errno);
	assert_string_equal(serve(sites, NULL), "*");
	assert_string_equal(serve(sites, "org"), "*");
	assert_string_equal(serve(sites, "."), "*");
	assert_string_equal(serve(sites, host), "*");
	assert_string_equal(serve(sites, "example.org"), "example.org");
	http_sites_free(sites);
}

static void
names_that_are_none_are_refused(void **state)
{
	static const char *const wrong[] = { "", "a:80", "a b", "**", "*a",
	    "*.", "*..a", "a.*", "*.*", ".a", "[::1", "[::1]:80", "a/b", "a@b",
	    "\xc3\xa4.org" };
	struct http_sites *sites = http_sites_new();
	char name[300];
	size_t i;

	(void)state;
	assert_non_null(sites);
	for (i = 0; i < LEN(wrong); i++) {
		errno = 0;
		if (add(sites, wrong[i]) != -1 || errno != EINVAL)
			fail_msg("%s", wrong[i]);
	}
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(add(sites, name), -1);
	assert_int_equal(http_sites_add(sites, "a", NULL, NULL), -1);
	assert_int_equal(errno, EINVAL);
	http_sites_free(sites);
	http_sites_free(NULL);
}

static void
a_name_is_taken_once(void **state)
{
	static const char *const names[] = { "a.org", "*.a.org", "*" };
	static const char *const again[] = { "A.org", "a.org.", "*.A.ORG",
	    "*" };
	struct http_sites *sites = http_sites_new();
	size_t i;

	(void)state;
	assert_non_null(sites);
	for (i = 0; i < LEN(names); i++)
		assert_return_code(add(sites, names[i]), errno);
	for (i = 0; i < LEN(again); i++) {
		errno = 0;
		assert_int_equal(add(sites, again[i]), -1);
		assert_int_equal(errno, EEXIST);
	}
	assert_string_equal(serve(sites, "a.org"), "a.org");
	http_sites_free(sites);
}

static void
many_are_all_found(void **state)
{
	static char names[MANY][32];
	struct http_sites *sites = http_sites_new();
	int i;

	(void)state;
	assert_non_null(sites);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%s%d.org",
		    i % 2 == 0 ? "" : "*.", i);
		assert_return_code(add(sites, names[i]), errno);
	}
	for (i = 0; i < MANY; i += 2) {
		assert_string_equal(serve(sites, names[i]), names[i]);
		names[i + 1][0] = 'x';
		assert_string_equal(serve(sites, names[i + 1]),
		    names[i + 1]);
	}
	http_sites_free(sites);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_name_wins),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(a_name_is_taken_once),
		cmocka_unit_test(many_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
