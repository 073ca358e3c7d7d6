/* Text that stands in an HTML page. */
#ifndef HTML_H
#define HTML_H

struct buffer;

/*
 * Appends any bytes as text that is safe in an element and in a quoted
 * attribute, and is UTF-8: what is none becomes U+FFFD, as does what turns the
 * direction of text; a control character becomes its picture (U+2400 and up).
 * 0, or -1 and ENOMEM.
 */
int html_append(struct buffer *page, const char *text);

#endif
