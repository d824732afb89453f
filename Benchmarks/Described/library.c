/* What the overhead of described calls is measured with: functions that do next to nothing. */
#include <stdint.h>
#include <time.h>

int32_t add(int32_t a, int32_t b) { return a + b; }

int32_t call_back(int32_t (*each)(int32_t), int32_t number) { return each(number); }

/* Nanoseconds a direct call, through a pointer that the compiler cannot see through. */
double direct(int64_t rounds) {
    int32_t (*volatile function)(int32_t, int32_t) = add;
    struct timespec start, end;
    volatile int32_t sum = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int64_t i = 0; i < rounds; i++) sum = function(sum, 1);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / (double)rounds;
}
