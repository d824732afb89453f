/* The descendants of this process. */
#ifndef VMCP_TREE_H
#define VMCP_TREE_H

/* Sends a signal to every descendant of the calling process, whatever its group and session. A process that forks while
 * this runs may be missed: repeat until waitpid says ECHILD. */
void tree_signal(int signal);

#endif
