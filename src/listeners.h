/*
 * The listeners of a server.  A reload may have some come, and others leave:
 * until it is over both are there, and it may be undone.
 */
#ifndef LISTENERS_H
#define LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

struct http_server;
struct networks;

struct http_listener {
	int	fd;
	bool	is_kept;	/* by somebody else, who goes on with it, */
	bool	is_taken;	/* until this server is ready */
	bool	is_coming;	/* with the reload that is under way, */
	bool	is_leaving;	/* or leaves by it, */
	bool	is_left;	/* to somebody else, */
	bool	is_changed;	/* or has other proxies: */
	struct networks *proxies; /* whose PROXY header counts, or NULL; */
	struct networks *former;  /* and until it is over, those of before */
};

/* What children accept from. */
struct listeners {
	int			*fds;
	const struct networks	**proxies;	/* of each, or NULL */
	size_t			 n;
};

/* Adds one to a server: 0, or -1 and ENOMEM. */
int listeners_add(struct http_server *srv, struct http_listener listener);

/*
 * Has one leave, before a server serves or in a reload; if keep, somebody else
 * goes on with its queue.
 */
void listeners_remove(struct http_server *srv, size_t i, bool keep);

/* Sets which proxies one has, allocated, or NULL; a reload may undo it. */
void listeners_set_proxies(struct http_server *srv, size_t i,
    struct networks *proxies);

/*
 * Collects those that stay, makes them block, and adds fd unless it is -1: 0,
 * or -1 and errno, with a sentence in why.  Free it in either case.
 */
int listeners_collect(struct listeners *l, const struct http_server *srv,
    int fd, char *why, size_t size);
void listeners_free(struct listeners *l);

/* In a child: closes those that leave. */
void listeners_forget(const struct http_server *srv);

/* Those that were passed are the server's alone from now on. */
void listeners_take(struct http_server *srv);

/*
 * A reload takes over.  First, while the children accept from them still, no
 * client is let in any more by those that leave; then they are gone.
 */
void listeners_retire(const struct http_server *srv);
void listeners_commit(struct http_server *srv);
/* It does not: all is as it was before. */
void listeners_restore(struct http_server *srv);

/* The end: lets no client in any more and closes them; or only closes them. */
void listeners_end(struct http_server *srv);
void listeners_close(struct http_server *srv);

#endif
