/* A backend that hands each message up once and ends the call, before `send` returns: what is left is the boundary. */
#include "vmcp_backend.h"

#include <string.h>

static int self;

static void resolve(const vmcp_call *call) {
    vmcp_outcome outcome = {.struct_size = sizeof outcome, .status = VMCP_OK};
    call->resolve(call->context, &outcome, (vmcp_bytes){NULL, 0});
}

static void open_session(void *memory, uint64_t session, const vmcp_session_params *params,
    const vmcp_session_sink *sink, const vmcp_call *call) {
    (void)memory, (void)session, (void)params, (void)sink;
    resolve(call);
}

static void send_message(void *memory, uint64_t session, vmcp_bytes message, const vmcp_call *call) {
    (void)memory, (void)session;
    call->emit(call->context, VMCP_MESSAGE, message);
    resolve(call);
}

static void close_session(void *memory, uint64_t session, const vmcp_call *call) {
    (void)memory, (void)session;
    resolve(call);
}

static const vmcp_backend backend = {
    .struct_size = sizeof(vmcp_backend), .open = open_session, .send = send_message, .close = close_session};

static vmcp_status create(const struct vmcp_host *host, vmcp_bytes configuration, void **instance, vmcp_text *error) {
    (void)host, (void)configuration, (void)error;
    *instance = &self;
    return VMCP_OK;
}

static void start(void *memory, const vmcp_call *call) {
    (void)memory;
    resolve(call);
}

static const void *capability(void *memory, const char *id) {
    (void)memory;
    return strcmp(id, VMCP_BACKEND) == 0 ? &backend : NULL;
}

static void destroy(void *memory) { (void)memory; }

static const char *const provides[] = {VMCP_BACKEND, NULL};
static const vmcp_plugin plugin = {.magic = VMCP_ABI_MAGIC, .struct_size = sizeof(vmcp_plugin),
    .abi_major = VMCP_ABI_MAJOR, .abi_minor = VMCP_ABI_MINOR, .id = "echo", .version = "1.0.0", .provides = provides,
    .create = create, .start = start, .capability = capability, .quiesce = start, .destroy = destroy};

VMCP_EXPORT const vmcp_plugin *vmcp_plugin_entry(uint16_t major) { return major == VMCP_ABI_MAJOR ? &plugin : NULL; }
