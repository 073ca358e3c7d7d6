#include <inttypes.h>
#include <libutil.h>
#include <stdbool.h>
#include <string.h>

#include "../html.h"
#include "listing_format.h"
#include "listing_style.h"

/* "1023 KiB" and its NUL, cut to three digits by humanize_number(3). */
#define SIZE_SIZE 8

/* In their order on the page. */
static const struct {
	enum listing_key key;
	const char	*title;
} columns[] = {
	{ LISTING_BY_NAME, "Name" },
	{ LISTING_BY_SIZE, "Size" },
	{ LISTING_BY_DATE, "Modified <small>UTC</small>" },
};

/* Begins a link to a directory, up so many levels, in the page's order. */
static int
page_append_up(struct listing_output *output, size_t levels)
{
	struct buffer *out = &output->out;

	if (buffer_append_string(out, "<a href=\"") == -1)
		return -1;
	for (; levels > 0; levels--)
		if (buffer_append_string(out, "../") == -1)
			return -1;
	if (html_append(out, listing_order_query(&output->order)) == -1)
		return -1;
	return buffer_append_string(out, "\">");
}

/* The number of segments of a path that ends in a slash, empty ones too. */
static size_t
page_depth(const char *path)
{
	size_t depth = 0;

	while ((path = strchr(path, '/')) != NULL && *++path != '\0')
		depth++;
	return depth;
}

/* Appends one directory of the path; the page's own is its heading. */
static int
page_append_crumb(struct listing_output *output, const char *name, size_t len,
    size_t levels)
{
	struct buffer *out = &output->out;
	char text[NAME_MAX + 1];

	if (len > NAME_MAX)
		len = NAME_MAX;
	memcpy(text, name, len);
	text[len] = '\0';
	if (buffer_append_string(out, "<li>") == -1 ||
	    (levels > 0 ? page_append_up(output, levels) :
	    buffer_append_string(out, "<h1 aria-current=\"page\">")) == -1 ||
	    buffer_append_string(out, "<bdi>") == -1 ||
	    html_append(out, text) == -1 ||
	    buffer_append_string(out, "</bdi>") == -1)
		return -1;
	return buffer_append_string(out, levels > 0 ? "</a>" : "</h1>");
}

/*
 * Appends the way from the root to here.  Its links are relative, for proxies
 * that put the root elsewhere; empty segments are levels of them.
 */
static int
page_append_path(struct listing_output *output, const char *path)
{
	size_t len, levels = page_depth(path);
	bool in_root = path[strspn(path, "/")] == '\0';

	if (buffer_append_string(&output->out,
	    "<nav aria-label=\"Path\">\n<ol>\n") == -1 ||
	    page_append_crumb(output, "Index", strlen("Index"),
	    in_root ? 0 : levels) == -1)
		return -1;
	for (path++; !in_root && *path != '\0'; path += len + 1) {
		len = strcspn(path, "/");
		levels--;
		if (len > 0 &&
		    page_append_crumb(output, path, len, levels) == -1)
			return -1;
	}
	return buffer_append_string(&output->out, "\n</ol>\n</nav>\n");
}

/* Appends a column's head, which leads to the order that comes next. */
static int
page_append_column(struct listing_output *output, enum listing_key key,
    const char *title)
{
	const struct listing_order *order = &output->order;
	struct listing_order next = listing_order_next(order, key);
	const char *arrow = "", *query = listing_order_query(&next);
	const char *sort = "";

	if (key == order->key) {
		arrow = order->descending ? "\xe2\x86\x93" : "\xe2\x86\x91";
		sort = order->descending ?
		    " aria-sort=\"descending\"" : " aria-sort=\"ascending\"";
	}
	if (buffer_printf(&output->out, "<th scope=\"col\"%s><a href=\"",
	    sort) == -1 ||
	    html_append(&output->out, *query == '\0' ? "./" : query) == -1)
		return -1;
	return buffer_printf(&output->out, "\" rel=\"nofollow\">%s"
	    "<span aria-hidden=\"true\">%s</span></a></th>\n", title, arrow);
}

static int
page_append_columns(struct listing_output *output)
{
	size_t i;

	if (buffer_append_string(&output->out,
	    "<table>\n<thead>\n<tr>\n") == -1)
		return -1;
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (page_append_column(output, columns[i].key,
		    columns[i].title) == -1)
			return -1;
	return buffer_append_string(&output->out,
	    "</tr>\n</thead>\n<tbody>\n");
}

static int
page_append_parent(struct listing_output *output)
{
	if (buffer_append_string(&output->out,
	    "<tr class=\"up\"><th scope=\"row\">") == -1 ||
	    page_append_up(output, 1) == -1)
		return -1;
	return buffer_append_string(&output->out,
	    "../</a></th><td></td><td></td></tr>\n");
}

/* Other orders of a page are not for crawlers. */
static int
page_append_head(struct listing_output *output, const char *path)
{
	struct buffer *out = &output->out;
	bool is_usual = *listing_order_query(&output->order) == '\0';

	if (buffer_printf(out, "<!DOCTYPE html>\n"
	    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n%s"
	    "<title>Index of ", is_usual ? "" :
	    "<meta name=\"robots\" content=\"noindex, nofollow\">\n") == -1 ||
	    html_append(out, path) == -1)
		return -1;
	return buffer_append_string(out, "</title>\n<style>" LISTING_STYLE
	    "</style>\n</head>\n<body>\n");
}

static int
page_begin(struct listing_output *output, const char *path)
{
	if (page_append_head(output, path) == -1 ||
	    page_append_path(output, path) == -1 ||
	    page_append_columns(output) == -1)
		return -1;
	if (path[strspn(path, "/")] == '\0')
		return 0;
	return page_append_parent(output);
}

/* Appends the name as a link relative to the page. */
static int
page_append_link(struct listing_output *output,
    const struct listing_entry *entry)
{
	struct buffer *out = &output->out;
	bool is_directory = listing_is_directory(entry);
	char url[LISTING_URL_SIZE];

	listing_url(url, entry);
	if (buffer_append_string(out, "<a href=\"") == -1 ||
	    html_append(out, url) == -1 || (is_directory && html_append(out,
	    listing_order_query(&output->order)) == -1) ||
	    buffer_append_string(out, "\"><bdi>") == -1 ||
	    html_append(out, entry->name) == -1)
		return -1;
	return buffer_append_string(out,
	    is_directory ? "</bdi>/</a>" : "</bdi></a>");
}

static int
page_append_size(struct buffer *out, int64_t size)
{
	char human[SIZE_SIZE];

	if (humanize_number(human, sizeof(human), size, "B", HN_AUTOSCALE,
	    HN_DECIMAL | HN_IEC_PREFIXES) == -1)
		human[0] = '\0';
	return buffer_printf(out, "<td title=\"%" PRId64 " bytes\">%s</td>",
	    size, human);
}

static int
page_entry(struct listing_output *output, const struct listing_entry *entry)
{
	struct buffer *out = &output->out;
	char time[LISTING_TIME_SIZE];

	listing_time(time, entry->mtime);
	if (buffer_append_string(out, listing_is_directory(entry) ?
	    "<tr class=\"dir\"><th scope=\"row\">" :
	    "<tr><th scope=\"row\">") == -1 ||
	    page_append_link(output, entry) == -1 ||
	    buffer_append_string(out, "</th>") == -1 ||
	    (listing_is_directory(entry) ?
	    buffer_append_string(out, "<td></td>") :
	    page_append_size(out, entry->size)) == -1)
		return -1;
	return buffer_printf(out, "<td><time datetime=\"%s\">%.10s %.5s</time>"
	    "</td></tr>\n", time, time, time + sizeof("2026-11-23T") - 1);
}

static int
page_end(struct listing_output *output)
{
	uintmax_t directories = output->directories, files = output->files;

	if (buffer_append_string(&output->out,
	    "</tbody>\n</table>\n<p>") == -1)
		return -1;
	if (directories + files == 0)
		return buffer_append_string(&output->out,
		    "This folder is empty.</p>\n</body>\n</html>\n");
	return buffer_printf(&output->out, "%ju %s, %ju %s</p>\n"
	    "</body>\n</html>\n", directories,
	    directories == 1 ? "folder" : "folders", files,
	    files == 1 ? "file" : "files");
}

const struct listing_format listing_page = {
	.type = "text/html; charset=utf-8",
	.policy = "default-src 'none'; style-src '" LISTING_STYLE_HASH "'; "
	    "base-uri 'none'; form-action 'none'",
	.begin = page_begin,
	.entry = page_entry,
	.end = page_end
};
