#include <string.h>

#include "buffer.h"
#include "html.h"

#define HTML_REPLACEMENT "\xef\xbf\xbd"

/*
 * The length of the UTF-8 sequence at s, or 0 where there is none: RFC 3629,
 * 4, without its shortest-form, surrogate and range offenders.  The NUL at
 * the end is no continuation byte, so this stops there.
 */
static size_t
html_utf8_length(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t i, len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return len;
}

/* What stands for the character at s, or NULL when it stands for itself. */
static const char *
html_escape(const unsigned char *s, size_t len, char picture[4])
{
	switch (s[0]) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case 0x7f:
		return "\xe2\x90\xa1";
	}
	if (s[0] < 0x20) {
		memcpy(picture, "\xe2\x90", 2);
		picture[2] = (char)(0x80 + s[0]);
		picture[3] = '\0';
		return picture;
	}
	/* U+0080 to U+009F are controls too, and have no pictures. */
	if (len == 0 || (s[0] == 0xc2 && s[1] < 0xa0))
		return HTML_REPLACEMENT;
	return NULL;
}

int
html_append(struct buffer *page, const char *text)
{
	const unsigned char *plain, *s = (const unsigned char *)text;
	const char *escape;
	char picture[4];
	size_t len;

	for (plain = s; *s != '\0'; s += len) {
		len = html_utf8_length(s);
		if ((escape = html_escape(s, len, picture)) == NULL)
			continue;
		if (buffer_append(page, plain, (size_t)(s - plain)) == -1 ||
		    buffer_append_string(page, escape) == -1)
			return -1;
		if (len == 0)
			len = 1;
		plain = s + len;
	}
	return buffer_append(page, plain, (size_t)(s - plain));
}
