#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *buffer_reserve(buffer *b, size_t size) {
    if (b->end + size > b->capacity && b->start > 0) {
        memmove(b->data, b->data + b->start, buffer_size(b));
        b->end -= b->start;
        b->start = 0;
    }
    if (b->end + size > b->capacity) {
        size_t capacity = b->capacity ? b->capacity : 4096;
        while (capacity < b->end + size) capacity *= 2;
        b->data = realloc(b->data, capacity);
        if (!b->data) abort();
        b->capacity = capacity;
    }
    return b->data + b->end;
}

void buffer_append(buffer *b, const void *bytes, size_t size) {
    memcpy(buffer_reserve(b, size), bytes, size);
    b->end += size;
}

void buffer_print(buffer *b, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size < 0) abort();
    vsnprintf(buffer_reserve(b, (size_t)size + 1), (size_t)size + 1, format, again);
    b->end += (size_t)size;
    va_end(again);
    va_end(arguments);
}

void buffer_consume(buffer *b, size_t size) {
    b->start += size;
    if (b->start == b->end) b->start = b->end = 0;
}

void buffer_free(buffer *b) {
    free(b->data);
    *b = (buffer){0};
}
