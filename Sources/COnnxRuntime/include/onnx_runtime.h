/* The few entries of ONNX Runtime's C interface that embedding texts needs, so that its headers are not needed.
 *
 * The library exports OrtGetApiBase; the base gives, for a version, a table of functions that only grows at its end. A table
 * is spelled out here as numbered slots: those that are used have their type, the rest are counted. onnx_runtime.c holds each
 * slot to its number. Documented at https://onnxruntime.ai/docs/api/c/struct_ort_api.html
 *
 * A function that answers a status answers NULL when it worked; any other status is released by the caller. */
#ifndef ONNX_RUNTIME_H
#define ONNX_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

/* The version asked for: the first whose runtime has Gelu of opset 20. Every later runtime serves it. */
#define ONNX_API_VERSION 17

enum { ONNX_LOG_ERROR = 3 };           /* OrtLoggingLevel */
enum { ONNX_OPTIMISE_ALL = 99 };       /* GraphOptimizationLevel */
enum { ONNX_FLOAT = 1, ONNX_INT64 = 7 }; /* ONNXTensorElementDataType */
enum { ONNX_ARENA_ALLOCATOR = 1 };     /* OrtAllocatorType */
enum { ONNX_MEMORY_DEFAULT = 0 };      /* OrtMemType */

typedef struct onnx_status onnx_status;
typedef struct onnx_environment onnx_environment;
typedef struct onnx_options onnx_options;
typedef struct onnx_session onnx_session;
typedef struct onnx_memory onnx_memory;
typedef struct onnx_value onnx_value;
typedef struct onnx_shape onnx_shape;

typedef struct onnx_api {
    const void *slots_0[2];
    const char *(*status_message)(const onnx_status *status); /* 2 */
    onnx_status *(*make_environment)(int level, const char *name, onnx_environment **out);
    const void *slots_4[4];
    /* The bytes may go once this returns. */
    onnx_status *(*make_session)(const onnx_environment *environment, const void *model, size_t size,
                                 const onnx_options *options, onnx_session **out); /* 8 */
    /* `options` may be NULL; `outputs` may point to NULL, and then the runtime makes the values.   [thread-safe] */
    onnx_status *(*run)(onnx_session *session, const void *options, const char *const *input_names,
                        const onnx_value *const *inputs, size_t input_count, const char *const *output_names,
                        size_t output_count, onnx_value **outputs);
    onnx_status *(*make_options)(onnx_options **out);
    const void *slots_11[6];
    onnx_status *(*disable_memory_patterns)(onnx_options *options); /* 17 */
    const void *slots_18[1];
    onnx_status *(*disable_arena)(onnx_options *options); /* 19 */
    const void *slots_20[3];
    onnx_status *(*set_optimisation)(onnx_options *options, int level); /* 23 */
    onnx_status *(*set_threads_of_operator)(onnx_options *options, int threads);
    onnx_status *(*set_threads_of_graph)(onnx_options *options, int threads);
    const void *slots_26[23];
    /* The value borrows the data. */
    onnx_status *(*make_tensor)(const onnx_memory *memory, void *data, size_t bytes, const int64_t *dimensions,
                                size_t dimension_count, int type, onnx_value **out); /* 49 */
    const void *slots_50[1];
    onnx_status *(*tensor_data)(onnx_value *value, void **out); /* 51 */
    const void *slots_52[8];
    onnx_status *(*element_type)(const onnx_shape *shape, int *out); /* 60 */
    const void *slots_61[3];
    onnx_status *(*element_count)(const onnx_shape *shape, size_t *out); /* 64 */
    onnx_status *(*shape_of_tensor)(const onnx_value *value, onnx_shape **out);
    const void *slots_66[3];
    onnx_status *(*make_memory)(int allocator, int type, onnx_memory **out); /* 69 */
    const void *slots_70[22];
    void (*release_environment)(onnx_environment *environment); /* 92 */
    void (*release_status)(onnx_status *status);
    void (*release_memory)(onnx_memory *memory);
    void (*release_session)(onnx_session *session);
    void (*release_value)(onnx_value *value);
    const void *slots_97[2];
    void (*release_shape)(onnx_shape *shape); /* 99 */
    void (*release_options)(onnx_options *options);
} onnx_api;

typedef struct onnx_base {
    const onnx_api *(*api)(uint32_t version); /* NULL when the runtime is older */
    const char *(*version)(void);             /* such as "1.32.0" */
} onnx_base;

/* The type of OrtGetApiBase. */
typedef const onnx_base *(*onnx_entry)(void);

#endif
