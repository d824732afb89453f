/* Offsets and sizes that may not move within ABI major 1, on machines with 64-bit pointers. A change here that is not an
 * addition at the end of a table is a new major. */
#include "vmcp_plugin.h"
#include "vmcp_backend.h"
#include "vmcp_auth.h"
#include "vmcp_embedding.h"
#include "vmcp_health.h"
#include "vmcp_resources.h"
#include "vmcp_host.h"

#if UINTPTR_MAX == 0xFFFFFFFFFFFFFFFFu

#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved")
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " changed its size: add at the end, then here")


AT(vmcp_bytes, data, 0);
AT(vmcp_bytes, size, 8);
SIZE(vmcp_bytes, 16);

AT(vmcp_text, data, 0);
AT(vmcp_text, capacity, 8);
AT(vmcp_text, size, 16);
SIZE(vmcp_text, 24);

AT(vmcp_header, name, 0);
AT(vmcp_header, value, 16);
SIZE(vmcp_header, 32);

AT(vmcp_outcome, struct_size, 0);
AT(vmcp_outcome, status, 4);
AT(vmcp_outcome, flags, 8);
AT(vmcp_outcome, http_status, 12);
AT(vmcp_outcome, retry_after_ms, 16);
AT(vmcp_outcome, message, 24);
AT(vmcp_outcome, challenge, 40);
SIZE(vmcp_outcome, 56);

AT(vmcp_call, struct_size, 0);
AT(vmcp_call, reserved, 4);
AT(vmcp_call, id, 8);
AT(vmcp_call, deadline_ms, 16);
AT(vmcp_call, idle_ms, 24);
AT(vmcp_call, identity, 32);
AT(vmcp_call, headers, 40);
AT(vmcp_call, header_count, 48);
AT(vmcp_call, trace_parent, 56);
AT(vmcp_call, trace_state, 72);
AT(vmcp_call, context, 88);
AT(vmcp_call, emit, 96);
AT(vmcp_call, resolve, 104);
SIZE(vmcp_call, 112);

AT(vmcp_plugin, magic, 0);
AT(vmcp_plugin, struct_size, 4);
AT(vmcp_plugin, abi_major, 8);
AT(vmcp_plugin, abi_minor, 10);
AT(vmcp_plugin, flags, 12);
AT(vmcp_plugin, id, 16);
AT(vmcp_plugin, version, 24);
AT(vmcp_plugin, provides, 32);
AT(vmcp_plugin, config_schema, 40);
AT(vmcp_plugin, create, 48);
AT(vmcp_plugin, start, 56);
AT(vmcp_plugin, capability, 64);
AT(vmcp_plugin, cancel, 72);
AT(vmcp_plugin, resume, 80);
AT(vmcp_plugin, quiesce, 88);
AT(vmcp_plugin, destroy, 96);
SIZE(vmcp_plugin, 104);

AT(vmcp_session_params, struct_size, 0);
AT(vmcp_session_params, flags, 4);
AT(vmcp_session_params, identity, 8);
AT(vmcp_session_params, headers, 16);
AT(vmcp_session_params, header_count, 24);
SIZE(vmcp_session_params, 32);

AT(vmcp_session_sink, struct_size, 0);
AT(vmcp_session_sink, reserved, 4);
AT(vmcp_session_sink, context, 8);
AT(vmcp_session_sink, message, 16);
AT(vmcp_session_sink, lost, 24);
SIZE(vmcp_session_sink, 32);

AT(vmcp_backend, struct_size, 0);
AT(vmcp_backend, traits, 4);
AT(vmcp_backend, open, 8);
AT(vmcp_backend, send, 16);
AT(vmcp_backend, listen, 24);
AT(vmcp_backend, close, 32);
AT(vmcp_backend, resume_session, 40);
SIZE(vmcp_backend, 48);

AT(vmcp_auth_request, struct_size, 0);
AT(vmcp_auth_request, purpose, 4);
AT(vmcp_auth_request, attempt, 8);
AT(vmcp_auth_request, reserved, 12);
AT(vmcp_auth_request, identity, 16);
AT(vmcp_auth_request, backend, 24);
AT(vmcp_auth_request, method, 40);
AT(vmcp_auth_request, url, 56);
AT(vmcp_auth_request, headers, 72);
AT(vmcp_auth_request, header_count, 80);
AT(vmcp_auth_request, body, 88);
AT(vmcp_auth_request, challenge, 104);
SIZE(vmcp_auth_request, 120);

AT(vmcp_auth_answer, struct_size, 0);
AT(vmcp_auth_answer, cache_scope, 4);
AT(vmcp_auth_answer, set, 8);
AT(vmcp_auth_answer, set_count, 16);
AT(vmcp_auth_answer, remove, 24);
AT(vmcp_auth_answer, remove_count, 32);
AT(vmcp_auth_answer, expires_at_ms, 40);
AT(vmcp_auth_answer, cache_key, 48);
SIZE(vmcp_auth_answer, 64);

AT(vmcp_auth_sink, struct_size, 0);
AT(vmcp_auth_sink, reserved, 4);
AT(vmcp_auth_sink, context, 8);
AT(vmcp_auth_sink, answer, 16);
SIZE(vmcp_auth_sink, 24);

AT(vmcp_auth, struct_size, 0);
AT(vmcp_auth, flags, 4);
AT(vmcp_auth, authorize, 8);
AT(vmcp_auth, invalidate, 16);
SIZE(vmcp_auth, 24);

AT(vmcp_vectors, struct_size, 0);
AT(vmcp_vectors, dimensions, 4);
AT(vmcp_vectors, count, 8);
AT(vmcp_vectors, values, 16);
AT(vmcp_vectors, model, 24);
SIZE(vmcp_vectors, 40);

AT(vmcp_embedding_sink, struct_size, 0);
AT(vmcp_embedding_sink, reserved, 4);
AT(vmcp_embedding_sink, context, 8);
AT(vmcp_embedding_sink, vectors, 16);
SIZE(vmcp_embedding_sink, 24);

AT(vmcp_embedding, struct_size, 0);
AT(vmcp_embedding, flags, 4);
AT(vmcp_embedding, identity, 8);
AT(vmcp_embedding, dimensions, 16);
AT(vmcp_embedding, max_batch, 24);
AT(vmcp_embedding, embed, 32);
SIZE(vmcp_embedding, 40);

AT(vmcp_health, struct_size, 0);
AT(vmcp_health, reserved, 4);
AT(vmcp_health, check, 8);
SIZE(vmcp_health, 16);

AT(vmcp_usage, struct_size, 0);
AT(vmcp_usage, processes, 4);
AT(vmcp_usage, memory_bytes, 8);
AT(vmcp_usage, cpu_ms, 16);
AT(vmcp_usage, sessions, 24);
SIZE(vmcp_usage, 32);

AT(vmcp_resources, struct_size, 0);
AT(vmcp_resources, reserved, 4);
AT(vmcp_resources, usage, 8);
SIZE(vmcp_resources, 16);

AT(vmcp_host, struct_size, 0);
AT(vmcp_host, abi_major, 4);
AT(vmcp_host, abi_minor, 6);
AT(vmcp_host, context, 8);
AT(vmcp_host, name, 16);
AT(vmcp_host, version, 24);
AT(vmcp_host, service, 32);
SIZE(vmcp_host, 40);

AT(vmcp_log, struct_size, 0);
AT(vmcp_log, reserved, 4);
AT(vmcp_log, write, 8);
AT(vmcp_log, enabled, 16);
SIZE(vmcp_log, 24);

AT(vmcp_http_request, struct_size, 0);
AT(vmcp_http_request, flags, 4);
AT(vmcp_http_request, method, 8);
AT(vmcp_http_request, url, 24);
AT(vmcp_http_request, headers, 40);
AT(vmcp_http_request, header_count, 48);
AT(vmcp_http_request, body, 56);
AT(vmcp_http_request, connect_timeout_ms, 72);
AT(vmcp_http_request, idle_timeout_ms, 80);
AT(vmcp_http_request, total_timeout_ms, 88);
AT(vmcp_http_request, max_response_bytes, 96);
AT(vmcp_http_request, auth, 104);
AT(vmcp_http_request, identity, 112);
AT(vmcp_http_request, ca_bundle, 120);
AT(vmcp_http_request, unix_socket, 136);
SIZE(vmcp_http_request, 152);

AT(vmcp_http_sink, struct_size, 0);
AT(vmcp_http_sink, reserved, 4);
AT(vmcp_http_sink, context, 8);
AT(vmcp_http_sink, head, 16);
AT(vmcp_http_sink, body, 24);
AT(vmcp_http_sink, end, 32);
AT(vmcp_http_sink, drained, 40);
SIZE(vmcp_http_sink, 48);

AT(vmcp_http, struct_size, 0);
AT(vmcp_http, reserved, 4);
AT(vmcp_http, request, 8);
AT(vmcp_http, cancel, 16);
AT(vmcp_http, resume, 24);
AT(vmcp_http, write, 32);
AT(vmcp_http, close_write, 40);
SIZE(vmcp_http, 48);

AT(vmcp_timer, struct_size, 0);
AT(vmcp_timer, reserved, 4);
AT(vmcp_timer, now_ms, 8);
AT(vmcp_timer, after, 16);
AT(vmcp_timer, cancel, 24);
SIZE(vmcp_timer, 32);

AT(vmcp_secrets, struct_size, 0);
AT(vmcp_secrets, reserved, 4);
AT(vmcp_secrets, get, 8);
AT(vmcp_secrets, watch, 16);
AT(vmcp_secrets, unwatch, 24);
SIZE(vmcp_secrets, 32);

AT(vmcp_identity, struct_size, 0);
AT(vmcp_identity, reserved, 4);
AT(vmcp_identity, claims, 8);
AT(vmcp_identity, token, 16);
AT(vmcp_identity, upstream_token, 24);
SIZE(vmcp_identity, 32);

AT(vmcp_process_spec, struct_size, 0);
AT(vmcp_process_spec, flags, 4);
AT(vmcp_process_spec, arguments, 8);
AT(vmcp_process_spec, argument_count, 16);
AT(vmcp_process_spec, environment, 24);
AT(vmcp_process_spec, environment_count, 32);
AT(vmcp_process_spec, directory, 40);
AT(vmcp_process_spec, max_line_bytes, 56);
SIZE(vmcp_process_spec, 64);

AT(vmcp_process_sink, struct_size, 0);
AT(vmcp_process_sink, reserved, 4);
AT(vmcp_process_sink, context, 8);
AT(vmcp_process_sink, output, 16);
AT(vmcp_process_sink, exited, 24);
AT(vmcp_process_sink, drained, 32);
SIZE(vmcp_process_sink, 40);

AT(vmcp_process, struct_size, 0);
AT(vmcp_process, reserved, 4);
AT(vmcp_process, spawn, 8);
AT(vmcp_process, write, 16);
AT(vmcp_process, close_input, 24);
AT(vmcp_process, resume, 32);
AT(vmcp_process, stop, 40);
SIZE(vmcp_process, 48);

AT(vmcp_metrics, struct_size, 0);
AT(vmcp_metrics, reserved, 4);
AT(vmcp_metrics, record, 8);
SIZE(vmcp_metrics, 16);

AT(vmcp_state, struct_size, 0);
AT(vmcp_state, reserved, 4);
AT(vmcp_state, set, 8);
SIZE(vmcp_state, 16);

#endif
