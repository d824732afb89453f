/* Capability "vmcp.auth/1": a strategy for outgoing credentials.
 *
 * It runs inside the host's http service and sees the request as it will be sent, so that it can sign it. The host keeps
 * answers by their cache key until they expire, asks once at a time per key, and asks again once after a 401, or after a 403
 * for want of scopes where the strategy may get them (VMCP_AUTH_STEPS_UP).
 */
#ifndef VMCP_AUTH_H
#define VMCP_AUTH_H

#include "vmcp_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VMCP_AUTH "vmcp.auth/1"

/* vmcp_auth_request.purpose */
enum {
    VMCP_AUTH_CALL = 1,    /* for a person's or an agent's request: `identity` is theirs */
    VMCP_AUTH_PROBE = 2,   /* health and discovery: no identity; leave credentials out when they need one */
    VMCP_AUTH_TEARDOWN = 3 /* ends a session: the identity of whoever opened it */
};

/* The request that waits for its credential. */
typedef struct vmcp_auth_request {
    uint32_t struct_size;
    uint32_t purpose;
    uint32_t attempt; /* 1, then 2 after a 401, or a 403 with VMCP_AUTH_STEPS_UP */
    uint32_t reserved;
    uint64_t identity;  /* for the identity service; 0 = none */
    vmcp_bytes backend; /* name of the backend */
    vmcp_bytes method;  /* "POST" */
    vmcp_bytes url;     /* as it will be sent */
    const vmcp_header *headers; /* as they will be sent, without the transport's own (Host, Content-Length) */
    size_t header_count;
    vmcp_bytes body;      /* the whole body */
    vmcp_bytes challenge; /* WWW-Authenticate of the 401 or 403 before, or empty */
} vmcp_auth_request;

/* vmcp_auth_answer.cache_scope */
enum {
    VMCP_AUTH_CACHE_NONE = 0,    /* for this request only: a signature */
    VMCP_AUTH_CACHE_BACKEND = 1, /* for every request of this backend */
    VMCP_AUTH_CACHE_IDENTITY = 2 /* for every request of this identity to this backend */
};

/* What makes the request acceptable. */
typedef struct vmcp_auth_answer {
    uint32_t struct_size;
    uint32_t cache_scope;
    const vmcp_header *set; /* replace headers of the same name */
    size_t set_count;
    const vmcp_bytes *remove; /* header names to take away first */
    size_t remove_count;
    uint64_t expires_at_ms; /* Unix time in milliseconds, 0 = not known: not kept */
    vmcp_bytes cache_key;   /* distinguishes answers within the scope: audience, scopes; may be empty */
} vmcp_auth_answer;

/* Where the answer goes. Copy it when you answer later. */
typedef struct vmcp_auth_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void *context; /* opaque, and not a pointer you may follow */
    /* Gives the answer; at most once, before the call is resolved with VMCP_OK. No answer leaves the request as it is.
     * [thread-safe] */
    void (*answer)(void *context, const vmcp_auth_answer *answer);
} vmcp_auth_sink;

typedef struct vmcp_auth {
    uint32_t struct_size;
    uint32_t flags; /* VMCP_AUTH_NEEDS_BODY, VMCP_AUTH_NEEDS_IDENTITY */

    /* Finds the credential for one request: gives it to the sink, then resolves the call with VMCP_OK. Any other status
     * fails the request, which is never sent without its credential.   [thread-safe] [after start & before quiesce] */
    void (*authorize)(void *instance, const vmcp_auth_request *request, const vmcp_auth_sink *sink,
                      const vmcp_call *call);

    /* The answer with this cache key was refused: forget what led to it. Optional.   [thread-safe] */
    void (*invalidate)(void *instance, vmcp_bytes cache_key);
} vmcp_auth;

/* vmcp_auth.flags */
enum {
    VMCP_AUTH_NEEDS_BODY = 1,    /* the body is part of what is signed; without the flag `body` may be empty */
    VMCP_AUTH_NEEDS_IDENTITY = 2, /* without an identity there is no credential: probes go without */
    /* It may get a credential with more scopes: it is asked a second time after a 403, too, whose challenge says
     * insufficient_scope (RFC 6750, section 3.1). What it answers takes the place of what was refused; without an answer,
     * with the same one or with a failure the 403 stands, and what was refused is kept. */
    VMCP_AUTH_STEPS_UP = 4
};

#ifdef __cplusplus
}
#endif

#endif
