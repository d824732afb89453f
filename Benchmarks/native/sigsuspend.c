/* To be preloaded under valgrind 3.19, which writes to the mask that a program gives to sigsuspend(2), and ends by a
 * fault when that is constant, as libdispatch's is: hands it a copy. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, _NSIG / 8);
}
