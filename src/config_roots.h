/* The roots that are open, by their paths: each is opened once. */
#ifndef CONFIG_ROOTS_H
#define CONFIG_ROOTS_H

struct http_file_server;

/* Zero it. */
struct config_roots {
	void	*tree;		/* tsearch(3)'s */
};

/* The file server that has a root, or NULL. */
struct http_file_server *config_roots_find(const struct config_roots *roots,
    const char *path);
/* Notes one; the path stays the caller's: 0, or -1 and ENOMEM. */
int config_roots_add(struct config_roots *roots, const char *path,
    struct http_file_server *files);
void config_roots_free(struct config_roots *roots);

#endif
