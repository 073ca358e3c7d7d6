/* UTF-8, by RFC 3629. */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/*
 * The length in bytes of the character that a string begins with, or 0 where
 * that is none: not the shortest form, a surrogate, beyond U+10FFFF, or cut
 * short.  The NUL at the string's end is a character of one byte.
 */
size_t utf8_length(const char *s);

/* What stands for bytes that are none: U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

#endif
