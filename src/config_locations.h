/* The locations of a site. */
#ifndef CONFIG_LOCATIONS_H
#define CONFIG_LOCATIONS_H

#include "httpserve.h"

struct config_building;
struct config_opened;

/*
 * Opens the locations of a site, or the top, which is open: what serves all of
 * it; without a function where that failed.
 */
struct http_handler config_site_open(struct config_building *b,
    const struct config_opened *site);

#endif
