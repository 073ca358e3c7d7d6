#include "config_section.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "abspath.h"
#include "config_check.h"
#include "config_tree.h"
#include "httpfiles.h"

void
config_section_fail(struct config_building *b,
    const struct config_section *section)
{
	config_fault(b->faults, section->line, EX_OSERR, "%s",
	    strerror(errno));
}

int
config_add_pointer(void *array, size_t *n, void *pointer)
{
	void **grown = reallocarray(*(void ***)array, *n + 1, sizeof(*grown));

	if (grown == NULL)
		return -1;
	*(void ***)array = grown;
	grown[(*n)++] = pointer;
	return 0;
}

/* Keeps a file server of a root, or of another's where that is NULL. */
static int
add_server(struct config_sites *sites, struct http_file_server *files,
    const char *root)
{
	struct config_server *grown;
	char *path = NULL;

	grown = reallocarray(sites->servers, sites->nservers + 1,
	    sizeof(*grown));
	if (grown == NULL)
		return -1;
	sites->servers = grown;
	if (root != NULL && ((path = abspath(root)) == NULL ||
	    config_add_pointer(&sites->roots, &sites->nroots, path) == -1)) {
		free(path);
		return -1;
	}
	grown[sites->nservers++] = (struct config_server){ files, path };
	return 0;
}

const char *
config_section_root(const struct config_building *b,
    const struct config_section *section)
{
	const struct config_value *value;

	value = config_find_effective(section, b->root);
	if (value == NULL || (value->line != 0 && value->text[0] == '\0'))
		return NULL;
	return value->text;
}

/* A file server of a root, which may be open already: *is_new, or not. */
static struct http_file_server *
open_root(struct config_building *b, const char *root, bool *is_new)
{
	struct http_file_server *files;

	files = config_roots_find(&b->roots, root);
	*is_new = files == NULL;
	if (files != NULL)
		return http_file_server_new_beside(files, NULL);
	files = http_file_server_new_beside(b->sites->first, root);
	if (files != NULL && config_roots_add(&b->roots, root, files) == 0)
		return files;
	http_file_server_free(files);
	return NULL;
}

/*
 * The file server of a section, which has its fields and its error pages,
 * where it has a root; NULL where that can't be opened, which is known from
 * config_check().
 */
static struct http_file_server *
open_files(struct config_building *b, const struct config_section *section)
{
	const char *root = config_section_root(b, section);
	bool is_new = false;
	struct http_file_server *files;

	if (root == NULL)
		files = http_file_server_new_beside(b->sites->first, NULL);
	else
		files = open_root(b, root, &is_new);
	if (files == NULL) {
		if (errno == ENOMEM || errno == EMFILE || errno == ENFILE)
			config_fault(b->faults, section->line, EX_OSERR,
			    "root directory %s: %s", root == NULL ? "" : root,
			    strerror(errno));
		return NULL;
	}
	if (add_server(b->sites, files, is_new ? root : NULL) == -1) {
		http_file_server_free(files);
		config_section_fail(b, section);
		return NULL;
	}
	if (config_apply(files, section, root != NULL) == -1)
		config_section_fail(b, section);
	if (http_file_server_follows(files))
		b->sites->follows_links = true;
	return files;
}

struct http_handler
config_section_chain(struct config_building *b, const struct config_opened *o,
    const struct config_stages *stages, struct http_handler end)
{
	struct config_chain *chain;

	chain = config_chain_new(&b->sites->handlers, stages, &end, o->files);
	if (chain == NULL) {
		config_section_fail(b, o->section);
		return (struct http_handler){ NULL, NULL };
	}
	return (struct http_handler){ config_chain_serve, chain };
}

void
config_section_open(struct config_building *b, struct config_opened *o,
    const struct config_section *section, const struct config_opened *outer)
{
	if (outer != NULL && STAILQ_EMPTY(&section->values)) {
		*o = *outer;
		o->section = section;
		return;
	}
	*o = (struct config_opened){ .section = section };
	config_stages_make(&o->stages, outer == NULL ? NULL : &outer->stages,
	    section, &b->sites->handlers, b->faults);
	o->files = open_files(b, section);
	config_answer_check(section, b->faults);
	o->answer = config_answer_find(section);
	if (o->answer == ANSWER_ROOT)
		o->end = (struct http_handler){ http_file_server_serve,
		    o->files };
	else
		o->end = config_answer_make(section, &b->sites->handlers,
		    b->faults);
	o->handler = o->end;
	if (o->end.serve != NULL && (o->answer != ANSWER_ROOT ||
	    config_stages_count(&o->stages) > 0))
		o->handler = config_section_chain(b, o, &o->stages, o->end);
}
