/* Threads of our own: what pthreads offers behind _GNU_SOURCE, and one start for all systems. */
#ifndef VMCP_WORKER_H
#define VMCP_WORKER_H

/* Runs `run(argument)` on a new detached thread that blocks all signals. 0, or an errno value. */
int vmcp_worker_start(void (*run)(void *argument), void *argument);

/* Names the calling thread for debuggers and `ps`; longer names are cut. */
void vmcp_worker_name(const char *name);

#endif
