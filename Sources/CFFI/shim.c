#include "vmcp_ffi.h"

#include <errno.h>
#include <stdlib.h>

ffi_type *vmcp_ffi_void(void) { return &ffi_type_void; }

ffi_type *vmcp_ffi_pointer(void) { return &ffi_type_pointer; }

ffi_type *vmcp_ffi_integer(int32_t size, int32_t is_signed) {
    switch (size) {
    case 1: return is_signed ? &ffi_type_sint8 : &ffi_type_uint8;
    case 2: return is_signed ? &ffi_type_sint16 : &ffi_type_uint16;
    case 4: return is_signed ? &ffi_type_sint32 : &ffi_type_uint32;
    default: return is_signed ? &ffi_type_sint64 : &ffi_type_uint64;
    }
}

ffi_type *vmcp_ffi_float(int32_t size) { return size == 4 ? &ffi_type_float : &ffi_type_double; }

ffi_type *vmcp_ffi_structure(ffi_type **elements) {
    ffi_type *type = calloc(1, sizeof *type);
    if (type != NULL) {
        /* Size and alignment stay 0: ffi_prep_cif works them out. */
        type->type = FFI_TYPE_STRUCT;
        type->elements = elements;
    }
    return type;
}

int32_t vmcp_ffi_prepare(ffi_cif *cif, uint32_t count, ffi_type *result, ffi_type **types) {
    return (int32_t)ffi_prep_cif(cif, FFI_DEFAULT_ABI, count, result, types);
}

void vmcp_ffi_call(ffi_cif *cif, void *function, void *result, void **values, int32_t *error) {
    errno = 0;
    ffi_call(cif, FFI_FN(function), result, values);
    *error = errno;
}

void vmcp_ffi_free(void *memory) { free(memory); }

vmcp_ffi_closure vmcp_ffi_closure_make(ffi_cif *cif, void (*body)(ffi_cif *, void *, void **, void *), void *context) {
    vmcp_ffi_closure closure = {0};
    ffi_closure *writable = ffi_closure_alloc(sizeof(ffi_closure), &closure.code);
    if (writable == NULL) {
        return closure;
    }
    if (ffi_prep_closure_loc(writable, cif, body, context, closure.code) != FFI_OK) {
        ffi_closure_free(writable);
        return closure;
    }
    closure.writable = writable;
    return closure;
}

void vmcp_ffi_closure_free(vmcp_ffi_closure closure) {
    if (closure.writable != NULL) {
        ffi_closure_free(closure.writable);
    }
}
