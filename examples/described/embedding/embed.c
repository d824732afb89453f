/* A small embedding library that knows nothing of the gateway: hashed pairs of letters, normalized.
 * It shows the shape that real ones have: open, dimensions, embed one, embed many, close. */
#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct embedder {
    uint32_t dimensions;
};

struct embedder *embed_open(uint32_t dimensions) {
    struct embedder *made = malloc(sizeof *made);
    if (made) made->dimensions = dimensions;
    return made;
}

uint32_t embed_dimensions(const struct embedder *self) { return self->dimensions; }

int embed_one(const struct embedder *self, const char *text, float *vector, uint32_t dimensions) {
    if (dimensions != self->dimensions) return -1;
    for (uint32_t i = 0; i < dimensions; i++) vector[i] = 0;
    uint32_t last = ' ';
    for (const char *c = text; *c; c++) {
        uint32_t letter = (uint32_t)tolower((unsigned char)*c);
        vector[((last * 31 + letter) * 2654435761u >> 8) % dimensions] += 1;
        last = letter;
    }
    double length = 0;
    for (uint32_t i = 0; i < dimensions; i++) length += (double)vector[i] * vector[i];
    if (length > 0)
        for (uint32_t i = 0; i < dimensions; i++) vector[i] = (float)(vector[i] / sqrt(length));
    return 0;
}

int embed_many(const struct embedder *self, const char *const *texts, size_t count, float *vectors, uint32_t dimensions) {
    for (size_t i = 0; i < count; i++)
        if (embed_one(self, texts[i], vectors + i * dimensions, dimensions)) return -1;
    return 0;
}

void embed_close(struct embedder *self) { free(self); }
