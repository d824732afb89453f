/* A fast MCP server to measure gateways with: one thread, epoll, answers made of bytes prepared at the start.
 *
 *     backend [--ports N] [--tools N] [--events] [--sessions-only]
 *
 * Listens on N free loopback ports and prints them on one line, then serves until its standard input ends. Serves the
 * MCP revisions with sessions and 2026-07-28 on each of them. A call's argument `size` is the size of the text it
 * answers. `--events` answers calls as event streams, `--sessions-only` knows no 2026-07-28. GET /stats tells what was
 * asked, so that a run can prove that a gateway opened no session per call.
 */
#define _GNU_SOURCE
#include "answers.h"
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct connection {
    int socket;
    bool listens, waits_to_write;
    buffer in, out;
    http_progress progress;
} connection;

static int loop;

static void fail(const char *what) {
    fprintf(stderr, "backend: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(connection *c, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(loop, operation, c ? c->socket : STDIN_FILENO, &event) < 0) fail("epoll_ctl");
}

static connection *connection_new(int socket, bool listens) {
    connection *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->socket = socket;
    c->listens = listens;
    watch(c, EPOLLIN, EPOLL_CTL_ADD);
    return c;
}

static int listen_somewhere(void) {
    int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (socket_ < 0 || bind(socket_, (struct sockaddr *)&address, size) < 0 || listen(socket_, 1024) < 0 ||
        getsockname(socket_, (struct sockaddr *)&address, &size) < 0)
        fail("listen");
    connection_new(socket_, true);
    return ntohs(address.sin_port);
}

static void take_connections(connection *listener) {
    for (;;) {
        int socket_ = accept4(listener->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket_ < 0) {
            if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
            fail("accept");
        }
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        connection_new(socket_, false);
    }
}

/* Sends what is to be sent; false when the connection is lost. */
static bool flush(connection *c) {
    while (buffer_size(&c->out) > 0) {
        ssize_t sent = send(c->socket, buffer_bytes(&c->out), buffer_size(&c->out), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN) return false;
        if (sent < 0) {
            if (!c->waits_to_write) watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return c->waits_to_write = true;
        }
        buffer_consume(&c->out, (size_t)sent);
    }
    if (c->waits_to_write) watch(c, EPOLLIN, EPOLL_CTL_MOD);
    c->waits_to_write = false;
    return true;
}

/* Reads and answers; false when the connection is over. */
static bool serve(connection *c) {
    char *room = buffer_reserve(&c->in, 64 * 1024);
    ssize_t got = recv(c->socket, room, 64 * 1024, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    c->in.end += (size_t)got;
    for (;;) {
        http_message request;
        switch (buffer_size(&c->in) ? http_read(&c->in, &c->progress, &request) : HTTP_PARTIAL) {
        case HTTP_BROKEN: return false;
        case HTTP_PARTIAL: return flush(c);
        case HTTP_WHOLE:
            answer(&request, &c->out);
            buffer_consume(&c->in, request.size);
            c->progress = (http_progress){0};
        }
    }
}

static void close_connection(connection *c) {
    close(c->socket);
    buffer_free(&c->in);
    buffer_free(&c->out);
    free(c);
}

static long number(const char *text, const char *option, long most) {
    char *end;
    long value = text ? strtol(text, &end, 10) : -1;
    if (!text || *end || value < 0 || value > most) {
        fprintf(stderr, "backend: %s takes a number up to %ld, not '%s'\n", option, most, text ? text : "");
        exit(2);
    }
    return value;
}

int main(int count, char **arguments) {
    long ports = 1;
    answer_settings settings = {.tools = 10};
    for (int i = 1; i < count; i++) {
        const char *option = arguments[i];
        if (!strcmp(option, "--ports")) ports = number(arguments[++i], option, 1000);
        else if (!strcmp(option, "--tools")) settings.tools = number(arguments[++i], option, 100000);
        else if (!strcmp(option, "--events")) settings.events = true;
        else if (!strcmp(option, "--sessions-only")) settings.sessions_only = true;
        else {
            fprintf(stderr, "backend: unknown option %s\n", option);
            return 2;
        }
    }
    answers_prepare(&settings);
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0) fail("epoll_create1");
    for (long i = 0; i < ports; i++) printf(i + 1 < ports ? "%d " : "%d\n", listen_somewhere());
    fflush(stdout);
    watch(NULL, EPOLLIN, EPOLL_CTL_ADD);

    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(loop, events, 256, -1);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            if (!c) return 0;
            if (c->listens) {
                take_connections(c);
                continue;
            }
            bool alive = !(events[i].events & EPOLLOUT) || flush(c);
            if (alive && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) alive = serve(c);
            if (!alive) close_connection(c);
        }
    }
}
