#include "onnx_runtime.h"

/* A slot that moved would call another function: each has its number in the table of ONNX Runtime. */
#define SLOT(name, number) \
    _Static_assert(offsetof(onnx_api, name) == (number) * sizeof(void *), #name " is not in slot " #number)

SLOT(status_message, 2);
SLOT(make_environment, 3);
SLOT(make_session, 8);
SLOT(run, 9);
SLOT(make_options, 10);
SLOT(disable_memory_patterns, 17);
SLOT(disable_arena, 19);
SLOT(set_optimisation, 23);
SLOT(set_threads_of_operator, 24);
SLOT(set_threads_of_graph, 25);
SLOT(make_tensor, 49);
SLOT(tensor_data, 51);
SLOT(element_type, 60);
SLOT(element_count, 64);
SLOT(shape_of_tensor, 65);
SLOT(make_memory, 69);
SLOT(release_environment, 92);
SLOT(release_status, 93);
SLOT(release_memory, 94);
SLOT(release_session, 95);
SLOT(release_value, 96);
SLOT(release_shape, 99);
SLOT(release_options, 100);
