/* An auth strategy and an embedding provider. -DBAD_ANSWERS: both answer what their contract forbids. */
#include "vmcp_auth.h"
#include "vmcp_embedding.h"

#include <math.h>
#include <string.h>

static vmcp_bytes bytes(const char *text) { return (vmcp_bytes){(const uint8_t *)text, strlen(text)}; }

static void resolve(const vmcp_call *call, vmcp_status status, vmcp_bytes message) {
    vmcp_outcome outcome = {.struct_size = sizeof outcome, .status = status, .message = message};
    call->resolve(call->context, &outcome, (vmcp_bytes){NULL, 0});
}

static vmcp_call kept;

static void cancel(void *instance, uint64_t call, uint32_t reason) {
    (void)instance;
    if (kept.id == call && reason == VMCP_CANCEL_BY_CLIENT) {
        kept.id = 0;
        resolve(&kept, VMCP_CANCELLED, (vmcp_bytes){NULL, 0});
    }
}

static void authorize(void *instance, const vmcp_auth_request *request, const vmcp_auth_sink *sink,
                      const vmcp_call *call) {
    (void)instance;
    if (request->purpose == VMCP_AUTH_TEARDOWN) { /* waits for cancel */
        kept = *call;
        return;
    }
    if (request->purpose == VMCP_AUTH_PROBE) {
        resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
        return;
    }
    if (request->identity == 0) {
        resolve(call, VMCP_UNAUTHENTICATED, bytes("no identity"));
        return;
    }
    vmcp_header set[] = {{bytes("x-method"), request->method}, {bytes("x-body"), request->body}};
    vmcp_bytes remove[] = {request->header_count > 0 ? request->headers[0].name : bytes("none")};
    vmcp_auth_answer answer = {.struct_size = sizeof answer,
                               .cache_scope = VMCP_AUTH_CACHE_IDENTITY,
                               .set = set,
                               .set_count = 2,
                               .remove = remove,
                               .remove_count = 1,
                               .expires_at_ms = 1234,
                               .cache_key = request->url};
#ifdef BAD_ANSWERS
    answer.cache_scope = 9;
#endif
    sink->answer(sink->context, &answer);
    resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
    sink->answer(sink->context, &answer);
}

static vmcp_status identity(void *instance, vmcp_text *text) {
    (void)instance;
    text->size = 6;
    memcpy(text->data, "tiny/1", 6);
    return VMCP_OK;
}
static uint32_t dimensions(void *instance) {
    (void)instance;
    return 2;
}
static uint32_t max_batch(void *instance) {
    (void)instance;
    return 3;
}

static void embed(void *instance, uint32_t kind, const vmcp_bytes *texts, size_t count, const vmcp_embedding_sink *sink,
                  const vmcp_call *call) {
    (void)instance;
    float values[6];
    for (size_t i = 0; i < count && i < 3; i++) {
        values[2 * i] = (float)texts[i].size;
        values[2 * i + 1] = (float)kind;
    }
#ifdef BAD_ANSWERS
    values[0] = NAN;
#endif
    vmcp_vectors vectors = {.struct_size = sizeof vectors, .dimensions = 2, .count = count, .values = values, .model = bytes("tiny/1")};
    sink->vectors(sink->context, &vectors);
    resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
}

static const vmcp_auth auth = {.struct_size = sizeof auth, .flags = VMCP_AUTH_NEEDS_BODY, .authorize = authorize};
static const vmcp_embedding embedding = {.struct_size = sizeof embedding,
                                         .identity = identity,
                                         .dimensions = dimensions,
                                         .max_batch = max_batch,
                                         .embed = embed};

static vmcp_status create(const struct vmcp_host *host, vmcp_bytes config, void **instance, vmcp_text *error) {
    (void)host, (void)config, (void)instance, (void)error;
    return VMCP_OK;
}
static const void *capability(void *instance, const char *id) {
    (void)instance;
    if (strcmp(id, VMCP_AUTH) == 0) {
        return &auth;
    }
    return strcmp(id, VMCP_EMBEDDING) == 0 ? &embedding : NULL;
}
static void destroy(void *instance) { (void)instance; }

static const char *const provides[] = {VMCP_AUTH, VMCP_EMBEDDING, NULL};
static const vmcp_plugin plugin = {.magic = VMCP_ABI_MAGIC,
                                   .struct_size = sizeof(vmcp_plugin),
                                   .abi_major = VMCP_ABI_MAJOR,
                                   .abi_minor = VMCP_ABI_MINOR,
                                   .id = "fixture",
                                   .version = "1.0.0",
                                   .provides = provides,
                                   .create = create,
                                   .capability = capability,
                                   .cancel = cancel,
                                   .destroy = destroy};

VMCP_EXPORT const vmcp_plugin *vmcp_plugin_entry(uint16_t major) {
    (void)major;
    return &plugin;
}
