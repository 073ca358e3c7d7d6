#include <inttypes.h>

#include "../json.h"
#include "listing_format.h"

static int
json_begin(struct listing_output *output, const char *path)
{
	(void)path;
	return buffer_append_string(&output->out, "[");
}

static int
json_entry(struct listing_output *output, const struct listing_entry *entry)
{
	struct buffer *out = &output->out;
	char time[LISTING_TIME_SIZE], url[LISTING_URL_SIZE];
	const char *comma;

	comma = output->directories + output->files > 0 ? "," : "";
	listing_url(url, entry);
	listing_time(time, entry->mtime);
	if (buffer_printf(out, "%s\n{\"name\":", comma) == -1 ||
	    json_append_string(out, entry->name) == -1 ||
	    buffer_printf(out, ",\"url\":\"%s\",\"type\":\"%s\"", url,
	    listing_is_directory(entry) ? "directory" : "file") == -1)
		return -1;
	if (!listing_is_directory(entry) &&
	    buffer_printf(out, ",\"size\":%" PRId64, entry->size) == -1)
		return -1;
	return buffer_printf(out, ",\"mtime\":\"%s\"}", time);
}

static int
json_end(struct listing_output *output)
{
	return buffer_append_string(&output->out, "\n]\n");
}

const struct listing_format listing_json = {
	.type = "application/json",
	.policy = "default-src 'none'",
	.begin = json_begin,
	.entry = json_entry,
	.end = json_end
};
