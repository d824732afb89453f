#include "latencies.h"

#include <stdlib.h>

void latencies_add(latencies *all, uint32_t microseconds) {
    if (all->count == all->capacity) {
        all->capacity = all->capacity ? all->capacity * 2 : 1 << 16;
        all->microseconds = realloc(all->microseconds, all->capacity * sizeof *all->microseconds);
        if (!all->microseconds) abort();
    }
    all->microseconds[all->count++] = microseconds;
}

static int ascending(const void *a, const void *b) {
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
    return (first > second) - (first < second);
}

uint32_t latencies_percentile(latencies *all, double share) {
    if (all->count == 0) return 0;
    qsort(all->microseconds, all->count, sizeof *all->microseconds, ascending);
    size_t index = (size_t)(share * (double)all->count);
    return all->microseconds[index < all->count ? index : all->count - 1];
}
