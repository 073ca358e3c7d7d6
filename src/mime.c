#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mime.h"

#define MIME_UNKNOWN "application/octet-stream"
#define MIME_CHARSET "; charset=utf-8"

/* Room for an extension and its NUL; longer ones are not known. */
#define MIME_KEY_SIZE 32
/* A power of two: 1,000 extensions before it grows. */
#define MIME_SLOTS_MIN 2048

/* tchar: RFC 9110, 5.6.2. */
#define MIME_TCHAR \
	"!#$%&'*+-.^_`|~0123456789" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* One slot of the table, which is free while it has no extension. */
struct mime_slot {
	char	*extension;	/* in lower case */
	char	*type;
};

/* A hash table with open addressing, half full at the most. */
struct mime {
	struct mime_slot	*slots;
	size_t			 nslots;	/* a power of two */
	size_t			 used;
};

/*
 * The built-in table, in mime.types(5) format: the names that IANA has
 * registered, and for what it has not those that are in use.
 */
static const char *const mime_lines[] = {
	"text/html html htm shtml",
	"text/css css",
	"text/javascript js mjs cjs",		/* RFC 9239 */
	"text/plain txt text log conf srt",
	"text/markdown md markdown",
	"text/csv csv",
	"text/tab-separated-values tsv",
	"text/calendar ics",
	"text/vcard vcf",
	"text/vtt vtt",
	"text/wgsl wgsl",
	"text/turtle ttl",
	"application/xhtml+xml xhtml xht",
	"application/json json map",
	"application/ld+json jsonld",
	"application/manifest+json webmanifest",
	"application/geo+json geojson",
	"application/cbor cbor",
	"application/xml xml",
	"application/xslt+xml xsl xslt",
	"application/rss+xml rss",
	"application/atom+xml atom",
	"application/rdf+xml rdf",
	"application/mathml+xml mml mathml",
	"application/vnd.google-earth.kml+xml kml",
	"application/vnd.google-earth.kmz kmz",
	"application/yaml yaml yml",		/* RFC 9512 */
	"application/toml toml",
	"application/sql sql",
	"application/wasm wasm",
	"application/pdf pdf",
	"application/rtf rtf",
	"application/postscript ps eps",
	"application/epub+zip epub",
	"application/msword doc",
	"application/vnd.ms-excel xls",
	"application/vnd.ms-powerpoint ppt",
	"application/vnd.openxmlformats-officedocument"
	    ".wordprocessingml.document docx",
	"application/vnd.openxmlformats-officedocument"
	    ".spreadsheetml.sheet xlsx",
	"application/vnd.openxmlformats-officedocument"
	    ".presentationml.presentation pptx",
	"application/vnd.oasis.opendocument.text odt",
	"application/vnd.oasis.opendocument.spreadsheet ods",
	"application/vnd.oasis.opendocument.presentation odp",
	"application/vnd.oasis.opendocument.graphics odg",
	"application/zip zip",
	"application/gzip gz tgz",
	"application/x-bzip2 bz2",
	"application/x-xz xz",
	"application/zstd zst",
	"application/x-tar tar",
	"application/x-7z-compressed 7z",
	"application/vnd.rar rar",
	"application/java-archive jar",
	"application/vnd.debian.binary-package deb",
	"application/vnd.android.package-archive apk",
	"application/vnd.mapbox-vector-tile mvt",
	"application/pkix-cert cer",		/* RFC 2585 */
	"application/pkix-crl crl",
	"application/pkcs7-mime p7c",
	"application/vnd.ms-fontobject eot",
	"application/vnd.apple.mpegurl m3u8",
	"application/dash+xml mpd",
	"font/woff woff",
	"font/woff2 woff2",
	"font/ttf ttf",
	"font/otf otf",
	"font/collection ttc",
	"image/svg+xml svg svgz",
	"image/png png",
	"image/apng apng",
	"image/jpeg jpg jpeg jpe jfif",
	"image/gif gif",
	"image/webp webp",
	"image/avif avif avifs",
	"image/heic heic",
	"image/heif heif",
	"image/jp2 jp2",
	"image/jxl jxl",
	"image/vnd.microsoft.icon ico cur",
	"image/bmp bmp",
	"image/tiff tif tiff",
	"audio/mpeg mp3",
	"audio/mp4 m4a m4b",
	"audio/aac aac",
	"audio/ogg ogg oga opus",
	"audio/flac flac",			/* RFC 9639 */
	"audio/wav wav",
	"audio/webm weba",
	"audio/midi mid midi",
	"audio/matroska mka",			/* RFC 9559 */
	"audio/mpegurl m3u",
	"video/mp4 mp4 m4v",
	"video/mpeg mpg mpeg",
	"video/webm webm",
	"video/ogg ogv",
	"video/quicktime mov",
	"video/matroska mkv",
	"video/iso.segment m4s",
	"video/3gpp 3gp",
	"video/3gpp2 3g2",
	"video/mp2t ts",			/* RFC 3555 */
	"video/x-msvideo avi",
	"model/gltf-binary glb",
	"model/gltf+json gltf",
	"model/obj obj",
	"model/mtl mtl",
	"model/stl stl",
	"model/vnd.usdz+zip usdz",
};

/* Copies an extension in lower case: 0, or -1 when it is too long. */
static int
mime_key(char key[MIME_KEY_SIZE], const char *extension)
{
	size_t i;

	for (i = 0; extension[i] != '\0'; i++) {
		if (i == MIME_KEY_SIZE - 1)
			return -1;
		key[i] = extension[i];
		if (key[i] >= 'A' && key[i] <= 'Z')
			key[i] += 'a' - 'A';
	}
	key[i] = '\0';
	return 0;
}

/* Returns the slot that has the key, or the free one where it would go. */
static struct mime_slot *
mime_find(const struct mime *mime, const char *key)
{
	struct mime_slot *slot;
	const char *p;
	uint32_t hash = 2166136261;	/* FNV-1a */

	for (p = key; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619;
	for (;; hash++) {
		slot = &mime->slots[hash & (mime->nslots - 1)];
		if (slot->extension == NULL ||
		    strcmp(slot->extension, key) == 0)
			return slot;
	}
}

/* Sees that one more extension leaves half of the slots free: 0 or -1. */
static int
mime_grow(struct mime *mime)
{
	struct mime bigger;
	size_t i;

	if (mime->used < mime->nslots / 2)
		return 0;
	bigger.used = mime->used;
	bigger.nslots = mime->nslots == 0 ? MIME_SLOTS_MIN : mime->nslots * 2;
	bigger.slots = calloc(bigger.nslots, sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return -1;
	for (i = 0; i < mime->nslots; i++) {
		if (mime->slots[i].extension != NULL)
			*mime_find(&bigger, mime->slots[i].extension) =
			    mime->slots[i];
	}
	free(mime->slots);
	*mime = bigger;
	return 0;
}

/* Returns what is behind the type and the subtype at s, or NULL: 8.3.1. */
static const char *
mime_type_end(const char *s)
{
	size_t len;

	len = strspn(s, MIME_TCHAR);
	if (len == 0 || s[len] != '/')
		return NULL;
	s += len + 1;
	len = strspn(s, MIME_TCHAR);
	return len == 0 ? NULL : s + len;
}

/* Returns what is behind the quoted string at s, or NULL: 5.6.4, in ASCII. */
static const char *
mime_quoted_end(const char *s)
{
	for (s++; *s != '"'; s++) {
		if (*s == '\\')
			s++;
		if (*s < ' ' || *s > '~')
			return NULL;
	}
	return s + 1;
}

/*
 * Returns what is behind the parameter at s and the semicolon before it, or
 * NULL: RFC 9110, 5.6.6.  *name is where its name begins.
 */
static const char *
mime_parameter_end(const char *s, const char **name)
{
	size_t len;

	s += strspn(s, " ");
	if (*s++ != ';')
		return NULL;
	s += strspn(s, " ");
	*name = s;
	len = strspn(s, MIME_TCHAR);
	if (len == 0 || s[len] != '=')
		return NULL;
	s += len + 1;
	if (*s == '"')
		return mime_quoted_end(s);
	len = strspn(s, MIME_TCHAR);
	return len == 0 ? NULL : s + len;
}

/* Reads a type and its parameters (8.3.1): 0, or -1 when it is none. */
static int
mime_scan(const char *s, int *has_charset)
{
	const char *name;

	*has_charset = 0;
	s = mime_type_end(s);
	while (s != NULL && *s != '\0') {
		s = mime_parameter_end(s, &name);
		if (s != NULL && strncasecmp(name, "charset=", 8) == 0)
			*has_charset = 1;
	}
	return s == NULL ? -1 : 0;
}

/* Returns a type as it will be sent, to be freed, or NULL. */
static char *
mime_join(const char *type)
{
	char *joined;
	int has_charset;

	if (strncasecmp(type, "text/", 5) != 0 ||
	    mime_scan(type, &has_charset) == -1 || has_charset)
		return strdup(type);
	if (asprintf(&joined, "%s%s", type, MIME_CHARSET) == -1)
		return NULL;
	return joined;
}

/* Gives an extension its type; one that can't be asked for is left out. */
static int
mime_set(struct mime *mime, const char *extension, const char *type)
{
	struct mime_slot *slot;
	char key[MIME_KEY_SIZE], *joined;

	if (mime_key(key, extension) == -1)
		return 0;
	if (mime_grow(mime) == -1 || (joined = mime_join(type)) == NULL)
		return -1;
	slot = mime_find(mime, key);
	if (slot->extension == NULL) {
		slot->extension = strdup(key);
		if (slot->extension == NULL) {
			free(joined);
			return -1;
		}
		mime->used++;
	}
	free(slot->type);
	slot->type = joined;
	return 0;
}

/*
 * Whether a system's file says what no web server should.  Only this very pair
 * is passed over, so that an administrator may still decide otherwise.
 */
static int
mime_is_unwanted(const char *type, const char *extension)
{
	/* Qt's translations; a player of HTTP Live Streaming wants video. */
	return strcasecmp(type, "text/vnd.trolltech.linguist") == 0 &&
	    strcasecmp(extension, "ts") == 0;
}

/* Takes one line, which it cuts up: "type extension extension ...": 0 or -1. */
static int
mime_load_line(struct mime *mime, char *line)
{
	const char *end, *extension, *type;
	char *state;

	line[strcspn(line, "#")] = '\0';
	type = strtok_r(line, " \t\r\n", &state);
	if (type == NULL || (end = mime_type_end(type)) == NULL ||
	    *end != '\0')
		return 0;
	while ((extension = strtok_r(NULL, " \t\r\n", &state)) != NULL) {
		if (mime_is_unwanted(type, extension))
			continue;
		if (mime_set(mime, extension, type) == -1)
			return -1;
	}
	return 0;
}

/* Takes a file over what is there; one that does not exist is empty. */
static int
mime_load_file(struct mime *mime, const char *path)
{
	FILE *f;
	char *line = NULL;
	size_t size = 0;
	int rv = -1;

	f = fopen(path, "re");
	if (f == NULL)
		return errno == ENOENT ? 0 : -1;
	while (getline(&line, &size, f) != -1) {
		if (mime_load_line(mime, line) == -1)
			goto out;
	}
	/* getline(3) has no other way to tell the end from a failure. */
	if (feof(f))
		rv = 0;
out:
	free(line);
	fclose(f);
	return rv;
}

/* Takes the built-in table: 0 or -1. */
static int
mime_load_lines(struct mime *mime)
{
	char *line;
	size_t i;
	int rv = 0;

	for (i = 0; i < sizeof(mime_lines) / sizeof(mime_lines[0]); i++) {
		line = strdup(mime_lines[i]);
		if (line == NULL)
			return -1;
		rv = mime_load_line(mime, line);
		free(line);
		if (rv == -1)
			break;
	}
	return rv;
}

struct mime *
mime_new(const char *file)
{
	struct mime *mime;
	int saved;

	mime = calloc(1, sizeof(*mime));
	if (mime == NULL)
		return NULL;
	if (mime_load_lines(mime) == -1 ||
	    (file != NULL && mime_load_file(mime, file) == -1)) {
		saved = errno;
		mime_free(mime);
		errno = saved;
		return NULL;
	}
	return mime;
}

struct mime *
mime_copy(const struct mime *mime)
{
	struct mime *copy = calloc(1, sizeof(*copy));
	const struct mime_slot *slot;
	size_t i;

	if (copy == NULL)
		return NULL;
	for (i = 0; i < mime->nslots; i++) {
		slot = &mime->slots[i];
		if (slot->extension != NULL &&
		    mime_set(copy, slot->extension, slot->type) == -1) {
			mime_free(copy);
			errno = ENOMEM;
			return NULL;
		}
	}
	return copy;
}

void
mime_free(struct mime *mime)
{
	size_t i;

	if (mime == NULL)
		return;
	for (i = 0; i < mime->nslots; i++) {
		free(mime->slots[i].extension);
		free(mime->slots[i].type);
	}
	free(mime->slots);
	free(mime);
}

int
mime_add(struct mime *mime, const char *extension, const char *type)
{
	char key[MIME_KEY_SIZE];
	int has_charset;

	if (extension[0] == '\0' || strpbrk(extension, "./") != NULL ||
	    mime_key(key, extension) == -1 ||
	    mime_scan(type, &has_charset) == -1) {
		errno = EINVAL;
		return -1;
	}
	return mime_set(mime, extension, type);
}

const char *
mime_type(const struct mime *mime, const char *name)
{
	const struct mime_slot *slot;
	const char *base, *dot;
	char key[MIME_KEY_SIZE];

	base = strrchr(name, '/');
	base = base == NULL ? name : base + 1;
	dot = strrchr(base, '.');
	if (dot == NULL || dot == base || mime_key(key, dot + 1) == -1)
		return MIME_UNKNOWN;
	slot = mime_find(mime, key);
	return slot->extension == NULL ? MIME_UNKNOWN : slot->type;
}
