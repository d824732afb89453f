import CPosix

/// A call to the operating system that failed.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The function, such as `posix_spawn`.
    package let call: String
    /// The value of `errno`.
    package let code: Int32

    package init(_ call: String, _ code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call): \(SystemError.text(of: code))" }

    /// What the C library says about an `errno`.
    package static func text(of code: Int32) -> String {
        cposix_error_text(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
