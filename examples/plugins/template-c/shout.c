/* A whole backend in one C file: an MCP server with one tool, `shout`, as a vMCP plugin.
 *
 *   gcc -shared -fPIC -fvisibility=hidden -std=c11 -Wall -Wextra -I../../../Sources/PluginAPI/include \
 *       -o libshout.so shout.c
 *
 * It answers at once, on the call, from memory: there is nothing to start, to cancel or to wait for. To make it yours,
 * change id and kind (here and in plugin.yaml), the schema, TOOLS and call_tool().
 */
#include "vmcp_backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading JSON: values are found and copied as they are written, never decoded ---- */

static const vmcp_bytes NONE = {NULL, 0};

static vmcp_bytes text(const char *s) { return (vmcp_bytes){(const uint8_t *)s, strlen(s)}; }
static int equals(vmcp_bytes b, const char *s) { return b.size == strlen(s) && memcmp(b.data, s, b.size) == 0; }
static int is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static size_t skip_space(vmcp_bytes b, size_t i) {
    while (i < b.size && is_space(b.data[i])) i++;
    return i;
}

/* The index after the string that begins at i, or 0 when it does not end. */
static size_t skip_string(vmcp_bytes b, size_t i) {
    for (i++; i < b.size; i++) {
        if (b.data[i] == '\\') i++;
        else if (b.data[i] == '"') return i + 1;
    }
    return 0;
}

/* The index after the value that begins at i, or 0 when there is none or it does not end. */
static size_t skip_value(vmcp_bytes b, size_t i) {
    size_t start = i, depth = 0;
    while (i < b.size) {
        uint8_t c = b.data[i];
        int opens = c == '{' || c == '[', closes = c == '}' || c == ']';
        if (depth == 0 && (closes || c == ',' || is_space(c))) break; /* the end of a number or a word */
        i = c == '"' ? skip_string(b, i) : i + 1;
        depth = depth + (size_t)opens - (size_t)closes;
        if (i == 0 || (depth == 0 && (closes || c == '"'))) return i;
    }
    return depth == 0 && i > start ? i : 0;
}

/* The value of an object's member; NONE when it has no such member, or is no object. */
static vmcp_bytes member(vmcp_bytes object, const char *name) {
    size_t i = skip_space(object, 0), end;
    if (i >= object.size || object.data[i] != '{') return NONE;
    do {
        size_t key = skip_space(object, i + 1);
        if (key >= object.size || object.data[key] != '"' || !(end = skip_string(object, key))) return NONE;
        vmcp_bytes found = {object.data + key + 1, end - key - 2};
        i = skip_space(object, end);
        if (i >= object.size || object.data[i] != ':') return NONE;
        i = skip_space(object, i + 1);
        if (!(end = skip_value(object, i))) return NONE;
        if (equals(found, name)) return (vmcp_bytes){object.data + i, end - i};
        i = skip_space(object, end);
    } while (i < object.size && object.data[i] == ',');
    return NONE;
}

/* What stands between the quotes of a string, escapes as they are; NONE for any other value. */
static vmcp_bytes inside(vmcp_bytes value) {
    return value.size >= 2 && value.data[0] == '"' ? (vmcp_bytes){value.data + 1, value.size - 2} : NONE;
}

/* ---- writing: a buffer that grows; `failed` once memory ran out ---- */

typedef struct buffer { uint8_t *data; size_t size; int failed; } buffer;

static void put(buffer *out, vmcp_bytes bytes) {
    uint8_t *larger = out->failed || !bytes.size ? NULL : realloc(out->data, out->size + bytes.size);
    out->failed = out->failed || (bytes.size && !larger);
    if (!larger) return;
    memcpy(larger + out->size, bytes.data, bytes.size);
    out->data = larger, out->size += bytes.size;
}

/* ---- the server ---- */

#define TOOLS                                                                                                  \
    "{\"tools\":[{\"name\":\"shout\",\"description\":\"Says a text in capital letters.\",\"annotations\":{"    \
    "\"readOnlyHint\":true},\"inputSchema\":{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"" \
    "}},\"required\":[\"text\"]}}]}"

typedef struct instance {
    size_t greeting_size;
    uint8_t greeting[]; /* as written in the configuration's JSON, escapes included */
} instance;

/* `params` of tools/call in, the members after the id of the answer out. */
static void call_tool(const instance *self, vmcp_bytes params, buffer *out) {
    if (!equals(inside(member(params, "name")), "shout")) {
        put(out, text(",\"error\":{\"code\":-32602,\"message\":\"Unknown tool: the one tool here is shout\"}}"));
        return;
    }
    vmcp_bytes words = inside(member(member(params, "arguments"), "text"));
    if (!words.data) { /* a result, not an error: the model reads it and can do better */
        put(out, text(",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"The argument text must be a "
                      "string.\"}],\"isError\":true}}"));
        return;
    }
    put(out, text(",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\""));
    put(out, (vmcp_bytes){self->greeting, self->greeting_size});
    size_t i = out->size;
    put(out, words);
    for (; !out->failed && i < out->size; i++) {
        if (out->data[i] == '\\') i++; /* of an escape, such as \n, the letter stays */
        else if (out->data[i] >= 'a' && out->data[i] <= 'z') out->data[i] = (uint8_t)(out->data[i] - 'a' + 'A');
    }
    put(out, text("\"}]}}"));
}

static void initialize(vmcp_bytes params, buffer *out) {
    vmcp_bytes version = inside(member(params, "protocolVersion"));
    int known = equals(version, "2025-03-26") || equals(version, "2025-06-18");
    put(out, text(",\"result\":{\"protocolVersion\":\""));
    put(out, known ? version : text("2025-11-25"));
    put(out, text("\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"shout\",\"version\":\"1.0.0\"}}}"));
}

static void resolve(const vmcp_call *call, vmcp_status status, const char *why, vmcp_bytes last) {
    vmcp_outcome outcome = {.struct_size = sizeof outcome, .status = status, .message = text(why)};
    call->resolve(call->context, &outcome, last);
}

static void send_message(void *self, uint64_t session, vmcp_bytes message, const vmcp_call *call) {
    (void)session; /* all sessions are alike: nothing is kept between messages */
    vmcp_bytes id = member(message, "id"), method = inside(member(message, "method"));
    vmcp_bytes params = member(message, "params");
    buffer out = {0};
    put(&out, text("{\"jsonrpc\":\"2.0\",\"id\":"));
    put(&out, id);
    if (!id.data || !method.data) out.size = 0; /* a notification, or an answer to requests we never make: no answer */
    else if (equals(method, "initialize")) initialize(params, &out);
    else if (equals(method, "ping")) put(&out, text(",\"result\":{}}"));
    else if (equals(method, "tools/list")) put(&out, text(",\"result\":" TOOLS "}"));
    else if (equals(method, "tools/call")) call_tool(self, params, &out);
    else put(&out, text(",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}"));
    if (out.failed) resolve(call, VMCP_EXHAUSTED, "out of memory", NONE);
    else resolve(call, VMCP_OK, "", (vmcp_bytes){out.data, out.size});
    free(out.data); /* the host copied what it keeps before resolve returned */
}

static void open_session(void *self, uint64_t session, const vmcp_session_params *params, const vmcp_session_sink *sink,
                         const vmcp_call *call) {
    (void)self, (void)session, (void)params, (void)sink, resolve(call, VMCP_OK, "", NONE);
}

static void close_session(void *self, uint64_t session, const vmcp_call *call) {
    (void)self, (void)session, resolve(call, VMCP_OK, "", NONE);
}

/* ---- the plugin ---- */

static vmcp_status create(const struct vmcp_host *host, vmcp_bytes config, void **made, vmcp_text *error) {
    (void)host; /* keep it to use services: host->service(host, VMCP_LOG), see vmcp_host.h */
    vmcp_bytes value = member(member(config, "spec"), "greeting"), greeting = inside(value);
    if (value.data && !greeting.data) {
        int n = snprintf(error->data, error->capacity, "spec.greeting: expected a string, found %.*s",
                         (int)(value.size < 40 ? value.size : 40), (const char *)value.data);
        error->size = n < 0 || error->capacity == 0 ? 0 : (size_t)n < error->capacity ? (size_t)n : error->capacity - 1;
        return VMCP_INVALID;
    }
    instance *self = malloc(sizeof *self + greeting.size);
    if (!self) return VMCP_EXHAUSTED;
    self->greeting_size = greeting.size;
    if (greeting.size) memcpy(self->greeting, greeting.data, greeting.size);
    *made = self;
    return VMCP_OK;
}

static const void *capability(void *self, const char *id) {
    (void)self;
    static const vmcp_backend backend = {
        .struct_size = sizeof backend, .traits = VMCP_BACKEND_SHAREABLE,
        .open = open_session, .send = send_message, .close = close_session};
    return strcmp(id, VMCP_BACKEND) == 0 ? &backend : NULL;
}

VMCP_EXPORT const vmcp_plugin *vmcp_plugin_entry(uint16_t host_abi_major) {
    static const char *const provides[] = {VMCP_BACKEND, NULL};
    static const vmcp_plugin plugin = {
        .magic = VMCP_ABI_MAGIC, .struct_size = sizeof plugin,
        .abi_major = VMCP_ABI_MAJOR, .abi_minor = VMCP_ABI_MINOR,
        .id = "template-c", .version = "1.0.0",
        .provides = provides,
        .config_schema = "{\"type\":\"object\",\"properties\":{\"groupRef\":{\"type\":\"object\"},"
                         "\"greeting\":{\"type\":\"string\"}},\"additionalProperties\":false}",
        .create = create, .capability = capability, .destroy = free,
    };
    return host_abi_major == VMCP_ABI_MAJOR ? &plugin : NULL;
}
