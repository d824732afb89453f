/* Capability "vmcp.backend/1": a backend, that is an MCP server of any kind.
 *
 * Division of work: the host is the MCP client. It makes the messages (initialize, requests, notifications, answers),
 * ids, progress tokens, capabilities and Mcp-* headers. The plugin carries messages: it opens a session with its
 * server, sends bytes, hands up what comes back, and says when the session is lost. It need not read JSON.
 *
 * Where an answer arrives: with VMCP_BACKEND_ANSWERS_ON_SESSION (pipes, the older HTTP+SSE) on the sink of the session;
 * `send` then resolves with VMCP_OK as soon as the message is on its way. Without it (one HTTP exchange a message) on
 * the call: emitted as VMCP_MESSAGE, or as VMCP_RESULT_CHUNK, or as `last` of resolve. The host finds the request an
 * answer belongs to by its JSON-RPC id, and does not wait for the end of a call whose answer it has seen.
 */
#ifndef VMCP_BACKEND_H
#define VMCP_BACKEND_H

#include "vmcp_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VMCP_BACKEND "vmcp.backend/1"

/* vmcp_backend.traits */
enum {
    /* One session may serve several clients at a time; the host then opens one for all clients that need no requests
     * from the server (elicitation, sampling, roots), unless the resource's spec.sessionIsolation says otherwise. */
    VMCP_BACKEND_SHAREABLE = 1,
    /* Answers arrive on the session's sink, not on the call that sent the request. */
    VMCP_BACKEND_ANSWERS_ON_SESSION = 2,
    /* The transport has headers: vmcp_call.headers are sent. */
    VMCP_BACKEND_HAS_HEADERS = 4,
    /* The server is elsewhere: private addresses, credentials and TLS matter. */
    VMCP_BACKEND_REMOTE = 8
};

/* What is known when a session is opened. */
typedef struct vmcp_session_params {
    uint32_t struct_size;
    uint32_t flags;            /* VMCP_SESSION_SHARED */
    uint64_t identity;         /* on whose behalf, 0 = the gateway itself */
    const vmcp_header *headers; /* to be sent with every message of the session */
    size_t header_count;
} vmcp_session_params;

/* vmcp_session_params.flags */
enum {
    VMCP_SESSION_SHARED = 1 /* serves several clients */
};

/* What belongs to no call: requests and notifications of the server, answers with
 * VMCP_BACKEND_ANSWERS_ON_SESSION, and the end of the session. Copy it in open(). */
typedef struct vmcp_session_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void *context; /* opaque, and not a pointer you may follow */
    /* One whole JSON-RPC message. Answers VMCP_GO, VMCP_PAUSE (none until resume_session) or VMCP_STOP (the session
     * is closed on our side). In order, one at a time.   [thread-safe] */
    int32_t (*message)(void *context, vmcp_bytes message);
    /* The session is gone: process ended, connection closed for good. Once; nothing after it. Not for a session that
     * the host closed.   [thread-safe] */
    void (*lost)(void *context, const vmcp_outcome *outcome);
} vmcp_session_sink;

typedef struct vmcp_backend {
    uint32_t struct_size;
    uint32_t traits;

    /* Opens a session with the server. `session` is the host's number for it, never reused. Resolves with VMCP_OK when
     * messages can be sent. The sink may be used from then on, until close() resolved.
     * [thread-safe] [after start & before quiesce] */
    void (*open)(void *instance, uint64_t session, const vmcp_session_params *params, const vmcp_session_sink *sink,
                 const vmcp_call *call);

    /* Sends one JSON-RPC message over an open session: a request, a notification, or our answer to a request of the
     * server. `message` is borrowed and holds no line break. An HTTP status that is an error resolves the call with the status that fits,
     * http_status, and the body as `last` when it is JSON; 404 for a session that the server had given us carries
     * VMCP_SESSION_LOST and VMCP_NOT_SENT.   [thread-safe] [after open resolved & before close] */
    void (*send)(void *instance, uint64_t session, vmcp_bytes message, const vmcp_call *call);

    /* Listens for what belongs to no call where that needs an exchange of its own (GET of streamable HTTP): messages
     * are emitted on this call; it resolves when the server ends the stream, or with VMCP_UNSUPPORTED when it offers
     * none. One VMCP_PROGRESS tells that the stream is open: the host waits for it, for a moment, before it sends what
     * could cause a message on it. The host calls again after VMCP_OK. Optional.   [thread-safe] [after open resolved & before close] */
    void (*listen)(void *instance, uint64_t session, const vmcp_call *call);

    /* Ends a session, politely where the transport can (DELETE, end of input). Unknown sessions resolve with VMCP_OK.
     * [thread-safe] */
    void (*close)(void *instance, uint64_t session, const vmcp_call *call);

    /* Asks for more after sink.message answered VMCP_PAUSE. Optional.   [thread-safe] */
    void (*resume_session)(void *instance, uint64_t session);
} vmcp_backend;

#ifdef __cplusplus
}
#endif

#endif
