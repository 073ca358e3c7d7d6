#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../mime.h"
#include "../uri.h"
#include "files.h"

/* Bytes that each child keeps, unless told otherwise. */
#define CACHE_BYTES (16 * 1024 * 1024)

/* The one that this and others are beside, whose types they begin with. */
static const struct http_file_server *
first_of(const struct http_file_server *files)
{
	while (files->other != NULL)
		files = files->other;
	return files;
}

/* Takes what another has, or makes its own: 0, or -1 and errno. */
static int
files_init(struct http_file_server *files, struct http_file_server *other,
    const char *root)
{
	if (root == NULL)
		docroot_share(&files->root, &other->root);
	else if (docroot_init(&files->root, root) == -1)
		return -1;
	if (other != NULL) {
		files->cache = other->cache;
		files->mime = first_of(files)->mime;
		return 0;
	}
	if (filecache_init(&files->own_cache, CACHE_BYTES) == -1)
		return -1;
	files->cache = &files->own_cache;
	files->mime = mime_new(MIME_TYPES_FILE);
	return files->mime == NULL ? -1 : 0;
}

struct http_file_server *
http_file_server_new(const char *root)
{
	return http_file_server_new_beside(NULL, root);
}

struct http_file_server *
http_file_server_new_beside(struct http_file_server *other, const char *root)
{
	struct http_file_server *files;
	int error;

	if ((files = calloc(1, sizeof(*files))) == NULL)
		return NULL;
	files->other = other;
	files->root.fd = -1;
	files->lists = true;
	if (files_init(files, other, root) == -1 ||
	    (files->index = strdup("index.html")) == NULL) {
		error = errno;
		http_file_server_free(files);
		errno = error;
		return NULL;
	}
	return files;
}

void
http_file_server_free(struct http_file_server *files)
{
	size_t i;

	if (files == NULL)
		return;
	if (files->cache == &files->own_cache)
		filecache_free(files->cache);
	else if (files->cache != NULL)
		filecache_leave(files->cache, files);
	fieldrules_free(&files->rules);
	for (i = 0; i < FILES_ERRORS; i++)
		free(files->error_pages[i]);
	free(files->index);
	free(files->extension);
	free(files->fallback);
	if (files->other == NULL || files->mime != first_of(files)->mime)
		mime_free(files->mime);
	docroot_close(&files->root);
	free(files);
}

void
http_file_server_set_listing(struct http_file_server *files, int on)
{
	files->lists = on != 0;
}

void
http_file_server_set_dotfiles(struct http_file_server *files, int on)
{
	files->root.shows_dotfiles = on != 0;
}

void
http_file_server_set_follow_links(struct http_file_server *files, int on)
{
	files->root.follows_links = on != 0;
}

int
http_file_server_set_path(struct http_file_server *files, const char *path)
{
	return docroot_rename(&files->root, path);
}

int
http_file_server_follows(const struct http_file_server *files)
{
	return files->root.follows_links;
}

int
http_file_server_check(const struct http_file_server *files, const char *path)
{
	int fd = docroot_open(&files->root, path, O_RDONLY | O_NONBLOCK);
	struct stat st;
	int error = 0;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		error = errno;
	else if (!S_ISREG(st.st_mode))
		error = EISDIR;
	(void)close(fd);
	errno = error;
	return error == 0 ? 0 : -1;
}

void
http_file_server_set_cache_bytes(struct http_file_server *files, size_t bytes)
{
	files->cache->max_size = bytes;
}

/* Replaces a string by a copy of another, or by none where that is empty. */
static int
replace(char **string, const char *value)
{
	char *copy = NULL;

	if (*value != '\0' && (copy = strdup(value)) == NULL)
		return -1;
	free(*string);
	*string = copy;
	return 0;
}

/* The same for a path, as files_path() has those of requests. */
static int
replace_path(char **string, const char *path)
{
	if (replace(string, path) == -1)
		return -1;
	if (*string != NULL)
		(void)uri_collapse_slashes(*string, strlen(*string) + 1,
		    *string);
	return 0;
}

static int
fail_invalid(void)
{
	errno = EINVAL;
	return -1;
}

int
http_file_server_set_index(struct http_file_server *files, const char *name)
{
	if (strchr(name, '/') != NULL)
		return fail_invalid();
	return replace(&files->index, name);
}

int
http_file_server_set_extension(struct http_file_server *files,
    const char *extension)
{
	if (*extension != '\0' && (*extension != '.' || extension[1] == '\0' ||
	    strchr(extension, '/') != NULL))
		return fail_invalid();
	return replace(&files->extension, extension);
}

int
http_file_server_set_fallback(struct http_file_server *files, const char *path)
{
	if (*path != '\0' && *path != '/')
		return fail_invalid();
	return replace_path(&files->fallback, path);
}

int
http_file_server_set_error_page(struct http_file_server *files, int status,
    const char *path)
{
	int i = status - FILES_FIRST_ERROR;

	if (i < 0 || i >= FILES_ERRORS || (*path != '\0' && *path != '/'))
		return fail_invalid();
	return replace_path(&files->error_pages[i], path);
}

int
http_file_server_add_header(struct http_file_server *files,
    const char *pattern, const char *name, const char *value)
{
	return fieldrules_add(&files->rules, pattern, name, value);
}

int
http_file_server_add_type(struct http_file_server *files,
    const char *extension, const char *type)
{
	struct mime *mime;

	if (files->other != NULL && files->mime == first_of(files)->mime) {
		if ((mime = mime_copy(files->mime)) == NULL)
			return -1;
		files->mime = mime;
	}
	return mime_add(files->mime, extension, type);
}
