/* vMCP plugin ABI, version 1: the core.
 *
 * A plugin is a shared library with one exported symbol, vmcp_plugin_entry. The host checks the table it returns,
 * creates instances from it, and asks each instance for capabilities by id: "vmcp.backend/1" (vmcp_backend.h),
 * "vmcp.auth/1" (vmcp_auth.h), "vmcp.embedding/1" (vmcp_embedding.h), and optional ones (vmcp_health.h,
 * vmcp_resources.h). What the host offers in return is in vmcp_host.h. These headers need nothing but a C11 compiler.
 *
 * Memory: every pointer is borrowed for the call that passes it. Whoever keeps, copies; whoever allocates, frees. No
 * memory allocated on one side is freed on the other. What an instance returns from capability(), and the strings of
 * vmcp_plugin, live until destroy() and the end of the process, respectively.
 *
 * Tables: each begins with `struct_size`, the size its maker compiled. Minor versions add at the end only; a reader
 * takes the smaller of both sizes and treats the rest as zero. A function pointer marked optional may be NULL.
 *
 * Threads: [thread-safe] functions may be called from any thread, several at a time. [serial] functions are never
 * called at the same time as another [serial] function of the same instance. No function may wait for I/O or sleep,
 * unless the plugin sets VMCP_PLUGIN_BLOCKING.
 *
 * Trust: a plugin is part of the process. The host loads files that belong to root or to its own user and that others
 * cannot write. Code you do not trust belongs behind an MCPServer, not into a plugin.
 */
#ifndef VMCP_PLUGIN_H
#define VMCP_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMCP_ABI_MAGIC 0x50434D56u /* "VMCP" in memory on a little-endian machine */
#define VMCP_ABI_MAJOR 1
#define VMCP_ABI_MINOR 0

/* Bytes of somebody else. `data` may be NULL when `size` is 0; there is no terminating zero. */
typedef struct vmcp_bytes {
    const uint8_t *data;
    size_t size;
} vmcp_bytes;

/* Room for text, lent by the caller: write at most `capacity` bytes to `data` and set `size` to what you wrote. */
typedef struct vmcp_text {
    char *data;
    size_t capacity;
    size_t size;
} vmcp_text;

/* One name with its value: an HTTP header, an environment variable, a label. */
typedef struct vmcp_header {
    vmcp_bytes name;
    vmcp_bytes value;
} vmcp_header;

/* How something ended. Numbers are never reused; an unknown number counts as VMCP_INTERNAL. */
typedef int32_t vmcp_status;
enum {
    VMCP_OK = 0,
    VMCP_INVALID = 1,         /* the input is wrong and will stay wrong */
    VMCP_UNSUPPORTED = 2,     /* not offered here */
    VMCP_NOT_FOUND = 3,       /* no such thing */
    VMCP_UNAUTHENTICATED = 4, /* a credential is missing or refused */
    VMCP_FORBIDDEN = 5,       /* the credential does not suffice */
    VMCP_TIMEOUT = 6,         /* no answer in time */
    VMCP_CANCELLED = 7,       /* cancel() was honoured */
    VMCP_UNAVAILABLE = 8,     /* not reachable now; trying later may help */
    VMCP_PROTOCOL = 9,        /* the other side broke its protocol */
    VMCP_EXHAUSTED = 10,      /* a limit was reached: size, rate, memory */
    VMCP_INTERNAL = 11        /* a defect of the plugin or of the host */
};

/* vmcp_outcome.flags */
enum {
    VMCP_NOT_SENT = 1,    /* the request certainly did not reach the other side: repeating it is safe */
    VMCP_SESSION_LOST = 2 /* the session this call belongs to is gone; open another */
};

/* How a call, a session or a transfer ended. */
typedef struct vmcp_outcome {
    uint32_t struct_size;
    vmcp_status status;
    uint32_t flags;
    uint32_t http_status;    /* 0 when there was none */
    uint64_t retry_after_ms; /* 0 when not known */
    vmcp_bytes message;      /* one sentence for people; never a secret */
    vmcp_bytes challenge;    /* the value of WWW-Authenticate; empty when there was none */
} vmcp_outcome;

/* The `kind` of vmcp_call.emit. */
enum {
    VMCP_MESSAGE = 1,      /* a whole JSON-RPC message */
    VMCP_RESULT_CHUNK = 2, /* a piece of the last message: all chunks, then `last` of resolve, make it up */
    VMCP_PROGRESS = 3      /* one line of text for people about work that takes time, in start() and open(); in listen()
                              that the stream is open */
};

/* What the host answers to emitted data. */
enum {
    VMCP_GO = 0,    /* go on */
    VMCP_PAUSE = 1, /* taken, but send no more until resume() */
    VMCP_STOP = 2   /* taken or dropped; nobody listens any more: resolve soon */
};

/* One piece of work, made by the host and borrowed: copy the fields you keep. */
typedef struct vmcp_call {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t id;          /* unique in this process, never 0; names the call in cancel() and resume() */
    uint64_t deadline_ms; /* CLOCK_MONOTONIC milliseconds, 0 = none; the host stops waiting then by itself */
    uint64_t idle_ms;     /* longest silence in milliseconds, 0 = none */
    uint64_t identity;    /* on whose behalf, for the identity service; 0 = the gateway itself */
    const vmcp_header *headers; /* to be sent with the message where the transport has headers */
    size_t header_count;
    vmcp_bytes trace_parent; /* W3C trace context, or empty */
    vmcp_bytes trace_state;
    void *context; /* for emit and resolve; opaque, and not a pointer you may follow */
    /* Hands up data. Zero or more times, in order, never at the same time as another emit or resolve of this call.
     * Answers VMCP_GO, VMCP_PAUSE or VMCP_STOP.   [thread-safe] */
    int32_t (*emit)(void *context, uint32_t kind, vmcp_bytes data);
    /* Ends the call. Exactly once, from any thread, even before the function that got the call returns. `last` may be
     * empty. A second resolve is counted as misbehaviour and has no effect.   [thread-safe] */
    void (*resolve)(void *context, const vmcp_outcome *outcome, vmcp_bytes last);
} vmcp_call;

struct vmcp_host;

/* vmcp_plugin.flags */
enum {
    VMCP_PLUGIN_BLOCKING = 1 /* functions that take a vmcp_call may block: the host calls them on a bounded pool */
};

/* The `reason` of cancel. */
enum {
    VMCP_CANCEL_BY_CLIENT = 1, /* the client asked for it, or went away */
    VMCP_CANCEL_DEADLINE = 2,  /* the host stopped waiting */
    VMCP_CANCEL_SHUTDOWN = 3   /* the gateway ends, or this instance is replaced */
};

/* What a plugin library is: constant data, valid for the life of the process. */
typedef struct vmcp_plugin {
    uint32_t magic; /* VMCP_ABI_MAGIC */
    uint32_t struct_size;
    uint16_t abi_major; /* VMCP_ABI_MAJOR this table was compiled for */
    uint16_t abi_minor;
    uint32_t flags;
    const char *id;      /* lower case letters, digits, '-' and '.'; equals `id` of plugin.yaml */
    const char *version; /* equals `version` of plugin.yaml */
    /* Capability ids, NULL-terminated; equal `provides` of plugin.yaml in any order. */
    const char *const *provides;
    /* JSON Schema (2020-12) of `spec` in the configuration, or NULL. */
    const char *config_schema;

    /* Makes an instance from its configuration: a JSON object
     *   {"apiVersion", "kind", "namespace", "name", "baseDirectory", "spec", "resolved"}
     * where `spec` is the resource as written and `resolved` holds what its references lead to: `secrets`, an object
     * from "NAME/KEY" to a handle for the secrets service; `configMaps`, an object from "NAME/KEY" to text; `auth`, a
     * handle (a number) for vmcp_http_request.auth; `limits`, an object with `eventBytes`, the most bytes that one event
     * or one line of the server may have, where that is configured. Does no I/O. On failure writes one sentence to `error`, which
     * names the field, and leaves nothing behind; *instance is ignored then.
     * `host` stays valid until destroy() returns.   [serial] */
    vmcp_status (*create)(const struct vmcp_host *host, vmcp_bytes config_json, void **instance, vmcp_text *error);

    /* Does what takes time before the first use: loading a model, starting a server. Optional.
     * The call's emit takes VMCP_PROGRESS.   [serial] [after create] */
    void (*start)(void *instance, const vmcp_call *call);

    /* Returns the table of a capability listed in `provides`, or of an optional one, or NULL.
     * [thread-safe] [after create & before destroy] */
    const void *(*capability)(void *instance, const char *id);

    /* Advises that nobody waits for a call any more. The call must still be resolved, soon, usually with
     * VMCP_CANCELLED. Unknown ids are to be ignored. Optional.   [thread-safe] [after create & before destroy] */
    void (*cancel)(void *instance, uint64_t call, uint32_t reason);

    /* Asks for more after emit answered VMCP_PAUSE. Optional: without it emit never answers VMCP_PAUSE.
     * [thread-safe] [after create & before destroy] */
    void (*resume)(void *instance, uint64_t call);

    /* Ends what is open: sessions, processes, streams; resolves when done. No other call begins afterwards.
     * Optional.   [serial] [after start] */
    void (*quiesce)(void *instance, const vmcp_call *call);

    /* Frees the instance. All its calls are resolved, and its transfers, timers and processes are ended by the host
     * before.   [serial] [last] */
    void (*destroy)(void *instance);
} vmcp_plugin;

/* The size of vmcp_plugin in 1.0: a smaller table is refused. */
#define VMCP_PLUGIN_SIZE_1_0 104u

/* The one exported symbol. Returns the table for the host's ABI major, or NULL when the library does not serve it: one
 * library may serve several majors.   [thread-safe] */
const vmcp_plugin *vmcp_plugin_entry(uint16_t host_abi_major);

/* Put this before the definition of vmcp_plugin_entry when compiling with -fvisibility=hidden. Hide all other
 * symbols: C symbols of the same name in two libraries would otherwise be mixed up. */
#if defined(__GNUC__)
#define VMCP_EXPORT __attribute__((visibility("default")))
#else
#define VMCP_EXPORT
#endif

#ifdef __cplusplus
}
#endif

#endif
