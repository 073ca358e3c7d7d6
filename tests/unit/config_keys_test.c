/*
 * config_keys: what is printed as the default of a key is what a server, or a
 * file server, has that is told nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "config.h"
#include "config_keys.h"
#include "daemon.h"
#include "handlers/files.h"
#include "options.h"
#include "settings.h"

static const struct config_key *
find(const char *name)
{
	const struct config_key *key = config_key_find(name);

	if (key == NULL)
		fail_msg("there is no %s", name);
	return key;
}

/* What the daemon makes of options. */
static struct http_server
server_of(const struct options *o)
{
	struct daemon *d = calloc(1, sizeof(*d));
	struct config *config = calloc(1, sizeof(*config));
	struct http_server srv;

	assert_non_null(d);
	assert_non_null(config);
	config->options = *o;
	daemon_set_server(d, config);
	settings_fill_in(&d->srv);
	settings_bound(&d->srv);
	srv = d->srv;
	free(config);
	free(d);
	return srv;
}

/* Sets a key of the daemon to its own default. */
static void
set_standard(struct options *o, const struct config_key *key)
{
	/* Texts stay the caller's. */
	static char kept[16][64];
	static size_t nkept;
	const char *words = key->standard;
	char why[CONFIG_WHY_SIZE], *word;
	size_t len;

	for (; *words != '\0'; words += len, words += *words == ' ') {
		len = key->is_list ? strcspn(words, " ") : strlen(words);
		assert_true(len < sizeof(kept[0]) && nkept < 15);
		word = key->is_list ? kept[++nkept] : kept[0];
		(void)snprintf(word, sizeof(kept[0]), "%.*s", (int)len, words);
		if (key->set(o, key, key->is_list ? word : key->standard,
		    why) == -1)
			fail_msg("%s = %s: %s", key->name, word, why);
	}
}

static void
numbers_are_those_of_a_server(void **state)
{
	struct options none = { .level = LOG_INFO }, all = none;
	const struct config_key *key;
	struct http_server a, b;
	int n = 0;

	(void)state;
	for (key = config_keys; key->name != NULL; key++) {
		if (key->kind != KEY_DAEMON || key->offset == 0)
			continue;
		/* That of children is the number of processors. */
		if (strcmp(key->name, "children") != 0)
			assert_string_not_equal(key->standard, "");
		set_standard(&all, key);
		n++;
	}
	assert_in_range(n, 11, 100);
	a = server_of(&none);
	b = server_of(&all);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
words_are_those_of_the_options(void **state)
{
	static const char *const names[] = { "detach", "access_log_format",
	    "log_level", "sandbox", "status", "user", "chroot", "pidfile" };
	struct options none = { .level = LOG_INFO }, all = none;
	struct http_server a, b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		set_standard(&all, find(names[i]));
	assert_int_equal(options_parts(&all), options_parts(&none));
	assert_int_equal(options_parts(&all), OPTIONS_ALL_PARTS);
	assert_int_equal(all.detach, none.detach);
	assert_int_equal(all.quiet, none.quiet);
	assert_null(all.status_path);
	assert_null(all.user);
	assert_null(all.chroot_dir);
	assert_null(all.pidfile);
	a = server_of(&none);
	b = server_of(&all);
	assert_memory_equal(&a, &b, sizeof(a));
}

/* What one of a new file server's is called, and the same set. */
static void
files_are_those_of_a_file_server(void **state)
{
	struct http_file_server *a = http_file_server_new("/");
	struct http_file_server *b = http_file_server_new("/");
	char option[128], why[CONFIG_WHY_SIZE];
	const struct config_key *key;

	(void)state;
	b->lists = !b->lists;
	b->root.shows_dotfiles = b->root.follows_links = true;
	b->cache->max_size = 1;
	assert_int_equal(http_file_server_set_index(b, "x"), 0);
	assert_int_equal(http_file_server_set_fallback(b, "/x"), 0);
	assert_int_equal(http_file_server_set_extension(b, ".x"), 0);
	for (key = config_keys; key->name != NULL; key++) {
		if (key->kind != KEY_FILES || key->is_list)
			continue;
		(void)snprintf(option, sizeof(option), "%s=%s", key->name,
		    key->standard);
		if (config_set_option(b, option, why, sizeof(why)) == -1)
			fail_msg("%s: %s", option, why);
	}
	assert_int_equal(a->lists, b->lists);
	assert_int_equal(a->root.shows_dotfiles, b->root.shows_dotfiles);
	assert_int_equal(a->root.follows_links, b->root.follows_links);
	assert_int_equal(a->cache->max_size, b->cache->max_size);
	assert_string_equal(a->index, b->index);
	assert_null(a->fallback);
	assert_null(b->fallback);
	assert_null(a->extension);
	assert_null(b->extension);
	http_file_server_free(a);
	http_file_server_free(b);
}

/* sockets_listen() has its own word for no address. */
static void
the_address_is_port_80(void **state)
{
	struct options o = { 0 };

	(void)state;
	set_standard(&o, find("listen"));
	assert_int_equal(o.naddresses, 1);
	assert_string_equal(o.addresses[0], ":http");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_a_server),
		cmocka_unit_test(words_are_those_of_the_options),
		cmocka_unit_test(files_are_those_of_a_file_server),
		cmocka_unit_test(the_address_is_port_80),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
