#include "address.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
address_refuse(const struct opening *o, int error, const char *fmt, ...)
{
	va_list ap;
	int n;

	n = snprintf(o->why, o->why_size, "address %.128s: ", o->addr);
	if (n >= 0 && (size_t)n < o->why_size) {
		va_start(ap, fmt);
		(void)vsnprintf(o->why + n, o->why_size - n, fmt, ap);
		va_end(ap);
	}
	errno = error;
	return -1;
}

static int
all_digits(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* Refuses an address that is no more than a host, of len bytes. */
static int
refuse_portless(const struct opening *o, size_t len)
{
	if (all_digits(o->addr))
		return address_refuse(o, EINVAL, "missing colon; write :%s",
		    o->addr);
	if (o->addr[0] == '/')
		return address_refuse(o, EINVAL, "missing unix: of a path; "
		    "write unix:%s", o->addr);
	return address_refuse(o, EINVAL, "missing port; write %.*s:8080",
	    (int)len, o->addr);
}

/* Refuses an address of many colons, the last of them at colon. */
static int
refuse_colons(const struct opening *o, const char *colon)
{
	struct in6_addr in6;
	char host[INET6_ADDRSTRLEN];
	size_t len = (size_t)(colon - o->addr);

	if (len < sizeof(host)) {
		memcpy(host, o->addr, len);
		host[len] = '\0';
		if (inet_pton(AF_INET6, host, &in6) == 1)
			return address_refuse(o, EINVAL, "IPv6 addresses need "
			    "brackets; write [%s]%s", host, colon);
	}
	return address_refuse(o, EINVAL, "too many colons; write host:port, or "
	    "[host]:port with an IPv6 address");
}

/* A port as getaddrinfo(3) shall see it, or NULL and errno. */
static const char *
tcp_port(const struct opening *o, const char *s)
{
	const char *error;

	/* A minimal system has no services(5). */
	if (strcmp(s, "http") == 0)
		return "80";
	if (strcmp(s, "https") == 0)
		return "443";
	/* Left to itself it takes " 80", "-1" and 65616 for ports, too. */
	if (!isalnum((unsigned char)s[0])) {
		(void)address_refuse(o, EINVAL, "bad port %s", s);
		return NULL;
	}
	(void)strtonum(s, 0, 65535, &error);
	if (all_digits(s) && error != NULL) {
		(void)address_refuse(o, EINVAL, "port %s is %s; write a "
		    "number to 65535", s, error);
		return NULL;
	}
	return s;
}

int
address_split(const struct opening *o, struct tcp_address *ta)
{
	const char *host = o->addr, *end;
	size_t len;

	ta->literal = host[0] == '[';
	if (ta->literal) {
		end = strchr(++host, ']');
		if (end == NULL)
			return address_refuse(o, EINVAL, "missing ']'; write "
			    "[host]:port");
		len = (size_t)(end++ - host);
	} else {
		end = strrchr(host, ':');
		if (end != NULL && end != strchr(host, ':'))
			return refuse_colons(o, end);
		if (end == NULL)
			end = host + strlen(host);
		len = (size_t)(end - host);
	}
	if (end[0] != ':' || end[1] == '\0')
		return refuse_portless(o, (size_t)(end - o->addr));
	if (len >= sizeof(ta->host))
		return address_refuse(o, EINVAL, "the host is too long");
	memcpy(ta->host, host, len);
	ta->host[len] = '\0';
	ta->port = tcp_port(o, end + 1);
	return ta->port == NULL ? -1 : 0;
}
