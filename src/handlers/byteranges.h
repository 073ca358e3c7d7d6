/* Answers with parts of a file: RFC 9110, 14 and 15.3.7. */
#ifndef BYTERANGES_H
#define BYTERANGES_H

#include <sys/types.h>

#include "../range.h"

struct content;
struct http_response;

/*
 * Answers 206 with n ranges of a file, one or more: as they are, or each as a
 * part of multipart/byteranges.  type is the file's.  0, or -1 and errno.
 */
int byteranges_send(struct http_response *res, struct content *content,
    const char *type, const struct range *ranges, int n);

/* Says in a refusal how many bytes the file has: 0, or -1 and errno. */
int byteranges_refuse(struct http_response *res, off_t size);

#endif
