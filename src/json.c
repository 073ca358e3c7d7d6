#include "json.h"

#include <stdio.h>

#include "buffer.h"
#include "utf8.h"

/* "\u001f" and its NUL. */
#define JSON_ESCAPE_SIZE 7

/* What stands for the character at s, or NULL when it stands for itself. */
static const char *
json_escape(const char *s, size_t len, char escape[JSON_ESCAPE_SIZE])
{
	if (len == 0)
		return UTF8_REPLACEMENT;
	if (*s == '"')
		return "\\\"";
	if (*s == '\\')
		return "\\\\";
	if ((unsigned char)*s >= 0x20 && *s != 0x7f)
		return NULL;
	(void)snprintf(escape, JSON_ESCAPE_SIZE, "\\u%04x", (unsigned int)*s);
	return escape;
}

int
json_append_string(struct buffer *out, const char *text)
{
	const char *escape, *plain = text, *s;
	char space[JSON_ESCAPE_SIZE];
	size_t len;

	if (buffer_append(out, "\"", 1) == -1)
		return -1;
	for (s = text; *s != '\0'; s += len) {
		len = utf8_length(s);
		if ((escape = json_escape(s, len, space)) == NULL)
			continue;
		if (buffer_append(out, plain, (size_t)(s - plain)) == -1 ||
		    buffer_append_string(out, escape) == -1)
			return -1;
		if (len == 0)
			len = 1;
		plain = s + len;
	}
	if (buffer_append(out, plain, (size_t)(s - plain)) == -1)
		return -1;
	return buffer_append(out, "\"", 1);
}
