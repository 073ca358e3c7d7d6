/*
 * Rules of HTTP/1.1, each a row with its clause: what is sent, byte by byte,
 * and what has to come back.  runner.c tries every one in several ways.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	const char	*data;
	size_t		 len;
};

struct rule {
	const char	*clause;	/* "9112, 3" */
	const char	*name;
	/* What is sent: bytes, then fill so many times, then rest. */
	struct text	 bytes;
	struct text	 fill;
	unsigned int	 times;
	struct text	 rest;
	struct text	 more;		/* what is sent when 100 has come */
	bool		 ends;		/* then our side is closed */
	/*
	 * The statuses that answer it, in order, and whether the connection is
	 * then kept: "200 400 close".  "h" behind one says that no body may
	 * follow it, as it answers HEAD; "?" that it need not come; "*9" that
	 * there are nine of it.
	 */
	const char	*want;
	bool		 breaks;	/* we send on, so a reset is a close */
	/* Of the last answer: its field, or with "!" before it, none such. */
	const char	*field;
	const char	*body;		/* what it ends with */
	const char	*lacks;		/* what is nowhere in it */
};

/* The rules that one server is tried with. */
struct rule_set {
	const char		*name;
	const struct rule	*rules;
	size_t			 nrules;
};

/* Any handler's: for a server that echoes. */
extern const struct rule_set request_line_rules;
extern const struct rule_set target_rules;
extern const struct rule_set field_rules;
extern const struct rule_set framing_rules;
extern const struct rule_set chunk_rules;
extern const struct rule_set connection_rules;
extern const struct rule_set limit_rules;
/* The daemon's, for its files. */
extern const struct rule_set file_rules;

/* A string literal without the NUL at its end. */
#define B(literal) { (literal), sizeof(literal) - 1 }

#define RULE(clause_, name_, bytes_, want_, ...)			\
	{ .clause = (clause_), .name = (name_), .bytes = B(bytes_),	\
	    .want = (want_), __VA_ARGS__ }

#define RULE_SET(rules_) \
	{ #rules_, (rules_), sizeof(rules_) / sizeof((rules_)[0]) }

#define HOST "Host: h\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST
#define GET0 "GET / HTTP/1.0\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST
#define CHUNKED "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
#define END "\r\n"

#endif
