/* libffi as Swift can use it: structures and function pointers behind a few calls. */
#ifndef VMCP_FFI_H
#define VMCP_FFI_H

#include <ffi.h>
#include <stddef.h>
#include <stdint.h>

/* The type descriptors are objects that libffi itself changes when it meets structures; Swift sees addresses only. */
ffi_type *vmcp_ffi_void(void);
ffi_type *vmcp_ffi_pointer(void);
/* An integer of `size` bytes, 1, 2, 4 or 8. */
ffi_type *vmcp_ffi_integer(int32_t size, int32_t is_signed);
/* A float of 4 or 8 bytes. */
ffi_type *vmcp_ffi_float(int32_t size);
/* A structure of these `elements`, NULL-terminated, which must live as long as the type. Freed by the caller with free(). */
ffi_type *vmcp_ffi_structure(ffi_type **elements);

/* Prepares a call interface of `count` arguments. 0, or a status of libffi. `types` must live as long as the interface. */
int32_t vmcp_ffi_prepare(ffi_cif *cif, uint32_t count, ffi_type *result, ffi_type **types);

/* Calls a function. `error` gets errno as the function left it; it is 0 before. */
void vmcp_ffi_call(ffi_cif *cif, void *function, void *result, void **values, int32_t *error);

/* free() of the C library. */
void vmcp_ffi_free(void *memory);

/* A function pointer with a body. */
typedef struct vmcp_ffi_closure {
    void *writable; /* what libffi allocated; NULL when there was no memory for code */
    void *code;     /* what C calls */
} vmcp_ffi_closure;

vmcp_ffi_closure vmcp_ffi_closure_make(ffi_cif *cif, void (*body)(ffi_cif *, void *, void **, void *), void *context);
void vmcp_ffi_closure_free(vmcp_ffi_closure closure);

#endif
