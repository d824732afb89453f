/// A task as the backend that runs it knows it.
struct TaskReference: Hashable, Sendable {
    /// How tasks work in the revision in which it was made; an id of one is unknown to the methods of the other.
    enum Form: UInt8, Sendable {
        /// The client asks for a task (2025-11-25, Tasks).
        case asked = 1
        /// The backend decides that a call becomes one (the extension `io.modelcontextprotocol/tasks` of 2026-07-28).
        case decided
    }

    let form: Form
    let backend: String
    /// The backend's own id.
    let id: String
}

// The form as bytes: that of the task, the length of the backend's name, the name, the id.
extension TaskReference {
    var bytes: [UInt8] {
        let name = Array(backend.utf8)
        var out = [form.rawValue]
        out.append(contentsOf: withUnsafeBytes(of: UInt32(clamping: name.count).bigEndian) { Array($0) })
        return out + name + Array(id.utf8)
    }

    /// `nil` for what ``bytes`` would not have written.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 5, let form = Form(rawValue: bytes[0]) else { return nil }
        let count = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard count <= bytes.count - 5 else { return nil }
        self.form = form
        backend = String(decoding: bytes[5..<(5 + count)], as: UTF8.self)
        id = String(decoding: bytes[(5 + count)...], as: UTF8.self)
    }
}
