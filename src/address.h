/*
 * Addresses to listen at, as text: which form they have, and what is wrong
 * with it.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netdb.h>
#include <stddef.h>

/* What is being opened, and where the reason of a failure goes. */
struct opening {
	const char	*addr;
	char		*why;
	size_t		 why_size;
};

/* A TCP address taken apart.  An empty host that is no literal is all. */
struct tcp_address {
	char		 host[NI_MAXHOST];
	int		 literal;	/* stood in brackets, must be IPv6 */
	const char	*port;		/* a number or a name of services(5) */
};

/* Says what is wrong with the form of an address; -1 and this errno. */
int address_refuse(const struct opening *o, int error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes host:port, [host]:port or :port apart: 0, or -1 and errno. */
int address_split(const struct opening *o, struct tcp_address *ta);

#endif
