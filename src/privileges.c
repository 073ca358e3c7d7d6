#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "privileges.h"

/* The largest number: one more is (uid_t)-1, "leave it" to setresuid(2). */
#define ID_MAX ((long long)UINT_MAX - 1)

/*
 * Says that there is no such "user" or "group"; -1.  errno tells nothing
 * reliable about it: getpwnam(3), NOTES.
 */
static int
refuse_name(const char *kind, const char *name, char *why, size_t why_size)
{
	if (name[0] == '\0')
		(void)snprintf(why, why_size, "missing %s", kind);
	else
		(void)snprintf(why, why_size, "%s %s: no such %s", kind, name,
		    kind);
	return -1;
}

/* A number that stands for a name: 0, or -1. */
static int
parse_id(const char *s, unsigned int *id)
{
	const char *error;

	*id = (unsigned int)strtonum(s, 0, ID_MAX, &error);
	return error == NULL ? 0 : -1;
}

/* Fills in the user: 1 with its own group, 0 without one, or -1. */
static int
parse_user(struct privileges *p, const char *name, char *why, size_t why_size)
{
	const struct passwd *pw;

	pw = getpwnam(name);
	if (pw == NULL) {
		if (parse_id(name, &p->uid) == -1)
			return refuse_name("user", name, why, why_size);
		pw = getpwuid(p->uid);
	}
	p->user[0] = '\0';
	if (pw == NULL)
		return 0;
	if (strlcpy(p->user, pw->pw_name, sizeof(p->user)) >=
	    sizeof(p->user))
		return refuse_name("user", name, why, why_size);
	p->uid = pw->pw_uid;
	p->gid = pw->pw_gid;
	return 1;
}

/* Fills in the group: 0, or -1. */
static int
parse_group(struct privileges *p, const char *name, char *why,
    size_t why_size)
{
	const struct group *gr;

	gr = getgrnam(name);
	if (gr != NULL)
		p->gid = gr->gr_gid;
	else if (parse_id(name, &p->gid) == -1)
		return refuse_name("group", name, why, why_size);
	return 0;
}

/* A number without a name is in no group but its own. */
static int
find_groups(struct privileges *p, char *why, size_t why_size)
{
	p->ngroups = PRIVILEGES_MAX_GROUPS;
	if (p->user[0] == '\0') {
		p->groups[0] = p->gid;
		p->ngroups = 1;
		return 0;
	}
	if (getgrouplist(p->user, p->gid, p->groups, &p->ngroups) != -1)
		return 0;
	(void)snprintf(why, why_size, "user %s: in more than %d groups",
	    p->user, PRIVILEGES_MAX_GROUPS);
	return -1;
}

int
privileges_parse(struct privileges *p, const char *spec, char *why,
    size_t why_size)
{
	const char *colon = strchr(spec, ':');
	size_t len = colon == NULL ? strlen(spec) : (size_t)(colon - spec);
	char user[sizeof(p->user)];
	int grouped;

	if (len >= sizeof(user)) {
		(void)snprintf(why, why_size, "user %s: the name is too long",
		    spec);
		return -1;
	}
	memcpy(user, spec, len);
	user[len] = '\0';
	grouped = parse_user(p, user, why, why_size);
	if (grouped == -1)
		return -1;
	if (colon != NULL) {
		if (parse_group(p, colon + 1, why, why_size) == -1)
			return -1;
	} else if (!grouped) {
		(void)snprintf(why, why_size, "user %s: no such user to take "
		    "a group from; write %s:group", user, user);
		return -1;
	}
	return find_groups(p, why, why_size);
}

/* Whether the process is that user in every respect, and can't go back. */
static int
is_dropped(const struct privileges *p)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (getresuid(&ruid, &euid, &suid) == -1 ||
	    getresgid(&rgid, &egid, &sgid) == -1)
		return 0;
	if (ruid != p->uid || euid != p->uid || suid != p->uid ||
	    rgid != p->gid || egid != p->gid || sgid != p->gid)
		return 0;
	/* Capabilities that outlive the user ID (prctl(2)) would let it. */
	return p->uid == 0 || (setuid(0) == -1 &&
	    (p->gid == 0 || setgid(0) == -1));
}

int
privileges_drop(const struct privileges *p)
{
	if (setgroups((size_t)p->ngroups, p->groups) == -1 ||
	    setresgid(p->gid, p->gid, p->gid) == -1 ||
	    setresuid(p->uid, p->uid, p->uid) == -1)
		return -1;
	if (!is_dropped(p)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
