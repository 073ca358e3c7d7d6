/*
 * Faults that are injected into calls of a program: a table in a file, which
 * the shim in front of the C library (LD_PRELOAD) maps shared, and so do all
 * processes that the program forks.  A test switches a shortage on and off in
 * there, while the program runs, and reads how many calls have failed.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdatomic.h>
#include <stdint.h>

/* Where the shim finds the table's path. */
#define FAULTS_VARIABLE	"FAULTS"

/* Where a fault strikes: which process, and which kind of descriptor. */
#define FAULTS_MASTER	1
#define FAULTS_CHILDREN	2

/* In place of an errno: the call moves half of the bytes; never returns. */
#define FAULTS_SHORT	(-1)
#define FAULTS_HANG	(-2)

#define FAULTS_CALLS(X)							\
	X(malloc) X(accept) X(read) X(recv) X(pread) X(write) X(writev)	\
	X(send) X(sendfile) X(sendmsg) X(recvmsg) X(open) X(openat2)	\
	X(stat) X(readdir) X(fork) X(thread) X(epoll_ctl)	\
	X(epoll_create) X(eventfd) X(timer) X(socket) X(socketpair)	\
	X(mmap) X(dup) X(getcwd) X(listen) X(fcntl) X(prctl) X(kernel)

enum faults_call {
#define X(name) FAULTS_##name,
	FAULTS_CALLS(X)
#undef X
	FAULTS_NCALLS
};

/*
 * One a call.  error is written last, and not 0 while the rule holds.  Of the
 * calls that it concerns, the first after go by; of the others each every-th
 * fails, or as many of a hundred as percent says, chosen by seed; until count
 * have, where that is not 0.
 */
struct faults_rule {
	_Atomic int		error;
	_Atomic unsigned int	where;		/* FAULTS_MASTER, ... */
	_Atomic unsigned int	mode;		/* S_IFMT; 0 is any */
	_Atomic uint64_t	after;
	_Atomic uint64_t	every;
	_Atomic unsigned int	percent;	/* 0: by every */
	_Atomic unsigned int	seed;
	_Atomic uint64_t	count;
	_Atomic uint64_t	seen;		/* calls, and of these */
	_Atomic uint64_t	injected;	/* that failed */
};

struct faults {
	struct faults_rule	rules[FAULTS_NCALLS];
};

#endif
