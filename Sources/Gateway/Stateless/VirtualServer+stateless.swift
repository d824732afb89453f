// Requests of 2026-07-28: everything is in the request, and nothing of a client is kept after its answer.
extension VirtualServer: StatelessRequests, StatelessHost {
    func offering(for principal: Principal) -> Offering {
        var offering = (callers?.keeper(for: principal) ?? keeper).offering
        offering.hasOwnTools = optimizer != nil
        return offering
    }

    package func isReady(for principal: Principal) -> Bool {
        keeper.isSettled && callers.map { $0.keeper(for: principal) != nil } ?? true
    }

    package func offers(_ method: String, to principal: Principal) -> Bool {
        StatelessMethod(rawValue: method).map { offering(for: principal).offers($0) } ?? false
    }

    package func headerParameters(ofTool name: String, for principal: Principal) -> [HeaderParameter] {
        catalog(for: principal).map { stateless.headerParameters.parameters(ofTool: name, in: $0) } ?? []
    }

    package func request(
        _ request: JSONRPCMessage, principal: Principal, headers: [Header], stream: any StatelessStream
    ) -> (any StatelessExchange)? {
        guard let id = request.id else { return nil }
        // A caller whose catalogue went since the endpoint looked comes back to an empty one.
        let catalog = catalog(for: principal) ?? keeper.snapshot.catalog
        switch optimizer?.enter(request, catalog, principal) ?? .ordinary {
        case .ordinary:
            return serve(request, id: id, principal, in: catalog, headers: headers, stream: stream)
        case .inner(let inner):
            return serve(
                inner, id: id, principal, in: catalog, isInner: true, headers: headers,
                stream: StatelessCallToolStream(stream, id: id, stamp: stateless.stamp))
        case .find(let wanted):
            guard let optimizer else { return nil }
            let exchange = FindExchange(id: id, stream: stream, stamp: stateless.stamp)
            exchange.start(wanted, optimizer, principal, in: callers == nil ? nil : catalog)
            return exchange
        case .answered(let result): stream.finish(stateless.stamp.answer(id: id, complete: result), code: nil)
        case .malformed:
            let fault = RequestFault(code: -32602, message: "arguments must be an object")
            stream.finish(JSONRPCWriter.error(id: id.bytes, raw: fault.json), code: fault.code)
        }
        return nil
    }

    /// - Parameter isInner: The request came through `call_tool`.
    private func serve(
        _ request: JSONRPCMessage, id: JSONSlice, _ principal: Principal, in catalog: Catalog, isInner: Bool = false,
        headers: [Header], stream: any StatelessStream
    ) -> (any StatelessExchange)? {
        do throws(RequestFault) {
            guard let method = StatelessMethod(rawValue: request.method) else {
                throw RequestFault(code: -32601, message: "Method not found: \(request.method.prefix(200))")
            }
            let level = try logLevel(of: request)
            switch method {
            case .discover:
                stream.finish(stateless.stamp.answer(id: id, discovery(for: principal)), code: nil)
                return nil
            case .listen: return try listen(request, id: id, principal: principal, stream: stream)
            case .getTask, .updateTask, .cancelTask:
                return try task(
                    request, method, id: id, level: level, principal: principal, headers: passed(headers),
                    stream: stream)
            default: break
            }
            let own = StatelessRequest(
                request, id: id, method: method, level: level, headers: passed(headers), principal: principal,
                stream: stream)
            let retry = try method.takesInput ? retry(request, principal) : nil
            if let exchange = try resume(own, retry) { return exchange }
            switch RequestRouter(catalog, form: .modern, isInner: isInner).route(request) {
            case .result(let page):
                answer(page, method.listed.flatMap { catalog.hints[$0] }, missing: catalog.absences, own)
            case .error(-32002, _, _): throw .notFound(uri: request.params?["uri"]?.string ?? "")
            case .error(let code, let message, let data): throw RequestFault(code: code, message: message, data: data)
            case .forward(let name, let splice):
                return try forward(own, to: name, splice, uris: catalog.uris[name], retry: retry)
            case .run(let workflow, let arguments):
                let call = StatelessComposite(
                    request, level: level, headers: own.headers, principal: principal, host: self)
                let client = CompositeRound(request, id: id, stream: stream, call: call)
                call.start(workflow, arguments: arguments, for: client)
                return client
            case nil: throw RequestFault(code: -32601, message: "Method not found: \(request.method.prefix(200))")
            }
        } catch {
            stream.finish(JSONRPCWriter.error(id: id.bytes, raw: error.json), code: error.code)
        }
        return nil
    }

    /// The client's headers that are handed to backends.
    private func passed(_ headers: [Header]) -> [Header] {
        let names = passthroughHeaders
        return names.isEmpty ? [] : headers.filter { names.contains($0.name) }
    }

    private func logLevel(of request: JSONRPCMessage) throws(RequestFault) -> LogLevel? {
        guard let member = request.params?["_meta"]?[ModernProtocol.logLevelKey] else { return nil }
        guard let level = member.string.flatMap(LogLevel.init(rawValue:)) else {
            let known = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("\"\(ModernProtocol.logLevelKey)\" must be one of \(known)")
        }
        return level
    }

    private func answer(
        _ page: [UInt8], _ hint: CacheHint?, missing absences: Absences, _ request: StatelessRequest
    ) {
        let missing = missingBackends(for: request.principal)
        if missing.isEmpty {
            let answer = stateless.stamp.answer(
                id: request.id, page, hint: hint ?? .none, now: clock.now(), meta: absences.marker)
            return request.stream.finish(answer, code: nil)
        }
        request.stream.finish(FailureAnswer.incomplete(id: request.id.array, missing: missing), code: -32603)
    }

    private func discovery(for principal: Principal) -> [UInt8] {
        let versions = ModernProtocol.supportedVersions.map { "\"\($0)\"" }.joined(separator: ",")
        return Array("{\"supportedVersions\":[\(versions)],\"capabilities\":".utf8)
            + offering(for: principal).capabilities
            + [UInt8(ascii: "}")]
    }

    private func listen(
        _ request: JSONRPCMessage, id: JSONSlice, principal: Principal, stream: any StatelessStream
    ) throws(RequestFault) -> any StatelessExchange {
        let filter = try ListenFilter(request.params, limits: stateless.limits)
        let capabilities = InteractionSet(request.params?["_meta"]?[ModernProtocol.capabilitiesKey])
        let listen = Listen(
            id: id, filter: filter, principal: principal, interactions: capabilities, stream: stream, host: self)
        guard stateless.listens.add(listen) else {
            let most = stateless.limits.listens
            throw RequestFault(
                code: -32603,
                message:
                    "Too many streams: one caller may have \(most) of subscriptions/listen at a time "
                    + "(operational.limits.streamsPerPrincipal)")
        }
        listen.start()
        return listen
    }
}
