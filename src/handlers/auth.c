#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buckets.h"
#include "clock.h"
#include "credentials.h"
#include "headscan.h"
#include "htpasswd.h"
#include "httphandlers.h"
#include "log.h"
#include "retry.h"
#include "siphash.h"
#include "stale.h"
#include "verifier.h"
#include "pending.h"

/* The file is looked at once in this time. */
#define LOOK_MS		1000
/* Passwords that were right and are not compared again, in each child. */
#define PLACES		1024
/* Wrong passwords of a client: 10 at once, and then one in 5 s. */
#define RATE_US		5000000
#define RATE_BURST	10

/* One that was right, and whose it is, by the number of the entry. */
struct known {
	struct verifier_id	 id;
	size_t			 user;
};

enum users_state {
	USERS_CURRENT,		/* as the file has them */
	USERS_FORMER,		/* as it had, for who may not open it */
	USERS_BROKEN		/* there are none */
};

/*
 * The master reads the file; a child then has its own, and all that follows.
 * What a password is known by is a hash of the field with a key that the child
 * has made for itself, so that neither memory nor time tells the password.
 */
struct http_basic_auth {
	struct http_handler	 next;
	char			*path;
	char			*challenge;	/* of WWW-Authenticate */
	struct buckets		*wrong;		/* shared by all children */

	struct htpasswd		 users;
	struct stat		 version;	/* of the file */
	uint64_t		 looked_ms;	/* at the file; 0 is never */
	enum users_state	 state;
	bool			 has_keys;
	struct siphash_key	 keys[2];
	struct siphash_key	 decoy_key;
	struct known		 known[PLACES];
};

/* What a request waits for. */
struct login {
	struct http_basic_auth	*auth;
	struct verifier_job	*job;
	struct verifier_id	 id;
	struct stat		 version;	/* that the hash is of, */
	size_t			 entry;		/* by its number there */
	bool			 has_user;
	char			 user[CREDENTIALS_USER_SIZE];
};

static bool
is_same_version(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Whose password has changed is known no more: nobody is. */
static int
read_users(struct http_basic_auth *a, char *why, size_t why_size)
{
	struct htpasswd users;
	struct stat st;

	/* One that can't be read is another version than any that can. */
	memset(&a->version, 0, sizeof(a->version));
	if (htpasswd_read(&users, a->path, &st, why, why_size) == -1)
		return -1;
	htpasswd_free(&a->users);
	a->users = users;
	a->version = st;
	memset(a->known, 0, sizeof(a->known));
	return 0;
}

static const char *
set_challenge(struct http_basic_auth *a, const char *realm)
{
	if (!headscan_is_value(realm, strlen(realm)) ||
	    strpbrk(realm, "\"\\") != NULL)
		return "a realm has no quotes, backslashes or control "
		    "characters";
	if (asprintf(&a->challenge, "Basic realm=\"%s\", charset=\"UTF-8\"",
	    realm) == -1) {
		a->challenge = NULL;
		return "out of memory";
	}
	return NULL;
}

struct http_basic_auth *
http_basic_auth_new(const char *file, const char *realm,
    struct http_handler next, const char **why)
{
	static char reason[512];
	struct http_basic_auth *a = calloc(1, sizeof(*a));
	const char *fault = "out of memory";
	int error = ENOMEM;

	if (a == NULL || (a->path = strdup(file)) == NULL ||
	    (a->wrong = buckets_new(RATE_US, RATE_BURST)) == NULL)
		goto fail;
	a->next = next;
	fault = set_challenge(a, realm);
	error = EINVAL;
	if (fault != NULL)
		goto fail;
	fault = reason;
	if (read_users(a, reason, sizeof(reason)) == 0)
		return a;
	error = errno;
fail:
	http_basic_auth_free(a);
	if (why != NULL)
		*why = fault;
	errno = error;
	return NULL;
}

void
http_basic_auth_free(struct http_basic_auth *a)
{
	if (a == NULL)
		return;
	htpasswd_free(&a->users);
	buckets_free(a->wrong);
	free(a->challenge);
	free(a->path);
	free(a);
}

int
http_basic_auth_set_path(struct http_basic_auth *a, const char *path)
{
	char *copy = strdup(path);

	if (copy == NULL)
		return -1;
	free(a->path);
	a->path = copy;
	return 0;
}

void
http_basic_auth_continue(struct http_basic_auth *a,
    const struct http_basic_auth *former)
{
	/* All have one rate. */
	(void)buckets_replace(&a->wrong, former->wrong);
}

/* Says once what has become of the users, and once that it is over. */
static void
set_state(struct http_basic_auth *a, enum users_state state, const char *why)
{
	if (state == a->state)
		return;
	a->state = state;
	if (state == USERS_CURRENT)
		log_message(LOG_NOTICE, "passwords: %s: can be read again",
		    a->path);
	else if (state == USERS_BROKEN)
		log_message(LOG_ERR, "passwords: %s: nobody is let in", why);
	else
		log_message(LOG_ERR, "passwords: %s: going on with those of "
		    "before; let the user of the children read the file", why);
}

/*
 * The file can't be read by this child.  Where that is but for what it was
 * confined to, there will be others that can: another file is in its place.
 */
static void
lose_file(struct http_basic_auth *a, int error, const char *why)
{
	if (error != EACCES)
		set_state(a, USERS_BROKEN, why);
	else if (faccessat(AT_FDCWD, a->path, R_OK, 0) == 0)
		stale_note();
	else
		set_state(a, USERS_FORMER, why);
}

/* Reads the file anew when it has changed. */
static void
look_at_file(struct http_basic_auth *a)
{
	uint64_t now_ms = clock_ms(CLOCK_MONOTONIC_COARSE);
	struct stat st;
	char why[512];

	if (a->looked_ms != 0 && now_ms < a->looked_ms + LOOK_MS)
		return;
	a->looked_ms = now_ms;
	if (stat(a->path, &st) == 0 && is_same_version(&st, &a->version))
		return;
	if (read_users(a, why, sizeof(why)) == 0)
		set_state(a, USERS_CURRENT, NULL);
	else
		lose_file(a, errno, why);
}

static void
make_keys(struct http_basic_auth *a)
{
	if (a->has_keys)
		return;
	arc4random_buf(a->keys, sizeof(a->keys));
	arc4random_buf(&a->decoy_key, sizeof(a->decoy_key));
	a->has_keys = true;
}

static struct verifier_id
identify(const struct http_basic_auth *a, const char *value)
{
	size_t len = strlen(value);

	return (struct verifier_id){ {
		siphash(&a->keys[0], value, len),
		siphash(&a->keys[1], value, len)
	} };
}

static struct known *
place_of(struct http_basic_auth *a, const struct verifier_id *id)
{
	return &a->known[id->hash[0] % PLACES];
}

/* The name of who has this password, or NULL. */
static const char *
find_known(struct http_basic_auth *a, const struct verifier_id *id)
{
	const struct known *known = place_of(a, id);

	return memcmp(&known->id, id, sizeof(*id)) == 0 ?
	    a->users.entries[known->user].user : NULL;
}

/* Who is let in is known to the log by name. */
static void
let_in(struct http_response *res, struct http_request *req,
    const struct http_basic_auth *a, const char *user)
{
	(void)http_request_set_user(req, user);
	a->next.serve(res, req, a->next.arg);
}

static void
challenge(struct http_response *res, const struct http_basic_auth *a)
{
	(void)http_response_set_header(res, "WWW-Authenticate", a->challenge);
	(void)http_response_error(res, HTTP_UNAUTHORIZED);
}

/*
 * The entry to compare with; for who does not exist that of somebody else, the
 * same each time, so that it takes as long and as long again.
 */
static const struct htpasswd_entry *
entry_of(const struct http_basic_auth *a, const char *user, bool *has_user)
{
	const struct htpasswd_entry *entry = htpasswd_find(&a->users, user);
	uint64_t decoy;

	*has_user = entry != NULL;
	if (entry != NULL)
		return entry;
	decoy = siphash(&a->decoy_key, user, strlen(user));
	return &a->users.entries[decoy % a->users.count];
}

static bool
login_is_done(void *arg)
{
	const struct login *l = arg;

	return verifier_is_done(l->job);
}

static void
login_release(void *arg)
{
	struct login *l = arg;

	verifier_release(l->job);
	free(l);
}

/* The password has been compared. */
static void
login_end(struct http_response *res, struct http_request *req, void *arg)
{
	struct login *l = arg;
	struct http_basic_auth *a = l->auth;

	if (!l->has_user || !verifier_is_right(l->job)) {
		challenge(res, a);
		return;
	}
	buckets_give_now(a->wrong, http_request_remote_addr(req));
	if (is_same_version(&l->version, &a->version))
		*place_of(a, &l->id) = (struct known){ l->id, l->entry };
	let_in(res, req, a, l->user);
}

/* Has the password compared: 0, or -1 when too many wait for that. */
static int
login_begin(struct http_basic_auth *a, struct http_request *req,
    const struct verifier_id *id, const struct credentials *c)
{
	struct login *l = calloc(1, sizeof(*l));
	const struct pending work = { login_is_done, login_release, l };
	const struct htpasswd_entry *entry;

	if (l == NULL)
		return -1;
	entry = entry_of(a, c->user, &l->has_user);
	l->auth = a;
	l->id = *id;
	l->version = a->version;
	l->entry = (size_t)(entry - a->users.entries);
	(void)strlcpy(l->user, c->user, sizeof(l->user));
	l->job = verifier_submit(id, entry->hash, c->password);
	if (l->job == NULL) {
		free(l);
		return -1;
	}
	pending_await(req, &work, login_end, l);
	return 0;
}

/* A password that is not known yet. */
static void
check_password(struct http_response *res, struct http_request *req,
    struct http_basic_auth *a, const char *value)
{
	struct verifier_id id = identify(a, value);
	const char *user = find_known(a, &id);
	struct credentials c;
	uint64_t wait_us;

	if (user != NULL) {
		let_in(res, req, a, user);
		return;
	}
	if (credentials_parse(&c, value) == -1 || a->users.count == 0) {
		challenge(res, a);
		return;
	}
	wait_us = buckets_take_now(a->wrong, http_request_remote_addr(req));
	if (wait_us > 0)
		retry_after(res, HTTP_TOO_MANY_REQUESTS, wait_us);
	else if (login_begin(a, req, &id, &c) == -1)
		retry_after(res, HTTP_SERVICE_UNAVAILABLE, 0);
	explicit_bzero(&c, sizeof(c));
}

void
http_basic_auth_serve(struct http_response *res, struct http_request *req,
    void *auth)
{
	struct http_basic_auth *a = auth;
	const char *value = http_request_header(req, "Authorization");

	look_at_file(a);
	make_keys(a);
	if (a->state == USERS_BROKEN)
		(void)http_response_error(res, HTTP_INTERNAL_SERVER_ERROR);
	else if (value == NULL)
		challenge(res, a);
	else
		check_password(res, req, a, value);
}
