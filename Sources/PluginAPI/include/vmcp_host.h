/* What the host offers a plugin.
 *
 * vmcp_plugin.create gets a vmcp_host; vmcp_host.service returns the table of a service by id, or NULL when this host
 * does not have it. Tables and the host stay valid until destroy() returns. Every function takes the host first and is
 * [thread-safe] from create() until destroy() returns, unless it says otherwise.
 *
 * Sinks: the host copies a sink when it gets it, and calls its functions with the sink's `context` from threads of its
 * own, one call at a time a sink, never after `end`, `exited` or `fired`, and never after destroy() returned. A function
 * of a sink must not block.
 */
#ifndef VMCP_HOST_H
#define VMCP_HOST_H

#include "vmcp_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vmcp_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    void *context;       /* the host's */
    const char *name;    /* "vmcp" */
    const char *version; /* of the gateway */
    /* The table of a service, such as VMCP_LOG, or NULL. */
    const void *(*service)(const struct vmcp_host *host, const char *id);
} vmcp_host;

/* ---- log ------------------------------------------------------------------------------------------------------- */

#define VMCP_LOG "vmcp.log/1"

/* vmcp_log.write level */
enum { VMCP_LOG_DEBUG = 1, VMCP_LOG_INFO = 2, VMCP_LOG_WARNING = 3, VMCP_LOG_ERROR = 4 };

typedef struct vmcp_log {
    uint32_t struct_size;
    uint32_t reserved;
    /* Writes a line with plugin and resource named by the host. The message is a constant sentence, the data are
     * fields. Never a secret. */
    void (*write)(const vmcp_host *host, uint32_t level, vmcp_bytes message, const vmcp_header *fields,
                  size_t field_count);
    /* 1 when lines of this level are written. */
    int32_t (*enabled)(const vmcp_host *host, uint32_t level);
} vmcp_log;

/* ---- http ------------------------------------------------------------------------------------------------------ */

#define VMCP_HTTP "vmcp.http/1"

/* vmcp_http_request.flags */
enum {
    VMCP_HTTP_FOLLOW_SAME_ORIGIN = 1, /* follow redirects that stay on scheme, host and port; others fail */
    VMCP_HTTP_DUPLEX = 2,             /* an upgraded connection: after head with status 101 use write and close_write; the
                                         header "Upgrade" says to what, "tcp" when it is absent. Without credential
                                         and redirects; max_response_bytes holds for other statuses only */
    VMCP_HTTP_ALLOW_PRIVATE = 4,      /* the target may be on a private or loopback address; metadata never */
    VMCP_HTTP_PROBE = 8,              /* purpose of the credential: VMCP_AUTH_PROBE */
    VMCP_HTTP_TEARDOWN = 16           /* purpose of the credential: VMCP_AUTH_TEARDOWN */
};

/* Copied by the host before request() returns. Times are milliseconds, 0 takes the default named. */
typedef struct vmcp_http_request {
    uint32_t struct_size;
    uint32_t flags;
    vmcp_bytes method; /* "POST" */
    vmcp_bytes url;    /* http or https, absolute */
    const vmcp_header *headers;
    size_t header_count;
    vmcp_bytes body;
    uint64_t connect_timeout_ms;  /* 10,000 */
    uint64_t idle_timeout_ms;     /* longest silence once connected; none */
    uint64_t total_timeout_ms;    /* whole exchange; none */
    uint64_t max_response_bytes;  /* of the body; 104,857,600 */
    uint64_t auth;                /* handle from `resolved.auth`; 0 = no credential is added */
    uint64_t identity;            /* on whose behalf, for the strategy behind `auth` */
    vmcp_bytes ca_bundle;         /* PEM text trusted in addition to the system's; empty = the system's alone */
    vmcp_bytes unix_socket;       /* path of a socket to connect to instead of the URL's host */
} vmcp_http_request;

typedef struct vmcp_http_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void *context;
    /* Status and headers of the final response, names in lower case. Once, before body. Answers VMCP_GO, VMCP_PAUSE or
     * VMCP_STOP. */
    int32_t (*head)(void *context, uint32_t status, const vmcp_header *headers, size_t header_count);
    /* A piece of the body, decoded. Answers VMCP_GO, VMCP_PAUSE (this piece is taken; none until resume) or VMCP_STOP. */
    int32_t (*body)(void *context, vmcp_bytes data);
    /* The end, exactly once. VMCP_OK means that the response is complete, whatever its status. The flag VMCP_NOT_SENT
     * is set when no byte of the request left. */
    void (*end)(void *context, const vmcp_outcome *outcome);
    /* VMCP_HTTP_DUPLEX: write may go on. Optional. */
    void (*drained)(void *context);
} vmcp_http_sink;

typedef struct vmcp_http {
    uint32_t struct_size;
    uint32_t reserved;
    /* Starts an exchange and returns its number, never 0. Errors come through sink.end, never before this returns. */
    uint64_t (*request)(const vmcp_host *host, const vmcp_http_request *request, const vmcp_http_sink *sink);
    /* Ends an exchange early; sink.end comes with VMCP_CANCELLED unless it is on its way already. */
    void (*cancel)(const vmcp_host *host, uint64_t exchange);
    /* After VMCP_PAUSE. */
    void (*resume)(const vmcp_host *host, uint64_t exchange);
    /* VMCP_HTTP_DUPLEX: sends bytes. Answers VMCP_GO, VMCP_PAUSE (taken; wait for drained) or VMCP_STOP (closed). */
    int32_t (*write)(const vmcp_host *host, uint64_t exchange, vmcp_bytes data);
    /* VMCP_HTTP_DUPLEX: no more will be written. */
    void (*close_write)(const vmcp_host *host, uint64_t exchange);
} vmcp_http;

/* ---- timer ----------------------------------------------------------------------------------------------------- */

#define VMCP_TIMER "vmcp.timer/1"

typedef struct vmcp_timer {
    uint32_t struct_size;
    uint32_t reserved;
    /* CLOCK_MONOTONIC milliseconds, the clock of vmcp_call.deadline_ms. */
    uint64_t (*now_ms)(const vmcp_host *host);
    /* Calls `fired` once, `delay_ms` from now. Returns the timer's number, never 0. */
    uint64_t (*after)(const vmcp_host *host, uint64_t delay_ms, void *context, void (*fired)(void *context));
    /* Answers 1 when `fired` will not be called any more, 0 when it was or is being called. */
    int32_t (*cancel)(const vmcp_host *host, uint64_t timer);
} vmcp_timer;

/* ---- secrets --------------------------------------------------------------------------------------------------- */

#define VMCP_SECRETS "vmcp.secrets/1"

typedef struct vmcp_secrets {
    uint32_t struct_size;
    uint32_t reserved;
    /* Copies the value behind a handle of `resolved.secrets`. VMCP_EXHAUSTED when `value` is too small: `size` then
     * tells the room needed. Read it when you need it, do not keep it, never log it. */
    vmcp_status (*get)(const vmcp_host *host, vmcp_bytes handle, vmcp_text *value);
    /* Calls `changed` after each change of the value, until unwatch. Returns the watch's number, 0 for an unknown
     * handle. */
    uint64_t (*watch)(const vmcp_host *host, vmcp_bytes handle, void *context, void (*changed)(void *context));
    /* `changed` is not called any more once this returned. */
    void (*unwatch)(const vmcp_host *host, uint64_t watch);
} vmcp_secrets;

/* ---- identity -------------------------------------------------------------------------------------------------- */

#define VMCP_IDENTITY "vmcp.identity/1"

typedef struct vmcp_identity {
    uint32_t struct_size;
    uint32_t reserved;
    /* Claims of an identity as a JSON object, always with "sub" and "iss". VMCP_NOT_FOUND for 0 and for an identity whose
     * requests are all over; VMCP_EXHAUSTED as in vmcp_secrets.get. */
    vmcp_status (*claims)(const vmcp_host *host, uint64_t identity, vmcp_text *json);
    /* The token that this identity presented to the gateway. A secret. */
    vmcp_status (*token)(const vmcp_host *host, uint64_t identity, vmcp_text *token);
    /* Asks for the token that an upstream provider issued to this identity; `kind` is "access_token" or "id_token". Calls
     * `done` exactly once, from any thread, even before this returns; the token is a secret and borrowed. */
    void (*upstream_token)(const vmcp_host *host, uint64_t identity, vmcp_bytes provider, vmcp_bytes kind, void *context,
                           void (*done)(void *context, const vmcp_outcome *outcome, vmcp_bytes token));
} vmcp_identity;

/* ---- process --------------------------------------------------------------------------------------------------- */

#define VMCP_PROCESS "vmcp.process/1"

/* vmcp_process_spec.flags */
enum {
    VMCP_PROCESS_LINES = 1 /* output comes a line at a time, without its end; a line over max_line_bytes is dropped,
                              counted and logged */
};

/* The stream of vmcp_process_sink.output. */
enum { VMCP_PROCESS_STDOUT = 1, VMCP_PROCESS_STDERR = 2 };

/* Copied by the host before spawn returns. */
typedef struct vmcp_process_spec {
    uint32_t struct_size;
    uint32_t flags;
    const vmcp_bytes *arguments; /* the first is the program: a path, or a name looked up on PATH */
    size_t argument_count;
    /* Added to a small environment of the host's choice (PATH, HOME, locale, proxies, trust stores, and the settings of
     * package runners). Values may be secrets: they are never logged. */
    const vmcp_header *environment;
    size_t environment_count;
    vmcp_bytes directory;    /* working directory; empty = the host's */
    uint64_t max_line_bytes; /* 0 = 16,777,216 */
} vmcp_process_spec;

typedef struct vmcp_process_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void *context;
    /* Bytes, or a line, of a stream. Answers VMCP_GO, VMCP_PAUSE (that stream, until resume) or VMCP_STOP (drop what
     * comes on that stream). */
    int32_t (*output)(void *context, uint32_t stream, vmcp_bytes data);
    /* The process and all its descendants are gone. `signal` is 0 when it exited with `code`. Once, last. */
    void (*exited)(void *context, int32_t code, int32_t signal);
    /* After write answered VMCP_PAUSE: it may go on. Optional. */
    void (*drained)(void *context);
} vmcp_process_sink;

typedef struct vmcp_process {
    uint32_t struct_size;
    uint32_t reserved;
    /* Starts a child with its own process group, whose whole tree ends with the gateway, even after SIGKILL. Returns its
     * number, or 0 with the reason in `error`. */
    uint64_t (*spawn)(const vmcp_host *host, const vmcp_process_spec *spec, const vmcp_process_sink *sink,
                      vmcp_text *error);
    /* Writes to its standard input, whole and in order. Answers VMCP_GO, VMCP_PAUSE (taken; wait for drained) or
     * VMCP_STOP (closed: not taken). */
    int32_t (*write)(const vmcp_host *host, uint64_t process, vmcp_bytes data);
    /* Ends its standard input once what was written is through. */
    void (*close_input)(const vmcp_host *host, uint64_t process);
    /* After VMCP_PAUSE of a stream. */
    void (*resume)(const vmcp_host *host, uint64_t process, uint32_t stream);
    /* Closes its input, sends SIGTERM to the tree after `grace_ms`, SIGKILL after as long again. `exited` follows. */
    void (*stop)(const vmcp_host *host, uint64_t process, uint64_t grace_ms);
} vmcp_process;

/* ---- metrics --------------------------------------------------------------------------------------------------- */

#define VMCP_METRICS "vmcp.metrics/1"

/* vmcp_metrics.record kind */
enum { VMCP_METRIC_COUNTER = 1, VMCP_METRIC_GAUGE = 2, VMCP_METRIC_HISTOGRAM = 3 };

typedef struct vmcp_metrics {
    uint32_t struct_size;
    uint32_t reserved;
    /* Adds to a counter, sets a gauge, or records into a histogram. Name in snake case with its unit last
     * ("tokens_total", "exchange_seconds"); few labels, each with few values. */
    void (*record)(const vmcp_host *host, uint32_t kind, vmcp_bytes name, double value, const vmcp_header *labels,
                   size_t label_count);
} vmcp_metrics;

/* ---- state ----------------------------------------------------------------------------------------------------- */

#define VMCP_STATE "vmcp.state/1"

/* vmcp_state.set state */
enum { VMCP_STATE_READY = 1, VMCP_STATE_DEGRADED = 2, VMCP_STATE_DOWN = 3 };

typedef struct vmcp_state {
    uint32_t struct_size;
    uint32_t reserved;
    /* Says how the instance is, with one sentence for people (shown in /status): what is wrong and what it needs. An
     * instance that never says is READY once start() resolved with VMCP_OK. */
    void (*set)(const vmcp_host *host, uint32_t state, vmcp_bytes reason);
} vmcp_state;

#ifdef __cplusplus
}
#endif

#endif
