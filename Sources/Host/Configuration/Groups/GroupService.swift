import Foundation

/// Says which gateway serves a group: a file in its folder that the gateway holds locked as long as it runs. The lock ends
/// with the process, whatever ends it; what is written there then means nothing.
package final class GroupService: Sendable {
    /// What a group's gateway is found to be.
    package enum Found: Sendable, Equatable {
        /// None runs.
        case none
        /// One runs; the address of its MCP endpoint, empty while it does not listen yet.
        case running(endpoint: String)
    }

    private static let file = ".gateway"
    private let descriptor: Int32

    /// Becomes the group's gateway.
    ///
    /// - Throws: When another one is, or the file cannot be made.
    package init(_ group: GroupFolder) throws(GroupFault) {
        let path = "\(group.path)/\(Self.file)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw GroupFault("could not open \(path): \(String(cString: strerror(errno)))")
        }
        var lock = Self.lock
        guard fcntl(descriptor, F_SETLK, &lock) == 0 else {
            close(descriptor)
            let place =
                if case .running(let endpoint) = Self.look(at: group), !endpoint.isEmpty { " at \(endpoint)" } else {
                    ""
                }
            throw GroupFault("the group \(group.name) is served\(place) already; one gateway serves it at a time")
        }
        self.descriptor = descriptor
        ftruncate(descriptor, 0)
    }

    /// Says where it listens.
    package func listens(at endpoint: String) {
        let bytes = Array((endpoint + "\n").utf8)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }

    deinit { close(descriptor) }

    /// Of the whole file, for one process (fcntl(2)).
    private static var lock: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }

    /// Which gateway serves a group now.
    package static func look(at group: GroupFolder) -> Found {
        let descriptor = open("\(group.path)/\(file)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .none }
        defer { close(descriptor) }
        // Only looks: who locks to find out keeps a gateway from starting meanwhile.
        var lock = Self.lock
        guard fcntl(descriptor, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK) else { return .none }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        return .running(endpoint: text.filter { !$0.isWhitespace })
    }
}
