#include "listing.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../docroot.h"
#include "../httpserve.h"
#include "../negotiate.h"
#include "listing_entries.h"
#include "listing_format.h"
#include "listing_order.h"

/*
 * So much is written at a time: some hundred entries, which takes less than a
 * millisecond.
 */
#define PIECE_BYTES 32768

/*
 * So many clients may be slow to take large directories, and no more: each
 * costs some 4 MB for 100,000 names.
 */
#define LARGE_MAX 16

/* An answer under way. */
struct listing {
	const struct listing_format	*format;
	struct listing_entries		*entries;
	struct listing_output		 output;
	size_t				 sent;	/* of output */
	bool				 reading;
	bool				 ended;
	unsigned int			*nlarge;	/* counts it, or NULL */
};

static void
listing_free(void *arg)
{
	struct listing *list = arg;

	if (list->nlarge != NULL)
		(*list->nlarge)--;
	listing_entries_free(list->entries);
	buffer_free(&list->output.out);
	free(list);
}

/* fd is closed, here or with the listing. */
static struct listing *
listing_new(const struct http_request *req, const struct docroot *root,
    const char *path, int fd)
{
	struct listing *list;

	if ((list = calloc(1, sizeof(*list))) == NULL) {
		close(fd);
		errno = ENOMEM;
		return NULL;
	}
	list->format = negotiate_prefers(req, "application/json",
	    "text/html") ? &listing_json : &listing_page;
	list->output.order = listing_order_parse(http_request_query(req));
	list->reading = true;
	list->entries = listing_entries_new(root, path, fd,
	    &list->output.order);
	if (list->entries == NULL) {
		free(list);
		return NULL;
	}
	return list;
}

/* Writes the next entry, or the end. */
static int
listing_write(struct listing *list)
{
	const struct listing_entry *entry;

	if ((entry = listing_entries_next(list->entries)) == NULL) {
		list->ended = true;
		return list->format->end(&list->output);
	}
	if (list->format->entry(&list->output, entry) == -1)
		return -1;
	if (listing_is_directory(entry))
		list->output.directories++;
	else
		list->output.files++;
	return 0;
}

/* Reads a slice of the directory, or writes a piece of the answer. */
static int
listing_work(struct listing *list)
{
	const struct buffer *out = &list->output.out;
	int more;

	if (list->reading) {
		if ((more = listing_entries_read(list->entries)) == -1)
			return -1;
		list->reading = more;
		return 0;
	}
	while (!list->ended && out->len < PIECE_BYTES)
		if (listing_write(list) == -1)
			return -1;
	return 0;
}

/* Gives out what was written, as far as there is room. */
static ssize_t
listing_take(struct listing *list, char *buf, size_t size)
{
	struct buffer *out = &list->output.out;

	if (size > out->len - list->sent)
		size = out->len - list->sent;
	memcpy(buf, out->data + list->sent, size);
	list->sent += size;
	if (list->sent == out->len)
		list->sent = out->len = 0;
	return (ssize_t)size;
}

/*
 * A source's read: gives out what is there, or does some work for the next
 * turn.  So each turn costs a slice, and others are served between them.
 */
static ssize_t
listing_source_read(void *arg, char *buf, size_t size)
{
	struct listing *list = arg;

	if (list->output.out.len > 0)
		return listing_take(list, buf, size);
	if (list->ended)
		return 0;
	if (listing_work(list) == 0)
		errno = EAGAIN;
	return -1;
}

static int
listing_describe(struct http_response *res,
    const struct listing_format *format)
{
	if (http_response_set_header(res, "Content-Type",
	    format->type) == -1 ||
	    http_response_add_header(res, "Vary", "Accept") == -1 ||
	    http_response_set_header(res, "Cache-Control", "no-cache") == -1 ||
	    http_response_set_header(res, "Content-Security-Policy",
	    format->policy) == -1)
		return -1;
	return http_response_set_header(res, "X-Content-Type-Options",
	    "nosniff");
}

static int
listing_count(struct listing *list, unsigned int *nlarge)
{
	if (*nlarge == LARGE_MAX) {
		errno = ENOMEM;
		return -1;
	}
	list->nlarge = nlarge;
	(*nlarge)++;
	return 0;
}

/* Answers with a source, whose listing this becomes. */
static int
listing_stream(struct http_response *res, struct listing *list)
{
	const struct http_source source = {
		listing_source_read, listing_free, list
	};

	return http_response_send_source(res, &source, -1);
}

/* Begins the answer, and ends it if the directory is so small. */
static int
listing_start(struct listing *list, const char *path)
{
	if (list->format->begin(&list->output, path) == -1 ||
	    listing_work(list) == -1)
		return -1;
	while (!list->reading && !list->ended)
		if (listing_write(list) == -1)
			return -1;
	return 0;
}

int
listing_send(struct http_response *res, const struct http_request *req,
    const struct docroot *root, const char *path, int fd,
    unsigned int *nlarge)
{
	struct listing *list;
	bool is_head = strcmp(http_request_method(req), "HEAD") == 0;
	int result = -1;

	if ((list = listing_new(req, root, path, fd)) == NULL)
		return -1;
	if (!is_head && listing_start(list, http_request_path(req)) == -1)
		goto out;
	if (!is_head && !list->ended && listing_count(list, nlarge) == -1)
		goto out;
	if (listing_describe(res, list->format) == -1)
		goto out;
	if (!list->ended)
		return listing_stream(res, list);
	result = http_response_write(res, list->output.out.data,
	    list->output.out.len);
out:
	listing_free(list);
	return result;
}
