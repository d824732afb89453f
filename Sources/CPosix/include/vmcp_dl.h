/* Shared libraries: what the dynamic linker offers behind _GNU_SOURCE, which Swift does not see. */
#ifndef VMCP_DL_H
#define VMCP_DL_H

/* Loads a library so that its symbols stay its own and it is never unloaded. NULL on failure, with the linker's words
 * copied to `error`. */
void *vmcp_dl_open(const char *path, char *error, unsigned long capacity);

/* The address of a symbol that the library itself defines, or NULL. dlsym alone would also answer with a symbol of a
 * library that this one depends on. */
void *vmcp_dl_symbol(void *library, const char *name);

#endif
