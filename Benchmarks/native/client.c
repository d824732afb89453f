#define _GNU_SOURCE
#include "client.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_DIGITS = 10, LOOKED_AT = 4096 };

/* Ids have one length, so that a request's Content-Length never changes, and no two requests of a run have the same. */
static uint64_t last_id = 1000000000;

static void wrong(const client *c, const http_message *answer, const char *what) {
    static const char *const steps[] = {"initialize", "notifications/initialized", "the call", "DELETE"};
    size_t shown = answer->body_size < 300 ? answer->body_size : 300;
    fprintf(stderr, "load: wrong answer to %s with id %llu: %s; status %d, %zu bytes: %.*s\n", steps[c->step],
        (unsigned long long)c->id, what, http_status(answer), answer->body_size, (int)shown, answer->body);
    exit(1);
}

static void head(buffer *out, const client *c, const client_plan *plan, const char *method, size_t length) {
    buffer_print(out, "%s %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json, text/event-stream\r\n%s", method, plan->path,
        plan->host, plan->fields);
    if (c->session[0])
        buffer_print(out, "Mcp-Session-Id: %s\r\nMCP-Protocol-Version: %s\r\n", c->session, plan->revision);
    if (length) buffer_print(out, "Content-Type: application/json\r\n");
    buffer_print(out, "Content-Length: %zu\r\n\r\n", length);
}

static void post(client *c, const client_plan *plan, const char *body) {
    head(&c->out, c, plan, "POST", strlen(body));
    buffer_append(&c->out, body, strlen(body));
}

static void open_session(client *c, const client_plan *plan) {
    char body[512];
    c->step = OPENING;
    c->session[0] = 0;
    c->id = ++last_id;
    snprintf(body, sizeof body,
        "{\"jsonrpc\":\"2.0\",\"id\":%llu,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"%s\",\"capabilities\":{},"
        "\"clientInfo\":{\"name\":\"load\",\"version\":\"1\"}}}", (unsigned long long)c->id, plan->revision);
    post(c, plan, body);
}

static void call(client *c, const client_plan *plan) {
    c->step = CALLING;
    c->id = ++last_id;
    c->calls++;
    char digits[ID_DIGITS + 1];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)c->id);
    buffer_append(&c->out, buffer_bytes(&c->opening), buffer_size(&c->opening));
    buffer_append(&c->out, digits, ID_DIGITS);
    const char *rest = strstr(plan->body, "{id}") + 4;
    buffer_append(&c->out, rest, strlen(rest));
}

static void begin_calls(client *c, const client_plan *plan) {
    size_t before = (size_t)(strstr(plan->body, "{id}") - plan->body);
    buffer_consume(&c->opening, buffer_size(&c->opening));
    head(&c->opening, c, plan, "POST", strlen(plan->body) - 4 + ID_DIGITS);
    buffer_append(&c->opening, plan->body, before);
    c->calls = 0;
}

static void next(client *c, const client_plan *plan) {
    if (plan->session_calls < 0 || c->calls < plan->session_calls) return call(c, plan);
    if (plan->keeps_sessions) return open_session(c, plan);
    c->step = ENDING;
    head(&c->out, c, plan, "DELETE", 0);
}

void client_begin(client *c, const client_plan *plan) {
    if (plan->revision) return open_session(c, plan);
    begin_calls(c, plan);
    call(c, plan);
}

/* Large answers are looked at near both ends, where all but the text is. */
static bool contains(const http_message *answer, const char *text) {
    size_t size = answer->body_size, length = strlen(text);
    if (size <= 2 * LOOKED_AT) return memmem(answer->body, size, text, length);
    return memmem(answer->body, LOOKED_AT, text, length) ||
        memmem(answer->body + size - LOOKED_AT, LOOKED_AT, text, length);
}

static void check_result(const client *c, const client_plan *plan, const http_message *answer) {
    char id[32];
    if (http_status(answer) != 200) wrong(c, answer, "expected status 200");
    snprintf(id, sizeof id, "\"id\":%llu", (unsigned long long)c->id);
    if (!contains(answer, id)) wrong(c, answer, "expected its id");
    if (!contains(answer, "\"result\":")) wrong(c, answer, "expected a result");
    if (contains(answer, "\"isError\":true")) wrong(c, answer, "it is an error");
    if (c->step != CALLING) return;
    if (plan->expected && !contains(answer, plan->expected)) wrong(c, answer, plan->expected);
    if (answer->body_size < plan->smallest) wrong(c, answer, "it is too short");
}

client_step client_answered(client *c, const client_plan *plan, const http_message *answer) {
    client_step ended = c->step;
    const char *session;
    size_t size;
    switch (ended) {
    case OPENING:
        check_result(c, plan, answer);
        if (!http_field(answer, "mcp-session-id", &session, &size) || size >= sizeof c->session)
            wrong(c, answer, "expected an Mcp-Session-Id");
        memcpy(c->session, session, size);
        c->session[size] = 0;
        c->step = NOTIFYING;
        post(c, plan, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        break;
    case NOTIFYING:
        if (http_status(answer) != 202) wrong(c, answer, "expected status 202");
        begin_calls(c, plan);
        next(c, plan);
        break;
    case CALLING:
        check_result(c, plan, answer);
        next(c, plan);
        break;
    case ENDING:
        if (http_status(answer) / 100 != 2) wrong(c, answer, "expected a status of success");
        open_session(c, plan);
    }
    return ended;
}
