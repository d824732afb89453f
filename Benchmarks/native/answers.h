/* What the MCP server of the benchmarks says. */
#ifndef BENCH_ANSWERS_H
#define BENCH_ANSWERS_H
#include "http.h"

typedef struct answer_settings {
    long tools;
    bool events;                       /* calls are answered as event streams */
    bool sessions_only;                /* 2026-07-28 is unknown */
} answer_settings;

/* To be called once, before `answer`. */
void answers_prepare(const answer_settings *settings);

/* Appends the answer to a request. */
void answer(const http_message *request, buffer *out);

#endif
