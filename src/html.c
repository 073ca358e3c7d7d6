#include "html.h"

#include <stdbool.h>
#include <string.h>

#include "buffer.h"
#include "utf8.h"

/*
 * Whether it turns the direction of the text behind it, by which a name that
 * ends in "txt.exe" could be shown as one that ends in "exe.txt".
 */
static bool
turns_text(const char *s, size_t len)
{
	const unsigned char *c = (const unsigned char *)s;

	return len == 3 && c[0] == 0xe2 &&
	    ((c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) ||
	    (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/* What stands for the character at s, or NULL when it stands for itself. */
static const char *
html_escape(const char *s, size_t len, char picture[4])
{
	unsigned char c = (unsigned char)s[0];

	switch (c) {
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
	if (c < 0x20) {
		memcpy(picture, "\xe2\x90", 2);
		picture[2] = (char)(0x80 + c);
		picture[3] = '\0';
		return picture;
	}
	/* U+0080 to U+009F are controls too, and have no pictures. */
	if (len == 0 || turns_text(s, len) ||
	    (c == 0xc2 && (unsigned char)s[1] < 0xa0))
		return UTF8_REPLACEMENT;
	return NULL;
}

int
html_append(struct buffer *page, const char *text)
{
	const char *escape, *plain = text, *s;
	char picture[4];
	size_t len;

	for (s = text; *s != '\0'; s += len) {
		len = utf8_length(s);
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
