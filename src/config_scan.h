/*
 * What has to be done to a configuration file before libConfuse reads it.
 * Version 3.3 counts two lines more at each comment, takes none inside of a
 * list, passes over stars and bytes that it does not know, takes the end of
 * the file for that of all sections, and when a string does not end it takes
 * the next file, too, for a part of that.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <stddef.h>

/*
 * Makes blanks of the comments of a text, in place: NULL, or what can't be
 * read, and the line where that begins.  open_line is that of the last brace
 * that is not closed, or 0.
 */
const char *config_scan(char *text, size_t len, int *line, int *open_line);

#endif
