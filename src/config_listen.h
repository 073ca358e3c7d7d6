/* Keys that say where to listen, and whose proxies are believed. */
#ifndef CONFIG_LISTEN_H
#define CONFIG_LISTEN_H

struct config_key;
struct options;

/* Both as a key's set in config_keys.h; the first is also listen_proxy's. */
int config_listen_set(struct options *o, const struct config_key *key,
    const char *text, char *why);
int config_listen_set_proxies(struct options *o, const struct config_key *key,
    const char *text, char *why);

#endif
