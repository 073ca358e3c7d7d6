/* What proc(5) says of another process in /proc/PID/status. */
#ifndef PROCSTATUS_H
#define PROCSTATUS_H

#include <sys/types.h>

/*
 * The number behind a name, such as "TracerPid" or "CoreDumping"; 0 where it
 * can't be known.
 */
long procstatus_number(pid_t pid, const char *name);

#endif
