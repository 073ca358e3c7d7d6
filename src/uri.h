/*
 * The request-target, and the parts of a URI, by RFC 3986 and RFC 9112, 3.2.
 * Pure functions over bytes: nothing is allocated.
 */
#ifndef URI_H
#define URI_H

#include <stddef.h>
#include <sys/types.h>

enum uri_form {
	URI_ORIGIN,		/* /path?query */
	URI_ABSOLUTE,		/* http://host/path?query */
	URI_ASTERISK		/* * */
};

/* Parts of a target, pointing into it.  query is NULL where there is none. */
struct uri {
	enum uri_form	 form;
	const char	*authority;
	size_t		 authority_len;
	const char	*path;
	size_t		 path_len;
	const char	*query;
	size_t		 query_len;
};

/*
 * Splits a target: 0, or -1 when it is none of these forms, has a fragment, a
 * byte that is not visible ASCII or that can't stand there, a bad percent
 * escape or %00, another scheme than http and https, or an authority with
 * userinfo or that uri_check_authority() refuses.  An absolute target without
 * path has "/", which then does not point into it.
 *
 * Beyond what RFC 3986 allows, [ ] | and ^ stand in path and query, and ` {
 * and } in the query: browsers send them unescaped, as WHATWG's URL standard
 * has it, but for the ^ of a path, which is escaped there since 2025 and by
 * older browsers is not.  A backslash, ", < and > are refused in both.
 */
int uri_split(struct uri *u, const char *target, size_t len);

/*
 * Whether these bytes are a host with an optional port, as the Host field has
 * them: reg-name, IPv4, or IP literal in brackets, without a zone; a port may
 * be empty and begin with zeros, but not be beyond 65535; a host may not be
 * empty.  1 or 0.
 */
int uri_check_authority(const char *s, size_t len);

/*
 * Decodes a path's percent escapes once and removes its dot segments
 * (RFC 3986, 5.2.4; an encoded dot counts as one), into dst, which has room
 * for len + 1 bytes and may be the path itself.  "%2F" stays, in that
 * spelling, and so reads like a decoded "%252F": both are three characters of
 * one segment, and neither separates.  Empty segments stay.  Returns the
 * length, or -1 when the path climbs above its root; dst is then undefined.
 * The path has passed uri_split().
 */
ssize_t uri_decode_path(char *dst, const char *path, size_t len);

/*
 * Copies a path with one slash in place of several in a row, into dst, which
 * may be the path itself.  Returns the length, or -1 where size bytes have no
 * room for it and its NUL; dst is then undefined.
 */
ssize_t uri_collapse_slashes(char *dst, size_t size, const char *path);

/*
 * Writes a decoded path as one that can stand in a target, a Location or a
 * link: what is not unreserved, sub-delim, ':', '@' or '/' is escaped, and
 * leading slashes become one, so that it is never taken for an authority.
 * A "%2F" that uri_decode_path() left stays one.  dst has room for
 * 3 * strlen(path) + 1 bytes.  Returns the length.
 */
size_t uri_encode_path(char *dst, const char *path);

/*
 * The same for one file name: '/' can't be in it, '%' is always escaped, and
 * so is ':' (a name such as "a:b" would read as a scheme).
 */
size_t uri_encode_name(char *dst, const char *name);

/*
 * The same for a part of a query or of a fragment: what is not unreserved is
 * escaped, and a "%2F" stays one.
 */
size_t uri_encode_component(char *dst, const char *value);

#endif
