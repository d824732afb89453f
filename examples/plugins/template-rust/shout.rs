//! A whole backend in Rust without crates: an MCP server with one tool, `shout`, as a vMCP plugin.
//!
//!     rustc --edition 2021 --crate-type cdylib -O -o libshout_rust.so shout.rs
//!
//! It answers at once, on the call, from memory: there is nothing to start, to cancel or to wait for. To make it yours,
//! change id and kind (here and in plugin.yaml), the schema, `TOOLS` and `call_tool`.

mod abi;
mod json;

use abi::{Backend, Bytes, Call, Opaque, Outcome, Plugin, Text};
use json::{inside, member};
use std::ffi::CStr;
use std::mem::size_of;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

const TOOLS: &str = r#"{"tools":[{"name":"shout","description":"Says a text in capital letters.","annotations":{"readOnlyHint":true},"inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}]}"#;

/// One configured resource of our kind.
struct Shout {
    /// As written in the configuration's JSON, escapes included.
    greeting: Vec<u8>,
}

impl Shout {
    fn new(configuration: &[u8]) -> Result<Shout, String> {
        let value = member(configuration, "spec").and_then(|spec| member(spec, "greeting"));
        let greeting = match value {
            None => &[],
            Some(value) => inside(value).ok_or_else(|| {
                let found = String::from_utf8_lossy(&value[..value.len().min(40)]).into_owned();
                format!("spec.greeting: expected a string, found {found}")
            })?,
        };
        Ok(Shout { greeting: greeting.to_vec() })
    }

    /// The answer to a message: empty for a notification, and for an answer to requests, which we never make.
    fn answer(&self, message: &[u8]) -> Vec<u8> {
        let method = member(message, "method").and_then(inside);
        let (id, method) = match (member(message, "id"), method) {
            (Some(id), Some(method)) => (id, method),
            _ => return Vec::new(),
        };
        let params = member(message, "params").unwrap_or(b"{}");
        let outcome = match method {
            b"initialize" => initialize(params),
            b"ping" => b"\"result\":{}".to_vec(),
            b"tools/list" => [b"\"result\":", TOOLS.as_bytes()].concat(),
            b"tools/call" => self.call_tool(params),
            _ => br#""error":{"code":-32601,"message":"Method not found"}"#.to_vec(),
        };
        [br#"{"jsonrpc":"2.0","id":"#, id, b",", &outcome, b"}"].concat()
    }

    fn call_tool(&self, params: &[u8]) -> Vec<u8> {
        if member(params, "name").and_then(inside) != Some(b"shout") {
            return br#""error":{"code":-32602,"message":"Unknown tool: the one tool here is shout"}"#.to_vec();
        }
        let words = member(params, "arguments").and_then(|arguments| member(arguments, "text")).and_then(inside);
        match words {
            // A result, not an error: the model reads it and can do better.
            None => {
                br#""result":{"content":[{"type":"text","text":"The argument text must be a string."}],"isError":true}"#
                    .to_vec()
            }
            Some(words) => {
                let text = [&self.greeting, upper_case(words).as_slice()].concat();
                [br#""result":{"content":[{"type":"text","text":""#, text.as_slice(), br#""}]}"#].concat()
            }
        }
    }
}

fn initialize(params: &[u8]) -> Vec<u8> {
    let version = match member(params, "protocolVersion").and_then(inside) {
        Some(known @ (b"2025-03-26" | b"2025-06-18")) => known,
        _ => b"2025-11-25",
    };
    let rest = br#"","capabilities":{"tools":{}},"serverInfo":{"name":"shout","version":"1.0.0"}}"#;
    [br#""result":{"protocolVersion":""#, version, rest].concat()
}

/// Of an escape, such as \n, the letter stays.
fn upper_case(words: &[u8]) -> Vec<u8> {
    let mut escaped = false;
    let upper = |&byte: &u8| {
        let kept = escaped;
        escaped = byte == b'\\' && !escaped;
        if kept { byte } else { byte.to_ascii_uppercase() }
    };
    words.iter().map(upper).collect()
}

// ---- the border: nothing below may panic into C, and every pointer is borrowed for the call that passes it ----

unsafe fn borrowed<'a>(bytes: Bytes) -> &'a [u8] {
    if bytes.data.is_null() { &[] } else { std::slice::from_raw_parts(bytes.data, bytes.size) }
}

fn lent(bytes: &[u8]) -> Bytes {
    Bytes { data: bytes.as_ptr(), size: bytes.len() }
}

unsafe fn resolve(call: *const Call, status: i32, why: &str, last: &[u8]) {
    let outcome = Outcome {
        struct_size: size_of::<Outcome>() as u32,
        status,
        flags: 0,
        http_status: 0,
        retry_after_ms: 0,
        message: lent(why.as_bytes()),
        challenge: lent(b""),
    };
    ((*call).resolve)((*call).context, &outcome, lent(last));
}

unsafe extern "C" fn create(_: *const Opaque, config: Bytes, made: *mut *mut c_void, error: *mut Text) -> i32 {
    let configuration = borrowed(config);
    let shout = catch_unwind(|| Shout::new(configuration)).unwrap_or_else(|_| Err("the plugin panicked".to_string()));
    match shout {
        Ok(shout) => {
            *made = Box::into_raw(Box::new(shout)).cast();
            abi::OK
        }
        Err(why) => {
            let error = &mut *error;
            error.size = why.len().min(error.capacity);
            std::ptr::copy_nonoverlapping(why.as_ptr(), error.data.cast(), error.size);
            abi::INVALID
        }
    }
}

unsafe extern "C" fn destroy(instance: *mut c_void) {
    drop(Box::from_raw(instance.cast::<Shout>()));
}

unsafe extern "C" fn open(_: *mut c_void, _: u64, _: *const Opaque, _: *const Opaque, call: *const Call) {
    resolve(call, abi::OK, "", b"");
}

unsafe extern "C" fn send(instance: *mut c_void, _: u64, message: Bytes, call: *const Call) {
    let (shout, message) = (&*instance.cast::<Shout>(), borrowed(message));
    match catch_unwind(AssertUnwindSafe(|| shout.answer(message))) {
        Ok(answer) => resolve(call, abi::OK, "", &answer),
        Err(_) => resolve(call, abi::INTERNAL, "the plugin panicked", b""),
    }
}

unsafe extern "C" fn close(_: *mut c_void, _: u64, call: *const Call) {
    resolve(call, abi::OK, "", b"");
}

unsafe extern "C" fn capability(_: *mut c_void, id: *const c_char) -> *const c_void {
    static TABLE: Backend = Backend {
        struct_size: size_of::<Backend>() as u32,
        traits: abi::BACKEND_SHAREABLE,
        open,
        send,
        listen: None,
        close,
        resume_session: None,
    };
    if CStr::from_ptr(id).to_bytes_with_nul() == abi::BACKEND {
        (&TABLE as *const Backend).cast()
    } else {
        std::ptr::null()
    }
}

/// Constant data behind raw pointers, which Rust cannot see to be constant.
struct Constant<T>(T);
unsafe impl<T> Sync for Constant<T> {}

static PROVIDES: Constant<[*const c_char; 2]> = Constant([abi::BACKEND.as_ptr().cast(), std::ptr::null()]);
static PLUGIN: Constant<Plugin> = Constant(Plugin {
    magic: abi::MAGIC,
    struct_size: size_of::<Plugin>() as u32,
    abi_major: abi::MAJOR,
    abi_minor: abi::MINOR,
    flags: 0,
    id: b"template-rust\0".as_ptr().cast(),
    version: b"1.0.0\0".as_ptr().cast(),
    provides: &PROVIDES.0 as *const *const c_char,
    config_schema: concat!(
        r#"{"type":"object","properties":{"groupRef":{"type":"object"},"greeting":{"type":"string"}},"#,
        r#""additionalProperties":false}"#,
        "\0"
    )
    .as_ptr()
    .cast(),
    create,
    start: None,
    capability,
    cancel: None,
    resume: None,
    quiesce: None,
    destroy,
});

/// The one exported symbol: the table for the host's ABI major, or null when this library does not serve it.
#[no_mangle]
pub extern "C" fn vmcp_plugin_entry(host_abi_major: u16) -> *const Plugin {
    if host_abi_major == abi::MAJOR { &PLUGIN.0 } else { std::ptr::null() }
}
