#include "verifier.h"

#include <sys/queue.h>

#include <crypt.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "credentials.h"
#include "pending.h"

struct verifier_job {
	TAILQ_ENTRY(verifier_job) entry;
	struct verifier_id	 id;
	unsigned int		 refs;		/* who waits for it */
	bool			 is_running;
	bool			 is_done;
	bool			 is_right;
	char			 hash[CRYPT_OUTPUT_SIZE];
	char			 password[CREDENTIALS_PASSWORD_SIZE];
};

/*
 * lock guards all of it, and what jobs say but for hash and password, which
 * are the thread's while it runs one.  The thread is started by the first job
 * of a child.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static TAILQ_HEAD(, verifier_job) jobs = TAILQ_HEAD_INITIALIZER(jobs);
static unsigned int njobs;
static bool has_thread;

/* Equal strings, in a time that says nothing of where they are not. */
static bool
is_equal(const char *a, const char *b)
{
	size_t len = strlen(a), i;
	unsigned char difference = 0;

	if (strlen(b) != len)
		return false;
	for (i = 0; i < len; i++)
		difference |= (unsigned char)(a[i] ^ b[i]);
	return difference == 0;
}

static bool
compare(struct crypt_data *data, struct verifier_job *job)
{
	const char *hash;
	bool is_right;

	memset(data, 0, sizeof(*data));
	hash = crypt_r(job->password, job->hash, data);
	is_right = hash != NULL && hash[0] != '*' && is_equal(hash, job->hash);
	explicit_bzero(data, sizeof(*data));
	explicit_bzero(job->password, sizeof(job->password));
	return is_right;
}

/* The next that is waited for, taken out of the queue.  Called with lock. */
static struct verifier_job *
next_job(void)
{
	struct verifier_job *job;

	while ((job = TAILQ_FIRST(&jobs)) == NULL)
		(void)pthread_cond_wait(&arrived, &lock);
	job->is_running = true;
	return job;
}

static void
end_job(struct verifier_job *job)
{
	TAILQ_REMOVE(&jobs, job, entry);
	njobs--;
	if (job->refs == 0)
		free(job);
}

static void *
verifier_main(void *arg)
{
	struct crypt_data *data = arg;
	struct verifier_job *job;
	bool is_right;

	(void)pthread_setname_np(pthread_self(), "verifier");
	(void)pthread_mutex_lock(&lock);
	for (;;) {
		job = next_job();
		(void)pthread_mutex_unlock(&lock);
		is_right = compare(data, job);
		(void)pthread_mutex_lock(&lock);
		job->is_right = is_right;
		job->is_done = true;
		end_job(job);
		pending_wake_loop();
	}
	return NULL;
}

/* It ends with its process. */
static int
start_thread(void)
{
	struct crypt_data *data;
	pthread_t thread;

	if (has_thread)
		return 0;
	data = malloc(sizeof(*data));
	if (data == NULL)
		return -1;
	errno = pthread_create(&thread, NULL, verifier_main, data);
	if (errno != 0) {
		free(data);
		return -1;
	}
	(void)pthread_detach(thread);
	has_thread = true;
	return 0;
}

/* One with another hash is of a file that has changed meanwhile. */
static struct verifier_job *
find_job(const struct verifier_id *id, const char *hash)
{
	struct verifier_job *job;

	TAILQ_FOREACH(job, &jobs, entry)
		if (memcmp(&job->id, id, sizeof(*id)) == 0 &&
		    strcmp(job->hash, hash) == 0)
			return job;
	return NULL;
}

static struct verifier_job *
add_job(const struct verifier_id *id, const char *hash, const char *password)
{
	struct verifier_job *job;

	/* One more is being compared. */
	if (njobs > VERIFIER_MAX_WAITING)
		return NULL;
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return NULL;
	job->id = *id;
	if (strlcpy(job->hash, hash, sizeof(job->hash)) >= sizeof(job->hash) ||
	    start_thread() == -1) {
		free(job);
		return NULL;
	}
	(void)strlcpy(job->password, password, sizeof(job->password));
	TAILQ_INSERT_TAIL(&jobs, job, entry);
	njobs++;
	(void)pthread_cond_signal(&arrived);
	return job;
}

struct verifier_job *
verifier_submit(const struct verifier_id *id, const char *hash,
    const char *password)
{
	struct verifier_job *job;

	(void)pthread_mutex_lock(&lock);
	job = find_job(id, hash);
	if (job == NULL)
		job = add_job(id, hash, password);
	if (job != NULL)
		job->refs++;
	(void)pthread_mutex_unlock(&lock);
	return job;
}

bool
verifier_is_done(struct verifier_job *job)
{
	bool is_done;

	(void)pthread_mutex_lock(&lock);
	is_done = job->is_done;
	(void)pthread_mutex_unlock(&lock);
	return is_done;
}

bool
verifier_is_right(const struct verifier_job *job)
{
	return job->is_right;
}

/* One that nobody waits for any more is not begun. */
void
verifier_release(struct verifier_job *job)
{
	(void)pthread_mutex_lock(&lock);
	job->refs--;
	if (job->refs == 0 && job->is_done) {
		free(job);
	} else if (job->refs == 0 && !job->is_running) {
		explicit_bzero(job->password, sizeof(job->password));
		end_job(job);
	}
	(void)pthread_mutex_unlock(&lock);
}
