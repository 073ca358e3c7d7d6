#include "config_listen.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config_keys.h"
#include "listener.h"
#include "network.h"
#include "options.h"

static int
fail(char *why, const char *what)
{
	(void)strlcpy(why, what, CONFIG_WHY_SIZE);
	return -1;
}

/* Whether it was given before; of port 0 there may be several. */
static bool
has_address(const struct options *o, const char *address)
{
	size_t len = strlen(address), i;

	if (len >= 2 && strcmp(address + len - 2, ":0") == 0)
		return false;
	for (i = 0; i < o->naddresses; i++)
		if (strcasecmp(o->addresses[i], address) == 0)
			return true;
	return false;
}

/* Of port 0 the one could not be told from the other. */
static bool
is_otherwise(const struct options *o, const char *address, bool is_proxied)
{
	size_t i;

	for (i = 0; i < o->naddresses; i++)
		if (o->proxied[i] != is_proxied &&
		    strcasecmp(o->addresses[i], address) == 0)
			return true;
	return false;
}

int
config_listen_set(struct options *o, const struct config_key *key,
    const char *text, char *why)
{
	bool is_proxied = strcmp(key->name, "listen_proxy") == 0;
	const char *colon;

	if (o->naddresses == MAX_ADDRESSES) {
		(void)snprintf(why, CONFIG_WHY_SIZE, "there are more than %d "
		    "addresses", MAX_ADDRESSES);
		return -1;
	}
	if (strncmp(text, "fd:", 3) != 0 &&
	    listener_check_address(text, why, CONFIG_WHY_SIZE) == -1) {
		/* It begins with the address, which the line shows. */
		colon = strstr(why, ": ");
		if (colon != NULL)
			memmove(why, colon + 2, strlen(colon + 2) + 1);
		return -1;
	}
	if (is_otherwise(o, text, is_proxied))
		return fail(why, is_proxied ? "this address is in listen; give "
		    "it in one of them" : "this address is in listen_proxy; "
		    "give it in one of them");
	if (has_address(o, text))
		return fail(why, "this address is there already; give it "
		    "once");
	o->proxied[o->naddresses] = is_proxied;
	o->addresses[o->naddresses++] = text;
	return 0;
}

/* The networks whose proxies are believed. */
int
config_listen_set_proxies(struct options *o, const struct config_key *key,
    const char *text, char *why)
{
	struct network network;
	const char *problem;

	(void)key;
	if (o->nproxies == MAX_OPTIONS)
		return fail(why, "there are too many networks");
	if (network_parse(&network, text, &problem) == -1) {
		(void)snprintf(why, CONFIG_WHY_SIZE, "%s; give an address, a "
		    "network such as 10.0.0.0/8, unix or all", problem);
		return -1;
	}
	o->proxies[o->nproxies++] = text;
	return 0;
}
