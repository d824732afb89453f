/* A small MCP server for tests of containers: static, without any other file in its image.
 *
 * usage: server [http] [MODE]   modes: ok; exit (says why on standard error and exits with 3); greedy (its tool "eat"
 * takes memory until it is killed); stubborn (ignores SIGTERM and the end of its input); noisy (writes what is no JSON);
 * flood (writes 10 MB of that, a line of 20 MB, and 5,000 lines on standard error); silent (runs and never listens);
 * tei (no MCP server: speaks as text-embeddings-inference does, with vectors of how often eight kinds of letters occur)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char answer[65536];

/* The id of a request as it was written, or "" for a notification. */
static void find_id(const char *message, char *id, size_t room) {
    const char *at = strstr(message, "\"id\":");
    size_t length;
    *id = 0;
    if (!at) return;
    at += 5;
    length = *at == '"' ? strcspn(at + 1, "\"") + 2 : strcspn(at, ",}");
    if (length < room) snprintf(id, room, "%.*s", (int)length, at);
}

/* A line of /proc/self/status, its white space as one blank. */
static void status_line(const char *name, char *out, size_t room) {
    char line[512];
    FILE *file = fopen("/proc/self/status", "r");
    *out = 0;
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, name, strlen(name))) {
            char value[64] = "";
            sscanf(line + strlen(name) + 1, "%63s", value);
            snprintf(out, room, "%s=%s", name, value);
        }
    if (file) fclose(file);
}

static int can_write(const char *path) {
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    if (file >= 0) close(file);
    return file >= 0;
}

static int has_network(void) {
    char line[512];
    int count = 0;
    FILE *file = fopen("/proc/net/dev", "r");
    while (file && fgets(line, sizeof line, file))
        if (strchr(line, ':') && !strstr(line, "lo:")) count++;
    if (file) fclose(file);
    return count > 0;
}

static void eat(void) {
    for (;;) {
        char *piece = malloc(1 << 20);
        if (piece) memset(piece, 1, 1 << 20);
    }
}

/* The answer to a message; NULL when there is none. */
static const char *reply(const char *message) {
    char id[128], caps[128], privileges[128];
    find_id(message, id, sizeof id);
    if (!*id || !strstr(message, "\"method\"")) return NULL;
    if (strstr(message, "\"initialize\""))
        snprintf(answer, sizeof answer,
                 "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                 "\"serverInfo\":{\"name\":\"contained\",\"version\":\"1\"}}}", id);
    else if (strstr(message, "\"tools/list\""))
        snprintf(answer, sizeof answer,
                 "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"tools\":[{\"name\":\"inspect\",\"inputSchema\":{\"type\":\"object\"}},"
                 "{\"name\":\"eat\",\"inputSchema\":{\"type\":\"object\"}}]}}", id);
    else if (strstr(message, "\"tools/call\"")) {
        if (strstr(message, "\"eat\"")) eat();
        status_line("CapEff", caps, sizeof caps);
        status_line("NoNewPrivs", privileges, sizeof privileges);
        snprintf(answer, sizeof answer,
                 "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"%s %s root=%d tmp=%d "
                 "volume=%d network=%d secret=%s\"}]}}", id, caps, privileges, can_write("/file"), can_write("/tmp/file"),
                 can_write("/volume/file"), has_network(), getenv("SECRET") ? getenv("SECRET") : "");
    } else if (strstr(message, "\"ping\""))
        snprintf(answer, sizeof answer, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{}}", id);
    else
        snprintf(answer, sizeof answer,
                 "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}", id);
    return answer;
}

static void flood(void) {
    static char line[1 << 20];
    memset(line, 'x', sizeof line);
    for (int count = 0; count < 100000; count++) printf("%.100s\n", line);
    for (int count = 0; count < 20; count++) fwrite(line, 1, sizeof line, stdout);
    printf("\n");
    fflush(stdout);
    for (int count = 0; count < 5000; count++) fprintf(stderr, "line %d\n", count);
}

static void serve_pipe(void) {
    static char line[1 << 20];
    while (fgets(line, sizeof line, stdin)) {
        const char *text = reply(line);
        if (text) printf("%s\n", text);
        fflush(stdout);
    }
}

/* What text-embeddings-inference answers to a path: a row of eight numbers for each text of "inputs". */
static const char *vectors(const char *request, const char *body) {
    size_t size = 0;
    int open = 0;
    if (!strncmp(request, "GET /info", 9)) return "{\"model_id\":\"letters\",\"max_client_batch_size\":32}";
    if (strncmp(request, "POST /embed", 11)) return NULL;
    answer[size++] = '[';
    for (const char *at = strchr(body, '['); at && *at && *at != ']'; at++) {
        int counts[8] = {0};
        if (*at != '"') continue;
        for (at++; *at && *at != '"'; at++) {
            if (*at == '\\' && at[1]) at++;
            counts[*at & 7]++;
        }
        size += snprintf(answer + size, sizeof answer - size, "%s[%d,%d,%d,%d,%d,%d,%d,%d]", open++ ? "," : "", counts[0],
                         counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7]);
    }
    snprintf(answer + size, sizeof answer - size, "]");
    return answer;
}

static int is_tei;

static void serve_connection(int connection) {
    static char request[1 << 20];
    size_t size = 0;
    for (;;) {
        char *body, *length, head[512];
        const char *text;
        size_t wanted;
        while (request[size] = 0, !(body = strstr(request, "\r\n\r\n"))) {
            ssize_t count = read(connection, request + size, sizeof request - 1 - size);
            if (count <= 0) return;
            size += count;
        }
        body += 4;
        length = strcasestr(request, "content-length:");
        wanted = (body - request) + (length && length < body ? strtoul(length + 15, NULL, 10) : 0);
        while (size < wanted) {
            ssize_t count = read(connection, request + size, sizeof request - 1 - size);
            if (count <= 0) return;
            size += count;
        }
        request[size] = 0;
        text = is_tei ? vectors(request, body) : strncmp(request, "POST", 4) ? NULL : reply(body);
        snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                 text ? "200 OK" : strncmp(request, "POST", 4) ? "405 Method Not Allowed" : "202 Accepted",
                 text ? strlen(text) : 0);
        if (write(connection, head, strlen(head)) < 0) return;
        if (text && write(connection, text, strlen(text)) < 0) return;
        memmove(request, request + wanted, size - wanted);
        size -= wanted;
    }
}

static void serve_port(void) {
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(getenv("MCP_PORT")))};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) {
        perror("listen");
        exit(4);
    }
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (fork() == 0) {
            serve_connection(connection);
            exit(0);
        }
        close(connection);
    }
}

int main(int count, char **arguments) {
    const char *mode = count > 1 ? arguments[count - 1] : "ok";
    if (!strcmp(mode, "exit")) {
        fprintf(stderr, "the licence has run out\n");
        return 3;
    }
    if (!strcmp(mode, "noisy")) printf("welcome\n"), fflush(stdout);
    if (!strcmp(mode, "flood")) flood();
    if (!strcmp(mode, "silent"))
        for (;;) pause();
    if (!strcmp(mode, "stubborn")) signal(SIGTERM, SIG_IGN);
    is_tei = !strcmp(mode, "tei");
    if (is_tei || (count > 1 && !strcmp(arguments[1], "http"))) serve_port();
    serve_pipe();
    while (!strcmp(mode, "stubborn")) pause();
    return 0;
}
