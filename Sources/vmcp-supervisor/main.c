/* vmcp-supervisor: runs one program so that nothing of it outlives the gateway.
 *
 *   vmcp-supervisor GRACE_MS DIRECTORY PROGRAM ARGUMENT0 [ARGUMENT...]
 *
 * Descriptors 0, 1 and 2 are the program's; 3 is a SOCK_SEQPACKET socket to the gateway (supervision.h). When its other
 * end closes, for whatever reason, the whole tree of the program ends: SIGTERM, and SIGKILL after GRACE_MS. The supervisor
 * is the subreaper of that tree, so that processes which leave their group, session or parent stay its descendants; it
 * exits when none is left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "supervision.h"
#include "tree.h"

/* Descendants that are left when the program itself has ended get this long, in milliseconds, to follow by themselves. */
enum { LEFTOVER_GRACE_MS = 2000 };

/* How often SIGKILL is repeated, in milliseconds: soon while something forks faster than it dies, seldom for what cannot
 * die yet. */
enum { KILL_INTERVAL_MS = 50, KILL_INTERVAL_MAX_MS = 2000 };

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void report(uint32_t kind, int32_t first, int32_t second) {
    vmcp_supervision_report record = {kind, first, second};
    /* The gateway may be gone: nobody is left to tell then. */
    (void)!send(VMCP_SUPERVISION_FD, &record, sizeof record, MSG_NOSIGNAL);
}

/* In the child: becomes the program, or tells the parent why not. */
static _Noreturn void become(const char *directory, const char *program, char **arguments, pid_t parent, int failure) {
    int32_t reason[2] = {VMCP_SUPERVISION_STAGE_EXEC, 0};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    /* Belt and braces, should the supervisor be killed; the check is for a supervisor that was, already. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    if (*directory && chdir(directory)) {
        reason[0] = VMCP_SUPERVISION_STAGE_DIRECTORY;
    } else {
        execv(program, arguments);
    }
    reason[1] = errno;
    (void)!write(failure, reason, sizeof reason);
    _exit(127);
}

/* Starts the program and reports that, or the failure. Answers its pid, or -1. */
static pid_t start(const char *directory, const char *program, char **arguments) {
    int failure[2];
    int32_t reason[2] = {VMCP_SUPERVISION_STAGE_FORK, 0};
    pid_t parent = getpid(), child = -1;
    if (pipe2(failure, O_CLOEXEC)) {
        report(VMCP_SUPERVISION_FAILED, reason[0], errno);
        return -1;
    }
    child = fork();
    if (child == 0) become(directory, program, arguments, parent, failure[1]);
    if (child < 0) reason[1] = errno;
    close(failure[1]);
    ssize_t count = 0;
    if (child > 0) {
        /* The pipe closes with a successful exec, unread. */
        do count = read(failure[0], reason, sizeof reason);
        while (count < 0 && errno == EINTR);
    }
    close(failure[0]);
    if (child > 0 && count == 0) {
        report(VMCP_SUPERVISION_STARTED, (int32_t)child, 0);
    } else {
        report(VMCP_SUPERVISION_FAILED, reason[0], reason[1]);
    }
    return child;
}

/* The supervisor must not hold the program's pipes: their ends have to close with the program. */
static void let_go_of_standard_streams(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < 3; i++) {
        if (null >= 0) dup2(null, i);
        else close(i);
    }
    if (null > 2) close(null);
}

typedef struct ending {
    int64_t terminate_at, kill_at; /* -1: not planned */
} ending;

static void plan(ending *plan, uint32_t terminate_after, uint32_t kill_after) {
    int64_t now = now_ms();
    /* A later order may only hasten the end. */
    if (plan->terminate_at < 0 || now + terminate_after < plan->terminate_at) plan->terminate_at = now + terminate_after;
    if (plan->kill_at < 0 || now + kill_after < plan->kill_at) plan->kill_at = now + kill_after;
}

/* Reaps what has ended and reports the program's own end. Answers 0 when no descendant is left. */
static int reap(pid_t program, ending *end) {
    for (;;) {
        int status;
        pid_t ended = waitpid(-1, &status, WNOHANG | __WALL);
        if (ended < 0 && errno == EINTR) continue;
        if (ended < 0) return 0;
        if (ended == 0) return 1;
        if (ended == program) {
            report(VMCP_SUPERVISION_EXITED, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                   WIFSIGNALED(status) ? WTERMSIG(status) : 0);
            plan(end, 0, LEFTOVER_GRACE_MS);
        }
    }
}

static int wait_time(const ending *end, int terminated) {
    int64_t next = end->kill_at;
    if (!terminated && end->terminate_at >= 0 && (next < 0 || end->terminate_at < next)) next = end->terminate_at;
    if (next < 0) return -1;
    int64_t left = next - now_ms();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* Runs until no descendant is left. */
static void supervise(pid_t program, int signals, uint32_t grace) {
    ending end = {-1, -1};
    int terminated = 0, connected = 1, interval = KILL_INTERVAL_MS;
    while (reap(program, &end)) {
        int64_t now = now_ms();
        if (!terminated && end.terminate_at >= 0 && now >= end.terminate_at) {
            terminated = 1;
            tree_signal(SIGTERM);
            tree_signal(SIGCONT); /* a stopped process sees SIGTERM only when it goes on */
        }
        if (end.kill_at >= 0 && now >= end.kill_at) {
            tree_signal(SIGKILL);
            end.kill_at = now + interval;
            interval = interval * 2 > KILL_INTERVAL_MAX_MS ? KILL_INTERVAL_MAX_MS : interval * 2;
            terminated = 1;
        }
        struct pollfd waits[2] = {{signals, POLLIN, 0}, {connected ? VMCP_SUPERVISION_FD : -1, POLLIN, 0}};
        if (poll(waits, 2, wait_time(&end, terminated)) < 0 && errno != EINTR) plan(&end, 0, 0);
        if (waits[0].revents & POLLIN) {
            struct signalfd_siginfo info;
            /* Somebody ends the supervisor: it takes its tree along. */
            if (read(signals, &info, sizeof info) == sizeof info && info.ssi_signo != SIGCHLD) plan(&end, 0, grace);
        }
        if (waits[1].revents) {
            vmcp_supervision_order order;
            ssize_t count = recv(VMCP_SUPERVISION_FD, &order, sizeof order, MSG_DONTWAIT);
            if (count == sizeof order) {
                plan(&end, order.terminate_after_ms, order.kill_after_ms);
            } else if (count >= 0 || (errno != EAGAIN && errno != EINTR)) {
                connected = 0; /* the gateway is gone */
                plan(&end, 0, grace);
            }
        }
    }
}

int main(int count, char **arguments) {
    if (count < 5) {
        fprintf(stderr, "vmcp-supervisor is started by vmcp and not meant to be run by hand\n"
                        "usage: vmcp-supervisor GRACE_MS DIRECTORY PROGRAM ARGUMENT0 [ARGUMENT...]\n");
        return 64;
    }
    uint32_t grace = (uint32_t)strtoul(arguments[1], NULL, 10);
    sigset_t handled;
    sigemptyset(&handled);
    sigaddset(&handled, SIGCHLD);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGHUP);
    sigprocmask(SIG_SETMASK, &handled, NULL);
    close_range(VMCP_SUPERVISION_FD + 1, ~0u, 0);
    fcntl(VMCP_SUPERVISION_FD, F_SETFD, FD_CLOEXEC);
    int signals = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1)) {
        report(VMCP_SUPERVISION_FAILED, VMCP_SUPERVISION_STAGE_FORK, errno);
        return 70;
    }
    pid_t program = start(arguments[2], arguments[3], arguments + 4);
    let_go_of_standard_streams();
    supervise(program, signals, grace);
    return 0;
}
