/*
 * The words and signs of a configuration file, as libConfuse has them.  Its
 * version 3.3 counts two lines more at each comment, takes none inside of a
 * list, passes over stars and bytes that it does not know, takes the end of
 * the file for that of all sections, and when a string does not end it takes
 * the next file, too, for a part of that; so it is given none of these.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct config_faults;

/* What it is: one of the signs = { } ( ) and comma, or of these. */
#define CONFIG_END	'\0'	/* of the file */
#define CONFIG_WORD	'w'	/* or a string, with its quotes */
#define CONFIG_APPEND	'+'	/* += */

struct config_token {
	const char	*text;
	size_t		 len;
	int		 line;
	char		 kind;
	bool		 is_broken;	/* there is a fault for it */
};

/*
 * Finds the tokens of a text, of len bytes with a NUL behind them, which has
 * to last: an array for free(3) that ends with CONFIG_END, or NULL and ENOMEM.
 * What is no token is a fault, one a line.
 */
struct config_token *config_scan(const char *text, size_t len,
    struct config_faults *faults);

#endif
