import Synchronization

/// One `tasks/list`: the tasks that are remembered of the caller, each as its backend describes it now.
final class TaskListing: Sendable {
    /// Tasks on a page.
    static let pageSize = 50

    private struct State {
        /// Described, in their order; `nil` for one that is not there any more, or not yet.
        var tasks: [[UInt8]?]
        var missing: Int
    }

    private let id: [UInt8]
    private let cursor: [UInt8]?
    private let stream: any ClientStream
    private let state: Mutex<State>

    /// - Parameters:
    ///   - count: Tasks on the page.
    ///   - cursor: That of the next page, if there is one.
    init(id: [UInt8], count: Int, cursor: [UInt8]?, stream: any ClientStream) {
        (self.id, self.cursor, self.stream) = (id, cursor, stream)
        state = Mutex(State(tasks: Array(repeating: nil, count: count), missing: count))
    }

    /// Answers at once when nobody has to be asked.
    func start() { if state.withLock({ $0.missing == 0 }) { finish([]) } }

    /// A task is described, or gone.
    func described(_ index: Int, _ json: [UInt8]?) {
        let tasks = state.withLock { state -> [[UInt8]?]? in
            state.tasks[index] = json
            state.missing -= 1
            return state.missing == 0 ? state.tasks : nil
        }
        if let tasks { finish(tasks) }
    }

    private func finish(_ tasks: [[UInt8]?]) {
        let list = tasks.compactMap { $0 }.joined(separator: [UInt8(ascii: ",")])
        var result = Array("{\"tasks\":[".utf8) + list + [UInt8(ascii: "]")]
        if let cursor { result += Array(",\"nextCursor\":\"".utf8) + cursor + [UInt8(ascii: "\"")] }
        stream.finish(JSONRPCWriter.result(id: id, result + [UInt8(ascii: "}")]))
    }
}

extension GatewaySession {
    func listTasks(_ request: JSONRPCMessage, id: JSONSlice, headers: [Header], stream: any ClientStream) {
        let cursor = request.params?["cursor"].flatMap { $0.kind == .null ? nil : $0 }
        guard let place = cursor.map(Self.place) ?? 0 else {
            let message = "Invalid params: \"cursor\" is none of tasks/list"
            return stream.finish(JSONRPCWriter.error(id: id.array, code: -32602, message: message))
        }
        let found = host.taskMemory.tasks(of: taskOwner, after: place, limit: TaskListing.pageSize + 1)
        let page = found.prefix(TaskListing.pageSize)
        let next = found.count > page.count ? page.last.map { Base64.url.encode(Array("task \($0.place)".utf8)) } : nil
        let listing = TaskListing(id: id.array, count: page.count, cursor: next, stream: stream)
        listing.start()
        for (index, entry) in page.enumerated() { describe(entry.task, headers) { listing.described(index, $0) } }
    }

    /// The place that a cursor of ours names; `nil` for what is none.
    private static func place(_ cursor: JSONSlice) -> UInt64? {
        guard let text = cursor.string, let bytes = Base64.url.decode(text.utf8) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        return words.count == 2 && words[0] == "task" ? UInt64(words[1]) : nil
    }

    /// Asks a task's backend for it.
    /// - Parameter done: Gets the task as the client knows it: the last that is known of it when the backend cannot be asked,
    ///   `nil` when the backend does not know it any more, so that it is forgotten.
    private func describe(
        _ task: RememberedTask, _ headers: [Header], done: @escaping @Sendable ([UInt8]?) -> Void
    ) {
        let params = JSONRPCWriter.object([(key: "taskId", json: JSONText.quote(task.task.id))])
        let message = JSONRPCWriter.request(id: "0".utf8, method: "tasks/get", params: params)
        do throws(JSONRPCMessage.Malformed) {
            let stream = TaskStatusStream { [weak self] answer in
                guard let self, let answer else { return done(task.json) }
                if let result = answer.result, result["taskId"] != nil {
                    let members = result.members.filter { $0.key != "_meta" }
                    return done(JSONRPCWriter.object(members.map { (key: $0.key, json: $0.value.array) }))
                }
                guard answer.error?["code"]?.integer == -32602 else { return done(task.json) }
                host.taskMemory.forget(task.task, of: taskOwner)
                done(nil)
            }
            let call = ForwardedCall(
                try JSONRPCMessage(message), backend: task.task.backend, splice: JSONSplice(), uris: nil,
                headers: passed(headers), stream: stream, owner: self)
            begin(call)
        } catch {
            done(task.json)
        }
    }
}

/// Where the answer to one question about a task goes.
private final class TaskStatusStream: ClientStream {
    private let answered: @Sendable (JSONRPCMessage?) -> Void

    init(_ answered: @escaping @Sendable (JSONRPCMessage?) -> Void) { self.answered = answered }

    func send(_ message: [UInt8]) -> Flow { .go }

    func finish(_ response: [UInt8]) {
        do throws(JSONRPCMessage.Malformed) { answered(try JSONRPCMessage(response)) } catch { answered(nil) }
    }

    func close() { answered(nil) }
    func cancelled() { answered(nil) }
}
