/* How long each request took, exactly: no buckets, sorted when asked. */
#ifndef BENCH_LATENCIES_H
#define BENCH_LATENCIES_H
#include <stddef.h>
#include <stdint.h>

typedef struct latencies {
    uint32_t *microseconds;
    size_t count, capacity;
} latencies;

void latencies_add(latencies *all, uint32_t microseconds);
/* The value that `share` (0 to 1) of all are not above; 0 without values. Sorts when `all` is not sorted yet. */
uint32_t latencies_percentile(latencies *all, double share);

#endif
