#include "synfilter.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <stddef.h>

/* RFC 9293, 3.1: where the control bits of a segment stand, and two of them. */
#define TCP_FLAGS	13
#define TCP_SYN		0x02
#define TCP_ACK		0x10

/* A stream socket's filter sees segments from their TCP header on. */
int
synfilter_attach(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TCP_FLAGS),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TCP_SYN | TCP_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TCP_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	const struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
	    sizeof(program));
}
