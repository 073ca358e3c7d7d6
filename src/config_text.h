/* The text that libConfuse is given: tokens, each in its line. */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config_token;

/* Longer names are none; and of a line so much is shown. */
#define CONFIG_NAME_SIZE 64

struct config_text {
	FILE	*fp;
	char	*data;
	size_t	 size;
	int	 line;
	int	 muted;		/* in so many sections not to be had */
};

/* 0, or -1 and ENOMEM. */
int config_text_open(struct config_text *text);
/* The text, for free(3); or NULL and ENOMEM. */
char *config_text_close(struct config_text *text);

/* Writes a token, or a word of ours in a line. */
void config_text_put(struct config_text *text,
    const struct config_token *token);
void config_text_add(struct config_text *text, int line, const char *word);

/* What a token says, without its quotes, in name; which it returns. */
const char *config_say(const struct config_token *token,
    char name[CONFIG_NAME_SIZE]);
/* Whether what there is of a broken token can be written, in quotes. */
bool config_is_plain(const struct config_token *token);

#endif
