/* Reading HTTP/1.1 messages (RFC 9112) from a buffer: as much of it as MCP over keep-alive connections needs. */
#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H
#include "buffer.h"
#include <stdbool.h>

typedef struct http_message {
    const char *start_line;            /* of the request or the status; the head follows it up to its empty line */
    size_t head_size;
    char *body;                        /* without the framing of chunks */
    size_t body_size;
    size_t size;                       /* of all of it in the buffer, before chunks were joined */
} http_message;

typedef enum http_reading { HTTP_WHOLE, HTTP_PARTIAL, HTTP_BROKEN } http_reading;

/* How far the reading of the message at the front of a buffer has come. Zero it for each new message. */
typedef struct http_progress {
    size_t head_size;                  /* 0: the head is not whole yet */
    size_t searched;                   /* no end of the head before here */
    bool chunked;
    size_t length;                     /* of the body by Content-Length, or of the chunks joined so far */
    size_t next_chunk;                 /* offset of the next chunk's size line */
} http_progress;

/* Reads the message at the front of `b`. Chunks are joined in place: `body` is one run of bytes. A whole message is
 * taken by `buffer_consume(b, message.size)`. */
http_reading http_read(buffer *b, http_progress *progress, http_message *message);

/* The value of a field; `name` in lower case. Returns false when there is none. */
bool http_field(const http_message *message, const char *name, const char **value, size_t *size);

/* The status of an answer, 0 when it is none. */
int http_status(const http_message *message);

#endif
