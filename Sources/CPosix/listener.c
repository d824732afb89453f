#include "cposix.h"

#include <linux/filter.h>
#include <sys/socket.h>

_Static_assert(CPOSIX_ATTACH_FILTER == SO_ATTACH_FILTER, "the option's number");
_Static_assert(sizeof(cposix_socket_filter) == sizeof(struct sock_fprog), "the layout of struct sock_fprog");

/* Drops TCP segments with SYN and without ACK; a filter sees a segment from its TCP header on (flags: RFC 9293, 3.1). */
static struct sock_filter newcomers[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 0),
    BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
};

cposix_socket_filter cposix_ignore_newcomers(void) {
    return (cposix_socket_filter){
        .length = sizeof newcomers / sizeof newcomers[0], .program = (uintptr_t)newcomers};
}
