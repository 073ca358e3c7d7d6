#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libutil.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../buffer.h"
#include "../docroot.h"
#include "../html.h"
#include "../httpserve.h"
#include "../uri.h"
#include "listing.h"

/* A line of the page. */
struct listing_entry {
	char	*name;
	int	 directory;
	off_t	 size;
	time_t	 mtime;
};

struct listing {
	struct listing_entry	*entries;
	size_t			 len;
	size_t			 size;
};

static const char listing_style[] =
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;"
    "margin:1rem auto;padding:0 1rem}\n"
    "h1{font-size:1.25rem}\n"
    "h1,td:first-child{overflow-wrap:anywhere;white-space:pre-wrap}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{padding:.2rem .5rem;text-align:left;vertical-align:top}\n"
    "th+th,td+td{text-align:right;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}\n"
    "tbody tr:hover{background:#8882}\n";

static void
listing_free(struct listing *list)
{
	size_t i;

	for (i = 0; i < list->len; i++)
		free(list->entries[i].name);
	free(list->entries);
}

static int
listing_add(struct listing *list, const char *name, const struct stat *st)
{
	struct listing_entry *entry, *entries;
	size_t size;

	if (list->len == list->size) {
		size = list->size == 0 ? 64 : list->size * 2;
		entries = reallocarray(list->entries, size, sizeof(*entries));
		if (entries == NULL)
			return -1;
		list->entries = entries;
		list->size = size;
	}
	entry = &list->entries[list->len];
	if ((entry->name = strdup(name)) == NULL)
		return -1;
	entry->directory = S_ISDIR(st->st_mode);
	entry->size = st->st_size;
	entry->mtime = st->st_mtime;
	list->len++;
	return 0;
}

/* fstat(2) of what a link leads to, if that is below the root. */
static int
listing_stat_link(const struct docroot *root, const char *path,
    const char *name, struct stat *st)
{
	char link[PATH_MAX];
	int fd, len, result;

	len = snprintf(link, sizeof(link), "%s%s", path, name);
	if (len < 0 || (size_t)len >= sizeof(link))
		return -1;
	if ((fd = docroot_open(root, link, O_PATH)) == -1)
		return -1;
	result = fstat(fd, st);
	close(fd);
	return result;
}

/*
 * Whether a name is shown, and what it is.  What a client could not get is
 * not shown: hidden names, links out of the root, FIFOs, sockets, devices.
 */
static int
listing_shows(const struct docroot *root, const char *path, int fd,
    const char *name, struct stat *st)
{
	if (docroot_hides(name, strlen(name)))
		return 0;
	if (fstatat(fd, name, st, AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	if (S_ISLNK(st->st_mode) &&
	    listing_stat_link(root, path, name, st) == -1)
		return 0;
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

/* Directories first, then by name, numbers in names by their value. */
static int
listing_compare(const void *a, const void *b)
{
	const struct listing_entry *x = a, *y = b;

	if (x->directory != y->directory)
		return y->directory - x->directory;
	return strverscmp(x->name, y->name);
}

/* Reads the directory into the list, in order.  fd is closed. */
static int
listing_read(struct listing *list, const struct docroot *root,
    const char *path, int fd)
{
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int error;

	if ((dir = fdopendir(fd)) == NULL) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		if (listing_shows(root, path, fd, entry->d_name, &st) &&
		    listing_add(list, entry->d_name, &st) == -1)
			break;
	}
	error = errno;
	closedir(dir);
	if (error != 0) {
		errno = error;
		return -1;
	}
	if (list->len > 0)
		qsort(list->entries, list->len, sizeof(*list->entries),
		    listing_compare);
	return 0;
}

static int
listing_write_head(struct buffer *page, const char *path)
{
	int root = path[strspn(path, "/")] == '\0';

	if (buffer_append_string(page, "<!DOCTYPE html>\n"
	    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<title>Index of ") == -1 ||
	    html_append(page, path) == -1 ||
	    buffer_printf(page, "</title>\n<style>\n%s</style>\n</head>\n"
	    "<body>\n<h1>Index of ", listing_style) == -1 ||
	    html_append(page, path) == -1 ||
	    buffer_append_string(page, "</h1>\n<table>\n<thead>\n"
	    "<tr><th>Name</th><th>Size</th><th>Modified (UTC)</th></tr>\n"
	    "</thead>\n<tbody>\n") == -1)
		return -1;
	if (root)
		return 0;
	return buffer_append_string(page, "<tr><td><a href=\"../\">../</a>"
	    "</td><td></td><td></td></tr>\n");
}

/* Appends the name as a link relative to the page. */
static int
listing_write_link(struct buffer *page, const struct listing_entry *entry)
{
	const char *slash = entry->directory ? "/" : "";
	char *href;
	int result = -1;

	if ((href = malloc(3 * strlen(entry->name) + 1)) == NULL)
		return -1;
	uri_encode_name(href, entry->name);
	if (buffer_append_string(page, "<a href=\"") == -1 ||
	    html_append(page, href) == -1 ||
	    buffer_printf(page, "%s\">", slash) == -1 ||
	    html_append(page, entry->name) == -1 ||
	    buffer_printf(page, "%s</a>", slash) == -1)
		goto out;
	result = 0;
out:
	free(href);
	return result;
}

static int
listing_write_entry(struct buffer *page, const struct listing_entry *entry)
{
	char date[64] = "", size[5] = "";
	struct tm tm;

	if (!entry->directory)
		humanize_number(size, sizeof(size), (int64_t)entry->size, "",
		    HN_AUTOSCALE, HN_B | HN_DECIMAL | HN_NOSPACE);
	if (gmtime_r(&entry->mtime, &tm) != NULL &&
	    strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm) == 0)
		date[0] = '\0';
	if (buffer_append_string(page, "<tr><td>") == -1 ||
	    listing_write_link(page, entry) == -1)
		return -1;
	return buffer_printf(page, "</td><td>%s</td><td>%s</td></tr>\n",
	    size, date);
}

static int
listing_write(struct buffer *page, const struct listing *list,
    const char *path)
{
	size_t i;

	if (listing_write_head(page, path) == -1)
		return -1;
	for (i = 0; i < list->len; i++)
		if (listing_write_entry(page, &list->entries[i]) == -1)
			return -1;
	return buffer_append_string(page,
	    "</tbody>\n</table>\n</body>\n</html>\n");
}

int
listing_send(struct http_response *res, const struct docroot *root,
    const char *path, int fd)
{
	struct listing list = { 0 };
	struct buffer page = { 0 };
	int result = -1;

	if (listing_read(&list, root, path, fd) == -1 ||
	    listing_write(&page, &list, path) == -1 ||
	    http_response_set_header(res, "Content-Type",
	    "text/html; charset=utf-8") == -1 ||
	    http_response_set_header(res, "X-Content-Type-Options",
	    "nosniff") == -1 ||
	    http_response_write(res, page.data, page.len) == -1)
		goto out;
	result = 0;
out:
	buffer_free(&page);
	listing_free(&list);
	return result;
}
