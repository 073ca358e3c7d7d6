/* The names of what may stand in a section, for who has to be told. */
#ifndef CONFIG_NAMES_H
#define CONFIG_NAMES_H

#include <stddef.h>

/*
 * The name that is most alike, of a key that a section of this kind may have,
 * or of a section in it; or NULL.
 */
const char *config_key_guess(const char *name, unsigned int kind);
/* All such names, with commas between them, in text. */
void config_key_list(unsigned int kind, char *text, size_t size);

/* What sections of a kind are called: "at the top", "in a site". */
const char *config_place(unsigned int kind);

#endif
