#define _GNU_SOURCE
#include "tree.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

typedef struct process {
    pid_t pid, parent;
    unsigned long long started; /* with the pid, names a process even when pids are used again */
    int descends;
} process;

/* Reads a process from /proc/PID/stat. Answers 0 when it is gone or a zombie. */
static int look_up(pid_t pid, process *found) {
    char path[40], text[1024], state;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0) return 0;
    text[size] = 0;
    /* The second field is the name in parentheses, which may hold spaces and parentheses itself. */
    char *rest = strrchr(text, ')');
    int parent;
    if (!rest || sscanf(rest + 1,
                        " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state,
                        &parent, &found->started) != 3)
        return 0;
    found->pid = pid;
    found->parent = parent;
    found->descends = 0;
    return state != 'Z';
}

/* All processes that can be seen, in `*list`, which the caller frees. */
static size_t all_processes(process **list) {
    size_t count = 0, room = 0;
    *list = NULL;
    DIR *folder = opendir("/proc");
    if (!folder) return 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        if (count == room) {
            room = room ? room * 2 : 256;
            process *larger = realloc(*list, room * sizeof **list);
            if (!larger) break;
            *list = larger;
        }
        if (look_up((pid_t)atoi(entry->d_name), &(*list)[count])) count++;
    }
    closedir(folder);
    return count;
}

/* The pidfd pins the process; asking again then makes sure that it is the one that was found. */
static void signal_process(const process *target, int signal) {
    process again;
    int handle = pidfd_open(target->pid, 0);
    if (handle < 0) return;
    if (look_up(target->pid, &again) && again.started == target->started)
        pidfd_send_signal(handle, signal, NULL, 0);
    close(handle);
}

void tree_signal(int signal) {
    process *list;
    size_t count = all_processes(&list);
    pid_t root = getpid();
    /* Parents may come after their children in the list: go over it until nothing is added. */
    for (int added = 1; added;) {
        added = 0;
        for (size_t i = 0; i < count; i++) {
            if (list[i].descends) continue;
            int descends = list[i].parent == root;
            for (size_t j = 0; !descends && j < count; j++)
                descends = list[j].descends && list[j].pid == list[i].parent;
            if (descends) list[i].descends = added = 1;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (list[i].descends) signal_process(&list[i], signal);
    free(list);
}
