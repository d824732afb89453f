import Synchronization

/// A call of `find_tool` by a client with a session.
final class FindCall: OwnCall {
    let stream: any ClientStream
    private let id: JSONSlice
    private let owner: GatewaySession
    private let work = SearchTask()

    init(id: JSONSlice, stream: any ClientStream, owner: GatewaySession) {
        self.id = id
        self.stream = stream
        self.owner = owner
    }

    /// - Parameter catalog: The caller's own, where callers have such.
    func start(_ wanted: ToolRequest, _ optimizer: Optimizer, in catalog: Catalog?) {
        work.start(wanted, optimizer, owner.principal, in: catalog) { [self] result in
            owner.finished(self, id: id)
            stream.finish(JSONRPCWriter.result(id: id.bytes, result))
        }
    }

    func cancel() {
        guard work.end() else { return }
        owner.finished(self, id: id)
        stream.cancelled()
    }

    func abandon() {
        if work.end() { stream.close() }
    }
}

/// A call of `find_tool` without a session.
final class FindExchange: StatelessExchange {
    private let id: JSONSlice
    private let stream: any StatelessStream
    private let stamp: ResultStamp
    private let work = SearchTask()

    init(id: JSONSlice, stream: any StatelessStream, stamp: ResultStamp) {
        self.id = id
        self.stream = stream
        self.stamp = stamp
    }

    /// - Parameter catalog: The caller's own, where callers have such.
    func start(_ wanted: ToolRequest, _ optimizer: Optimizer, _ principal: Principal, in catalog: Catalog?) {
        work.start(wanted, optimizer, principal, in: catalog) { [self] result in
            stream.finish(stamp.answer(id: id, complete: result), code: nil)
        }
    }

    func cancel() { _ = work.end() }
    func drain() {}
}

/// One search: its result is used, or it was given up, but not both.
private final class SearchTask: Sendable {
    private let state = Mutex<(task: Task<Void, Never>?, isOver: Bool)>((nil, false))

    func start(
        _ wanted: ToolRequest, _ optimizer: Optimizer, _ principal: Principal, in catalog: Catalog?,
        done: @escaping @Sendable ([UInt8]) -> Void
    ) {
        let task = Task { [self] in
            let result = await optimizer.find(wanted, principal, in: catalog)
            if end() { done(result) }
        }
        let isOver = state.withLock { state in
            if !state.isOver { state.task = task }
            return state.isOver
        }
        if isOver { task.cancel() }
    }

    /// - Returns: Whether this ended it.
    func end() -> Bool {
        let (ended, task) = state.withLock { state in
            defer { state = (nil, true) }
            return (!state.isOver, state.task)
        }
        if ended { task?.cancel() }
        return ended
    }
}
