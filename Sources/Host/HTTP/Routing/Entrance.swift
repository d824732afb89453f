import Gateway

/// Lets requests through to what they are for, with their principal, or answers them in its stead.
package struct Entrance: HTTPHandler {
    private let gate: any RequestGate
    private let next: any HTTPHandler

    package init(_ gate: any RequestGate, next: any HTTPHandler) {
        self.gate = gate
        self.next = next
    }

    /// Refuses before the body is read what can be refused by then.
    package func admit(_ head: inout HTTPRequest) -> HTTPResponse? {
        switch gate.judge(head) {
        case .refused(let response): return response
        case .admitted(let principal): (head.principal, head.isAdmitted) = (principal, true)
        case nil: break
        }
        return next.admit(&head)
    }

    package func handle(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        if request.isAdmitted { return next.handle(request, responder) }
        if let verdict = gate.judge(request) { return pass(request, verdict, responder) }
        Task { pass(request, await gate.admit(request), responder) }
    }

    private func pass(_ request: HTTPRequest, _ verdict: GateVerdict, _ responder: any HTTPResponder) {
        switch verdict {
        case .refused(let response): responder.respond(response)
        case .admitted(let principal):
            var request = request
            request.principal = principal
            next.handle(request, responder)
        }
    }
}
