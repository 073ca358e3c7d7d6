/* What a TCP listener is told about the connections it will have. */
#ifndef TCPOPTIONS_H
#define TCPOPTIONS_H

/*
 * Sets TCP_NODELAY and TCP_NOTSENT_LOWAT, which accepted sockets inherit, and
 * where defer_s is not 0 and it has none, TCP_DEFER_ACCEPT of so many seconds.
 * A socket that knows an option not, such as a unix(7) one, does without.
 */
void tcpoptions_set(int fd, int defer_s);

#endif
