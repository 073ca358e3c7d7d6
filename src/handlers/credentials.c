#include "credentials.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* User, colon and password. */
#define PAIR_SIZE (CREDENTIALS_USER_SIZE + CREDENTIALS_PASSWORD_SIZE)

static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes four digits, of which up to two are padding; how many bytes, or 0. */
static size_t
decode_group(char *dst, const char *s)
{
	size_t digits = s[3] != '=' ? 4 : s[2] != '=' ? 3 : 2, i;
	uint32_t bits = 0;
	int value;

	for (i = 0; i < 4; i++) {
		value = i < digits ? digit_value(s[i]) : 0;
		if (value == -1)
			return 0;
		bits = bits << 6 | (uint32_t)value;
	}
	/* What is behind the last byte is zero: RFC 4648, 3.5. */
	if ((bits & ((UINT32_C(1) << 8 * (4 - digits)) - 1)) != 0)
		return 0;
	dst[0] = (char)(bits >> 16);
	dst[1] = (char)(bits >> 8);
	dst[2] = (char)bits;
	return digits - 1;
}

/* Decodes all of s to a string: its length, or -1. */
static int
decode(char dst[PAIR_SIZE], const char *s)
{
	size_t len = strlen(s), n = 3, at = 0;

	if (len % 4 != 0 || len / 4 * 3 >= PAIR_SIZE)
		return -1;
	for (; *s != '\0'; s += 4) {
		/* Only the last group is padded. */
		if (n != 3 || (n = decode_group(dst + at, s)) == 0)
			return -1;
		at += n;
	}
	dst[at] = '\0';
	return (int)at;
}

static int
has_controls(const char *s, int len)
{
	int i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return 1;
	return 0;
}

/* A user has no colon, a password may: RFC 7617, 2. */
static int
split(struct credentials *c, const char *pair)
{
	const char *colon = strchr(pair, ':');
	size_t len;

	if (colon == NULL)
		return -1;
	len = (size_t)(colon - pair);
	if (len >= sizeof(c->user) || strlen(colon + 1) >= sizeof(c->password))
		return -1;
	memcpy(c->user, pair, len);
	c->user[len] = '\0';
	(void)strlcpy(c->password, colon + 1, sizeof(c->password));
	return 0;
}

int
credentials_parse(struct credentials *c, const char *value)
{
	char pair[PAIR_SIZE];
	int len, rv = -1;

	if (strncasecmp(value, "Basic ", 6) != 0)
		return -1;
	value += 6;
	value += strspn(value, " ");
	len = decode(pair, value);
	if (len != -1 && !has_controls(pair, len))
		rv = split(c, pair);
	explicit_bzero(pair, sizeof(pair));
	return rv;
}
