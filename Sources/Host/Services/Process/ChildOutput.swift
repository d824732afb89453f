import Glibc

/// One output stream of a child, on the process thread.
final class ChildOutput {
    let stream: OutputStream
    let descriptor: Int32
    private let isByLine: Bool
    private var splitter: LineSplitter
    /// Read, and held back because of a pause; from ``heldFrom`` on.
    private var held: [UInt8] = []
    private var heldFrom = 0
    private(set) var isPaused = false
    /// Nobody wants what still comes; it is read all the same, so that the child does not wait for ever.
    private var isUnwanted = false
    /// Everything was read, and handed out or dropped.
    private(set) var isOver = false
    private var hasEnded = false
    /// The process is gone: what can be read now is all there will be, even when a stranger holds the pipe.
    var isLast = false

    var dropped: Int { splitter.dropped }

    /// - Parameter descriptor: The reading end, not blocking; owned from now on.
    init(_ stream: OutputStream, owning descriptor: Int32, _ spec: ProcessSpec) {
        self.stream = stream
        self.descriptor = descriptor
        isByLine = spec.isByLine
        splitter = LineSplitter(maxLineBytes: spec.maxLineBytes)
    }

    deinit { close(descriptor) }

    /// Forgets the pause and everything that comes.
    func stopDelivering() {
        isUnwanted = true
        isPaused = false
        held = []
        heldFrom = 0
        if hasEnded { isOver = true }
    }

    /// Ends a pause: hands out what was held back.
    func resume(_ sink: any ProcessSink) {
        guard isPaused else { return }
        isPaused = false
        handOut(sink)
    }

    /// Reads what there is: one buffer, so that one child cannot keep the thread for itself, or all when it is the last.
    func read(into buffer: UnsafeMutableRawBufferPointer, _ sink: any ProcessSink) {
        while !isPaused, !hasEnded {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), sink)
                if !isLast { return }
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN, !isLast {
                return
            } else {
                hasEnded = true
                handOut(sink)
            }
        }
    }

    private func take(_ data: UnsafeRawBufferPointer, _ sink: any ProcessSink) {
        if isUnwanted { return }
        let used = deliver(data, sink)
        if used < data.count { held = Array(data[used...]) }
    }

    /// Hands out what is held, and the last line when nothing more comes.
    private func handOut(_ sink: any ProcessSink) {
        if !held.isEmpty {
            let rest = held
            let used = rest.withUnsafeBytes { deliver(UnsafeRawBufferPointer(rebasing: $0[heldFrom...]), sink) }
            heldFrom += used
            if heldFrom >= held.count {
                held = []
                heldFrom = 0
            }
        }
        guard hasEnded, !isPaused, held.isEmpty, !isOver else { return }
        isOver = true
        if isByLine, !isUnwanted { splitter.finish { accept(sink.output(stream, $0)) } }
    }

    private func deliver(_ data: UnsafeRawBufferPointer, _ sink: any ProcessSink) -> Int {
        if isUnwanted { return data.count }
        if isByLine { return splitter.feed(data) { accept(sink.output(stream, $0)) } }
        _ = accept(sink.output(stream, data))
        return data.count
    }

    private func accept(_ answer: SinkAnswer) -> Bool {
        switch answer {
        case .go: return true
        case .pause: isPaused = true
        case .stop: isUnwanted = true
        }
        return false
    }
}
