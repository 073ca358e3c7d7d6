/* uri: no target leads out of the root, and what is written leads back. */
#include <stdbool.h>

#include "fuzz.h"
#include "uri.h"

static bool
is_within(const char *part, size_t part_len, const char *s, size_t len)
{
	return part >= s && part <= s + len &&
	    part_len <= (size_t)(s + len - part);
}

/* The parts are the target's own bytes, and join to all of it. */
static void
check_parts(const struct uri *u, const char *target, size_t len)
{
	CHECK(u->path_len > 0);
	if (u->query != NULL) {
		CHECK(is_within(u->query, u->query_len, target, len));
		CHECK(u->query + u->query_len == target + len);
		CHECK(u->query[-1] == '?');
	}
	if (u->form == URI_ASTERISK)
		return;
	CHECK(u->path[0] == '/');
	if (u->form == URI_ORIGIN) {
		CHECK(u->path == target && u->authority_len == 0);
		return;
	}
	CHECK(is_within(u->authority, u->authority_len, target, len));
	CHECK(uri_check_authority(u->authority, u->authority_len));
	CHECK(memchr(u->authority, '@', u->authority_len) == NULL);
}

/* No segment of it climbs or stays, however it was spelt. */
static void
check_segments(const char *path, size_t len)
{
	const char *segment;
	size_t n;

	CHECK(path[0] == '/');
	CHECK(memchr(path, '\0', len) == NULL && path[len] == '\0');
	for (segment = path + 1;; segment += n + 1) {
		n = strcspn(segment, "/");
		CHECK(n != 1 || segment[0] != '.');
		CHECK(n != 2 || memcmp(segment, "..", 2) != 0);
		if (segment[n] == '\0')
			return;
	}
}

/*
 * A decoded path leads back to itself, but for its leading slashes.  (One that
 * has "%2F" was "%2F" or "%252F", and leads to the first.)
 */
static void
check_encoded(const char *path, size_t len)
{
	char *encoded = malloc(3 * len + 1), *again;
	struct uri u;
	size_t n;

	CHECK(encoded != NULL);
	n = uri_encode_path(encoded, path);
	CHECK(n <= 3 * len && strlen(encoded) == n);
	CHECK(encoded[0] == '/' && encoded[1] != '/');
	CHECK(uri_split(&u, encoded, n) == 0);
	CHECK(u.form == URI_ORIGIN && u.path_len == n && u.query == NULL);
	again = malloc(n + 1);
	CHECK(again != NULL);
	CHECK(uri_decode_path(again, encoded, n) != -1);
	CHECK(strcmp(again, path + strspn(path, "/") - 1) == 0);
	free(again);
	free(encoded);
}

/* Decoding in place and to elsewhere is the same, and never longer. */
static void
check_path(const struct uri *u)
{
	struct fuzz_input path = { u->path, u->path_len };
	char *copy = malloc(u->path_len + 1), *elsewhere;
	ssize_t len, in_place;

	elsewhere = malloc(u->path_len + 1);
	CHECK(copy != NULL && elsewhere != NULL);
	memcpy(copy, path.data, path.len);
	len = uri_decode_path(elsewhere, u->path, u->path_len);
	in_place = uri_decode_path(copy, copy, u->path_len);
	CHECK(len == in_place);
	if (len != -1) {
		CHECK((size_t)len <= u->path_len);
		CHECK(memcmp(copy, elsewhere, (size_t)len + 1) == 0);
		check_segments(copy, (size_t)len);
		check_encoded(copy, (size_t)len);
	}
	free(elsewhere);
	free(copy);
}

/* A file's name stays one segment of one path, and leads back to itself. */
static void
check_name(const struct fuzz_input *in)
{
	char *name = fuzz_string(in), *encoded, *again;
	size_t len = strlen(name), n;
	struct uri u;

	if (len == 0 || memchr(name, '/', len) != NULL ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		free(name);
		return;
	}
	encoded = malloc(3 * len + 2);
	again = malloc(3 * len + 2);
	CHECK(encoded != NULL && again != NULL);
	encoded[0] = '/';
	n = uri_encode_name(encoded + 1, name);
	CHECK(n <= 3 * len && strpbrk(encoded + 1, "/:?#") == NULL);
	CHECK(uri_split(&u, encoded, n + 1) == 0 && u.path_len == n + 1);
	CHECK(uri_decode_path(again, encoded, n + 1) == (ssize_t)len + 1);
	CHECK(strcmp(again + 1, name) == 0);
	free(again);
	free(encoded);
	free(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	char *target = fuzz_copy(&in);
	struct uri u;

	if (uri_split(&u, target, len) == 0) {
		check_parts(&u, target, len);
		if (u.form != URI_ASTERISK)
			check_path(&u);
	}
	(void)uri_check_authority(target, len);
	check_name(&in);
	free(target);
	return 0;
}
