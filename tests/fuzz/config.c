/*
 * config: a configuration file.  Whatever it says, either something is wrong
 * with it, in a line that it has, or it is sections in sections, each with
 * keys that may stand there, and all of that in the order of its lines.
 */
#include "config_keys.h"
#include "config_read.h"
#include "config_tree.h"
#include "fuzz.h"

static int
count_lines(const char *text, size_t len)
{
	int n = 1;
	size_t i;

	for (i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static void
check_faults(const struct config_faults *faults, int lines)
{
	size_t i;

	CHECK(!faults->lost);
	for (i = 0; i < faults->len; i++) {
		CHECK(faults->faults[i].line >= 1);
		CHECK(faults->faults[i].line <= lines);
		CHECK(faults->faults[i].status != 0);
		CHECK(faults->faults[i].text[0] != '\0');
		/* It is given nothing that it does not take. */
		CHECK(strncmp(faults->faults[i].text, "libConfuse", 10) != 0);
	}
}

static void
check_values(const struct config_section *section, int lines)
{
	const struct config_value *value;
	int line = section->line;

	STAILQ_FOREACH(value, &section->values, entry) {
		CHECK((value->key->places & section->kind) != 0);
		CHECK(value->line >= line && value->line <= lines);
		line = value->line;
	}
}

static void
check_section(const struct config_section *section, int lines)
{
	const struct config_section *sub;
	int line = section->line;

	check_values(section, lines);
	STAILQ_FOREACH(sub, &section->sections, entry) {
		CHECK(sub->kind == section->kind << 1);
		CHECK(sub->parent == section && sub->title != NULL);
		CHECK(sub->line >= line);
		line = sub->line;
		check_section(sub, lines);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct config_faults faults = { 0 };
	struct config_section top;
	char *text = malloc(len + 1);
	int lines;

	CHECK(text != NULL);
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	lines = count_lines(text, len);
	config_section_init(&top, CONFIG_TOP);
	config_read(text, len, &top, &faults);
	check_faults(&faults, lines);
	if (faults.len == 0)
		check_section(&top, lines);
	config_section_free(&top);
	config_faults_free(&faults);
	free(text);
	return 0;
}
