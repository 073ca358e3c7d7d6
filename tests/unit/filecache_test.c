/* filecache: what is found again, and what goes when there is too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "handlers/content.h"
#include "handlers/filecache.h"

#define MANY	20000		/* more than there are chains */
#define SMALL	10000		/* bytes of a small file */
#define LARGE	40000		/* this one is kept open */
#define MAX_FDS	64

/* A content of this size; what it contains does not matter. */
static struct content *
make_content(off_t size)
{
	char path[] = "/tmp/filecache_test.XXXXXX";
	struct content *c;
	struct stat st;
	int fd;

	assert_int_not_equal(fd = mkstemp(path), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_non_null(c = content_new(fd, &st));
	return c;
}

/* Adds a document, as it is after it was looked for. */
static struct document *
add(struct filecache *cache, int i)
{
	struct document *doc;
	char path[16];

	(void)snprintf(path, sizeof(path), "/%d", i);
	assert_non_null(doc = document_new(path, "a/b"));
	filecache_add(cache, doc);
	return doc;
}

static struct document *
find(struct filecache *cache, int i)
{
	char path[16];

	(void)snprintf(path, sizeof(path), "/%d", i);
	return filecache_find(cache, NULL, path);
}

/* Adds one with a file of this size, and keeps it if there is room. */
static void
keep(struct filecache *cache, int i, off_t size)
{
	struct document *doc = add(cache, i);

	doc->forms[ENCODING_IDENTITY].content = make_content(size);
	filecache_keep(cache, doc);
}

static void
init(struct filecache *cache, size_t max_size)
{
	assert_int_equal(filecache_init(cache, max_size), 0);
}

/* Nothing is counted any more that is not there. */
static void
end(struct filecache *cache)
{
	filecache_free(cache);
	assert_int_equal(cache->size, 0);
	assert_int_equal(cache->nfds, 0);
	filecache_free(cache);
}

static void
documents_are_found_by_their_whole_path(void **state)
{
	static const char *const others[] = {
		"", "/", "/1", "/12", "/1234", "/0123", "123", "//123", "/124"
	};
	struct filecache cache;
	struct document *doc;
	size_t i;

	(void)state;
	init(&cache, SIZE_MAX);
	assert_null(find(&cache, 123));
	doc = add(&cache, 123);
	assert_ptr_equal(find(&cache, 123), doc);
	assert_string_equal(doc->path, "/123");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_null(filecache_find(&cache, NULL, others[i]));
	filecache_drop(&cache, doc);
	assert_null(find(&cache, 123));
	end(&cache);
}

static void
many_are_all_found(void **state)
{
	static struct document *docs[MANY];
	struct filecache cache;
	int i;

	(void)state;
	init(&cache, SIZE_MAX);
	for (i = 0; i < MANY; i++) {
		docs[i] = add(&cache, i);
		filecache_keep(&cache, docs[i]);
	}
	for (i = 0; i < MANY; i++)
		assert_ptr_equal(find(&cache, i), docs[i]);
	for (i = 0; i < MANY; i += 2)
		filecache_drop(&cache, docs[i]);
	for (i = 0; i < MANY; i++)
		assert_ptr_equal(find(&cache, i), i % 2 == 0 ? NULL : docs[i]);
	end(&cache);
}

static void
bytes_are_bounded(void **state)
{
	const size_t max = 10 * SMALL;
	struct filecache cache;
	int i, found = 0;

	(void)state;
	init(&cache, max);
	for (i = 0; i < 100; i++) {
		keep(&cache, i, SMALL);
		assert_in_range(cache.size, SMALL, max);
		assert_non_null(find(&cache, i));
	}
	for (i = 0; i < 100; i++)
		found += find(&cache, i) != NULL;
	/* A document takes some itself. */
	assert_in_range(found, 6, 9);
	end(&cache);
}

static void
who_was_not_asked_for_longest_goes_first(void **state)
{
	struct filecache cache;
	size_t max;
	int i;

	(void)state;
	init(&cache, SIZE_MAX);
	for (i = 0; i < 4; i++)
		keep(&cache, i, SMALL);
	max = cache.max_size = cache.size;
	/* From the latest: 0, 2, 3, 1. */
	assert_non_null(find(&cache, 2));
	assert_non_null(find(&cache, 0));
	assert_non_null(find(&cache, 0));
	keep(&cache, 4, SMALL);
	assert_int_equal(cache.size, max);
	assert_null(find(&cache, 1));
	keep(&cache, 5, SMALL);
	assert_null(find(&cache, 3));
	keep(&cache, 6, SMALL);
	assert_null(find(&cache, 2));
	assert_non_null(find(&cache, 0));
	assert_non_null(find(&cache, 4));
	end(&cache);
}

static void
one_that_is_too_much_takes_all_with_it(void **state)
{
	struct filecache cache;
	int i;

	(void)state;
	init(&cache, 2 * SMALL);
	keep(&cache, 0, SMALL / 2);
	keep(&cache, 1, 3 * SMALL);
	assert_null(find(&cache, 0));
	assert_null(find(&cache, 1));
	assert_int_equal(cache.size, 0);
	/* 0 keeps none. */
	cache.max_size = 0;
	for (i = 0; i < 3; i++) {
		keep(&cache, i, 0);
		assert_null(find(&cache, i));
		assert_int_equal(cache.size, 0);
	}
	end(&cache);
}

static void
what_is_kept_is_counted_as_it_is(void **state)
{
	struct filecache cache;
	struct document *doc;
	size_t bare;

	(void)state;
	init(&cache, SIZE_MAX);
	doc = add(&cache, 0);
	assert_int_equal(cache.size, 0);
	filecache_keep(&cache, doc);
	bare = cache.size;
	assert_in_range(bare, sizeof(*doc), sizeof(*doc) + 100);
	doc->forms[ENCODING_IDENTITY].content = make_content(SMALL);
	doc->forms[ENCODING_GZIP].content = make_content(SMALL);
	/* As document_open() and who forgets a form say it. */
	doc->is_measured = false;
	filecache_keep(&cache, doc);
	assert_in_range(cache.size, bare + 2 * SMALL, bare + 3 * SMALL);
	filecache_keep(&cache, doc);
	assert_in_range(cache.size, bare + 2 * SMALL, bare + 3 * SMALL);
	content_release(doc->forms[ENCODING_GZIP].content);
	doc->forms[ENCODING_GZIP].content = NULL;
	doc->is_measured = false;
	filecache_keep(&cache, doc);
	assert_in_range(cache.size, bare + SMALL, bare + 2 * SMALL);
	filecache_drop(&cache, doc);
	assert_int_equal(cache.size, 0);
	end(&cache);
}

static void
descriptors_are_bounded(void **state)
{
	struct filecache cache;
	int i;

	(void)state;
	init(&cache, SIZE_MAX);
	for (i = 0; i < 3 * MAX_FDS; i++) {
		keep(&cache, i, LARGE);
		assert_int_equal(cache.nfds, i < MAX_FDS ? i + 1 : MAX_FDS);
		/* A large file takes no bytes. */
		assert_in_range(cache.size, 1, MAX_FDS * SMALL);
	}
	for (i = 0; i < 2 * MAX_FDS; i++)
		assert_null(find(&cache, i));
	for (; i < 3 * MAX_FDS; i++)
		assert_non_null(find(&cache, i));
	end(&cache);
}

/* An answer under way has the bytes of a document that is gone. */
static void
what_is_held_outlives_the_cache(void **state)
{
	struct filecache cache;
	struct document *doc;
	struct content *c;
	char byte = 'x';

	(void)state;
	init(&cache, SIZE_MAX);
	doc = add(&cache, 0);
	c = doc->forms[ENCODING_BR].content = make_content(SMALL);
	(void)content_hold(c);
	filecache_keep(&cache, doc);
	end(&cache);
	assert_int_equal(c->refs, 1);
	assert_int_equal(content_read(c, &byte, 1, SMALL - 1), 1);
	assert_int_equal(byte, '\0');
	content_release(c);
}

/* Many may have the same name, and none sees what another has. */
static void
owners_share_the_room_and_nothing_else(void **state)
{
	static struct document *docs[MANY];
	struct filecache cache;
	struct document *mine;
	int i;

	(void)state;
	init(&cache, SIZE_MAX);
	mine = add(&cache, 1);
	for (i = 0; i < MANY; i++) {
		assert_null(filecache_find(&cache, &docs[i], "/1"));
		assert_non_null(docs[i] = document_new("/1", "a/b"));
		docs[i]->owner = &docs[i];
		filecache_add(&cache, docs[i]);
	}
	for (i = 0; i < MANY; i++)
		assert_ptr_equal(filecache_find(&cache, &docs[i], "/1"),
		    docs[i]);
	filecache_leave(&cache, &docs[0]);
	assert_null(filecache_find(&cache, &docs[0], "/1"));
	assert_ptr_equal(filecache_find(&cache, &docs[1], "/1"), docs[1]);
	assert_ptr_equal(find(&cache, 1), mine);
	end(&cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_found_by_their_whole_path),
		cmocka_unit_test(many_are_all_found),
		cmocka_unit_test(bytes_are_bounded),
		cmocka_unit_test(who_was_not_asked_for_longest_goes_first),
		cmocka_unit_test(one_that_is_too_much_takes_all_with_it),
		cmocka_unit_test(what_is_kept_is_counted_as_it_is),
		cmocka_unit_test(descriptors_are_bounded),
		cmocka_unit_test(what_is_held_outlives_the_cache),
		cmocka_unit_test(owners_share_the_room_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
