/* A run of bytes that grows at its end and is taken from its front. */
#ifndef BENCH_BUFFER_H
#define BENCH_BUFFER_H
#include <stddef.h>

typedef struct buffer {
    char *data;
    size_t start, end, capacity;
} buffer;

static inline size_t buffer_size(const buffer *b) { return b->end - b->start; }
static inline char *buffer_bytes(const buffer *b) { return b->data + b->start; }

/* Makes room for `size` more bytes and returns where they go; `end` is the caller's to move. Ends the program without memory. */
char *buffer_reserve(buffer *b, size_t size);
void buffer_append(buffer *b, const void *bytes, size_t size);
void buffer_print(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes `size` bytes from the front. */
void buffer_consume(buffer *b, size_t size);
void buffer_free(buffer *b);

#endif
