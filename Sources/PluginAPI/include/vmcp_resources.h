/* Optional capability "vmcp.resources/1": what an instance uses. */
#ifndef VMCP_RESOURCES_H
#define VMCP_RESOURCES_H

#include "vmcp_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VMCP_RESOURCES "vmcp.resources/1"

/* Zero where not known. */
typedef struct vmcp_usage {
    uint32_t struct_size;
    uint32_t processes;       /* children alive */
    uint64_t memory_bytes;    /* memory held by the instance, children included */
    uint64_t cpu_ms;          /* processor time used since start, children included */
    uint64_t sessions;        /* sessions open */
} vmcp_usage;

typedef struct vmcp_resources {
    uint32_t struct_size;
    uint32_t reserved;
    /* Fills in `usage`, whose struct_size the caller has set.   [thread-safe] [after start & before destroy] */
    void (*usage)(void *instance, vmcp_usage *usage);
} vmcp_resources;

#ifdef __cplusplus
}
#endif

#endif
