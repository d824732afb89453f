/* Optional capability "vmcp.health/1": a cheaper probe than an MCP request. */
#ifndef VMCP_HEALTH_H
#define VMCP_HEALTH_H

#include "vmcp_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VMCP_HEALTH "vmcp.health/1"

typedef struct vmcp_health {
    uint32_t struct_size;
    uint32_t reserved;
    /* Looks whether the instance can serve: resolves with VMCP_OK, or with why not. Touches no user's data and needs no
     * user's credential.   [thread-safe] [after start & before quiesce] */
    void (*check)(void *instance, const vmcp_call *call);
} vmcp_health;

#ifdef __cplusplus
}
#endif

#endif
