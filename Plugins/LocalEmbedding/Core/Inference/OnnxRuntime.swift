import COnnxRuntime
import Glibc
import PluginKit

/// ONNX Runtime, opened while the gateway runs, and its table of functions.
///
/// Once opened it stays: it has threads and statics of its own.
struct OnnxRuntime: @unchecked Sendable {
    // The table is constant, and its functions may be called from any thread.
    let api: UnsafePointer<onnx_api>
    /// Such as `1.32.0`.
    let version: String

    /// Opens the library.
    ///
    /// - Throws: ``PluginError`` that names the path, what was expected and what was found.
    init(path: String) throws(PluginError) {
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
            throw PluginError(.invalid, "\(path) cannot be opened as a shared library: \(reason)")
        }
        guard let symbol = dlsym(library, "OrtGetApiBase") else {
            throw PluginError(.invalid, "\(path) is not ONNX Runtime: it has no OrtGetApiBase")
        }
        let entry = unsafeBitCast(symbol, to: onnx_entry.self)
        guard let base = entry(), let makeAPI = base.pointee.api else {
            throw PluginError(.invalid, "\(path) is not ONNX Runtime: OrtGetApiBase gave no table")
        }
        version = base.pointee.version?().map { String(cString: $0) } ?? "unknown"
        guard let api = makeAPI(UInt32(ONNX_API_VERSION)) else {
            throw PluginError(
                .unsupported,
                "\(path) is ONNX Runtime \(version); expected 1.\(ONNX_API_VERSION) or newer; \(ModelFolder.advice)")
        }
        self.api = api
    }

    /// Calls a function of the table that makes something.
    func make(
        _ what: String, _ call: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?
    ) throws(PluginError) -> OpaquePointer {
        var made: OpaquePointer?
        try check(what, call(&made))
        guard let made else { throw PluginError(.internalError, "ONNX Runtime could not \(what): it gave nothing") }
        return made
    }

    /// - Throws: ``PluginError`` with the runtime's own words, unless the status says that it worked.
    func check(_ what: String, _ status: OpaquePointer?) throws(PluginError) {
        guard let status else { return }
        let message = api.pointee.status_message(status).map { String(cString: $0) } ?? "no reason given"
        api.pointee.release_status(status)
        throw PluginError(.internalError, "ONNX Runtime \(version) could not \(what): \(message)")
    }
}
