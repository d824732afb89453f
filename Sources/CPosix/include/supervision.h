/* What the gateway and vmcp-supervisor say to each other over a SOCK_SEQPACKET socket, a struct a packet. Both are built
 * together; this is no public protocol. */
#ifndef VMCP_SUPERVISION_H
#define VMCP_SUPERVISION_H

#include <stdint.h>

/* The supervisor's end of the socket. */
#define VMCP_SUPERVISION_FD 3

/* Gateway to supervisor: end the tree. Milliseconds from now; a later order may only hasten the end. */
typedef struct vmcp_supervision_order {
    uint32_t terminate_after_ms;
    uint32_t kill_after_ms;
} vmcp_supervision_order;

/* vmcp_supervision_report.kind */
enum {
    VMCP_SUPERVISION_STARTED = 1, /* first: the program's pid */
    VMCP_SUPERVISION_FAILED = 2,  /* first: the stage, second: errno */
    VMCP_SUPERVISION_EXITED = 3   /* first: exit code, second: signal, 0 when it exited */
};

/* What failed to start. */
enum {
    VMCP_SUPERVISION_STAGE_FORK = 1,
    VMCP_SUPERVISION_STAGE_DIRECTORY = 2,
    VMCP_SUPERVISION_STAGE_EXEC = 3
};

/* Supervisor to gateway. The end of its tree is the end of the supervisor. */
typedef struct vmcp_supervision_report {
    uint32_t kind;
    int32_t first;
    int32_t second;
} vmcp_supervision_report;

#endif
