#define _GNU_SOURCE
#include "vmcp_dl.h"

#include <dlfcn.h>
#include <string.h>
#ifdef __linux__
#include <link.h>
#endif

void *vmcp_dl_open(const char *path, char *error, unsigned long capacity) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL && capacity > 0) {
        const char *reason = dlerror();
        strncpy(error, reason == NULL ? "no reason given" : reason, capacity - 1);
        error[capacity - 1] = '\0';
    }
    return library;
}

void *vmcp_dl_symbol(void *library, const char *name) {
    void *symbol = dlsym(library, name);
    if (symbol == NULL) {
        return NULL;
    }
#ifdef __linux__
    /* The image that holds the address must be the one whose handle was asked. */
    Dl_info info;
    struct link_map *asked = NULL, *found = NULL;
    if (dladdr1(symbol, &info, (void **)&found, RTLD_DL_LINKMAP) == 0 || dlinfo(library, RTLD_DI_LINKMAP, &asked) != 0) {
        return NULL;
    }
    return asked == found ? symbol : NULL;
#else
    return symbol;
#endif
}
