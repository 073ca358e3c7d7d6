/* Fields that answers get by their path or media type. */
#ifndef FIELDRULES_H
#define FIELDRULES_H

#include <stddef.h>

struct http_response;
struct fieldrule;

/* Zeroed, there are none. */
struct fieldrules {
	struct fieldrule	*rules;
	size_t			 len;
};

/*
 * A pattern that begins with "/" or "*" is the path's, any other the media
 * type's.  0, or -1 with EINVAL for an empty pattern, or what can't be a field
 * (see http_response_set_header()), or ENOMEM.
 */
int fieldrules_add(struct fieldrules *rules, const char *pattern,
    const char *name, const char *value);
void fieldrules_free(struct fieldrules *rules);

/*
 * Sets what matches; of several for one name the last counts.  Where type is
 * NULL it is the answer's own, "" without any.  An error, by the answer's
 * status, gets no field that tells caches to keep it.  0, or -1 and errno.
 */
int fieldrules_apply(const struct fieldrules *rules,
    struct http_response *res, const char *path, const char *type);

/* The Content-Type that they leave a file with: type, or a rule's. */
const char *fieldrules_type(const struct fieldrules *rules, const char *path,
    const char *type);

#endif
