import CPosix
import Glibc
import Synchronization

/// The standard input of a child: writes from any thread, whole and in order, that never wait.
///
/// What the pipe does not take at once is kept; the process thread writes it when the pipe has room.
final class ChildInput: Sendable {
    private struct State {
        /// -1 once closed.
        var descriptor: Int32
        var pending: [UInt8] = []
        /// How much of `pending` is written.
        var written = 0
        /// No more is taken; the descriptor closes when `pending` is through.
        var isClosing = false
        /// A write was answered with a pause.
        var owesDrained = false
        /// The thread was asked to look after the pipe.
        var isWatched = false

        var waiting: Int { pending.count - written }

        mutating func drop() {
            pending = []
            written = 0
        }
    }

    /// What the process thread is to do after a step.
    struct Need {
        /// Wait until the pipe has room.
        var watch = false
        /// Nobody writes any more: forget the descriptor, and close it.
        var close = false
        /// The writer may go on.
        var drained = false
    }

    /// Kept beyond this, the writer is asked to pause, until a quarter is left.
    static let highWater = 1_048_576
    /// A writer that does not heed the pause is refused beyond this.
    static let limit = 67_108_864

    private let state: Mutex<State>

    /// - Parameter descriptor: The writing end, not blocking; owned from now on.
    init(owning descriptor: Int32) { state = Mutex(State(descriptor: descriptor)) }

    var descriptor: Int32 { state.withLock { $0.descriptor } }

    /// Takes bytes. `need` says whether the process thread has to act.
    func write(_ data: UnsafeRawBufferPointer) -> (answer: SinkAnswer, need: Need) {
        state.withLock { state in
            guard !state.isClosing, state.waiting + data.count <= ChildInput.limit || state.waiting == 0 else {
                return (.stop, Need())
            }
            var rest = data
            if state.waiting == 0 {
                guard let count = ChildInput.push(rest, to: state.descriptor) else {
                    state.isClosing = true
                    return (.stop, Need(close: true))
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            if rest.isEmpty { return (.go, Need()) }
            state.pending += rest
            var need = Need()
            need.watch = !state.isWatched
            state.isWatched = true
            guard state.waiting > ChildInput.highWater else { return (.go, need) }
            state.owesDrained = true
            return (.pause, need)
        }
    }

    /// Takes no more, and closes once what was taken is through.
    ///
    /// - Parameter atOnce: Drops what is not through.
    func close(atOnce: Bool = false) -> Need {
        state.withLock { state in
            state.isClosing = true
            state.owesDrained = false
            if atOnce { state.drop() }
            return Need(close: state.waiting == 0)
        }
    }

    /// The pipe has room, or nobody reads it any more. On the process thread.
    func push() -> Need {
        state.withLock { state in
            guard state.descriptor >= 0 else { return Need() }
            let count = state.pending.withUnsafeBytes { pending in
                ChildInput.push(UnsafeRawBufferPointer(rebasing: pending[state.written...]), to: state.descriptor)
            }
            guard let count else {
                state.isClosing = true
                state.owesDrained = false
                state.drop()
                return Need(close: true)
            }
            state.written += count
            var need = Need(watch: true)
            if state.waiting == 0 {
                state.drop()
                state.isWatched = false
                need = Need(close: state.isClosing)
            } else if state.written > ChildInput.highWater {
                state.pending.removeFirst(state.written)
                state.written = 0
            }
            if state.owesDrained, state.waiting <= ChildInput.highWater / 4 {
                state.owesDrained = false
                need.drained = true
            }
            return need
        }
    }

    /// Closes the descriptor, once. On the process thread, which has stopped watching it.
    func discard() {
        state.withLock { state in
            state.isClosing = true
            state.drop()
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = -1
        }
    }

    /// How much the pipe took; nil when it is broken.
    private static func push(_ data: UnsafeRawBufferPointer, to descriptor: Int32) -> Int? {
        var done = 0
        while done < data.count {
            let count = Glibc.write(descriptor, data.baseAddress! + done, data.count - done)
            if count >= 0 {
                done += count
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                return nil
            }
        }
        return done
    }
}
