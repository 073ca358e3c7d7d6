/*
 * One descriptor from process to process, over a unix(7) socket, with a
 * number that says what it is.
 */
#ifndef FDPASS_H
#define FDPASS_H

/* 0, or -1 and errno; EAGAIN where a non-blocking socket takes no more. */
int fdpass_send(int socket, int fd, int number);

/*
 * The descriptor that was sent, close-on-exec; or -1 and errno, EAGAIN where
 * there is none, EMFILE for one that was lost because this process has no
 * place for it, EBADMSG for a message without one, EPIPE at the end.
 */
int fdpass_receive(int socket, int *number);

#endif
