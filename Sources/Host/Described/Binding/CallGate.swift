import CPosix
import Dispatch
import Synchronization

/// Keeps a library's rule on threads.
final class CallGate: Sendable {
    private let rule: LibraryDescription.Threads
    private let turn = Mutex(())
    private let thread: DedicatedThread?

    /// - Throws: When the library needs a thread of its own and the system has none.
    init(_ rule: LibraryDescription.Threads, name: String) throws(DescriptionError) {
        self.rule = rule
        thread = rule == .dedicated ? DedicatedThread(name: name) : nil
        if rule == .dedicated, thread == nil {
            throw DescriptionError([
                DescriptionProblem(.notLoadable, at: nil, path: "threads", "the system has no thread for the library")
            ])
        }
    }

    /// Makes a call when it is its turn, and waits for it.
    /// - Parameter mayOverlap: The function may run beside others of a library that is `serial`.
    func run<Answer: Sendable>(mayOverlap: Bool, _ body: @escaping @Sendable () -> Answer) -> Answer {
        switch rule {
        case .any: return body()
        case .serial: return mayOverlap ? body() : turn.withLock { _ in body() }
        case .dedicated: return thread.map { $0.run(body) } ?? body()
        }
    }
}

/// One thread that makes all calls of a library, for as long as the library is used.
final class DedicatedThread: Sendable {
    private final class Queue: Sendable {
        let work = Mutex<[@Sendable () -> Void]>([])
        let isOver = Atomic<Bool>(false)
        let arrived = DispatchSemaphore(value: 0)
        let name: String

        init(name: String) { self.name = name }

        func serve() {
            while true {
                arrived.wait()
                let next = work.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                if let next { next() } else if isOver.load(ordering: .acquiring) { return }
            }
        }
    }

    private let queue: Queue

    init?(name: String) {
        queue = Queue(name: name)
        let argument = Unmanaged.passRetained(queue)
        let code =
            vmcp_worker_start(
                { pointer in
                    guard let pointer else { return }
                    let queue = Unmanaged<Queue>.fromOpaque(pointer).takeRetainedValue()
                    vmcp_worker_name(queue.name)
                    queue.serve()
                }, argument.toOpaque())
        if code != 0 {
            argument.release()
            return nil
        }
    }

    deinit {
        queue.isOver.store(true, ordering: .releasing)
        queue.arrived.signal()
    }

    private final class Answered<Answer: Sendable>: Sendable {
        let value = Mutex<Answer?>(nil)
    }

    /// Runs `body` on the thread and waits for it.
    func run<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) -> Answer {
        let answer = Answered<Answer>()
        let done = DispatchSemaphore(value: 0)
        queue.work.withLock { work in
            work.append {
                let made = body()
                answer.value.withLock { $0 = made }
                done.signal()
            }
        }
        queue.arrived.signal()
        done.wait()
        return answer.value.withLock { $0.unsafelyUnwrapped }
    }
}
