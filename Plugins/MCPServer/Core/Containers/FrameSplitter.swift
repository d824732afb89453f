package import PluginKit

/// Takes apart what an engine sends of a container without a terminal: frames of 8 bytes of head (stream, three zeros,
/// length in network order) and their data. A value without I/O.
///
/// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
package struct FrameSplitter: Sendable {
    /// What came is no frame: the container may have a terminal, or this is no engine.
    package struct NoFrame: Error {}

    private var head: [UInt8] = []
    private var left = 0
    private var stream = ProcessStream.output

    package init() {}

    /// Takes bytes in the order they came, and hands out the data in them.
    package mutating func take(
        _ data: UnsafeRawBufferPointer, _ handOut: (ProcessStream, UnsafeRawBufferPointer) -> Void
    ) throws(NoFrame) {
        var rest = data
        while !rest.isEmpty {
            if left == 0 {
                let count = min(8 - head.count, rest.count)
                head += rest[..<count]
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                guard head.count == 8 else { return }
                guard head[0] <= 2, head[1] == 0, head[2] == 0, head[3] == 0 else { throw NoFrame() }
                stream = head[0] == 2 ? .error : .output
                left = head[4...].reduce(0) { $0 << 8 | Int($1) }
                head = []
            }
            let count = min(left, rest.count)
            if count > 0 { handOut(stream, UnsafeRawBufferPointer(rebasing: rest[..<count])) }
            left -= count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
