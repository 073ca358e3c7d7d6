/*
 * A configuration file as it was read: sections, their values, and the line of
 * each, nothing of which is judged yet.
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

/* Kinds of sections, as bits: where a key may stand. */
#define CONFIG_TOP	1u
#define CONFIG_SITE	2u
#define CONFIG_LOCATION	4u
#define CONFIG_ALL	(CONFIG_TOP | CONFIG_SITE | CONFIG_LOCATION)

struct config_key;

/* A value, or one of a list. */
struct config_value {
	STAILQ_ENTRY(config_value) entry;
	const struct config_key	*key;
	int			 line;		/* 0: the command line's */
	char			 text[];
};

STAILQ_HEAD(config_sections, config_section);

struct config_section {
	STAILQ_ENTRY(config_section) entry;
	unsigned int		 kind;
	char			*title;		/* NULL at the top */
	int			 line;
	const struct config_section *parent;	/* NULL at the top */
	STAILQ_HEAD(, config_value) values;	/* in their order */
	struct config_sections	 sections;
};

/* Something that is wrong. */
struct config_fault {
	int			 line;		/* 0: not in the file */
	int			 status;	/* to exit with: sysexits(3) */
	char			*text;
};

struct config_faults {
	struct config_fault	*faults;
	size_t			 len;
	bool			 lost;		/* memory was short */
	bool			 is_partial;	/* the tree lacks something */
};

void config_section_init(struct config_section *section, unsigned int kind);
/* Frees what is in it. */
void config_section_free(struct config_section *section);

/* Adds a section, or a value: NULL and ENOMEM. */
struct config_section *config_add_section(struct config_section *to,
    unsigned int kind, const char *title, int line);
struct config_value *config_add_value(struct config_section *to,
    const struct config_key *key, const char *text, int line);
/* Removes the values that a key has in a section and below. */
void config_remove_values(struct config_section *section,
    const struct config_key *key);

/* Its text, without the name that an -o has before it. */
const char *config_value_text(const struct config_value *value);

/* The value of a key in this section, the last of several; or NULL. */
const struct config_value *config_find_value(
    const struct config_section *section, const struct config_key *key);
/* The same here or in the sections around it. */
const struct config_value *config_find_effective(
    const struct config_section *section, const struct config_key *key);

/* Notes what is wrong in a line: a sentence without the place. */
void config_fault(struct config_faults *faults, int line, int status,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* In the order of their lines. */
void config_faults_sort(struct config_faults *faults);
void config_faults_free(struct config_faults *faults);

#endif
