#define _GNU_SOURCE
#include "vmcp_worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct start {
    void (*run)(void *);
    void *argument;
};

static void *enter(void *memory) {
    struct start start = *(struct start *)memory;
    free(memory);
    start.run(start.argument);
    return NULL;
}

int vmcp_worker_start(void (*run)(void *argument), void *argument) {
    struct start *start = malloc(sizeof *start);
    if (start == NULL) {
        return ENOMEM;
    }
    start->run = run;
    start->argument = argument;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int code = pthread_create(&thread, NULL, enter, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0) {
        free(start);
        return code;
    }
    pthread_detach(thread);
    return 0;
}

void vmcp_worker_name(const char *name) {
#ifdef __linux__
    char kept[16] = {0}; /* with its end, all that Linux takes */
    strncpy(kept, name, sizeof kept - 1);
    pthread_setname_np(pthread_self(), kept);
#elif defined(__APPLE__)
    pthread_setname_np(name);
#endif
}
