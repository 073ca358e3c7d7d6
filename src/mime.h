/*
 * Media types by file name: a built-in table of the web's types, and the
 * system's mime.types(5) over it.
 */
#ifndef MIME_H
#define MIME_H

struct mime;

/*
 * Reads the file, in mime.types(5) format, over the built-in table; a file
 * that does not exist (or NULL) leaves the table alone.  The last line for an
 * extension counts.  NULL and errno when the file can't be read or memory is
 * short.  Lines that are wrong are skipped, and so is Debian's type for .ts,
 * which is a translation's: on the web it is a video's.
 */
struct mime *mime_new(const char *file);
/* Another table with the same types; NULL and ENOMEM. */
struct mime *mime_copy(const struct mime *mime);
void mime_free(struct mime *mime);

/*
 * Gives an extension, in any case and without its dot, a type over all that
 * was read: 0, or -1 with EINVAL or ENOMEM.  The type may have parameters
 * (RFC 9110, 8.3.1); text without a charset gets "; charset=utf-8" here, too.
 * What mime_type() has returned for the extension before is gone.
 *
 * EINVAL is for what no name ends in (nothing, or more than one part, such as
 * "tar.gz"), for more than 31 bytes, and for what is no type.
 */
int mime_add(struct mime *mime, const char *extension, const char *type);

/*
 * The media type of a file by the extension of its name, in any case: with
 * "; charset=utf-8" where it is text, "application/octet-stream" when not
 * known.  The extension follows the last dot; a dot at the beginning begins
 * none.  Cheap enough to be asked on every request.  The string is mime's.
 */
const char *mime_type(const struct mime *mime, const char *name);

#define MIME_TYPES_FILE "/etc/mime.types"

#endif
