/* Capability "vmcp.embedding/1": turns texts into vectors. */
#ifndef VMCP_EMBEDDING_H
#define VMCP_EMBEDDING_H

#include "vmcp_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VMCP_EMBEDDING "vmcp.embedding/1"

/* The `kind` of embed. */
enum {
    VMCP_EMBED_DOCUMENT = 1, /* what is searched */
    VMCP_EMBED_QUERY = 2     /* what is searched for */
};

/* The vectors of one embed call. */
typedef struct vmcp_vectors {
    uint32_t struct_size;
    uint32_t dimensions;  /* floats a vector, the same for all */
    size_t count;         /* vectors, in the order of the texts */
    const float *values;  /* count * dimensions, finite, aligned to 4 bytes at least */
    vmcp_bytes model;     /* identity of the model that made them; vectors of two models are never compared */
} vmcp_vectors;

/* Where vectors go. Copy it when you answer later. */
typedef struct vmcp_embedding_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void *context; /* opaque, and not a pointer you may follow */
    /* Gives the vectors; once, before the call is resolved with VMCP_OK.   [thread-safe] */
    void (*vectors)(void *context, const vmcp_vectors *vectors);
} vmcp_embedding_sink;

typedef struct vmcp_embedding {
    uint32_t struct_size;
    uint32_t flags;

    /* Identity of the model as of now, such as "all-MiniLM-L6-v2/int8"; VMCP_UNAVAILABLE while not known.
     * [thread-safe] [after start] */
    vmcp_status (*identity)(void *instance, vmcp_text *identity);

    /* Floats a vector, or 0 while not known.   [thread-safe] [after start] */
    uint32_t (*dimensions)(void *instance);

    /* Most texts in one embed call, at least 1.   [thread-safe] [after start] */
    uint32_t (*max_batch)(void *instance);

    /* Embeds `count` UTF-8 texts, which are borrowed.   [thread-safe] [after start & before quiesce] */
    void (*embed)(void *instance, uint32_t kind, const vmcp_bytes *texts, size_t count,
                  const vmcp_embedding_sink *sink, const vmcp_call *call);
} vmcp_embedding;

#ifdef __cplusplus
}
#endif

#endif
