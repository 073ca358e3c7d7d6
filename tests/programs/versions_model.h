/*
 * What the files of a test are, at every moment.  An object is a path that is
 * served; each edit gives it a new version.  The log of versions is shared by
 * the editor and the client, who may be two processes: the editor announces a
 * version before it makes it, and settles it behind that.  So what a client
 * may see from one moment to another is what lies between the version that
 * was settled last at the first and that announced last at the second.
 */
#ifndef VERSIONS_MODEL_H
#define VERSIONS_MODEL_H

#include <endian.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Each size is there twice: with mtimes as they come, and with dates set. */
static const int64_t base_sizes[] = {
	0, 1, 100, 1024, 31 * 1024, 33 * 1024, 100 * 1024, 1024 * 1024
};
#define NSIZES		(sizeof(base_sizes) / sizeof(base_sizes[0]))
#define NOBJECTS	(2 * NSIZES)

/* The largest, and what an edit may add to it. */
#define MAX_SIZE	(1024 * 1024 * 9 / 8 + 4)
/* No request lasts for so many edits of one object. */
#define LOG_SIZE	1024

#define ABSENT		(-1)

/* The file itself, and the sidecars that hold it encoded. */
enum coding {
	CODING_NONE,
	CODING_GZIP,
	CODING_BR,
	CODING_ZSTD,
	NCODINGS
};

static const struct {
	const char	*name;		/* as Content-Encoding has it */
	const char	*suffix;
} codings[NCODINGS] = {
	{ "", "" }, { "gzip", ".gz" }, { "br", ".br" }, { "zstd", ".zst" }
};

/*
 * The bytes of a file, which follow from a number that no other content has:
 * the first size bytes of its stream.  What is appended to goes on in the
 * stream, what is truncated ends earlier in it.
 */
struct content {
	uint64_t	key;
	int64_t		size;		/* or ABSENT */
	int64_t		mtime_ns;	/* 0: as it comes */
};

struct version {
	struct content	files[NCODINGS];
	bool		hidden;		/* mode 000 */
	bool		in_place;	/* written over the one before it */
	const char	*edit;		/* that made it */
};

struct object {
	_Atomic uint64_t announced;
	_Atomic uint64_t settled;
	int64_t		 base_size;
	bool		 dated;
	struct version	 log[LOG_SIZE];
};

static struct version *
object_version(struct object *o, uint64_t n)
{
	return &o->log[n % LOG_SIZE];
}

/* The version that is there now; for the editor. */
static struct version *
object_now(struct object *o)
{
	return object_version(o, atomic_load(&o->settled));
}

static void
object_announce(struct object *o, const struct version *v)
{
	uint64_t n = atomic_load(&o->settled) + 1;

	*object_version(o, n) = *v;
	atomic_store(&o->announced, n);
}

static void
object_settle(struct object *o)
{
	atomic_store(&o->settled, atomic_load(&o->announced));
}

/* The finalizer of splitmix64, a bijection: distinct in, distinct out. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static uint64_t random_state;

/* A number from 0 to n - 1, n > 0; the same again for the same seed. */
static uint64_t
random_below(uint64_t n)
{
	return mix(random_state++) % n;
}

/*
 * Eight bytes of the stream.  The first are the key itself: even contents of
 * one byte differ from the 255 before them.
 */
static uint64_t
content_word(uint64_t key, uint64_t i)
{
	return htole64(i == 0 ? key : mix(key ^ i << 40));
}

static void
content_fill(char *dst, uint64_t key, int64_t offset, size_t len)
{
	uint64_t word;
	size_t skip = (size_t)offset % 8, n;

	for (offset /= 8; len > 0; offset++) {
		word = content_word(key, (uint64_t)offset);
		n = len < 8 - skip ? len : 8 - skip;
		memcpy(dst, (char *)&word + skip, n);
		skip = 0;
		dst += n;
		len -= n;
	}
}

/* Where bytes begin to differ from those at an offset, or -1. */
static int64_t
content_differs(uint64_t key, int64_t offset, const char *bytes, size_t len)
{
	static char expected[65536];
	size_t done, n, i;

	for (done = 0; done < len; done += n) {
		n = len - done < sizeof(expected) ?
		    len - done : sizeof(expected);
		content_fill(expected, key, offset + (int64_t)done, n);
		if (memcmp(expected, bytes + done, n) == 0)
			continue;
		for (i = 0; expected[i] == bytes[done + i]; i++)
			continue;
		return (int64_t)(done + i);
	}
	return -1;
}

/* Whether two contents are the same bytes. */
static bool
content_equals(const struct content *a, const struct content *b)
{
	char bytes_a[8], bytes_b[8];
	size_t n = a->size < 8 ? (size_t)a->size : 8;

	if (a->size != b->size || a->size == ABSENT)
		return a->size == b->size;
	content_fill(bytes_a, a->key, 0, n);
	content_fill(bytes_b, b->key, 0, n);
	return memcmp(bytes_a, bytes_b, n) == 0;
}

#endif
