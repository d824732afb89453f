#define _GNU_SOURCE
#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_TEXT = 16 << 20 };
#define MODERN "io.modelcontextprotocol/protocolVersion"
#define TYPED "\"resultType\":\"complete\","
#define CACHED TYPED "\"ttlMs\":0,\"cacheScope\":\"public\","

static answer_settings settings;
static buffer tools;                   /* the member "tools" of a tools/list result */
static char *text;
static struct { unsigned long sessions, lists, calls, modern, discovered, refused; } count;

void answers_prepare(const answer_settings *chosen) {
    settings = *chosen;
    text = malloc(LARGEST_TEXT);
    if (!text) abort();
    memset(text, 'x', LARGEST_TEXT);
    buffer_print(&tools, "\"tools\":[");
    for (long i = 0; i < settings.tools; i++)
        buffer_print(&tools,
            "%s{\"name\":\"tool_%ld\",\"description\":\"Answers a text of as many bytes as it is asked for; number %ld of "
            "the tools that differ in their name alone.\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"size\":"
            "{\"type\":\"integer\",\"minimum\":0,\"description\":\"Bytes of text\"}},\"required\":[\"size\"]}}",
            i ? "," : "", i, i);
    buffer_print(&tools, "]");
}

/* The bytes after `"name":` and white space; NULL when the body has no such member. */
static const char *member(const http_message *request, const char *name, const char **end) {
    size_t size = strlen(name);
    *end = request->body + request->body_size;
    const char *found = memmem(request->body, request->body_size, name, size);
    if (!found) return NULL;
    for (found += size; found < *end && (*found == ' ' || *found == ':'); found++) {}
    return found;
}

/* The id as it was written, or nothing for a notification. */
static size_t id(const http_message *request, const char **start) {
    const char *end, *at = member(request, "\"id\"", &end);
    if (!at || at == end) return 0;
    *start = at;
    if (*at == '"') {
        const char *quote = memchr(at + 1, '"', (size_t)(end - at - 1));
        return quote ? (size_t)(quote + 1 - at) : 0;
    }
    while (at < end && *at != ',' && *at != '}' && *at != ' ') at++;
    return (size_t)(at - *start);
}

static bool asks(const http_message *request, const char *method) {
    const char *end, *at = member(request, "\"method\"", &end);
    size_t size = strlen(method);
    return at && (size_t)(end - at) > size + 1 && memcmp(at + 1, method, size) == 0 && at[size + 1] == '"';
}

static void head(buffer *out, const char *status, const char *fields, size_t length) {
    buffer_print(out, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, fields, length);
}

/* A JSON-RPC answer whose result is `{before` + `size` bytes of `filling` + `after}`. */
static void result(const http_message *request, buffer *out, const char *session, const char *before,
    const char *filling, size_t size, const char *after, bool as_event) {
    const char *number = "null";
    size_t digits = id(request, &number);
    if (!digits) digits = 4;
    char opening[1024];
    int opened = snprintf(opening, sizeof opening, "%s{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":{%s",
        as_event ? "event: message\ndata: " : "", (int)digits, number, before);
    if (opened < 0 || (size_t)opened >= sizeof opening) abort();
    size_t total = (size_t)opened + size + strlen(after) + 2 + (as_event ? 2 : 0);
    if (as_event) {
        buffer_print(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n",
            total);
    } else {
        char fields[128];
        snprintf(fields, sizeof fields, "Content-Type: application/json\r\n%s", session);
        head(out, "200 OK", fields, total);
    }
    buffer_append(out, opening, (size_t)opened);
    buffer_append(out, filling, size);
    buffer_print(out, "%s}}%s", after, as_event ? "\n\n\r\n0\r\n\r\n" : "");
}

static void error(const http_message *request, buffer *out, const char *status, int code, const char *message) {
    const char *number = "null";
    size_t digits = id(request, &number);
    if (!digits) digits = 4;
    buffer body = {0};
    buffer_print(&body, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":%d,\"message\":\"%s\"}}", (int)digits,
        number, code, message);
    head(out, status, "Content-Type: application/json\r\n", buffer_size(&body));
    buffer_append(out, buffer_bytes(&body), buffer_size(&body));
    buffer_free(&body);
    count.refused++;
}

static void initialize(const http_message *request, buffer *out) {
    const char *end, *version = member(request, "\"protocolVersion\"", &end);
    char session[64], before[512];
    if (!version || end - version < 12) return error(request, out, "400 Bad Request", -32602, "no protocolVersion");
    snprintf(session, sizeof session, "Mcp-Session-Id: s%lu\r\n", ++count.sessions);
    snprintf(before, sizeof before,
        "\"protocolVersion\":%.12s,\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"bench\",\"version\":\"1\"}",
        version);
    result(request, out, session, before, "", 0, "", false);
}

static void call(const http_message *request, buffer *out, bool modern) {
    const char *end, *at = member(request, "\"size\"", &end);
    size_t size = at && at < end ? strtoul(at, NULL, 10) : LARGEST_TEXT + 1;
    if (size > LARGEST_TEXT) return error(request, out, "200 OK", -32602, "expected an argument 'size'");
    count.calls++;
    result(request, out, "", modern ? TYPED "\"content\":[{\"type\":\"text\",\"text\":\"" : "\"content\":[{\"type\":\"text\",\"text\":\"",
        text, size, "\"}]", settings.events);
}

/* A session is known when its number was given out. */
static bool has_session(const http_message *request) {
    const char *value;
    size_t size;
    if (!http_field(request, "mcp-session-id", &value, &size) || size < 2 || *value != 's') return false;
    unsigned long number = strtoul(value + 1, NULL, 10);
    return number > 0 && number <= count.sessions;
}

void answer(const http_message *request, buffer *out) {
    if (memcmp(request->start_line, "GET /stats ", 11) == 0) {
        char body[256];
        int size = snprintf(body, sizeof body,
            "{\"sessions\":%lu,\"lists\":%lu,\"calls\":%lu,\"modern\":%lu,\"discovered\":%lu,\"refused\":%lu}\n",
            count.sessions, count.lists, count.calls, count.modern, count.discovered, count.refused);
        head(out, "200 OK", "Content-Type: application/json\r\n", (size_t)size);
        return buffer_append(out, body, (size_t)size);
    }
    if (memcmp(request->start_line, "DELETE ", 7) == 0) return head(out, "200 OK", "", 0);
    if (memcmp(request->start_line, "POST ", 5) != 0) return head(out, "405 Method Not Allowed", "Allow: POST, DELETE\r\n", 0);

    bool modern = memmem(request->body, request->body_size, MODERN, sizeof MODERN - 1) != NULL;
    if (modern && settings.sessions_only) return error(request, out, "404 Not Found", -32601, "unknown method");
    if (modern) count.modern++;
    const char *number;
    if (!modern && asks(request, "initialize")) return initialize(request, out);
    if (!modern && !has_session(request)) return error(request, out, "404 Not Found", -32600, "unknown session");
    if (!id(request, &number)) return head(out, "202 Accepted", "", 0);
    if (asks(request, "tools/call")) return call(request, out, modern);
    if (asks(request, "tools/list")) {
        count.lists++;
        return result(request, out, "", modern ? CACHED : "", buffer_bytes(&tools), buffer_size(&tools), "", false);
    }
    if (modern && asks(request, "server/discover")) {
        count.discovered++;
        return result(request, out, "", CACHED "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}",
            "", 0, "", false);
    }
    if (!modern && asks(request, "ping")) return result(request, out, "", "", "", 0, "", false);
    error(request, out, modern ? "404 Not Found" : "200 OK", -32601, "unknown method");
}
