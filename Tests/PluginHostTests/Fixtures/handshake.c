/* A plugin that does one thing wrong before it is asked to do anything. What, is chosen with -D. */
#include "vmcp_plugin.h"

#include <string.h>

#ifndef ID
#define ID "fixture"
#endif
#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef MAGIC
#define MAGIC VMCP_ABI_MAGIC
#endif
#ifndef MAJOR
#define MAJOR VMCP_ABI_MAJOR
#endif
#ifndef SIZE
#define SIZE sizeof(vmcp_plugin)
#endif
#ifndef PROVIDES
#define PROVIDES "vmcp.backend/1"
#endif
#ifndef SCHEMA
#define SCHEMA NULL
#endif
#ifndef STATUS
#define STATUS VMCP_OK
#endif

static vmcp_status create(const struct vmcp_host *host, vmcp_bytes config, void **instance, vmcp_text *error) {
    (void)host, (void)config, (void)instance;
#ifdef ERROR_TEXT
    error->size = strlen(ERROR_TEXT);
    memcpy(error->data, ERROR_TEXT, error->size);
#elif defined(ERROR_OVERFLOW)
    memset(error->data, 'x', error->capacity);
    error->size = error->capacity * 1000;
#else
    (void)error;
#endif
    return STATUS;
}

#ifdef START_SILENT
static void start(void *instance, const vmcp_call *call) { (void)instance, (void)call; }
#elif defined(START_FAILS)
static void start(void *instance, const vmcp_call *call) {
    (void)instance;
    static const uint8_t line[] = "looking for the model", why[] = "the model is not there";
    call->emit(call->context, VMCP_PROGRESS, (vmcp_bytes){line, sizeof line - 1});
    vmcp_outcome outcome = {.struct_size = sizeof outcome, .status = VMCP_NOT_FOUND, .message = {why, sizeof why - 1}};
    call->resolve(call->context, &outcome, (vmcp_bytes){NULL, 0});
}
#endif
#if defined(START_SILENT) || defined(START_FAILS)
#define START start
#else
#define START NULL
#endif

static const void *capability(void *instance, const char *id) {
    (void)instance, (void)id;
    return NULL;
}

#ifdef MISSING_FUNCTION
#define DESTROY NULL
#else
#define DESTROY destroy
static void destroy(void *instance) { (void)instance; }
#endif

static const char *const provides[] = {PROVIDES, NULL};

static const struct {
    vmcp_plugin plugin;
    uint64_t future[4]; /* what a later minor would add */
} table = {.plugin = {
               .magic = MAGIC,
               .struct_size = SIZE,
               .abi_major = MAJOR,
               .abi_minor = VMCP_ABI_MINOR,
               .id = ID,
               .version = VERSION,
               .provides = provides,
               .config_schema = SCHEMA,
               .create = create,
               .start = START,
               .capability = capability,
               .destroy = DESTROY,
           }};

#ifdef NO_ENTRY
VMCP_EXPORT const vmcp_plugin *another_entry(uint16_t major) {
#else
VMCP_EXPORT const vmcp_plugin *vmcp_plugin_entry(uint16_t major) {
#endif
    (void)major;
#ifdef ENTRY_NULL
    return NULL;
#else
    return &table.plugin;
#endif
}
