#define _GNU_SOURCE
#include "cposix.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(CPOSIX_READABLE == EPOLLIN && CPOSIX_WRITABLE == EPOLLOUT, "events are passed on as they are");
_Static_assert(CPOSIX_ERROR == EPOLLERR && CPOSIX_HANGUP == EPOLLHUP, "events are passed on as they are");

int cposix_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cposix_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static int control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int cposix_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, events, token);
}

int cposix_epoll_add_alarm(int epoll, int eventfd, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, eventfd, EPOLLIN | EPOLLET, token);
}

int cposix_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, events, token);
}

int cposix_epoll_remove(int epoll, int descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int cposix_epoll_wait(int epoll, cposix_event *events, int capacity, int timeout_ms) {
    struct epoll_event ready[256];
    if (capacity > 256) capacity = 256;
    int count = epoll_wait(epoll, ready, capacity, timeout_ms);
    if (count < 0) return errno == EINTR ? 0 : -1;
    for (int i = 0; i < count; i++) {
        events[i].token = ready[i].data.u64;
        events[i].events = ready[i].events;
    }
    return count;
}

int cposix_inotify(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

int cposix_inotify_add(int inotify, const char *folder, int entries) {
    uint32_t what = IN_ONLYDIR | IN_DELETE_SELF | IN_MOVE_SELF;
    if (entries) what |= IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB;
    return inotify_add_watch(inotify, folder, what);
}

int cposix_inotify_remove(int inotify, int watch) { return inotify_rm_watch(inotify, watch); }

int cposix_inotify_read(int inotify, cposix_file_event *events, int capacity) {
    /* No more events fit than 4096 / sizeof(struct inotify_event) = 256. */
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t size = read(inotify, buffer, sizeof buffer);
    int count = 0;
    for (ssize_t at = 0; at < size && count < capacity;) {
        const struct inotify_event *event = (const struct inotify_event *)(buffer + at);
        at += (ssize_t)sizeof *event + event->len;
        cposix_file_event *out = &events[count];
        out->watch = event->wd;
        out->name[0] = 0;
        if (event->mask & IN_Q_OVERFLOW) {
            out->what = CPOSIX_FILE_DROPPED;
        } else if (event->mask & IN_IGNORED) {
            continue;
        } else if (event->len == 0) {
            /* Permissions of the folder itself, or its end. */
            out->what = CPOSIX_FILE_FOLDER;
        } else {
            out->what = CPOSIX_FILE_ENTRY;
            strncpy(out->name, event->name, sizeof out->name - 1);
            out->name[sizeof out->name - 1] = 0;
        }
        count++;
    }
    return count;
}

int cposix_spawn(const cposix_spawn_request *request, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawnattr_init(&attributes);
    if (error) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    sigemptyset(&none);
    sigfillset(&all);
    for (int i = 0; i < 4 && !error; i++)
        error = posix_spawn_file_actions_adddup2(&actions, request->descriptors[i], i);
    if (!error) error = posix_spawn_file_actions_addclosefrom_np(&actions, 4);
    if (!error) error = posix_spawnattr_setsigmask(&attributes, &none);
    if (!error) error = posix_spawnattr_setsigdefault(&attributes, &all);
    if (!error)
        error = posix_spawnattr_setflags(&attributes,
                                         POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    if (!error) error = posix_spawn(pid, request->path, &actions, &attributes, request->arguments, request->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int cposix_pidfd(pid_t pid) { return pidfd_open(pid, 0); }

int cposix_reap(pid_t pid, int *code, int *signal) {
    int status;
    pid_t found = waitpid(pid, &status, WNOHANG);
    if (found <= 0) return (int)found;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 1;
}

/* Moves both descriptors above the standard ones, which a process may have been started without. */
static int lift(int descriptors[2]) {
    for (int i = 0; i < 2; i++) {
        if (descriptors[i] > 3) continue;
        int lifted = fcntl(descriptors[i], F_DUPFD_CLOEXEC, 4);
        int error = errno;
        close(descriptors[i]);
        descriptors[i] = lifted;
        if (lifted < 0) {
            close(descriptors[1 - i]);
            errno = error;
            return -1;
        }
    }
    return 0;
}

int cposix_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC) ? -1 : lift(descriptors); }

int cposix_socketpair(int descriptors[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, descriptors) ? -1 : lift(descriptors);
}

int cposix_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

typedef struct thread_start {
    void (*body)(void *);
    void *context;
} thread_start;

static void *run_thread(void *argument) {
    thread_start start = *(thread_start *)argument;
    free(argument);
    start.body(start.context);
    return NULL;
}

int cposix_thread(const char *name, void (*body)(void *), void *context) {
    thread_start *start = malloc(sizeof *start);
    if (!start) return ENOMEM;
    *start = (thread_start){body, context};
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);
    if (!error) {
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        sigfillset(&all);
        /* A thread begins with its maker's mask. */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        error = pthread_create(&thread, &attributes, run_thread, start);
        if (!error) pthread_setname_np(thread, name);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        pthread_attr_destroy(&attributes);
    }
    if (error) free(start);
    return error;
}

int64_t cposix_thread_id(void) { return gettid(); }

const char *cposix_error_text(int error) { return strerrordesc_np(error); }

char *const *cposix_environment(void) { return environ; }

void cposix_give_memory_back(void) {
    /* Above a result of a megabyte, whose blocks are better used again. */
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
}
