/*
 * What is formed as httpserve.conf(5) has it: keys with values, and sections.
 * libConfuse ends at the first thing that is not, and says little of it.
 */
#ifndef CONFIG_FORM_H
#define CONFIG_FORM_H

struct config_faults;
struct config_token;

/*
 * Notes what is wrong in the form of a file, and what has names that there are
 * not: and returns all else as a text for libConfuse, each thing in its line,
 * for free(3); or NULL and ENOMEM.
 */
char *config_form(const struct config_token *tokens,
    struct config_faults *faults);

#endif
