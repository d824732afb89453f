/* One client on one keep-alive connection: what it asks next, and whether the answer is right. No waiting in here. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H
#include "http.h"
#include <stdint.h>

typedef struct client_plan {
    const char *host, *path, *fields;  /* `fields`: header lines, each with its line break */
    const char *body;                  /* of a call; `{id}` stands for its id */
    const char *revision;              /* of the sessions to open; NULL: none, each request stands alone */
    const char *expected;              /* found in each answer to a call; NULL: nothing in particular */
    size_t smallest;                   /* bytes of an answer to a call, at least */
    long session_calls;                /* calls until a session is ended and a new one opened; -1: never */
    bool keeps_sessions;               /* sessions are left open, and the next one opened: to count what they cost */
} client_plan;

typedef enum client_step { OPENING, NOTIFYING, CALLING, ENDING } client_step;

typedef struct client {
    int socket;
    client_step step;                  /* what the request under way does */
    long calls;                        /* in this session */
    uint64_t id, asked;                /* of the request under way; nanoseconds */
    bool waits_to_write;
    buffer in, out;
    http_progress progress;
    char session[128];
    buffer opening;                    /* the head of this session's calls, and the body before the id */
} client;

/* Appends the first request to `out`. */
void client_begin(client *c, const client_plan *plan);

/* Judges an answer and appends the next request to `out`. Ends the program with what was wrong when it is wrong.
 * Returns the step that has ended. */
client_step client_answered(client *c, const client_plan *plan, const http_message *answer);

#endif
