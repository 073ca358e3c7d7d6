#include "forwarded.h"

#include <string.h>
#include <strings.h>

#include "headscan.h"

/* Longer ones are no address, with brackets and port. */
#define NODE_SIZE 80

static bool
is_port(const char *s)
{
	return *s == '\0' || (s[0] == ':' && s[1] != '\0' &&
	    headscan_is_token(s + 1, strlen(s + 1)));
}

/*
 * An address with or without a port, IPv6 with or without brackets, where it
 * has no port: 0 or -1.  Cuts node to its address.
 */
static int
parse_node(struct address *a, char *node)
{
	char *end;

	if (node[0] == '[') {
		end = strchr(++node, ']');
		if (end == NULL || !is_port(end + 1) ||
		    memchr(node, ':', (size_t)(end - node)) == NULL)
			return -1;
		*end = '\0';
	} else if ((end = strchr(node, ':')) != NULL &&
	    strchr(end + 1, ':') == NULL) {
		if (!is_port(end))
			return -1;
		*end = '\0';
	}
	return address_parse(a, node) == 0 && a->kind == ADDRESS_IP ? 0 : -1;
}

/* The next on the way, from left to right. */
static void
add_node(struct forwarded *f, char *node)
{
	struct address a;

	if (parse_node(&a, node) == -1) {
		f->is_known = false;
	} else if (!f->is_known || !networks_have(f->trusted, &a)) {
		f->is_known = true;
		f->client = a;
	}
}

void
forwarded_add_x(struct forwarded *f, const char *value)
{
	char node[NODE_SIZE];
	size_t len, n;

	for (;;) {
		value += strspn(value, ", \t");
		if (*value == '\0')
			return;
		len = n = strcspn(value, ",");
		while (value[n - 1] == ' ' || value[n - 1] == '\t')
			n--;
		if (n >= sizeof(node))
			n = 0;
		memcpy(node, value, n);
		node[n] = '\0';
		add_node(f, node);
		value += len;
	}
}

/* Reads a quoted-string behind its first quote; what is behind it, or NULL. */
static const char *
read_quoted(const char *s, char value[NODE_SIZE])
{
	size_t n = 0;

	for (; *s != '"'; s++) {
		if (*s == '\\')
			s++;
		if (*s == '\0')
			return NULL;
		if (n < NODE_SIZE - 1)
			value[n] = *s;
		n++;
	}
	/* What does not fit is no address. */
	value[n < NODE_SIZE ? n : 0] = '\0';
	return s + 1;
}

/* A token; but a colon and brackets are let pass, which should be quoted. */
static const char *
read_token(const char *s, char value[NODE_SIZE])
{
	size_t n = 0;

	while (s[n] != '\0' && (headscan_is_token(s + n, 1) || s[n] == ':' ||
	    s[n] == '[' || s[n] == ']'))
		n++;
	if (n == 0)
		return NULL;
	memcpy(value, s, n < NODE_SIZE ? n : 0);
	value[n < NODE_SIZE ? n : 0] = '\0';
	return s + n;
}

static const char *
skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/*
 * Reads "name=value", of which that named "for" is put into node; what is
 * behind it, or NULL.
 */
static const char *
read_pair(const char *s, char node[NODE_SIZE], bool *has_node)
{
	char value[NODE_SIZE];
	size_t len = strcspn(s, "=");
	const char *end;

	if (s[len] != '=' || !headscan_is_token(s, len))
		return NULL;
	end = s[len + 1] == '"' ? read_quoted(s + len + 2, value) :
	    read_token(s + len + 1, value);
	if (end == NULL || len != 3 || strncasecmp(s, "for", len) != 0)
		return end;
	if (*has_node)
		return NULL;
	*has_node = true;
	memcpy(node, value, NODE_SIZE);
	return end;
}

/* Reads pairs up to a comma or the end: that, or NULL. */
static const char *
read_element(const char *s, char node[NODE_SIZE])
{
	bool has_node = false;

	node[0] = '\0';
	for (;;) {
		s = skip_blanks(s);
		if (*s != ';' && *s != ',' && *s != '\0') {
			s = read_pair(s, node, &has_node);
			if (s == NULL)
				return NULL;
			s = skip_blanks(s);
		}
		if (*s == ',' || *s == '\0')
			return s;
		if (*s++ != ';')
			return NULL;
	}
}

int
forwarded_add(struct forwarded *f, const char *value)
{
	char node[NODE_SIZE];

	for (;;) {
		value += strspn(value, ", \t");
		if (*value == '\0')
			return 0;
		value = read_element(value, node);
		if (value == NULL)
			return -1;
		add_node(f, node);
	}
}
