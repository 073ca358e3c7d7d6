/* The header of the PROXY protocol that a connection begins with. */
#ifndef CONNPROXY_H
#define CONNPROXY_H

#include "conn.h"
#include "connio.h"

/* Whether the peer is one of these, who may say whose the connection is. */
bool connproxy_is_trusted(const struct conn *c,
    const struct networks *proxies);

/* Reads the header, after which the connection is its client's. */
enum conn_step connproxy_read(struct conn *c);

#endif
