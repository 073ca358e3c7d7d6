/*
 * Addresses of clients, and the networks that they are in.  An IPv4 address is
 * the same one, whether it came to an IPv4 socket or, mapped, to one of IPv6.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum address_kind {
	ADDRESS_IP,
	ADDRESS_UNIX,		/* a unix(7) socket's peer */
	ADDRESS_UNKNOWN
};

/* bytes are those of IPv6; IPv4 is mapped (RFC 4291, 2.5.5.2). */
struct address {
	enum address_kind	 kind;
	uint8_t			 bytes[16];
};

/*
 * Reads an address as http_request_remote_addr() has it: without a port, and
 * "unix:" for a unix(7) socket.  0, or -1 for another text, which is unknown.
 */
int address_parse(struct address *address, const char *text);
bool address_is_ipv4(const struct address *address);

/* Room for the text of any address, with its NUL. */
#define ADDRESS_SIZE 46
/* Writes it as http_request_remote_addr() has it; "?" for one unknown. */
void address_format(const struct address *address, char dst[ADDRESS_SIZE]);

struct network {
	enum address_kind	 kind;		/* unknown is everybody's */
	uint8_t			 bytes[16];
	unsigned int		 bits;		/* of bytes that count */
};

/*
 * Reads "192.0.2.0/24", "2001:db8::/32", an address, "unix" or "all": 0, or -1
 * with the reason, a string that lasts, in why.  Bits behind a prefix have to
 * be zero.
 */
int network_parse(struct network *network, const char *text,
    const char **why);
bool network_has(const struct network *network,
    const struct address *address);

/* A list of networks; zeroed, it is empty. */
struct networks {
	struct network	*list;
	size_t		 count;
};

/* Adds one as above: 0, or -1 with EINVAL or ENOMEM, and why. */
int networks_add(struct networks *networks, const char *text,
    const char **why);
/* Whether one of them has it. */
bool networks_have(const struct networks *networks,
    const struct address *address);
void networks_free(struct networks *networks);

#endif
