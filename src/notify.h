/*
 * sd_notify(3)'s protocol: tells the service manager at $NOTIFY_SOCKET.
 * Without that variable it does nothing.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

/*
 * Sends one datagram of "NAME=value" lines.  1 sent, 0 nobody to tell, -1 and
 * errno.  Path and abstract sockets; close-on-exec.
 */
int notify_send(const char *state);

#endif
