// What a client of 2026-07-28 asks of its tasks: each goes to the backend that its id names.
extension VirtualServer {
    /// Serves `tasks/get`, `tasks/update` and `tasks/cancel`.
    /// - Parameter headers: The client's that are handed on.
    func task(
        _ request: JSONRPCMessage, _ method: StatelessMethod, id: JSONSlice, level: LogLevel?, principal: Principal,
        headers: [Header], stream: any StatelessStream
    ) throws(RequestFault) -> any StatelessExchange {
        guard TasksExtension.isDeclared(by: request.params) else { throw TasksExtension.undeclared(request.method) }
        guard let member = RequestRouter.only("taskId", of: request.params), let text = member.string else {
            throw .invalid("\(request.method) needs one \"taskId\", a string")
        }
        guard let task = stateless.tasks.task(text, of: principal), task.form == .decided,
            let backend = backend(named: task.backend)
        else { throw .unknownTask }
        var splice = JSONSplice()
        splice.replace(member.range, with: JSONText.quote(task.id))
        let meta = request.params?["_meta"]
        let origin = RequestOrigin(
            clientInfo: meta?[ModernProtocol.clientInfoKey],
            capabilities: ClientCapabilities(meta?[ModernProtocol.capabilitiesKey]), logLevel: level, takesTasks: true)
        let call = StatelessCall(
            request, method: method, backend: backend, splice: splice,
            uris: catalog(for: principal)?.uris[task.backend],
            tasks: translation(of: task.backend, for: principal), round: 0, headers: headers, principal: principal,
            origin: origin, gateway: stateless)
        let client = StatelessRound(request, id: id, level: level, stream: stream, call: call)
        call.start(client)
        return client
    }

    /// How a caller knows the tasks that a backend has made of its own accord.
    func translation(of backend: String, for principal: Principal) -> TaskTranslation {
        TaskTranslation(seal: stateless.tasks, form: .decided, backend: backend, principal: principal)
    }
}

extension RequestFault {
    /// Also for tasks of others: nobody learns that they are there.
    static let unknownTask = RequestFault(code: -32602, message: "Invalid params: unknown task")
}
