/* An outgoing strategy in one C file: signs method, URL and body of each request with SipHash-2-4 and a shared key.
 *
 *   gcc -shared -fPIC -fvisibility=hidden -std=c11 -Wall -Wextra -I../../../Sources/PluginAPI/include -o libsign.so sign.c
 */
#include "vmcp_auth.h"
#include "vmcp_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const vmcp_host *host;
    char handle[256]; /* of the key's secret */
} signer;

static vmcp_bytes text(const char *s) { return (vmcp_bytes){(const uint8_t *)s, strlen(s)}; }

static uint64_t turn(uint64_t x, int b) { return x << b | x >> (64 - b); }

static void rounds(uint64_t v[4], int count) {
    while (count-- > 0) {
        v[0] += v[1], v[1] = turn(v[1], 13) ^ v[0], v[0] = turn(v[0], 32), v[2] += v[3], v[3] = turn(v[3], 16) ^ v[2];
        v[0] += v[3], v[3] = turn(v[3], 21) ^ v[0], v[2] += v[1], v[1] = turn(v[1], 17) ^ v[2], v[2] = turn(v[2], 32);
    }
}

static uint64_t siphash(const uint8_t key[16], const vmcp_bytes *parts, size_t count) {
    uint64_t k[2], m = 0, length = 0;
    memcpy(k, key, 16);
    uint64_t v[4] = {k[0] ^ 0x736f6d6570736575u, k[1] ^ 0x646f72616e646f6du, k[0] ^ 0x6c7967656e657261u,
                     k[1] ^ 0x7465646279746573u};
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < parts[p].size; i++) {
            m |= (uint64_t)parts[p].data[i] << 8 * (length++ % 8);
            if (length % 8 == 0) v[3] ^= m, rounds(v, 2), v[0] ^= m, m = 0;
        }
    m |= length << 56;
    v[3] ^= m, rounds(v, 2), v[0] ^= m, v[2] ^= 0xff, rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void authorize(void *instance, const vmcp_auth_request *request, const vmcp_auth_sink *sink,
                      const vmcp_call *call) {
    signer *self = instance;
    vmcp_outcome outcome = {.struct_size = sizeof outcome};
    const vmcp_secrets *secrets = self->host->service(self->host, VMCP_SECRETS);
    uint8_t key[64];
    vmcp_text room = {(char *)key, sizeof key, 0};
    if (!secrets || secrets->get(self->host, text(self->handle), &room) != VMCP_OK || room.size < 16) {
        outcome.status = VMCP_UNAUTHENTICATED;
        outcome.message = text("the key must be a secret of 16 to 64 bytes");
    } else {
        vmcp_bytes parts[] = {request->method, text("\n"), request->url, text("\n"), request->body};
        char value[40];
        snprintf(value, sizeof value, "siphash %016llx", (unsigned long long)siphash(key, parts, 5));
        vmcp_header set = {text("X-Signature"), text(value)};
        vmcp_auth_answer answer = {.struct_size = sizeof answer, .set = &set, .set_count = 1};
        sink->answer(sink->context, &answer);
    }
    call->resolve(call->context, &outcome, (vmcp_bytes){NULL, 0});
}

static const vmcp_auth AUTH = {.struct_size = sizeof AUTH, .flags = VMCP_AUTH_NEEDS_BODY, .authorize = authorize};

/* The only secret is the key: its handle is the first value in "secrets". */
static vmcp_status create(const vmcp_host *host, vmcp_bytes config, void **instance, vmcp_text *error) {
    char *json = calloc(1, config.size + 1), *at;
    signer *self = calloc(1, sizeof *self);
    memcpy(json, config.data, config.size);
    self->host = host;
    if ((at = strstr(json, "\"secrets\":{\"")) && (at = strstr(at + 12, "\":\"")))
        sscanf(at + 3, "%255[^\"]", self->handle);
    free(json);
    if (self->handle[0]) return *instance = self, VMCP_OK;
    free(self);
    int size = snprintf(error->data, error->capacity, "config.keySecretRef: expected a Secret, found none");
    error->size = size < 0 ? 0 : (size_t)size < error->capacity ? (size_t)size : error->capacity;
    return VMCP_INVALID;
}

static const void *capability(void *instance, const char *id) {
    return (void)instance, strcmp(id, VMCP_AUTH) == 0 ? &AUTH : NULL;
}

static void destroy(void *instance) { free(instance); }

static const char *const PROVIDES[] = {VMCP_AUTH, NULL};
static const vmcp_plugin PLUGIN = {
    .magic = VMCP_ABI_MAGIC, .struct_size = sizeof PLUGIN, .abi_major = VMCP_ABI_MAJOR, .abi_minor = VMCP_ABI_MINOR,
    .id = "auth-c", .version = "1.0.0", .provides = PROVIDES, .create = create, .capability = capability, .destroy = destroy};

VMCP_EXPORT const vmcp_plugin *vmcp_plugin_entry(uint16_t major) { return major == VMCP_ABI_MAJOR ? &PLUGIN : NULL; }
