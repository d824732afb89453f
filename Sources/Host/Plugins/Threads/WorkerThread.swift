import CPosix

/// A thread outside Swift's pool, for work that waits.
enum WorkerThread {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a detached thread. It blocks all signals: those belong to the program's own handlers.
    /// - Returns: Whether the system had a thread for us.
    static func start(_ name: String, _ run: @escaping @Sendable () -> Void) -> Bool {
        let body = Unmanaged.passRetained(Body(name, run))
        if vmcp_worker_start(enter, body.toOpaque()) == 0 { return true }
        body.release()
        return false
    }

    private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> Void = { argument in
        guard let argument else { return }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        vmcp_worker_name(body.name)
        body.run()
    }
}
