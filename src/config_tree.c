#include "config_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_keys.h"

void
config_section_init(struct config_section *section, unsigned int kind)
{
	*section = (struct config_section){ .kind = kind };
	STAILQ_INIT(&section->values);
	STAILQ_INIT(&section->sections);
}

void
config_section_free(struct config_section *section)
{
	struct config_section *sub;
	struct config_value *value;

	while ((value = STAILQ_FIRST(&section->values)) != NULL) {
		STAILQ_REMOVE_HEAD(&section->values, entry);
		free(value);
	}
	while ((sub = STAILQ_FIRST(&section->sections)) != NULL) {
		STAILQ_REMOVE_HEAD(&section->sections, entry);
		config_section_free(sub);
		free(sub);
	}
	free(section->title);
	section->title = NULL;
}

struct config_section *
config_add_section(struct config_section *to, unsigned int kind,
    const char *title, int line)
{
	struct config_section *section = malloc(sizeof(*section));

	if (section == NULL)
		return NULL;
	config_section_init(section, kind);
	if ((section->title = strdup(title)) == NULL) {
		free(section);
		return NULL;
	}
	section->line = line;
	section->parent = to;
	STAILQ_INSERT_TAIL(&to->sections, section, entry);
	return section;
}

struct config_value *
config_add_value(struct config_section *to, const struct config_key *key,
    const char *text, int line)
{
	size_t size = strlen(text) + 1;
	struct config_value *value = malloc(sizeof(*value) + size);

	if (value == NULL)
		return NULL;
	value->key = key;
	value->line = line;
	memcpy(value->text, text, size);
	STAILQ_INSERT_TAIL(&to->values, value, entry);
	return value;
}

void
config_remove_values(struct config_section *section,
    const struct config_key *key)
{
	struct config_value *value, *next;
	struct config_section *sub;

	STAILQ_FOREACH_SAFE(value, &section->values, entry, next) {
		if (value->key != key)
			continue;
		STAILQ_REMOVE(&section->values, value, config_value, entry);
		free(value);
	}
	STAILQ_FOREACH(sub, &section->sections, entry)
		config_remove_values(sub, key);
}

const char *
config_value_text(const struct config_value *value)
{
	const char *text = value->text;

	if (value->line != 0 || strcmp(value->key->name, "root") == 0)
		return text;
	text += strcspn(text, "= \t");
	return *text == '\0' ? "yes" : text + 1;
}

const struct config_value *
config_find_value(const struct config_section *section,
    const struct config_key *key)
{
	const struct config_value *value, *found = NULL;

	STAILQ_FOREACH(value, &section->values, entry)
		if (value->key == key)
			found = value;
	return found;
}

const struct config_value *
config_find_effective(const struct config_section *section,
    const struct config_key *key)
{
	const struct config_value *found = NULL;

	for (; section != NULL && found == NULL; section = section->parent)
		found = config_find_value(section, key);
	return found;
}

void
config_fault(struct config_faults *faults, int line, int status,
    const char *fmt, ...)
{
	struct config_fault *grown;
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	grown = reallocarray(faults->faults, faults->len + 1, sizeof(*grown));
	if (grown != NULL)
		faults->faults = grown;
	if (len == -1 || grown == NULL) {
		faults->lost = true;
		if (len != -1)
			free(text);
		return;
	}
	grown[faults->len++] = (struct config_fault){
		.line = line,
		.status = status,
		.text = text
	};
}

/* Those of one line stay as they came: the sort is stable. */
void
config_faults_sort(struct config_faults *faults)
{
	struct config_fault fault;
	size_t i, j;

	for (i = 1; i < faults->len; i++) {
		fault = faults->faults[i];
		for (j = i; j > 0 && faults->faults[j - 1].line > fault.line;
		    j--)
			faults->faults[j] = faults->faults[j - 1];
		faults->faults[j] = fault;
	}
}

void
config_faults_free(struct config_faults *faults)
{
	size_t i;

	for (i = 0; i < faults->len; i++)
		free(faults->faults[i].text);
	free(faults->faults);
	*faults = (struct config_faults){ 0 };
}
