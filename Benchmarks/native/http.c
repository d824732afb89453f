#define _GNU_SOURCE
#include "http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static http_reading read_head(buffer *b, http_progress *p) {
    char *bytes = buffer_bytes(b);
    size_t size = buffer_size(b), from = p->searched > 3 ? p->searched - 3 : 0;
    char *end = size > from ? memmem(bytes + from, size - from, "\r\n\r\n", 4) : NULL;
    p->searched = size;
    if (!end) return size > 64 * 1024 ? HTTP_BROKEN : HTTP_PARTIAL;
    p->head_size = (size_t)(end - bytes) + 4;
    p->next_chunk = p->head_size;

    http_message head = {.start_line = bytes, .head_size = p->head_size};
    const char *value;
    size_t value_size;
    if (http_field(&head, "content-length", &value, &value_size)) p->length = strtoul(value, NULL, 10);
    if (http_field(&head, "transfer-encoding", &value, &value_size)) {
        if (value_size != 7 || strncasecmp(value, "chunked", 7) != 0) return HTTP_BROKEN;
        p->chunked = true;
        p->length = 0;
    }
    return HTTP_WHOLE;
}

/* Joins the chunks that are there; whole when the last one is. */
static http_reading join_chunks(buffer *b, http_progress *p) {
    char *bytes = buffer_bytes(b);
    size_t size = buffer_size(b);
    for (;;) {
        char *line = bytes + p->next_chunk, *end = memmem(line, size - p->next_chunk, "\r\n", 2), *stop;
        if (!end) return HTTP_PARTIAL;
        size_t chunk = strtoul(line, &stop, 16);
        if (stop == line) return HTTP_BROKEN;
        size_t data = (size_t)(end - bytes) + 2;
        if (chunk > size || data + chunk + 2 > size) return HTTP_PARTIAL;
        memmove(bytes + p->head_size + p->length, bytes + data, chunk);
        p->length += chunk;
        p->next_chunk = data + chunk + 2;
        if (chunk == 0) return HTTP_WHOLE;
    }
}

http_reading http_read(buffer *b, http_progress *p, http_message *message) {
    if (p->head_size == 0) {
        http_reading head = read_head(b, p);
        if (head != HTTP_WHOLE) return head;
    }
    if (p->chunked) {
        http_reading chunks = join_chunks(b, p);
        if (chunks != HTTP_WHOLE) return chunks;
    } else if (buffer_size(b) - p->head_size < p->length) {
        return HTTP_PARTIAL;
    }
    char *bytes = buffer_bytes(b);
    *message = (http_message){bytes, p->head_size, bytes + p->head_size, p->length,
        p->chunked ? p->next_chunk : p->head_size + p->length};
    return HTTP_WHOLE;
}

bool http_field(const http_message *message, const char *name, const char **value, size_t *size) {
    size_t name_size = strlen(name);
    const char *end = message->start_line + message->head_size - 2;
    const char *line = memchr(message->start_line, '\n', message->head_size);
    while (line && ++line < end) {
        const char *next = memchr(line, '\r', (size_t)(end - line));
        if (!next) return false;
        if ((size_t)(next - line) > name_size && line[name_size] == ':' && strncasecmp(line, name, name_size) == 0) {
            for (line += name_size + 1; line < next && (*line == ' ' || *line == '\t'); line++) {}
            *value = line;
            *size = (size_t)(next - line);
            return true;
        }
        line = next + 1;
    }
    return false;
}

int http_status(const http_message *message) {
    if (message->head_size < 14 || memcmp(message->start_line, "HTTP/1.", 7) != 0) return 0;
    return atoi(message->start_line + 9);
}
