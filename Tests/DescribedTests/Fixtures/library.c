/* A library that knows nothing of the gateway: a function for each thing that a description can bind. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ECHO(name, type) \
    type echo_##name(type value) { return value; }
ECHO(int8, int8_t)
ECHO(uint8, uint8_t)
ECHO(int16, int16_t)
ECHO(uint16, uint16_t)
ECHO(int32, int32_t)
ECHO(uint32, uint32_t)
ECHO(int64, int64_t)
ECHO(uint64, uint64_t)
ECHO(float32, float)
ECHO(float64, double)
ECHO(bool, _Bool)

/* Many arguments of many types: some travel in registers, some on the stack. */
double many(int8_t a, double b, uint16_t c, float d, int32_t e, double f, uint64_t g, float h, int64_t i, double j,
            uint8_t k, double l, int16_t m, float n, uint32_t o, double p) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l + 13 * m + 14 * n +
           15 * o + 16 * p;
}

uint32_t sum_bytes(const uint8_t *data, size_t size) {
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) sum += data[i];
    return sum;
}

double sum_doubles(const double *values, int32_t count) {
    double sum = 0;
    for (int32_t i = 0; i < count; i++) sum += values[i];
    return sum;
}

int32_t first_of_three(const int32_t values[3]) { return values[0]; }

size_t total_length(const char *const *texts, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += strlen(texts[i]);
    return total;
}

size_t text_length(const char *text) { return text == NULL ? 999 : strlen(text); }

void divide(int32_t value, int32_t by, int32_t *quotient, int32_t *remainder) {
    *quotient = value / by;
    *remainder = value % by;
}

/* Fills as much as there is room for; tells how much through `size`. */
int32_t repeat(uint8_t *out, size_t *size, uint8_t byte, size_t times) {
    if (times > *size) return 1;
    memset(out, byte, times);
    *size = times;
    return 0;
}

/* Says that it wrote more than there was room for. */
int32_t overstate(uint8_t *out, size_t *size) {
    out[0] = 1;
    *size = 1000;
    return 0;
}

long squares(int32_t *out, long room) {
    long count = room < 5 ? room : 5;
    for (long i = 0; i < count; i++) out[i] = (int32_t)(i * i);
    return count;
}

void add_one(int32_t *values, int32_t count) {
    for (int32_t i = 0; i < count; i++) values[i]++;
}

typedef struct point { uint8_t tag; double x; float y; const char *name; int16_t marks[3]; } point;
void mirror(const point *from, point *to) {
    *to = *from;
    to->x = -from->x;
    to->y = -from->y;
    to->name = "mirrored";
    to->marks[0]++;
}

typedef struct pair { double first, second; } pair;
pair swap(pair value) { return (pair){value.second, value.first}; }
typedef struct mixed { float ratio; int32_t count; uint8_t flag; } mixed;
double weigh(mixed value, int32_t by) { return value.ratio * value.count * by + value.flag; }

int32_t next_colour(int32_t colour) { return colour == 2 ? 77 : colour + 1; }

/* Ownership. */
static int freed;
void give_back(void *memory) {
    freed++;
    free(memory);
}
int32_t freed_count(void) { return freed; }
char *make_text(const char *text) { return strdup(text); }
const char *static_text(int32_t number) { return number == 0 ? NULL : "static"; }
void out_text(char **text) { *text = strdup("out"); }
uint8_t *make_bytes(size_t *size) {
    uint8_t *bytes = malloc(4);
    memcpy(bytes, "\x00\x01\xFE\xFF", 4);
    *size = 4;
    return bytes;
}
char *fails_with_text(int32_t *code) {
    *code = 7;
    return strdup("why");
}

/* Failures. */
int32_t answer(int32_t code) { return code; }
const char *explain(int32_t code) { return code == 3 ? "three is too many" : "another number"; }
void *nothing(int32_t really) { return really ? NULL : &freed; }
int32_t sets_errno(int32_t number) {
    errno = number;
    return number == 0 ? 0 : -1;
}

/* Handles. */
typedef struct box { int32_t value; void (*watch)(void *, int32_t); void *context; void (*plain)(int32_t); } box;
static int open_boxes;
box *box_open(int32_t value) {
    if (value == -1) return NULL;
    box *made = calloc(1, sizeof *made);
    made->value = value;
    open_boxes++;
    return made;
}
int32_t box_open_out(box **made, int32_t value) {
    *made = box_open(value < 0 ? 0 : value);
    return value < 0 ? -value : 0;
}
int32_t box_add(box *self, int32_t by) {
    self->value += by;
    if (self->watch) self->watch(self->context, self->value);
    if (self->plain) self->plain(self->value);
    return self->value;
}
void box_watch(box *self, void (*watch)(void *, int32_t), void *context) {
    self->watch = watch;
    self->context = context;
}
void box_plain(box *self, void (*plain)(int32_t)) { self->plain = plain; }
void box_close(box *self) {
    open_boxes--;
    free(self);
}
int32_t boxes(void) { return open_boxes; }

/* Callbacks. */
int32_t count_to(int32_t limit, int32_t (*each)(void *context, int32_t number, const char *name, const uint8_t *data,
                                                size_t size), void *context) {
    for (int32_t i = 0; i < limit; i++) {
        if (each(context, i, i % 2 ? "odd" : NULL, (const uint8_t *)"abc", (size_t)(i % 4))) return 4;
    }
    return 0;
}
static void (*kept)(int32_t);
int32_t keep_and_call(void (*each)(int32_t), int32_t number) {
    kept = each;
    each(number);
    return number;
}
int32_t call_kept(int32_t number) {
    kept(number);
    return number;
}
static void *call_from_thread(void *argument) {
    ((void (*)(int32_t))argument)(42);
    return NULL;
}
void call_elsewhere(void (*each)(int32_t)) {
    pthread_t thread;
    pthread_create(&thread, NULL, call_from_thread, (void *)each);
    pthread_join(thread, NULL);
}
typedef int8_t (*tiny)(int8_t);
int32_t ask_tiny(tiny each) { return each(-5); }

/* Threads. */
static int32_t inside, most;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int32_t crowd(void) {
    pthread_mutex_lock(&lock);
    if (++inside > most) most = inside;
    pthread_mutex_unlock(&lock);
    usleep(2000);
    pthread_mutex_lock(&lock);
    inside--;
    int32_t seen = most;
    pthread_mutex_unlock(&lock);
    return seen;
}
static pthread_t first_thread;
static int has_thread;
int32_t same_thread(void) {
    if (!has_thread) {
        first_thread = pthread_self();
        has_thread = 1;
    }
    return pthread_equal(first_thread, pthread_self()) != 0;
}

/* What goes wrong. */
int32_t crash(int32_t really) {
    if (really) *(volatile int *)8 = 1;
    return 1;
}
int32_t process_id(void) { return (int32_t)getpid(); }
void wait_for_ever(void) {
    for (;;) pause();
}

/* Vectors. */
int32_t embed_dimensions(void) { return 4; }
int32_t embed(const char *text, float *out, int32_t dimensions) {
    if (*text == '\0') return -1;
    for (int32_t i = 0; i < dimensions; i++) out[i] = (float)(strlen(text) + (size_t)i);
    return 0;
}
int32_t embed_batch(const char *const *texts, size_t count, float *out, int32_t dimensions) {
    for (size_t i = 0; i < count; i++)
        if (embed(texts[i], out + i * (size_t)dimensions, dimensions)) return -1;
    return 0;
}

static int initialized;
int32_t initialize(void) { return ++initialized; }
int32_t initialized_count(void) { return initialized; }
