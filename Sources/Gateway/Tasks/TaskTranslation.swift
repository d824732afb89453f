/// Writes the ids of one backend's tasks as one caller knows them.
struct TaskTranslation: Sendable {
    /// The key in `_meta` of what belongs to a task (2025-11-25, Tasks, Related task metadata).
    static let relatedKey = "io.modelcontextprotocol/related-task"

    let seal: TaskSeal
    let form: TaskReference.Form
    let backend: String
    let principal: Principal

    /// The client's id of a task, from the backend's.
    func id(of own: String) -> String {
        seal.id(of: TaskReference(form: form, backend: backend, id: own), for: principal)
    }

    /// An answer of the backend as the client gets it: what tells of a task has another id, all other bytes stay.
    /// - Parameter method: That of the request.
    func towardsClient(_ answer: JSONRPCMessage, to method: String) -> JSONRPCMessage {
        guard let result = answer.result, result.kind == .object else { return answer }
        var splice = JSONSplice()
        if method.hasPrefix("tasks/") || isTask(result) { note(result["taskId"], &splice) }
        if form == .asked, method == "tools/call" { note(result["task"]?["taskId"], &splice) }
        noteRelated(in: result, &splice)
        return spliced(answer, splice)
    }

    /// A notification or a request of the backend, likewise.
    func towardsClient(_ message: JSONRPCMessage) -> JSONRPCMessage {
        guard let params = message.params else { return message }
        var splice = JSONSplice()
        if message.method.hasPrefix("notifications/tasks") { note(params["taskId"], &splice) }
        noteRelated(in: params, &splice)
        return spliced(message, splice)
    }

    /// A raw notification of the backend, likewise.
    func towardsClient(_ notification: [UInt8]) -> [UInt8] {
        do throws(JSONRPCMessage.Malformed) { return towardsClient(try JSONRPCMessage(notification)).json.array } catch
        {
            return notification
        }
    }

    /// Whether a result of a call says that it has become a task.
    private func isTask(_ result: JSONSlice) -> Bool { form == .decided && result["resultType"]?.string == "task" }

    /// Whether a notification of a backend with a session tells of a task.
    static func isOfTask(_ notification: JSONRPCMessage) -> Bool {
        switch notification.method {
        case "notifications/tasks/status": true
        case "notifications/message", "notifications/elicitation/complete":
            notification.params?["_meta"]?[relatedKey] != nil
        default: false
        }
    }

    /// A client's answer to a request of the backend, as the backend gets it.
    func towardsBackend(_ answer: JSONRPCMessage, _ splice: inout JSONSplice) {
        guard let member = answer.result?["_meta"]?[Self.relatedKey]?["taskId"], let text = member.string,
            let task = seal.task(text, of: principal), task.backend == backend
        else { return }
        splice.replace(member.range, with: JSONText.quote(task.id))
    }

    private func noteRelated(in object: JSONSlice, _ splice: inout JSONSplice) {
        note(object["_meta"]?[Self.relatedKey]?["taskId"], &splice)
    }

    private func note(_ member: JSONSlice?, _ splice: inout JSONSplice) {
        guard let member, let own = member.string else { return }
        splice.replace(member.range, with: JSONText.quote(id(of: own)))
    }

    private func spliced(_ message: JSONRPCMessage, _ splice: JSONSplice) -> JSONRPCMessage {
        guard !splice.isEmpty else { return message }
        // A message it was, and a message it stays.
        do throws(JSONRPCMessage.Malformed) { return try JSONRPCMessage(splice.apply(to: message.json)) } catch {
            return message
        }
    }
}
