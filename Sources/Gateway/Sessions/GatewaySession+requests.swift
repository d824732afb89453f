import Synchronization

// Requests of the client, and the calls they become.
extension GatewaySession {
    package func request(_ request: JSONRPCMessage, headers: [Header], stream: any ClientStream) {
        guard let id = request.id else { return stream.close() }
        touch(host.clock.now())
        switch request.method {
        case "ping": stream.finish(JSONRPCWriter.result(id: id.bytes, "{}".utf8))
        case "initialize":
            stream.finish(
                JSONRPCWriter.error(
                    id: id.array, code: -32600, message: "Invalid Request: this session is initialized already"))
        case "logging/setLevel": setLevel(request, id: id, stream: stream)
        default:
            guard let catalog = host.catalog(for: currentPrincipal) else {
                return afterPreparation(request, headers: headers, stream: stream)
            }
            let form = offeredTasks.contains(.asked) ? ToolForm.withTasks : .older
            switch host.optimizer?.enter(request, catalog, principal) ?? .ordinary {
            case .ordinary:
                route(request, id: id, RequestRouter(catalog, form: form), catalog, headers: headers, stream: stream)
            case .inner(let inner):
                let router = RequestRouter(catalog, form: form, isInner: true)
                route(inner, id: id, router, catalog, headers: headers, stream: CallToolStream(stream))
            case .find(let wanted): find(wanted, id: id, in: host.hasCallers ? catalog : nil, stream: stream)
            case .answered(let result): stream.finish(JSONRPCWriter.result(id: id.bytes, result))
            case .malformed:
                let result = FindToolAnswer.failure("arguments must be object")
                stream.finish(JSONRPCWriter.result(id: id.bytes, result))
            }
        }
    }

    /// The caller's catalogue was forgotten, because nothing was asked for long: the request waits for a new one.
    private func afterPreparation(_ request: JSONRPCMessage, headers: [Header], stream: any ClientStream) {
        let newest = currentPrincipal
        Task {
            await host.ready(for: newest)
            // Forgotten again already, or the gateway ends.
            guard host.catalog(for: newest) != nil else { return stream.close() }
            self.request(request, headers: headers, stream: stream)
        }
    }

    /// Its principal with what the last request showed.
    private var currentPrincipal: Principal {
        Principal(issuer: principal.issuer, subject: principal.subject, identity: identity)
    }

    private func route(
        _ request: JSONRPCMessage, id: JSONSlice, _ router: RequestRouter, _ catalog: Catalog, headers: [Header],
        stream: any ClientStream
    ) {
        switch router.route(request) {
        case .result(let result):
            let missing = host.missingBackends(for: currentPrincipal)
            stream.finish(
                missing.isEmpty
                    ? JSONRPCWriter.result(id: id.bytes, Self.marked(result, catalog.absences.marker))
                    : FailureAnswer.incomplete(id: id.array, missing: missing))
        case .error(let code, let message, let data):
            stream.finish(JSONRPCWriter.error(id: id.array, code: code, message: message, data: data))
        case .forward(let backend, let splice):
            let uris = catalog.uris[backend]
            forward(request, id: id, to: backend, splice, uris, headers: headers, stream: stream)
        case .run(let workflow, let arguments):
            run(workflow, arguments, request, id: id, headers: headers, stream: stream)
        case nil where serveTask(request, id: id, headers: headers, stream: stream): break
        case nil:
            stream.finish(
                JSONRPCWriter.error(
                    id: id.array, code: -32601, message: "Method not found: \(request.method.prefix(200))"))
        }
    }

    /// A page of a list, saying what is missing in it.
    private static func marked(_ page: [UInt8], _ marker: [UInt8]) -> [UInt8] {
        marker.isEmpty ? page : page.dropLast() + Array(",\"_meta\":{".utf8) + marker + Array("}}".utf8)
    }

    func forward(
        _ request: JSONRPCMessage, id: JSONSlice, to backend: String, _ splice: JSONSplice, _ uris: BackendURIs?,
        headers: [Header], stream: any ClientStream
    ) {
        let call = ForwardedCall(
            request, backend: backend, splice: splice, uris: uris, headers: passed(headers), stream: stream,
            owner: self)
        if enter(id, stream, { $0.calls[$1] = call }) { begin(call) }
    }

    /// Runs a composite tool.
    private func run(
        _ workflow: ResolvedWorkflow, _ arguments: JSONSlice, _ request: JSONRPCMessage, id: JSONSlice,
        headers: [Header], stream: any ClientStream
    ) {
        let call = CompositeCall(request, headers: passed(headers), stream: stream, owner: self)
        guard enter(id, stream, { $0.ownCalls[$1] = call }) else { return }
        call.start(workflow, arguments: arguments, engine: host.workflows)
    }

    /// Serves `find_tool`.
    private func find(_ wanted: ToolRequest, id: JSONSlice, in catalog: Catalog?, stream: any ClientStream) {
        guard let optimizer = host.optimizer else { return stream.close() }
        let call = FindCall(id: id, stream: stream, owner: self)
        if enter(id, stream, { $0.ownCalls[$1] = call }) { call.start(wanted, optimizer, in: catalog) }
    }

    /// The client's headers that are handed to backends.
    func passed(_ headers: [Header]) -> [Header] {
        let names = host.passthroughHeaders
        return names.isEmpty ? [] : headers.filter { names.contains($0.name) }
    }

    /// Enters a call under the client's id.
    /// - Parameter entering: Gets the id, raw.
    /// - Returns: False when it cannot be entered; then the client was told.
    private func enter(
        _ id: JSONSlice, _ stream: any ClientStream, _ entering: (inout State, [UInt8]) -> Void
    ) -> Bool {
        enum Entry { case entered, inUse, over }
        let raw = id.array
        let entry = state.withLock { state -> Entry in
            if state.isOver { return .over }
            guard state.calls[raw] == nil, state.ownCalls.isEmpty || state.ownCalls[raw] == nil else { return .inUse }
            entering(&state, raw)
            return .entered
        }
        switch entry {
        case .over: stream.close()
        case .inUse:
            let message = "Invalid Request: a request with this id is under way; ids must not be used twice"
            stream.finish(JSONRPCWriter.error(id: id.array, code: -32600, message: message))
        case .entered: return true
        }
        return false
    }

    /// Sends a call on its way.
    func begin(_ call: ForwardedCall) {
        guard let backend = host.backend(named: call.backend) else { return dispatch(call) }
        do throws(Outcome) { try call.enter(backend) } catch { return call.fail(error) }
        if let refusal = backend.refusal(of: call.headers) { return call.fail(refusal) }
        dispatch(call)
    }

    /// A call that the gateway answers itself has its answer, or will have none.
    func finished(_ call: any OwnCall, id: JSONSlice?) {
        guard let id else { return }
        let now = host.clock.now()
        state.withLock { state in
            guard state.ownCalls[id.array] === call else { return }
            state.ownCalls[id.array] = nil
            state.lastUse = now
        }
    }

    /// A call has its answer, or will have none.
    func finished(_ call: ForwardedCall) {
        guard let id = call.request.id?.array else { return }
        let now = host.clock.now()
        state.withLock { state in
            guard state.calls[id] === call else { return }
            state.calls[id] = nil
            state.lastUse = now
        }
    }
}
