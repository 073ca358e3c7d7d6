/*
 * One pattern of a mux, "[METHOD ][HOST]/[PATH]" as Go 1.22 has them: read
 * once, and compared with others by the requests that they match.
 */
#ifndef MUX_PATTERN_H
#define MUX_PATTERN_H

#include <sys/queue.h>

#include <stddef.h>

#include "httpserve.h"

struct buffer;

/* More can't be meant, and the walk over a tree goes no deeper. */
#define MUX_MAX_SEGMENTS	64
/* Bytes of a host and its NUL: more than any name of the DNS. */
#define MUX_HOST_SIZE		256

enum mux_kind {
	MUX_LITERAL,		/* a segment of these bytes */
	MUX_WILD,		/* {name}: one segment, whatever it is */
	MUX_DOLLAR,		/* {$}: a path's last slash, nothing behind */
	MUX_MULTI		/* {name...}, and a last slash: all the rest */
};

struct mux_segment {
	enum mux_kind	 kind;
	const char	*text;		/* decoded; a wildcard's name, or "" */
	size_t		 len;
};

/* All that it points to is in its own piece of memory. */
struct mux_pattern {
	SLIST_ENTRY(mux_pattern) entry;
	struct http_handler	 handler;
	const char		*text;		/* as it was given */
	const char		*method;	/* "" is any */
	const char		*host;		/* in lower case; "" is any */
	size_t			 nwild;		/* named wildcards */
	size_t			 nsegments;	/* 1 or more */
	struct mux_segment	 segments[];
};

/* What is wrong with a pattern, and at which byte, from 0. */
struct mux_fault {
	const char	*why;
	size_t		 at;
};

/*
 * Reads a pattern, for free(3).  NULL and EINVAL with the fault when it is
 * malformed or could match no request; NULL and ENOMEM.
 */
struct mux_pattern *mux_pattern_parse(const char *text,
    struct mux_fault *fault);

/* The length of a host without its port, with the brackets of an address. */
size_t mux_host_len(const char *host, size_t len);

/* The segment that says how a path ends. */
static inline const struct mux_segment *
mux_pattern_last(const struct mux_pattern *p)
{
	return &p->segments[p->nsegments - 1];
}

/*
 * How two sets of requests lie: bits for what only one of them has.  Where
 * sets are products, such as those of methods and paths, the relation of the
 * products is that of the factors or-ed; anything with MUX_DISJOINT in it is
 * disjoint.
 */
enum mux_relation {
	MUX_EQUAL = 0,
	MUX_MORE = 1,		/* the first has some that the second lacks */
	MUX_LESS = 2,		/* the other way round */
	MUX_OVERLAP = MUX_MORE | MUX_LESS,
	MUX_DISJOINT = 4
};

/* Neither is more specific, so that nothing says who would win. */
static inline int
mux_relation_conflicts(int relation)
{
	return relation == MUX_EQUAL || relation == MUX_OVERLAP;
}

int mux_compare_methods(const char *a, const char *b);
int mux_compare_paths(const struct mux_pattern *a,
    const struct mux_pattern *b);

/*
 * Appends a path that both match, and one that a matches and b does not, where
 * mux_compare_paths() says that there is one; percent-encoded.  0, or -1 and
 * ENOMEM.
 */
int mux_common_path(struct buffer *out, const struct mux_pattern *a,
    const struct mux_pattern *b);
int mux_difference_path(struct buffer *out, const struct mux_pattern *a,
    const struct mux_pattern *b);

/* Appends why a and b, which do, conflict: 0, or -1 and ENOMEM. */
int mux_describe_conflict(struct buffer *out, const struct mux_pattern *a,
    const struct mux_pattern *b);

#endif
