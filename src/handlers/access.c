#include <stdbool.h>
#include <stdlib.h>

#include "httphandlers.h"
#include "network.h"

struct rule {
	struct network	 network;
	bool		 allows;
};

struct http_access {
	struct http_handler	 next;
	bool			 others;	/* who is in none is let in */
	struct rule		*rules;
	size_t			 nrules;
};

struct http_access *
http_access_new(struct http_handler next)
{
	struct http_access *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->next = next;
	a->others = true;
	return a;
}

void
http_access_free(struct http_access *a)
{
	if (a == NULL)
		return;
	free(a->rules);
	free(a);
}

static int
add_rule(struct http_access *a, bool allows, const char *network,
    const char **why)
{
	struct rule rule = { .allows = allows }, *rules;
	const char *reason;

	if (network_parse(&rule.network, network, &reason) == -1)
		goto fail;
	rules = reallocarray(a->rules, a->nrules + 1, sizeof(*rules));
	if (rules == NULL) {
		reason = "out of memory";
		goto fail;
	}
	rules[a->nrules++] = rule;
	a->rules = rules;
	a->others = a->others && !allows;
	return 0;
fail:
	if (why != NULL)
		*why = reason;
	return -1;
}

int
http_access_allow(struct http_access *a, const char *network,
    const char **why)
{
	return add_rule(a, true, network, why);
}

int
http_access_deny(struct http_access *a, const char *network,
    const char **why)
{
	return add_rule(a, false, network, why);
}

static bool
is_let_in(const struct http_access *a, const struct http_request *req)
{
	struct address client;
	size_t i;

	/* One that is unknown is in the network of all. */
	(void)address_parse(&client, http_request_remote_addr(req));
	for (i = 0; i < a->nrules; i++)
		if (network_has(&a->rules[i].network, &client))
			return a->rules[i].allows;
	return a->others;
}

void
http_access_serve(struct http_response *res, struct http_request *req,
    void *access)
{
	const struct http_access *a = access;

	if (is_let_in(a, req))
		a->next.serve(res, req, a->next.arg);
	else
		(void)http_response_error(res, HTTP_FORBIDDEN);
}
