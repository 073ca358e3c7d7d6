/*
 * credentials: what is read, and encoded again by the book, is the field that
 * was there.
 */
#include <strings.h>

#include "fuzz.h"
#include "handlers/credentials.h"

static char *
encode(const char *s, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = calloc(1, 4 * (len / 3 + 1) + 1), *at = out;
	uint32_t bits;
	size_t i;

	CHECK(out != NULL);
	for (i = 0; i < len; i += 3) {
		bits = (uint32_t)(unsigned char)s[i] << 16;
		if (i + 1 < len)
			bits |= (uint32_t)(unsigned char)s[i + 1] << 8;
		if (i + 2 < len)
			bits |= (unsigned char)s[i + 2];
		*at++ = digits[bits >> 18];
		*at++ = digits[bits >> 12 & 63];
		*at++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
		*at++ = i + 2 < len ? digits[bits & 63] : '=';
	}
	return out;
}

static void
check_credentials(const struct credentials *c, const char *value)
{
	char pair[CREDENTIALS_USER_SIZE + CREDENTIALS_PASSWORD_SIZE], *encoded;
	int len;

	CHECK(strlen(c->user) < sizeof(c->user));
	CHECK(strlen(c->password) < sizeof(c->password));
	CHECK(strchr(c->user, ':') == NULL);
	len = snprintf(pair, sizeof(pair), "%s:%s", c->user, c->password);
	CHECK(len >= 0 && (size_t)len < sizeof(pair));
	CHECK(strncasecmp(value, "basic ", 6) == 0);
	value += 6;
	value += strspn(value, " ");
	encoded = encode(pair, (size_t)len);
	CHECK(strcmp(encoded, value) == 0);
	free(encoded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	char *value = fuzz_string(&in);
	struct credentials c;

	if (credentials_parse(&c, value) == 0)
		check_credentials(&c, value);
	free(value);
	return 0;
}
