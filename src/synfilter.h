/*
 * Closing a listener resets the connections that clients have just made to it,
 * and the kernel goes on making them until then.  This filter ends that first.
 */
#ifndef SYNFILTER_H
#define SYNFILTER_H

/*
 * Has a TCP listener take no new connection: their first packets are dropped,
 * while those that are under way are completed and can be accepted.  A client
 * that was dropped tries again after a second, and finds the listener closed.
 * 0, or -1 and errno.  It concerns everybody who shares the listener, for as
 * long as that is open.
 */
int synfilter_attach(int fd);

#endif
