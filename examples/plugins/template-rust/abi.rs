//! The part of the plugin ABI that a backend needs, as in vmcp_plugin.h and vmcp_backend.h of version 1.0.
//!
//! Names and order are those of the C headers, which explain every field. Function pointers that the headers call
//! optional are `Option`.

use std::os::raw::{c_char, c_void};

pub const MAGIC: u32 = 0x5043_4D56;
pub const MAJOR: u16 = 1;
pub const MINOR: u16 = 0;
/// Null-terminated, as C wants it.
pub const BACKEND: &[u8] = b"vmcp.backend/1\0";
pub const BACKEND_SHAREABLE: u32 = 1;

pub const OK: i32 = 0;
pub const INVALID: i32 = 1;
pub const INTERNAL: i32 = 11;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub size: usize,
}

#[repr(C)]
pub struct Text {
    pub data: *mut c_char,
    pub capacity: usize,
    pub size: usize,
}

#[repr(C)]
pub struct Header {
    pub name: Bytes,
    pub value: Bytes,
}

#[repr(C)]
pub struct Outcome {
    pub struct_size: u32,
    pub status: i32,
    pub flags: u32,
    pub http_status: u32,
    pub retry_after_ms: u64,
    pub message: Bytes,
    pub challenge: Bytes,
}

#[repr(C)]
pub struct Call {
    pub struct_size: u32,
    pub reserved: u32,
    pub id: u64,
    pub deadline_ms: u64,
    pub idle_ms: u64,
    pub identity: u64,
    pub headers: *const Header,
    pub header_count: usize,
    pub trace_parent: Bytes,
    pub trace_state: Bytes,
    pub context: *mut c_void,
    pub emit: unsafe extern "C" fn(*mut c_void, u32, Bytes) -> i32,
    pub resolve: unsafe extern "C" fn(*mut c_void, *const Outcome, Bytes),
}

/// vmcp_host, vmcp_session_params and vmcp_session_sink are not looked into here.
#[repr(C)]
pub struct Opaque {
    private: [u8; 0],
}

#[repr(C)]
pub struct Backend {
    pub struct_size: u32,
    pub traits: u32,
    pub open: unsafe extern "C" fn(*mut c_void, u64, *const Opaque, *const Opaque, *const Call),
    pub send: unsafe extern "C" fn(*mut c_void, u64, Bytes, *const Call),
    pub listen: Option<unsafe extern "C" fn(*mut c_void, u64, *const Call)>,
    pub close: unsafe extern "C" fn(*mut c_void, u64, *const Call),
    pub resume_session: Option<unsafe extern "C" fn(*mut c_void, u64)>,
}

#[repr(C)]
pub struct Plugin {
    pub magic: u32,
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub flags: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub provides: *const *const c_char,
    pub config_schema: *const c_char,
    pub create: unsafe extern "C" fn(*const Opaque, Bytes, *mut *mut c_void, *mut Text) -> i32,
    pub start: Option<unsafe extern "C" fn(*mut c_void, *const Call)>,
    pub capability: unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    pub cancel: Option<unsafe extern "C" fn(*mut c_void, u64, u32)>,
    pub resume: Option<unsafe extern "C" fn(*mut c_void, u64)>,
    pub quiesce: Option<unsafe extern "C" fn(*mut c_void, *const Call)>,
    pub destroy: unsafe extern "C" fn(*mut c_void),
}
