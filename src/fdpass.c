#include "fdpass.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <string.h>

/* Room for one descriptor, aligned as cmsg(3) wants it. */
union control {
	struct cmsghdr	header;
	char		bytes[CMSG_SPACE(sizeof(int))];
};

static struct msghdr
make_message(struct iovec *iov, int *number, union control *control)
{
	struct msghdr msg = { 0 };

	iov->iov_base = number;
	iov->iov_len = sizeof(*number);
	msg.msg_iov = iov;
	msg.msg_iovlen = 1;
	memset(control, 0, sizeof(*control));
	msg.msg_control = control->bytes;
	msg.msg_controllen = sizeof(control->bytes);
	return msg;
}

int
fdpass_send(int socket, int fd, int number)
{
	union control control;
	struct cmsghdr *cmsg;
	struct msghdr msg;
	struct iovec iov;
	ssize_t n;

	msg = make_message(&iov, &number, &control);
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	do
		n = sendmsg(socket, &msg, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

int
fdpass_receive(int socket, int *number)
{
	union control control;
	struct cmsghdr *cmsg;
	struct msghdr msg;
	struct iovec iov;
	ssize_t n;
	int fd;

	msg = make_message(&iov, number, &control);
	do
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (n != sizeof(*number) || cmsg == NULL ||
	    cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SCM_RIGHTS ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(int))) {
		if ((msg.msg_flags & MSG_CTRUNC) != 0)
			errno = EMFILE;
		else
			errno = n == 0 ? EPIPE : EBADMSG;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(int));
	return fd;
}
