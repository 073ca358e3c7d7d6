#include "settings.h"

#include <sys/resource.h>

#include <limits.h>
#include <stdint.h>
#include <syslog.h>
#include <unistd.h>

#include "httpserve.h"
#include "log.h"
#include "request.h"

#define DEFAULT_CONNECTIONS	10000
/* There are places for more when children are many. */
#define MIN_PROCESSES		1024
/* Descriptors a child needs beside these: 64 are files that are kept open. */
#define OWN_DESCRIPTORS		128

static void
set_default(unsigned int *member, unsigned int value)
{
	if (*member == 0)
		*member = value;
}

static void
set_default_size(size_t *member, size_t value)
{
	if (*member == 0)
		*member = value;
}

static unsigned int
processors_online(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned int)n;
}

/*
 * New children come while their predecessors finish, also when one reload
 * follows another, and may be more; memory is taken only where there are some.
 */
static unsigned int
processes_for(unsigned int children)
{
	unsigned int n = children > UINT_MAX / 16 - 64 ? children :
	    children * 16 + 64;

	return n < MIN_PROCESSES ? MIN_PROCESSES : n;
}

void
settings_fill_in(struct http_server *settings)
{
	set_default(&settings->read_header_timeout, 10000);
	set_default(&settings->read_timeout, 30000);
	set_default(&settings->write_timeout, 30000);
	set_default(&settings->min_rate, 240);
	set_default(&settings->idle_timeout, 60000);
	set_default(&settings->shutdown_timeout, 30000);
	set_default(&settings->hang_timeout, 30000);
	set_default(&settings->children, processors_online());
	set_default(&settings->max_processes,
	    processes_for(settings->children));
	if (settings->max_processes < settings->children)
		settings->max_processes = settings->children;
	set_default_size(&settings->max_request_line_bytes, 8192);
	set_default_size(&settings->max_field_bytes, 8192);
	set_default_size(&settings->max_header_bytes, 32768);
	set_default_size(&settings->max_body_bytes, 1048576);
	set_default(&settings->max_fields, REQUEST_MAX_FIELDS);
	if (settings->max_fields > REQUEST_MAX_FIELDS)
		settings->max_fields = REQUEST_MAX_FIELDS;
	set_default(&settings->max_requests, 10000);
	if (settings->error_log_priority == 0)
		settings->error_log_priority = LOG_INFO;
	if (settings->access_log_priority == 0)
		settings->access_log_priority = LOG_DAEMON | LOG_INFO;
}

/*
 * A connection may have a file open beside its socket, so there are half as
 * many as there are descriptors.
 */
void
settings_bound(struct http_server *settings)
{
	rlim_t own = OWN_DESCRIPTORS + settings->reserved_descriptors +
	    settings->nmore_logs;
	struct rlimit limit;
	unsigned int wanted = settings->connections_per_child;
	rlim_t max;

	set_default(&settings->connections_per_child, DEFAULT_CONNECTIONS);
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		return;
	max = limit.rlim_cur > own + 2 ? (limit.rlim_cur - own) / 2 : 1;
	if (settings->connections_per_child <= max)
		return;
	settings->connections_per_child = (unsigned int)max;
	if (wanted != 0)
		log_message(LOG_WARNING, "%u connections a child, not %u: the "
		    "limit is %ju descriptors", (unsigned int)max, wanted,
		    (uintmax_t)limit.rlim_cur);
}
