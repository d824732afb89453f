import Synchronization

/// The last lines of the terminal, which are drawn over as things change: what is written meanwhile, such as the log, comes to
/// stand above them.
final class LiveRegion: Sendable {
    /// That of standard error.
    static let shared = LiveRegion()

    private struct State {
        var lines: [String] = []
        /// Whether they are the last lines on the screen.
        var isDrawn = false
        /// Somebody writes on the screen: nothing is drawn over it.
        var isHeld = false
    }

    private let state = Mutex(State())

    /// Puts lines in the place of those before, or below what is held. None may be wider than the terminal.
    func show(_ lines: [String]) {
        state.withLock { state in
            guard !state.isHeld else {
                state.lines = lines
                return
            }
            let up = Self.up(state)
            (state.lines, state.isDrawn) = (lines, true)
            Terminal.write(up + Self.text(state))
        }
    }

    /// Runs what writes to standard error, above the lines. It must not show anything itself.
    func above(_ write: () -> Void) {
        state.withLock { state in
            guard state.isDrawn else { return write() }
            Terminal.write(Self.up(state))
            write()
            Terminal.write(Self.text(state))
        }
    }

    /// From now on what is there stays, and nothing is drawn.
    func hold() { state.withLock { ($0.isHeld, $0.isDrawn) = (true, false) } }

    /// Draws again, below what was written.
    func release() {
        state.withLock { state in
            (state.isHeld, state.isDrawn) = (false, true)
            Terminal.write(Self.text(state))
        }
    }

    /// The lines stay as they are; what is written comes below.
    func end() { state.withLock { $0 = State() } }

    private static func up(_ state: State) -> String {
        state.isDrawn && !state.lines.isEmpty ? "\u{1B}[\(state.lines.count)A\u{1B}[J" : ""
    }

    private static func text(_ state: State) -> String { state.lines.map { $0 + "\n" }.joined() }
}
