/* A backend that does what the message says: the ways in which a plugin can treat a call, right and wrong.
 *
 * -DBLOCKING: its functions may block. -DNO_RESUME: neither resume nor resume_session. -DSMALL_BACKEND: a backend table
 * that ends before resume_session. -DLARGE_BACKEND: one with more at its end. -DNO_CANCEL: cancel is NULL.
 */
#include "vmcp_backend.h"
#include "vmcp_health.h"
#include "vmcp_resources.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define KEPT 65536

typedef struct instance {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    vmcp_call kept[KEPT]; /* calls to be resolved later */
    size_t kept_count;
    vmcp_session_sink sink;
    uint64_t blocked;        /* number of calls that have entered a BLOCKING plugin */
    uint64_t cancelled[64];  /* ids of its calls that were cancelled */
    size_t cancelled_count;
} instance;

/* How many instances were destroyed, for tests: read through the usage table of another instance. */
static atomic_uint_fast64_t destroyed;

static vmcp_bytes bytes(const char *text) { return (vmcp_bytes){(const uint8_t *)text, strlen(text)}; }

static void resolve(const vmcp_call *call, vmcp_status status, vmcp_bytes last) {
    vmcp_outcome outcome = {.struct_size = sizeof outcome, .status = status};
    call->resolve(call->context, &outcome, last);
}

static int is(vmcp_bytes message, const char *command) {
    return message.size == strlen(command) && memcmp(message.data, command, message.size) == 0;
}

static void keep(instance *self, const vmcp_call *call) {
    pthread_mutex_lock(&self->lock);
    if (self->kept_count < KEPT) {
        self->kept[self->kept_count++] = *call;
    }
    pthread_mutex_unlock(&self->lock);
}

/* Takes a kept call out. */
static int take(instance *self, uint64_t id, vmcp_call *call) {
    int found = 0;
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->kept_count && !found; i++) {
        if (id == 0 || self->kept[i].id == id) {
            *call = self->kept[i];
            self->kept[i] = self->kept[--self->kept_count];
            found = 1;
        }
    }
    pthread_mutex_unlock(&self->lock);
    return found;
}

static void spawn(void *(*run)(void *), const vmcp_call *call) {
    vmcp_call *copy = malloc(sizeof *copy);
    *copy = *call;
    pthread_t thread;
    pthread_create(&thread, NULL, run, copy);
    pthread_detach(thread);
}

static void *resolve_there(void *memory) {
    vmcp_call call = *(vmcp_call *)memory;
    free(memory);
    resolve(&call, VMCP_OK, bytes("from a thread"));
    return NULL;
}

static void *emit_hundred(void *memory) {
    const vmcp_call *call = memory;
    for (int i = 0; i < 100; i++) {
        call->emit(call->context, VMCP_MESSAGE, bytes("one of four hundred"));
    }
    return NULL;
}

static void *emit_from_four(void *memory) {
    vmcp_call call = *(vmcp_call *)memory;
    free(memory);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, emit_hundred, &call);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    resolve(&call, VMCP_OK, bytes("all"));
    return NULL;
}

static void chunks(const vmcp_call *call, size_t limit) {
    uint8_t *block = malloc(65536);
    memset(block, 'c', 65536);
    size_t sent = 0;
    while (sent < limit) {
        if (call->emit(call->context, VMCP_RESULT_CHUNK, (vmcp_bytes){block, 65536}) == VMCP_STOP) {
            break;
        }
        sent++;
    }
    free(block);
    resolve(call, VMCP_OK, bytes("end"));
}

static void until(const vmcp_call *call, int32_t answer) {
    while (call->emit(call->context, VMCP_MESSAGE, bytes("more")) != answer) {
    }
}

/* Called with the lock held. */
static int is_cancelled(const instance *self, uint64_t call) {
    for (size_t index = 0; index < self->cancelled_count; index++) {
        if (self->cancelled[index] == call) {
            return 1;
        }
    }
    return 0;
}

static void send_message(void *memory, uint64_t session, vmcp_bytes message, const vmcp_call *call) {
    instance *self = memory;
    (void)session;
    if (is(message, "message")) {
        call->emit(call->context, VMCP_MESSAGE, bytes("a message"));
        resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
    } else if (is(message, "twice")) {
        resolve(call, VMCP_OK, bytes("first"));
        resolve(call, VMCP_INTERNAL, bytes("second"));
    } else if (is(message, "after")) {
        resolve(call, VMCP_OK, bytes("end"));
        call->emit(call->context, VMCP_MESSAGE, bytes("after the end"));
    } else if (is(message, "foreign")) {
        vmcp_call other = *call;
        other.context = (void *)((uintptr_t)call->context + 1000000);
        resolve(&other, VMCP_OK, bytes("not mine"));
        other.context = NULL;
        other.emit(other.context, VMCP_MESSAGE, bytes("nobody's"));
        other.context = (void *)(uintptr_t)0x7fffdeadbeef0000;
        resolve(&other, VMCP_OK, bytes("nobody's"));
        resolve(call, VMCP_OK, bytes("mine"));
    } else if (is(message, "unknown status")) {
        resolve(call, 77, (vmcp_bytes){NULL, 0});
    } else if (is(message, "no outcome")) {
        call->resolve(call->context, NULL, (vmcp_bytes){NULL, 0});
    } else if (is(message, "small outcome")) {
        struct {
            uint32_t struct_size;
            vmcp_status status;
        } small = {.struct_size = sizeof small, .status = VMCP_UNAVAILABLE};
        call->resolve(call->context, (const vmcp_outcome *)&small, (vmcp_bytes){NULL, 0});
    } else if (is(message, "full outcome")) {
        vmcp_outcome outcome = {.struct_size = sizeof outcome,
                                .status = VMCP_UNAUTHENTICATED,
                                .flags = VMCP_NOT_SENT | VMCP_SESSION_LOST,
                                .http_status = 401,
                                .retry_after_ms = 1500,
                                .message = bytes("sign in"),
                                .challenge = bytes("Bearer")};
        call->resolve(call->context, &outcome, bytes("{}"));
    } else if (is(message, "unknown kind")) {
        call->emit(call->context, 99, bytes("?"));
        resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
    } else if (is(message, "null data")) {
        call->emit(call->context, VMCP_MESSAGE, (vmcp_bytes){NULL, 7});
        resolve(call, VMCP_OK, (vmcp_bytes){NULL, 9});
    } else if (is(message, "chunks")) {
        chunks(call, 16);
    } else if (is(message, "flood")) {
        chunks(call, SIZE_MAX);
    } else if (is(message, "thread")) {
        spawn(resolve_there, call);
    } else if (is(message, "threads")) {
        spawn(emit_from_four, call);
    } else if (is(message, "pause")) {
        until(call, VMCP_PAUSE);
        keep(self, call);
    } else if (is(message, "stop")) {
        until(call, VMCP_STOP);
        resolve(call, VMCP_OK, bytes("stopped"));
    } else if (is(message, "keep")) {
        keep(self, call);
    } else if (is(message, "release")) {
        vmcp_call kept;
        while (take(self, 0, &kept)) {
            resolve(&kept, VMCP_OK, bytes("late"));
        }
        resolve(call, VMCP_OK, bytes("released"));
    } else if (is(message, "headers")) {
        for (size_t i = 0; i < call->header_count; i++) {
            call->emit(call->context, VMCP_MESSAGE, call->headers[i].name);
            call->emit(call->context, VMCP_MESSAGE, call->headers[i].value);
        }
        call->emit(call->context, VMCP_MESSAGE, call->trace_parent);
        resolve(call, VMCP_OK, call->trace_state);
    } else if (is(message, "block")) {
        pthread_mutex_lock(&self->lock);
        self->blocked++;
        while (!is_cancelled(self, call->id)) {
            pthread_cond_wait(&self->changed, &self->lock);
        }
        pthread_mutex_unlock(&self->lock);
        resolve(call, VMCP_OK, bytes("unblocked"));
    } else if (is(message, "push")) {
        self->sink.message(self->sink.context, bytes("pushed"));
        resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
    } else if (is(message, "lose")) {
        vmcp_outcome outcome = {.struct_size = sizeof outcome, .status = VMCP_UNAVAILABLE, .message = bytes("it ended")};
        self->sink.lost(self->sink.context, &outcome);
        self->sink.lost(self->sink.context, &outcome);
        self->sink.message(self->sink.context, bytes("after the loss"));
        resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
    } else if (is(message, "push until pause")) {
        while (self->sink.message(self->sink.context, bytes("pushed")) != VMCP_PAUSE) {
        }
        resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
    } else if (is(message, "sloppy")) {
        /* Right, twice, or from a thread, by turns. */
        switch (call->id % 4) {
        case 0: resolve(call, VMCP_OK, bytes("0")); break;
        case 1:
            resolve(call, VMCP_OK, bytes("1"));
            resolve(call, VMCP_OK, bytes("1"));
            break;
        case 2:
            call->emit(call->context, VMCP_MESSAGE, bytes("2"));
            resolve(call, VMCP_OK, bytes("2"));
            break;
        default: keep(self, call); break; /* resolved by cancel */
        }
    } else {
        resolve(call, VMCP_OK, message);
    }
}

static void open_session(void *memory, uint64_t session, const vmcp_session_params *params,
                         const vmcp_session_sink *sink, const vmcp_call *call) {
    instance *self = memory;
    (void)session;
    if (params->flags & VMCP_SESSION_SHARED) {
        call->emit(call->context, VMCP_PROGRESS, bytes("shared"));
    }
    self->sink = *sink;
    resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
}

static void close_session(void *memory, uint64_t session, const vmcp_call *call) {
    instance *self = memory;
    (void)session;
    if (self->sink.message != NULL) {
        self->sink.message(self->sink.context, bytes("while closing"));
    }
    resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
}

#ifndef NO_RESUME
static void resume_session(void *memory, uint64_t session) {
    instance *self = memory;
    (void)session;
    self->sink.message(self->sink.context, bytes("resumed"));
}
#endif

static vmcp_status create(const struct vmcp_host *host, vmcp_bytes config, void **made, vmcp_text *error) {
    (void)host, (void)config, (void)error;
    instance *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return VMCP_EXHAUSTED;
    }
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
    *made = self;
    return VMCP_OK;
}

static void start(void *memory, const vmcp_call *call) {
    (void)memory;
    call->emit(call->context, VMCP_PROGRESS, bytes("halfway"));
    resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
}

static void check(void *memory, const vmcp_call *call) {
    (void)memory;
    resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
}

static void usage(void *memory, vmcp_usage *usage) {
    instance *self = memory;
    pthread_mutex_lock(&self->lock);
    usage->sessions = self->kept_count;
    usage->processes = (uint32_t)self->blocked;
    pthread_mutex_unlock(&self->lock);
    usage->memory_bytes = sizeof *self;
    usage->cpu_ms = atomic_load(&destroyed);
}

static const struct {
    vmcp_backend backend;
    void *future[2];
} backend = {.backend = {
#if defined(SMALL_BACKEND)
                 .struct_size = offsetof(vmcp_backend, resume_session),
#elif defined(LARGE_BACKEND)
                 .struct_size = sizeof(vmcp_backend) + 2 * sizeof(void *),
#else
                 .struct_size = sizeof(vmcp_backend),
#endif
                 .traits = VMCP_BACKEND_SHAREABLE | VMCP_BACKEND_HAS_HEADERS,
                 .open = open_session,
                 .send = send_message,
                 .close = close_session,
#ifndef NO_RESUME
                 .resume_session = resume_session,
#endif
             }};
static const vmcp_health health = {.struct_size = sizeof health, .check = check};
static const vmcp_resources resources = {.struct_size = sizeof resources, .usage = usage};

static const void *capability(void *memory, const char *id) {
    (void)memory;
    if (strcmp(id, VMCP_BACKEND) == 0) {
        return &backend;
    }
    if (strcmp(id, VMCP_HEALTH) == 0) {
        return &health;
    }
    return strcmp(id, VMCP_RESOURCES) == 0 ? &resources : NULL;
}

#ifndef NO_CANCEL
#define CANCEL cancel
#endif
#if defined(BLOCKING)
static void cancel(void *memory, uint64_t call, uint32_t reason) {
    instance *self = memory;
    (void)reason;
    pthread_mutex_lock(&self->lock);
    if (self->cancelled_count < sizeof self->cancelled / sizeof *self->cancelled) {
        self->cancelled[self->cancelled_count++] = call;
    }
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}
#elif defined(NO_CANCEL)
#define CANCEL NULL
#else
static void cancel(void *memory, uint64_t id, uint32_t reason) {
    vmcp_call call;
    if (take(memory, id, &call)) {
        resolve(&call, VMCP_CANCELLED, reason == VMCP_CANCEL_DEADLINE ? bytes("deadline") : bytes("cancelled"));
    }
}
#endif

#ifndef NO_RESUME
static void resume(void *memory, uint64_t id) {
    vmcp_call call;
    if (take(memory, id, &call)) {
        call.emit(call.context, VMCP_MESSAGE, bytes("resumed"));
        resolve(&call, VMCP_OK, bytes("end"));
    }
}
#endif

static void quiesce(void *memory, const vmcp_call *call) {
    (void)memory;
    resolve(call, VMCP_OK, (vmcp_bytes){NULL, 0});
}

static void destroy(void *memory) {
    atomic_fetch_add(&destroyed, 1);
    free(memory);
}

static const char *const provides[] = {VMCP_BACKEND, NULL};
static const vmcp_plugin plugin = {
    .magic = VMCP_ABI_MAGIC,
    .struct_size = sizeof(vmcp_plugin),
    .abi_major = VMCP_ABI_MAJOR,
    .abi_minor = VMCP_ABI_MINOR,
#ifdef BLOCKING
    .flags = VMCP_PLUGIN_BLOCKING,
#endif
    .id = "fixture",
    .version = "1.0.0",
    .provides = provides,
    .config_schema = "{\"type\":\"object\",\"properties\":{\"port\":{\"type\":\"integer\",\"maximum\":65535}}}",
    .create = create,
    .start = start,
    .capability = capability,
    .cancel = CANCEL,
#ifndef NO_RESUME
    .resume = resume,
#endif
    .quiesce = quiesce,
    .destroy = destroy,
};

VMCP_EXPORT const vmcp_plugin *vmcp_plugin_entry(uint16_t major) { return major == VMCP_ABI_MAJOR ? &plugin : NULL; }
