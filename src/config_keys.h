/*
 * The keys of httpserve.conf(5): where each may stand, what its values are,
 * and which option of the command line says the same.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct options;

/* Keys that there may be; config_keys.c sees to it. */
#define CONFIG_MAX_KEYS 96

/* Whose a key is. */
enum config_kind {
	KEY_DAEMON,		/* set takes it, or checks it in a site */
	KEY_ROOT,
	KEY_FILES,		/* the file server's: config_set_option() */
	KEY_HANDLER		/* another handler's, or a stage's before it */
};

/* Room for what is wrong with a value. */
#define CONFIG_WHY_SIZE 512

struct config_key {
	const char	*name;
	enum config_kind kind;
	unsigned int	 places;	/* kinds of sections */
	bool		 is_list;
	char		 option;	/* counts more than the file; or 0 */
	const char	*standard;	/* its default; "" is none */
	/*
	 * Takes a value, or one of a list, whose text stays the caller's: 0,
	 * or -1 with what is wrong in why, CONFIG_WHY_SIZE large.  NULL where
	 * it is none of the daemon's.
	 */
	int		(*set)(struct options *o, const struct config_key *key,
			    const char *text, char *why);
	/* Of a handler's: whether a text can be meant, as set says it. */
	int		(*check)(const char *text, char *why);
	/* Of a number: what it may be, how many of the option's, and where. */
	unsigned int	 min, max, scale;
	size_t		 offset;
};

/* The keys in the order of the manual, the last has no name. */
extern const struct config_key config_keys[];

const struct config_key *config_key_find(const char *name);

#endif
