import PluginAPI

/// Secret values behind the handles of `resolved.secrets`.
public struct SecretsService: Sendable {
    let host: HostHandle
    let table: vmcp_secrets?
    let callbacks: CallbackTable

    /// The value behind a handle as of now. Read it when you need it, and do not keep it.
    ///
    /// - Throws: ``PluginError`` when there is no such secret, or no secret service.
    public func value(_ handle: String) throws(PluginError) -> Secret {
        guard let get = table?.get else { throw PluginError(.unsupported, "the host has no secrets service") }
        return Secret(
            try readText("secret '\(handle)'") { room in
                handle.withBorrowedBytes { get(host.pointer, $0, room) }
            })
    }

    /// Calls `changed` after each change of the value, until the watch is cancelled.
    ///
    /// - Returns: `nil` for an unknown handle.
    public func watch(_ handle: String, _ changed: @escaping @Sendable () -> Void) -> SecretWatch? {
        guard let watch = table?.watch else { return nil }
        let callback = callbacks.add(changed)
        let number = handle.withBorrowedBytes {
            watch(host.pointer, $0, callback.context) { CallbackTable.Callback.borrowed($0)?.run() }
        }
        guard number != 0 else {
            callback.remove()
            return nil
        }
        return SecretWatch { [self, weak callback] in
            guard let callback else { return }
            table?.unwatch?(host.pointer, number)
            callback.remove()
        }
    }
}

/// A watch on a secret.
public struct SecretWatch: Sendable {
    let cancelAction: @Sendable () -> Void
    /// Ends the watch; nothing is called any more once this returned.
    public func cancel() { cancelAction() }
}

/// A value that no log and no dump prints.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String
    init(_ value: String) { self.value = value }

    /// The value itself, for the place that needs it.
    public func reveal() -> String { value }
    /// Not the value.
    public var description: String { "(secret)" }
    /// Not the value.
    public var debugDescription: String { "(secret)" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Reads text that the host copies into room we lend, with more room when it asks for it.
func readText(
    _ what: String, _ read: (UnsafeMutablePointer<vmcp_text>) -> vmcp_status
) throws(PluginError) -> String {
    var capacity = 1_024
    while true {
        let (status, text, needed) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { room in
            var text = vmcp_text(data: room.baseAddress, capacity: capacity, size: 0)
            let status = Status(rawValue: read(&text)) ?? .internalError
            let bytes = UnsafeRawBufferPointer(start: room.baseAddress, count: min(text.size, capacity))
            // The stack keeps what was written: wipe it once it is copied.
            defer { UnsafeMutableRawBufferPointer(room).initializeMemory(as: UInt8.self, repeating: 0) }
            return (status, status == .ok ? String(decoding: bytes, as: UTF8.self) : "", text.size)
        }
        switch status {
        case .ok: return text
        case .exhausted where needed > capacity && needed <= 16_777_216: capacity = needed
        default: throw PluginError(status, "\(what): the host answered '\(status)'")
        }
    }
}
