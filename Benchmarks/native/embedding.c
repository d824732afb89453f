/* Measures an embedding plugin through its C table: time to start, time of a query, memory.
 *
 *   embedding LIBRARY KIND SPEC < TEXTS      one text a line; SPEC is the JSON object of the configuration */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "vmcp_embedding.h"
#include "vmcp_host.h"
#include "vmcp_plugin.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ended;
static uint32_t dimensions;

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double processor_ms(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static double resident_mib(void) {
    long pages = 0, ignored;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &ignored, &pages) != 2) pages = 0;
    if (file) fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576.0;
}

static const void *no_service(const vmcp_host *host, const char *id) {
    (void)host, (void)id;
    return NULL;
}

static int32_t emit(void *context, uint32_t kind, vmcp_bytes data) {
    (void)context, (void)kind, (void)data;
    return VMCP_GO;
}

static void resolve(void *context, const vmcp_outcome *outcome, vmcp_bytes last) {
    (void)context, (void)last;
    if (outcome->status != VMCP_OK) {
        fprintf(stderr, "status %d: %.*s\n", outcome->status, (int)outcome->message.size, (const char *)outcome->message.data);
        exit(1);
    }
    pthread_mutex_lock(&lock);
    ended++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_for(int count) {
    pthread_mutex_lock(&lock);
    while (ended < count) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void take(void *context, const vmcp_vectors *vectors) {
    (void)context;
    dimensions = vectors->dimensions;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    if (count != 4) return fprintf(stderr, "usage: embedding LIBRARY KIND SPEC < TEXTS\n"), 2;
    static vmcp_bytes texts[65536];
    size_t lines = 0, capacity = 0;
    char *line = NULL;
    ssize_t length;
    while (lines < 65536 && (length = getline(&line, &capacity, stdin)) > 0) {
        texts[lines++] = (vmcp_bytes){(const uint8_t *)strndup(line, (size_t)length), (size_t)length - 1};
    }
    if (!lines) return fprintf(stderr, "no texts\n"), 2;

    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
    const vmcp_plugin *(*entry)(uint16_t) = (const vmcp_plugin *(*)(uint16_t))dlsym(library, "vmcp_plugin_entry");
    const vmcp_plugin *plugin = entry(VMCP_ABI_MAJOR);
    vmcp_host host = {.struct_size = sizeof host, .abi_major = VMCP_ABI_MAJOR, .abi_minor = VMCP_ABI_MINOR,
                      .name = "bench", .version = "0", .service = no_service};
    char *json, reason[1000];
    int size = asprintf(&json, "{\"kind\":\"%s\",\"name\":\"bench\",\"spec\":%s}", arguments[2], arguments[3]);
    vmcp_text error = {.data = reason, .capacity = sizeof reason};
    void *instance;
    if (plugin->create(&host, (vmcp_bytes){(const uint8_t *)json, (size_t)size}, &instance, &error) != VMCP_OK) {
        return fprintf(stderr, "%.*s\n", (int)error.size, reason), 1;
    }
    vmcp_call call = {.struct_size = sizeof call, .id = 1, .emit = emit, .resolve = resolve};
    int calls = 0;
    double before = resident_mib(), began = now_ms();
    plugin->start(instance, &call);
    wait_for(++calls);
    double started = now_ms() - began, loaded = resident_mib();

    const vmcp_embedding *embedding = plugin->capability(instance, VMCP_EMBEDDING);
    vmcp_embedding_sink sink = {.struct_size = sizeof sink, .vectors = take};
    double *times = malloc(lines * sizeof *times), used = processor_ms();
    for (size_t index = 0; index < lines; index++) {
        call.id++;
        double start = now_ms();
        embedding->embed(instance, VMCP_EMBED_QUERY, &texts[index], 1, &sink, &call);
        wait_for(++calls);
        times[index] = now_ms() - start;
    }
    used = processor_ms() - used;
    qsort(times, lines, sizeof *times, ascending);

    size_t batch = embedding->max_batch(instance);
    double start = now_ms();
    for (size_t index = 0; index < lines; index += batch) {
        call.id++;
        embedding->embed(instance, VMCP_EMBED_DOCUMENT, &texts[index], lines - index < batch ? lines - index : batch, &sink,
                         &call);
        calls++;
    }
    wait_for(calls);
    double all = now_ms() - start;

    char name[500];
    vmcp_text identity = {.data = name, .capacity = sizeof name};
    embedding->identity(instance, &identity);
    printf("model      %.*s, %u dimensions\n", (int)identity.size, name, dimensions);
    printf("start      %.0f ms\n", started);
    printf("one text   %.2f ms p50, %.2f ms p95, %.2f ms of processor time, %zu texts\n", times[lines / 2],
           times[lines * 95 / 100], used / (double)lines, lines);
    printf("all texts  %.0f ms in batches of %zu\n", all, batch);
    printf("memory     +%.1f MiB loaded, +%.1f MiB after all texts\n", loaded - before, resident_mib() - before);
    return 0;
}
