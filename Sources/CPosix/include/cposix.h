/* Parts of Linux and glibc that Swift does not import: GNU extensions, structs that are packed, variadic functions. */
#ifndef CPOSIX_H
#define CPOSIX_H

#include <stdint.h>
#include <sys/types.h>

/* ---- waiting for descriptors ---- */

/* What an epoll instance reports: `events` as in EPOLLIN and so on, `token` as it was given to cposix_epoll_set. */
typedef struct cposix_event {
    uint64_t token;
    uint32_t events;
} cposix_event;

/* The bits of cposix_event.events: EPOLLIN, EPOLLOUT, and either of EPOLLERR and EPOLLHUP. */
enum { CPOSIX_READABLE = 1, CPOSIX_WRITABLE = 4, CPOSIX_ERROR = 8, CPOSIX_HANGUP = 16 };

/* epoll_create1 with EPOLL_CLOEXEC; eventfd, not blocking, with EFD_CLOEXEC. -1 and errno on failure. */
int cposix_epoll(void);
int cposix_eventfd(void);

/* Waits for `events` on a descriptor, from now on (add) or instead of what was waited for (change), or not any more
 * (remove). 0, or -1 and errno. struct epoll_event is packed with a union, hence these. */
int cposix_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int cposix_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token);
int cposix_epoll_remove(int epoll, int descriptor);

/* Reports each write to an eventfd once, so that it need not be read. */
int cposix_epoll_add_alarm(int epoll, int eventfd, uint64_t token);

/* Waits at most `timeout_ms` (-1: for ever) and fills in at most `capacity` (no more than 256) events. Answers how many,
 * 0 when interrupted. */
int cposix_epoll_wait(int epoll, cposix_event *events, int capacity, int timeout_ms);

/* ---- changes of files ---- */

/* What cposix_file_event.what says: an entry of the folder came, went, was written or got other permissions; the folder
 * itself was moved, deleted or unmounted; the kernel dropped events, and anything may have changed. */
enum { CPOSIX_FILE_ENTRY = 1, CPOSIX_FILE_FOLDER = 2, CPOSIX_FILE_DROPPED = 4 };

/* One change. `watch` is the number of the folder (-1 when events were dropped), `name` the entry's, empty for the folder. */
typedef struct cposix_file_event {
    int watch;
    uint32_t what;
    char name[256];
} cposix_file_event;

/* inotify_init1, not blocking, with IN_CLOEXEC. -1 and errno on failure. */
int cposix_inotify(void);

/* Watches a folder, its entries too if `entries`; again for the same folder replaces what is watched. The folder's number,
 * or -1 and errno. */
int cposix_inotify_add(int inotify, const char *folder, int entries);
int cposix_inotify_remove(int inotify, int watch);

/* Fills in at most `capacity` (at least 256) events. Answers how many; 0 when there are none. */
int cposix_inotify_read(int inotify, cposix_file_event *events, int capacity);

/* ---- listening sockets ---- */

/* The value of the socket option CPOSIX_ATTACH_FILTER, a struct sock_fprog. */
typedef struct cposix_socket_filter {
    uint16_t length;
    uintptr_t program;
} cposix_socket_filter;

enum { CPOSIX_ATTACH_FILTER = 26 };

/* A filter that has a listening socket ignore whoever begins to connect. Connections that are being made or wait to be
 * accepted are not touched. Valid for ever. */
cposix_socket_filter cposix_ignore_newcomers(void);

/* ---- children ---- */

/* What cposix_spawn starts. The descriptors become 0, 1, 2 and 3 of the child; every other one is closed there. */
typedef struct cposix_spawn_request {
    const char *path;
    char *const *arguments;   /* NULL-terminated */
    char *const *environment; /* NULL-terminated */
    int descriptors[4];       /* each above 3 */
} cposix_spawn_request;

/* Starts a program in a session of its own, with no signal blocked or ignored. 0, or the errno of the failure. */
int cposix_spawn(const cposix_spawn_request *request, pid_t *pid);

/* A descriptor that becomes readable when the child ends, or -1 and errno. */
int cposix_pidfd(pid_t pid);

/* What waitpid says of an ended child without waiting: 1 and its exit code or signal, 0 while it runs, -1 and errno. */
int cposix_reap(pid_t pid, int *code, int *signal);

/* pipe2 and socketpair(SOCK_SEQPACKET) with O_CLOEXEC, each descriptor above 3 so that it survives being moved to 0...3.
 * 0, or -1 and errno. */
int cposix_pipe(int descriptors[2]);
int cposix_socketpair(int descriptors[2]);

/* fcntl is variadic: sets O_NONBLOCK. 0, or -1 and errno. */
int cposix_set_nonblocking(int descriptor);

/* ---- errors ---- */

/* What the C library says about an errno, or NULL. strerror is not safe between threads, and strerror_r has two types. */
const char *cposix_error_text(int error);

/* The variable `environ`, which Swift 6 does not touch for being mutable. */
char *const *cposix_environment(void);

/* ---- threads ---- */

/* Starts a detached thread with every signal blocked, so that the process's signals go to others. `name` has at most 15
 * characters. 0, or the errno of the failure. */
int cposix_thread(const char *name, void (*body)(void *), void *context);

/* The kernel's number of the calling thread. */
int64_t cposix_thread_id(void);

/* ---- memory ---- */

/* Has free() give large blocks back to the kernel at once, for as long as the process runs. Left alone, glibc raises its limits to
 * the largest block that was ever given back (mallopt(3), M_MMAP_THRESHOLD): after a few answers of many megabytes the heap
 * keeps several times what is used. Before the first other thread. */
void cposix_give_memory_back(void);

#endif
