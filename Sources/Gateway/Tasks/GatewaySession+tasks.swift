import Synchronization

// Tasks of a client of 2025-11-25: it asks that a call becomes one, and asks for it by an id of ours.
extension GatewaySession {
    /// Most bytes of a task's description that are kept for when its backend cannot be asked.
    private static let keptBytes = 16_384

    var taskOwner: TaskOwner { TaskOwner(principal, session: id) }

    /// How the client knows the tasks of a backend.
    func tasks(of backend: String) -> TaskTranslation {
        TaskTranslation(seal: host.taskSeal, form: .asked, backend: backend, principal: principal)
    }

    // MARK: - Requests

    /// Serves `tasks/…`.
    /// - Returns: False when the method is none that this client was offered.
    func serveTask(
        _ request: JSONRPCMessage, id: JSONSlice, headers: [Header], stream: any ClientStream
    ) -> Bool {
        guard offeredTasks.contains(.asked) else { return false }
        switch request.method {
        case "tasks/list": listTasks(request, id: id, headers: headers, stream: stream)
        case "tasks/get", "tasks/result": askForTask(request, id: id, headers: headers, stream: stream)
        case "tasks/cancel" where offeredTasks.contains(.cancel):
            askForTask(request, id: id, headers: headers, stream: stream)
        default: return false
        }
        return true
    }

    private func askForTask(
        _ request: JSONRPCMessage, id: JSONSlice, headers: [Header], stream: any ClientStream
    ) {
        guard let member = RequestRouter.only("taskId", of: request.params), let text = member.string else {
            let message = "Invalid params: \(request.method) needs one \"taskId\", a string"
            return stream.finish(JSONRPCWriter.error(id: id.array, code: -32602, message: message))
        }
        // Also for tasks of others: nobody learns that they are there.
        guard let task = host.taskSeal.task(text, of: principal), task.form == .asked,
            host.backend(named: task.backend) != nil
        else {
            return stream.finish(
                JSONRPCWriter.error(id: id.array, code: -32602, message: "Invalid params: unknown task"))
        }
        var splice = JSONSplice()
        splice.replace(member.range, with: JSONText.quote(task.id))
        let uris = host.catalog(for: principal)?.uris[task.backend]
        forward(request, id: id, to: task.backend, splice, uris, headers: headers, stream: stream)
    }

    // MARK: - What backends tell

    /// A backend answered a call: one that became a task is remembered.
    /// - Parameter answer: As the client gets it.
    func noteTask(in answer: JSONRPCMessage, to call: ForwardedCall, own: JSONRPCMessage) {
        let isCall = call.request.method == "tools/call"
        let (described, original) =
            isCall ? (answer.result?["task"], own.result?["task"]) : (answer.result, own.result)
        guard call.request.method != "tasks/result", let described, let original = original?["taskId"]?.string else {
            return
        }
        let task = TaskReference(form: .asked, backend: call.backend, id: original)
        // What is asked for without having been remembered is of another session, or was forgotten for good.
        guard isCall || host.taskMemory.has(task, taskOwner) else { return }
        if isCall, let place = call.state.withLock({ $0.place }) { keepProgress(of: call, place) }
        host.taskMemory.remember(remembered(task, described), of: taskOwner)
        // Ended meanwhile: nobody would have it forgotten.
        if state.withLock({ $0.isOver }) { forgetTasks() }
    }

    /// The session has ended. What other callers have, later sessions of theirs list too.
    func forgetTasks() {
        if principal == .anonymous { host.taskMemory.forgetAll(of: taskOwner) }
    }

    private func remembered(_ task: TaskReference, _ described: JSONSlice) -> RememberedTask {
        let timeToLive = described["ttl"]?.integer.map { UInt64(clamping: $0) }
        // Counted from now and not from its making: its backend has the last word.
        let expiry = timeToLive.map { host.clock.now() + min($0, 1 << 50) }
        let members = described.members.filter { $0.key != "_meta" }
        let json = JSONRPCWriter.object(members.map { (key: $0.key, json: $0.value.array) })
        return RememberedTask(task: task, json: json.count <= Self.keptBytes ? json : nil, expiry: expiry)
    }

    /// A call became a task: its progress token is good until that has ended (2025-11-25, Tasks, Progress).
    private func keepProgress(of call: ForwardedCall, _ place: (session: BackendSession, id: UInt64)) {
        guard let token = RequestMeta.progressToken(in: call.request.params) else { return }
        let reply = TaskProgress(self, tasks(of: call.backend))
        place.session.state.withLock { $0.pending.keepProgress(of: place.id, token.array, reply) }
    }

    /// A backend tells of a task, perhaps one of this client's.
    /// - Parameter level: That of a log message, `nil` for everything else.
    func told(ofTask notification: JSONRPCMessage, by backend: String, level: LogLevel?) {
        let params = notification.params
        let id = params?["taskId"] ?? params?["_meta"]?[TaskTranslation.relatedKey]?["taskId"]
        guard offeredTasks.contains(.asked), let id = id?.string,
            host.taskMemory.has(TaskReference(form: .asked, backend: backend, id: id), taskOwner)
        else { return }
        deliver(tasks(of: backend).towardsClient(notification).json.array, level: level)
    }
}

/// Gets the progress of a call that has become a task, after the answer that said so.
private final class TaskProgress: BackendReply {
    private struct Owner { weak var session: GatewaySession? }
    private let owner: Mutex<Owner>
    private let tasks: TaskTranslation

    init(_ session: GatewaySession, _ tasks: TaskTranslation) {
        owner = Mutex(Owner(session: session))
        self.tasks = tasks
    }

    func notified(_ notification: [UInt8], level: LogLevel?) {
        owner.withLock { $0.session }?.deliver(tasks.towardsClient(notification), level: level)
    }

    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }
    func answered(_ response: JSONRPCMessage) {}
    func failed(_ outcome: Outcome) {}
}
