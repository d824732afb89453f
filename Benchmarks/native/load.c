/* Asks an MCP endpoint as fast as it answers, with some connections that each have one request under way, and checks
 * every answer: status, id, a result that is no error, size.
 *
 *     load --port N --body JSON [--path /mcp] [--connections N] [--warmup SECONDS] [--seconds SECONDS]
 *          [--revision R] [--fields LINES] [--expect TEXT] [--smallest BYTES] [--session-calls N] [--hold N] [--requests N]
 *
 * `--revision` opens a session on each connection first; `--session-calls N` ends it after N calls and opens the next.
 * `--hold N` opens N sessions, leaves them open, tells so, and waits for the end of standard input. `--requests N` ends
 * after N calls instead of after `--seconds`. Prints the line `measuring` when the warm-up is over, and at the end one
 * line of JSON. Exit status 1, and what was wrong on standard error, at the first wrong answer.
 */
#define _GNU_SOURCE
#include "client.h"
#include "latencies.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct run {
    client_plan plan;
    int port, connections;
    double warmup, seconds;
    long requests, held;

    int loop;
    bool measuring;
    uint64_t began;
    long calls, sessions;              /* since measuring began; of `--hold`: since the start */
    uint64_t bytes;
    latencies call_times, session_times;
} run;

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void send_request(run *r, client *c) {
    while (buffer_size(&c->out) > 0) {
        ssize_t sent = send(c->socket, buffer_bytes(&c->out), buffer_size(&c->out), MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR && errno != EAGAIN) fail("send");
        if (sent < 0 && errno == EAGAIN) break;
        if (sent > 0) buffer_consume(&c->out, (size_t)sent);
    }
    bool waits = buffer_size(&c->out) > 0;
    if (waits == c->waits_to_write) return;
    struct epoll_event event = {.events = EPOLLIN | (waits ? EPOLLOUT : 0), .data.ptr = c};
    if (epoll_ctl(r->loop, EPOLL_CTL_MOD, c->socket, &event) < 0) fail("epoll_ctl");
    c->waits_to_write = waits;
}

static void connect_client(run *r, client *c) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)r->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->socket < 0 || connect(c->socket, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(r->loop, EPOLL_CTL_ADD, c->socket, &event) < 0) fail("epoll_ctl");
    client_begin(c, &r->plan);
    c->asked = now();
    send_request(r, c);
}

/* Counts an answer; false when the run is over. */
static bool count(run *r, client_step step, uint64_t asked, uint64_t answered, size_t bytes) {
    if (!r->measuring) return true;
    uint32_t took = (uint32_t)((answered - asked) / 1000);
    if (step == CALLING) {
        r->calls++;
        r->bytes += bytes;
        latencies_add(&r->call_times, took);
    } else if (step == OPENING) {
        latencies_add(&r->session_times, took);
    } else if (step == NOTIFYING) {
        r->sessions++;
    }
    return !(r->held && r->sessions >= r->held) && !(r->requests && r->calls >= r->requests);
}

/* Reads what came; false when the run is over. */
static bool receive(run *r, client *c) {
    enum { ROOM = 256 * 1024 };
    ssize_t got = recv(c->socket, buffer_reserve(&c->in, ROOM), ROOM, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) {
        if (got == 0) errno = ECONNRESET;
        fail("the connection ended before an answer");
    }
    c->in.end += (size_t)got;
    http_message answer;
    http_reading reading = http_read(&c->in, &c->progress, &answer);
    if (reading == HTTP_BROKEN) fail("an answer is not HTTP/1.1");
    if (reading == HTTP_PARTIAL) return true;
    uint64_t time = now();
    client_step ended = client_answered(c, &r->plan, &answer);
    bool goes_on = count(r, ended, c->asked, time, answer.body_size);
    buffer_consume(&c->in, answer.size);
    c->progress = (http_progress){0};
    c->asked = time;
    if (goes_on) send_request(r, c);
    return goes_on;
}

static void work(run *r) {
    struct epoll_event events[256];
    uint64_t started = now(), heard = started, limit = (uint64_t)(r->warmup * 1e9);
    for (;;) {
        uint64_t time = now();
        if (!r->measuring && time - started >= limit) {
            r->measuring = true;
            r->began = time;
            puts("measuring");
            fflush(stdout);
        }
        if (r->measuring && !r->held && !r->requests && time - r->began >= (uint64_t)(r->seconds * 1e9)) return;
        int ready = epoll_wait(r->loop, events, 256, 100);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        if (ready > 0) heard = time;
        errno = ETIMEDOUT;
        if (time - heard > 60000000000ull) fail("no answer for a minute");
        for (int i = 0; i < ready; i++) {
            client *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) send_request(r, c);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !receive(r, c)) return;
        }
    }
}

static void report(run *r) {
    double seconds = (double)(now() - r->began) / 1e9;
    printf("{\"seconds\":%.6f,\"calls\":%ld,\"sessions\":%ld,\"bytes\":%llu", seconds, r->calls, r->sessions,
        (unsigned long long)r->bytes);
    struct { const char *name; latencies *times; } tables[] = {{"call", &r->call_times}, {"session", &r->session_times}};
    for (int i = 0; i < 2; i++)
        printf(",\"%s_us\":{\"p50\":%u,\"p99\":%u,\"max\":%u}", tables[i].name, latencies_percentile(tables[i].times, .5),
            latencies_percentile(tables[i].times, .99), latencies_percentile(tables[i].times, 1));
    puts("}");
    fflush(stdout);
}

static const struct option options[] = {{"port", 1, 0, 'p'}, {"path", 1, 0, 'P'}, {"connections", 1, 0, 'c'},
    {"warmup", 1, 0, 'w'}, {"seconds", 1, 0, 's'}, {"body", 1, 0, 'b'}, {"fields", 1, 0, 'f'}, {"revision", 1, 0, 'r'},
    {"expect", 1, 0, 'e'}, {"smallest", 1, 0, 'm'}, {"session-calls", 1, 0, 'S'}, {"hold", 1, 0, 'H'},
    {"requests", 1, 0, 'n'}, {0, 0, 0, 0}};

static run parse(int count, char **arguments) {
    run r = {.plan = {.path = "/mcp", .fields = "", .session_calls = -1}, .connections = 1, .seconds = 1};
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) switch (option) {
        case 'p': r.port = atoi(optarg); break;
        case 'P': r.plan.path = optarg; break;
        case 'c': r.connections = atoi(optarg); break;
        case 'w': r.warmup = atof(optarg); break;
        case 's': r.seconds = atof(optarg); break;
        case 'b': r.plan.body = optarg; break;
        case 'f': r.plan.fields = optarg; break;
        case 'r': r.plan.revision = optarg; break;
        case 'e': r.plan.expected = optarg; break;
        case 'm': r.plan.smallest = strtoul(optarg, NULL, 10); break;
        case 'S': r.plan.session_calls = atol(optarg); break;
        case 'H': r.held = atol(optarg); break;
        case 'n': r.requests = atol(optarg); break;
        default: exit(2);
        }
    if (r.held) {
        r.plan.keeps_sessions = true;
        if (r.plan.session_calls < 0) r.plan.session_calls = 0;
    }
    bool right = r.port > 0 && r.connections > 0 && r.plan.body && strstr(r.plan.body, "{id}") &&
        (r.plan.revision || (r.plan.session_calls < 0 && !r.held));
    if (right) return r;
    fprintf(stderr, "load: expected --port, --body with {id}, and --revision where sessions are opened\n");
    exit(2);
}

int main(int count, char **arguments) {
    run r = parse(count, arguments);
    char host[32];
    snprintf(host, sizeof host, "127.0.0.1:%d", r.port);
    r.plan.host = host;
    r.loop = epoll_create1(EPOLL_CLOEXEC);
    client *clients = calloc((size_t)r.connections, sizeof *clients);
    if (r.loop < 0 || !clients) fail("start");
    for (int i = 0; i < r.connections; i++) connect_client(&r, &clients[i]);
    work(&r);
    report(&r);
    if (r.held) while (getchar() != EOF) {}
    return 0;
}
