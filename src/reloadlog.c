#include "reloadlog.h"

#include "children.h"
#include "log.h"

void
reloadlog_waits(const struct children *c)
{
	log_message(LOG_NOTICE, "reload: %zu children still finish; it waits "
	    "for them", c->alive - c->wanted);
}

/* There are as many places as at the start: more need another server. */
void
reloadlog_refused(const struct children *c, unsigned int wanted,
    bool has_upgrades)
{
	if (wanted > c->nplaces - c->wanted)
		log_message(LOG_ERR, "reload: %u children beside %u are more "
		    "than the %zu that there is room for since the start; "
		    "restart%s: going on as before", wanted, c->wanted,
		    c->nplaces, has_upgrades ? ", or send SIGUSR2" : "");
	else
		log_message(LOG_ERR, "reload: no room for %u children while "
		    "%zu others finish; reload later: going on as before",
		    wanted, c->alive - c->wanted);
}
