/* Files of passwords: whether the children will be able to read them. */
#ifndef CONFIG_SECRETS_H
#define CONFIG_SECRETS_H

struct config_faults;
struct config_handlers;
struct options;

/*
 * Notes those that the user may not read, who the children are, and those that
 * are not below their root directory.
 */
void config_secrets_check(const struct config_handlers *handlers,
    const struct options *o, struct config_faults *faults);

#endif
