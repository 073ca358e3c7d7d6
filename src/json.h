/* Text that stands in JSON. */
#ifndef JSON_H
#define JSON_H

struct buffer;

/*
 * Appends any bytes as a string with its quotes, by RFC 8259, 7: what is no
 * UTF-8 becomes U+FFFD.  0, or -1 and ENOMEM.
 */
int json_append_string(struct buffer *out, const char *text);

#endif
