/* Who changes the files: each function makes one edit of an object. */
#ifndef VERSIONS_EDITOR_H
#define VERSIONS_EDITOR_H

#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "versions_model.h"

/*
 * What may be changed under an answer that is being sent.  Small files the
 * server may read at once.  Of larger ones pages are lent to the socket by
 * sendfile(2), and the client gets what is in them when it reads: an edit in
 * place reaches backwards there, and so does the truncation that zeroes the
 * rest of a page.  That is the kernel's, and no defect of a server.  What
 * takes the file away (a rename, a deletion, truncation to nothing) or adds
 * to it leaves the pages alone.
 */
#define SMALL_FILE	(32 * 1024)

/*
 * So many things that were replaced stay for a while.  A lookup that is on its
 * way through a link or a directory is not to find the end of it gone.
 */
#define NREPLACED	128

/*
 * Dates that are set begin in 2001, in the middle of a second.  Each is a
 * second later than the last.
 */
#define SECOND_NS	1000000000
#define FIRST_DATE_NS	(978307200 * (int64_t)SECOND_NS + SECOND_NS / 2)

enum edit {
	EDIT_IN_PLACE,
	EDIT_REWRITE,
	EDIT_APPEND,
	EDIT_TRUNCATE,
	EDIT_RENAME,
	EDIT_DELETE,
	EDIT_CREATE,
	EDIT_DIRECTORY,
	EDIT_LINK,
	EDIT_CHMOD,
	EDIT_SIDECAR,
	NEDITS
};

static const char *const edit_names[NEDITS] = {
	"in place", "rewrite", "append", "truncate", "rename", "delete",
	"create", "directory", "link", "chmod", "sidecar"
};

/* When an edit is made. */
enum moment {
	MOMENT_QUIET,		/* nothing is being answered */
	MOMENT_IN_FLIGHT,	/* one answer may be under way */
	MOMENT_ANY		/* answers come and go, edit after edit */
};

/* What the editor alone knows of an object. */
struct place {
	struct object	*object;
	char		 dir[16];
	char		 file[32];
	/* Where the links lead that file and dir are, or "". */
	char		 target[64];
	char		 dir_target[64];
	bool		 emptied;	/* under answers: it must not grow */
	/* The last date that was the file's and a sidecar's. */
	int64_t		 shared_ns[NCODINGS];
};

static struct {
	struct place	 places[NOBJECTS];
	uint64_t	 key;
	int64_t		 date_ns;
	bool		 sidecars;
	enum edit	 edit;		/* that is being made */
	unsigned int	 names;		/* that were made up */
	unsigned int	 nreplaced;
	char		 replaced[NREPLACED][64];
	uint64_t	 edits[NEDITS];
} editor;

static _Noreturn void
editor_fail(const char *what, const char *path)
{
	err(EX_OSERR, "%s %s", what, path);
}

static void
write_all(int fd, const char *path, const struct content *c, int64_t offset)
{
	static char bytes[MAX_SIZE];
	size_t len = (size_t)(c->size - offset);

	/* In one write(2): a reader sees no more steps than it must. */
	content_fill(bytes, c->key, offset, len);
	if (pwrite(fd, bytes, len, offset) != (ssize_t)len)
		editor_fail("write", path);
}

/* Gives a file its date, if it has one, and closes it. */
static void
finish_file(int fd, const char *path, const struct content *c)
{
	const struct timespec time = {
		.tv_sec = c->mtime_ns / SECOND_NS,
		.tv_nsec = c->mtime_ns % SECOND_NS
	};
	const struct timespec times[2] = { time, time };
	struct timespec now[2];

	/*
	 * Two files of one size that were written in one tick of the clock, and
	 * are then put in place one after the other, would be one to a tag of
	 * time and size.
	 */
	(void)clock_gettime(CLOCK_REALTIME, &now[0]);
	now[1] = now[0];
	if (futimens(fd, c->mtime_ns != 0 ? times : now) == -1)
		editor_fail("futimens", path);
	if (close(fd) == -1)
		editor_fail("close", path);
}

static int
open_file(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);

	if (fd == -1)
		editor_fail("open", path);
	return fd;
}

static void
make_file(const char *path, const struct content *c)
{
	int fd = open_file(path, O_CREAT | O_EXCL);

	write_all(fd, path, c, 0);
	finish_file(fd, path, c);
}

static void
rename_file(const char *from, const char *to)
{
	if (rename(from, to) == -1)
		editor_fail("rename to", to);
}

/* The path of something beside the object. */
static char *
beside(char dst[64], const struct place *p, const char *name)
{
	(void)snprintf(dst, 64, "%s/%s", p->dir, name);
	return dst;
}

static int
remove_entry(const char *path, const struct stat *st, int type,
    struct FTW *level)
{
	(void)st;
	(void)type;
	(void)level;
	return remove(path);
}

/* Removes what was replaced long ago; it may be gone with its directory. */
static void
replaced(const char *path)
{
	char *slot = editor.replaced[editor.nreplaced++ % NREPLACED];

	if (*slot != '\0' &&
	    nftw(slot, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == -1 &&
	    errno != ENOENT)
		editor_fail("remove", slot);
	(void)snprintf(slot, sizeof(editor.replaced[0]), "%s", path);
}

/* Makes up a name at the top, that no object has. */
static char *
new_name(char dst[64])
{
	(void)snprintf(dst, 64, "other.%u", editor.names++);
	return dst;
}

/* When a file is modified: 0 where it is to be found out. */
static int64_t
new_date(const struct place *p)
{
	if (!p->object->dated)
		return 0;
	return editor.date_ns += SECOND_NS;
}

static struct content
new_content(const struct place *p, int64_t size)
{
	return (struct content){
		.key = editor.key++,
		.size = size,
		.mtime_ns = new_date(p)
	};
}

/* A size near the object's own: the same as now in every fourth edit. */
static int64_t
new_size(const struct place *p)
{
	const int64_t base = p->object->base_size;
	const int64_t now = object_now(p->object)->files[CODING_NONE].size;

	switch (random_below(4)) {
	case 0:
		return now == ABSENT ? base : now;
	case 1:
		return base;
	default:
		return base - base / 8 +
		    (int64_t)random_below((uint64_t)base / 4 + 4);
	}
}

/* The present version, to be changed into the next. */
static struct version
next_version(const struct place *p)
{
	struct version v = *object_now(p->object);

	v.in_place = false;
	v.edit = edit_names[editor.edit];
	return v;
}

/* The name leads to nothing else any more. */
static void
forget_link(struct place *p)
{
	if (*p->target != '\0')
		replaced(p->target);
	*p->target = '\0';
	p->emptied = false;
}

/* Whether what is there may be changed where it is, at that moment. */
static bool
may_write(const struct place *p, enum moment moment)
{
	const int64_t size = object_now(p->object)->files[CODING_NONE].size;

	/* A date is set in a second step, under which answers would come. */
	if (moment == MOMENT_ANY && p->object->dated)
		return false;
	return size != ABSENT && (moment == MOMENT_QUIET ||
	    size <= SMALL_FILE);
}

static bool
edit_in_place(struct place *p, enum moment moment)
{
	struct version v = next_version(p);
	struct content *c = &v.files[CODING_NONE];
	int fd;

	if (!may_write(p, moment) || c->size == 0)
		return false;
	*c = new_content(p, c->size);
	v.in_place = true;
	fd = open_file(p->file, 0);
	object_announce(p->object, &v);
	write_all(fd, p->file, c, 0);
	finish_file(fd, p->file, c);
	object_settle(p->object);
	return true;
}

/* Writes over it, and cuts what is beyond: two steps, so in quiet alone. */
static bool
edit_rewrite(struct place *p, enum moment moment)
{
	struct version v = next_version(p);
	struct content *c = &v.files[CODING_NONE];
	int fd;

	if (moment != MOMENT_QUIET || c->size == ABSENT)
		return false;
	*c = new_content(p, new_size(p));
	fd = open_file(p->file, 0);
	object_announce(p->object, &v);
	write_all(fd, p->file, c, 0);
	if (ftruncate(fd, c->size) == -1)
		editor_fail("ftruncate", p->file);
	finish_file(fd, p->file, c);
	object_settle(p->object);
	return true;
}

/*
 * Appends, not over the end of a page: the kernel grows a file page by page.
 * An answer under way has its bytes still, unless the file was emptied.
 */
static bool
edit_append(struct place *p, enum moment moment)
{
	struct version v = next_version(p);
	struct content *c = &v.files[CODING_NONE];
	const int64_t from = c->size;
	int fd;

	if (from == ABSENT || from >= p->object->base_size * 9 / 8 + 4 ||
	    p->emptied || (moment == MOMENT_ANY && p->object->dated))
		return false;
	c->size += 1 + (int64_t)random_below(4096 - (uint64_t)from % 4096);
	if (c->size > MAX_SIZE)
		c->size = MAX_SIZE;
	c->mtime_ns = new_date(p);
	fd = open_file(p->file, 0);
	object_announce(p->object, &v);
	write_all(fd, p->file, c, from);
	finish_file(fd, p->file, c);
	object_settle(p->object);
	return true;
}

static bool
edit_truncate(struct place *p, enum moment moment)
{
	struct version v = next_version(p);
	struct content *c = &v.files[CODING_NONE];
	int fd;

	if (c->size <= 0 || (moment == MOMENT_ANY && p->object->dated))
		return false;
	p->emptied = moment != MOMENT_QUIET && c->size > SMALL_FILE;
	if (moment == MOMENT_ANY || p->emptied || random_below(2) == 0)
		c->size = 0;
	else
		c->size = (int64_t)random_below((uint64_t)c->size);
	c->mtime_ns = new_date(p);
	fd = open_file(p->file, 0);
	object_announce(p->object, &v);
	if (ftruncate(fd, c->size) == -1)
		editor_fail("ftruncate", p->file);
	finish_file(fd, p->file, c);
	object_settle(p->object);
	return true;
}

/* Another file takes its name, or takes it anew. */
static bool
edit_rename(struct place *p, enum moment moment)
{
	struct version v = next_version(p);
	char path[64];

	(void)moment;
	v.files[CODING_NONE] = new_content(p, new_size(p));
	v.hidden = false;
	make_file(beside(path, p, "new"), &v.files[CODING_NONE]);
	object_announce(p->object, &v);
	rename_file(path, p->file);
	object_settle(p->object);
	forget_link(p);
	return true;
}

static bool
edit_delete(struct place *p, enum moment moment)
{
	struct version v = next_version(p);

	(void)moment;
	if (v.files[CODING_NONE].size == ABSENT)
		return false;
	v.files[CODING_NONE].size = ABSENT;
	v.hidden = false;
	object_announce(p->object, &v);
	if (unlink(p->file) == -1)
		editor_fail("unlink", p->file);
	object_settle(p->object);
	forget_link(p);
	return true;
}

/* Writes it where it is to be, which is no single step either. */
static bool
edit_create(struct place *p, enum moment moment)
{
	struct version v = next_version(p);
	struct content *c = &v.files[CODING_NONE];

	if (moment != MOMENT_QUIET || c->size != ABSENT)
		return false;
	*c = new_content(p, p->object->base_size);
	object_announce(p->object, &v);
	make_file(p->file, c);
	object_settle(p->object);
	return true;
}

/* Its name becomes a link to a file elsewhere below the root. */
static bool
edit_link(struct place *p, enum moment moment)
{
	struct version v = next_version(p);
	char target[64], path[64], to[64 + 3];

	(void)moment;
	v.files[CODING_NONE] = new_content(p, new_size(p));
	v.hidden = false;
	make_file(new_name(target), &v.files[CODING_NONE]);
	(void)snprintf(to, sizeof(to), "../%s", target);
	if (symlink(to, beside(path, p, "new")) == -1)
		editor_fail("symlink", path);
	object_announce(p->object, &v);
	rename_file(path, p->file);
	object_settle(p->object);
	forget_link(p);
	memcpy(p->target, target, sizeof(p->target));
	return true;
}

/* Makes a directory with the file of a version in it, and nothing else. */
static void
make_directory(const char *dir, const struct version *v)
{
	char path[64 + sizeof("/file")];

	if (mkdir(dir, 0755) == -1)
		editor_fail("mkdir", dir);
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	make_file(path, &v->files[CODING_NONE]);
}

/* Puts another directory in the place of one, in one step or in two. */
static void
swap_directory(struct place *p, const char *dir, const struct version *v)
{
	struct version none = next_version(p);
	char old[64];
	int i;

	new_name(old);
	if (random_below(2) == 0) {
		object_announce(p->object, v);
		if (renameat2(AT_FDCWD, dir, AT_FDCWD, p->dir,
		    RENAME_EXCHANGE) == -1)
			editor_fail("exchange", p->dir);
		object_settle(p->object);
		rename_file(dir, old);
	} else {
		for (i = 0; i < NCODINGS; i++)
			none.files[i].size = ABSENT;
		none.hidden = false;
		object_announce(p->object, &none);
		rename_file(p->dir, old);
		object_settle(p->object);
		object_announce(p->object, v);
		rename_file(dir, p->dir);
		object_settle(p->object);
	}
	replaced(old);
}

/* The directory on the way becomes another one, or a link to another. */
static bool
edit_directory(struct place *p, enum moment moment)
{
	struct version v = next_version(p);
	char dir[64], target[64] = "";
	int i;

	(void)moment;
	for (i = 0; i < NCODINGS; i++)
		v.files[i].size = ABSENT;
	v.files[CODING_NONE] = new_content(p, new_size(p));
	v.hidden = false;
	new_name(dir);
	if (random_below(2) == 0) {
		make_directory(new_name(target), &v);
		if (symlink(target, dir) == -1)
			editor_fail("symlink", dir);
	} else
		make_directory(dir, &v);
	swap_directory(p, dir, &v);
	forget_link(p);
	if (*p->dir_target != '\0')
		replaced(p->dir_target);
	memcpy(p->dir_target, target, sizeof(p->dir_target));
	return true;
}

/* Takes the right to read it away, or gives it back; root has it always. */
static bool
edit_chmod(struct place *p, enum moment moment)
{
	struct version v = next_version(p);

	(void)moment;
	if (geteuid() == 0 || v.files[CODING_NONE].size == ABSENT)
		return false;
	v.hidden = !v.hidden;
	object_announce(p->object, &v);
	if (chmod(p->file, v.hidden ? 0 : 0644) == -1)
		editor_fail("chmod", p->file);
	object_settle(p->object);
	return true;
}

/*
 * A date for a sidecar: later than the file's, the same, or a bit earlier; and
 * none that an earlier one has had, which no server could tell from it.
 */
static int64_t
sidecar_date(struct place *p, const struct version *v, int coding)
{
	static int64_t earlier_ns;
	const struct content *file = &v->files[CODING_NONE];

	switch (file->size == ABSENT ? 3 : random_below(4)) {
	case 0:
		return file->mtime_ns - ++earlier_ns;
	case 1:
		if (p->shared_ns[coding] == file->mtime_ns)
			return new_date(p);
		p->shared_ns[coding] = file->mtime_ns;
		return file->mtime_ns;
	default:
		return new_date(p);
	}
}

/* Another file becomes the sidecar, or the first. */
static void
replace_sidecar(struct place *p, const char *path, const struct version *v,
    int coding)
{
	char new[64];

	make_file(beside(new, p, "new"), &v->files[coding]);
	object_announce(p->object, v);
	rename_file(new, path);
}

static void
write_sidecar(struct place *p, const char *path, const struct version *v,
    int coding)
{
	int fd = open_file(path, 0);

	object_announce(p->object, v);
	write_all(fd, path, &v->files[coding], 0);
	finish_file(fd, path, &v->files[coding]);
}

static void
delete_sidecar(struct place *p, const char *path, struct version *v,
    int coding)
{
	v->files[coding].size = ABSENT;
	object_announce(p->object, v);
	if (unlink(path) == -1)
		editor_fail("unlink", path);
}

/* Makes, replaces, writes over or deletes one that is beside the file. */
static bool
edit_sidecar(struct place *p, enum moment moment)
{
	const int coding = 1 + (int)random_below(NCODINGS - 1);
	struct version v = next_version(p);
	struct content *c = &v.files[coding];
	const int64_t was = c->size;
	const uint64_t how = was == ABSENT ? 0 : random_below(4);
	char path[64];

	if (!editor.sidecars)
		return false;
	(void)snprintf(path, sizeof(path), "%s%s", p->file,
	    codings[coding].suffix);
	*c = new_content(p, how < 2 ? new_size(p) : was);
	c->mtime_ns = sidecar_date(p, &v, coding);
	if (how == 3)
		delete_sidecar(p, path, &v, coding);
	else if (how == 2 && moment == MOMENT_QUIET)
		write_sidecar(p, path, &v, coding);
	else
		replace_sidecar(p, path, &v, coding);
	object_settle(p->object);
	return true;
}

static bool (*const edit_functions[NEDITS])(struct place *, enum moment) = {
	edit_in_place, edit_rewrite, edit_append, edit_truncate, edit_rename,
	edit_delete, edit_create, edit_directory, edit_link, edit_chmod,
	edit_sidecar
};

/* Edits an object in one way or another, and returns which it was. */
static enum edit
editor_edit(size_t i, enum moment moment)
{
	struct place *p = &editor.places[i];
	enum edit edit;

	do {
		edit = (enum edit)random_below(NEDITS);
		if (editor.sidecars && random_below(3) == 0)
			edit = EDIT_SIDECAR;
		/* What may not be read may not be written either. */
		if (object_now(p->object)->hidden)
			edit = EDIT_CHMOD;
		editor.edit = edit;
	} while (!edit_functions[edit](p, moment));
	editor.edits[edit]++;
	return edit;
}

/* Makes the first version of every object, below the current directory. */
static void
editor_init(struct object *objects, bool sidecars)
{
	struct version v;
	size_t i;
	int coding;

	editor.key = mix(random_state) & 0xffffffff00;
	editor.date_ns = FIRST_DATE_NS;
	editor.sidecars = sidecars;
	for (i = 0; i < NOBJECTS; i++) {
		struct place *p = &editor.places[i];

		p->object = &objects[i];
		p->object->base_size = base_sizes[i % NSIZES];
		p->object->dated = sidecars || i >= NSIZES;
		(void)snprintf(p->dir, sizeof(p->dir), "%zu", i);
		(void)snprintf(p->file, sizeof(p->file), "%zu/file", i);
		v = (struct version){ .edit = "first" };
		for (coding = 0; coding < NCODINGS; coding++)
			v.files[coding].size = ABSENT;
		v.files[CODING_NONE] = new_content(p, p->object->base_size);
		make_directory(p->dir, &v);
		object_announce(p->object, &v);
		object_settle(p->object);
	}
}

#endif
