/* negotiate: who gets JSON, and who HTML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "negotiate.h"
#include "request.h"

#define JSON "application/json"
#define A "Accept: "

static const struct {
	const char	*fields;
	int		 want;
} rows[] = {
	{ "X: " JSON, 0 },
	{ A JSON, 1 },
	{ "aCCEPT: Application/JSON", 1 },
	{ A, 0 },
	/* Browsers, curl, fetch(): none names it. */
	{ A "*/*", 0 },
	{ A "application/*", 0 },
	{ A "text/html,application/xhtml+xml,application/xml;q=0.9,"
	    "image/avif,image/webp,*/*;q=0.8", 0 },
	{ A "text/html", 0 },
	/* Programs. */
	{ A JSON ", */*", 1 },
	{ A JSON ", text/plain, */*", 1 },
	{ A JSON ", text/javascript, */*; q=0.01", 1 },
	{ A "text/html, " JSON, 1 },
	{ A JSON ";charset=utf-8", 1 },
	{ A JSON " ; q=0.5 , text/html\t;q=0.5", 1 },
	/* Weights. */
	{ A JSON ";q=0.5, text/html", 0 },
	{ A JSON ";q=0.5, */*", 0 },
	{ A JSON ";q=0.5, text/*;q=0.6", 0 },
	{ A JSON ";q=0.5, text/*;q=0.6, text/html;q=0.4", 1 },
	{ A JSON ";q=0.5, text/html;q=0.4, text/*;q=0.6, */*", 1 },
	{ A JSON ";q=0.5, */*;q=0.4, text/*;q=0.6", 0 },
	{ A JSON ";q=0.123, text/html;q=0.124", 0 },
	{ A JSON ";q=0.124, text/html;q=0.123", 1 },
	{ A JSON ";q=0", 0 },
	{ A JSON ";q=0.000, text/html;q=0", 0 },
	{ A JSON ";q=0.001, text/html;q=0", 1 },
	{ A JSON ";Q=0.5, text/html;q=0.6", 0 },
	{ A JSON ";a=b;q=0.5;c=d, text/html;q=0.6", 0 },
	{ A JSON ";q=1.000, text/html;q=1.", 1 },
	/* What can't be read is no range. */
	{ A JSON ";q=1.001", 0 }, { A JSON ";q=0.0001", 0 },
	{ A JSON ";q=2", 0 }, { A JSON ";q=", 0 }, { A JSON ";q=-1", 0 },
	{ A JSON ";q=x", 0 }, { A JSON ";q=1x", 0 }, { A JSON ";q=0.1x", 0 },
	{ A JSON ", text/html;q=9", 1 },
	/* Nor are these the type. */
	{ A "application/jsonp", 0 }, { A "application/jso", 0 },
	{ A "xapplication/json", 0 }, { A "application/json/", 0 },
	{ A "application / json", 0 }, { A "text/" JSON, 0 },
	{ A "x;y=\"," JSON ",\"", 0 }, { A "x;y=\"\\\"," JSON "\"", 0 },
	{ A "x;y=\"," JSON, 0 },
	{ A "x;y=\"z\"," JSON, 1 },
	/* Lines are one list, and elements may be empty. */
	{ A "text/plain\r\n" A JSON, 1 },
	{ A JSON ";q=0.5\r\nX: y\r\n" A "text/html", 0 },
	{ A ",, ," JSON ",", 1 },
	{ A ";," JSON, 1 },
	/* The first that names it counts. */
	{ A JSON ";q=0, " JSON, 0 },
};

static bool
prefers(const char *fields)
{
	struct http_request *req = calloc(1, sizeof(*req));
	char head[1024], *copy;
	bool result;
	int len;

	assert_non_null(req);
	len = snprintf(head, sizeof(head),
	    "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n", fields);
	assert_in_range(len, 1, sizeof(head) - 1);
	copy = exactly(head, (size_t)len);
	assert_int_equal(request_parse(req, copy, (size_t)len), 0);
	result = negotiate_prefers(req, JSON, "text/html");
	request_free(req);
	free(req);
	free(copy);
	return result;
}

static void
test_prefers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (prefers(rows[i].fields) != rows[i].want)
			fail_msg("\"%s\": not %d", rows[i].fields,
			    rows[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
