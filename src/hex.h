/* Hexadecimal digits (HEXDIG of RFC 5234, and in lower case). */
#ifndef HEX_H
#define HEX_H

/* The value of a digit, or -1 for another byte. */
static inline int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

#endif
