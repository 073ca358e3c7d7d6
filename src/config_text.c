#include "config_text.h"

#include <stdlib.h>
#include <string.h>

#include "config_scan.h"

int
config_text_open(struct config_text *text)
{
	*text = (struct config_text){ .line = 1 };
	text->fp = open_memstream(&text->data, &text->size);
	return text->fp == NULL ? -1 : 0;
}

char *
config_text_close(struct config_text *text)
{
	bool failed = ferror(text->fp) != 0;

	if (fclose(text->fp) == 0 && !failed)
		return text->data;
	free(text->data);
	return NULL;
}

const char *
config_say(const struct config_token *token, char name[CONFIG_NAME_SIZE])
{
	const char *text = token->text;
	size_t len = token->len;

	if (len > 1 && (*text == '"' || *text == '\'')) {
		len -= text[len - 1] == *text ? 2 : 1;
		text++;
	}
	if (len >= CONFIG_NAME_SIZE)
		len = CONFIG_NAME_SIZE - 1;
	memcpy(name, text, len);
	name[len] = '\0';
	return name;
}

bool
config_is_plain(const struct config_token *token)
{
	char name[CONFIG_NAME_SIZE];

	return token->len < CONFIG_NAME_SIZE &&
	    strpbrk(config_say(token, name), "\"\\$\n") == NULL;
}

static void
put_lines(struct config_text *text, int line)
{
	for (; text->line < line; text->line++)
		(void)putc('\n', text->fp);
}

void
config_text_add(struct config_text *text, int line, const char *word)
{
	if (text->muted > 0)
		return;
	put_lines(text, line);
	(void)fprintf(text->fp, " %s", word);
}

void
config_text_put(struct config_text *text, const struct config_token *token)
{
	char name[CONFIG_NAME_SIZE];
	size_t i;

	if (text->muted > 0)
		return;
	put_lines(text, token->line);
	if (token->is_broken) {
		(void)fprintf(text->fp, " \"%s\"", config_say(token, name));
		return;
	}
	(void)putc(' ', text->fp);
	(void)fwrite(token->text, 1, token->len, text->fp);
	for (i = 0; i < token->len; i++)
		text->line += token->text[i] == '\n';
}
